#!/usr/bin/env bash
# Builds the Debian packages bellkeep (the school's server) and bellkeep-bank
# (the firmware of a bank) for the machines they run on, into dist/, looks into
# each of them, and tries those for this machine on a clean Debian (try.sh).
# It fails when anything does.
#
#   packaging/build.sh           what "make deb" does; needs root for the last step
#
# VERSION names the release; without it one is made of the day of the last change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.41.0
VERSION=${VERSION:-$(TZ=UTC git log -1 --format=0.0.0+%cd.%h --date=format-local:%Y%m%d%H%M%S 2>/dev/null || echo 0.0.0)}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 0) # the same tree gives the same bytes
export VERSION SOURCE_DATE_EPOCH

say() { printf '%s\n' "$*"; }
die() { say "deb: $*" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
GOBIN=$work go install "$nfpm"

# compile PROGRAM ARCH MEGABYTES builds one program, stripped, and holds it to its size.
compile() {
  local program=$1 arch=$2 most=$3 target=(GOARCH="$2")
  [ "$arch" != armhf ] || target=(GOARCH=arm GOARM=7)
  env "${target[@]}" GOOS=linux CGO_ENABLED=0 go build -buildvcs=false -trimpath \
    -ldflags="-s -w -X github.com/bellkeep/bellkeep/internal/cli.release=$VERSION" -o "$work/$arch/$program" "./cmd/$program"
  local size
  size=$(stat -c %s "$work/$arch/$program")
  say "$(printf '%-14s %-6s %5d kB, at most %d' "$program" "$arch" $((size / 1000)) $((most * 1000)))"
  [ "$size" -le $((most * 1000000)) ] || die "$program for $arch has grown too large"
}

# inspect PACKAGE ARCH FILE... looks into a package without installing it.
inspect() {
  local deb=dist/$1_${VERSION}_$2.deb list
  [ "$(dpkg-deb -f "$deb" Architecture)" = "$2" ] || die "$deb names another architecture"
  list=$(dpkg-deb -c "$deb" | awk '{print $2, $6}')
  for file in "${@:3}"; do
    grep -q "^root/root \.\?$file$" <<<"$list" || die "$deb has no $file of root's"
  done
  dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards "*usr/bin/$1" >"$work/packed"
  go version -m "$work/packed" >"$work/made"
  grep -q "GOARCH=${2/#armhf/arm}\$" "$work/made" && grep -q "CGO_ENABLED=0$" "$work/made" ||
    die "$deb holds the wrong program: $(cat "$work/made")"
  say "$deb: $(($(stat -c %s "$deb") / 1000)) kB, $(wc -l <<<"$list") files"
}

rm -rf dist
mkdir dist
for arch in amd64 arm64 armhf; do
  compile bellkeep-bank "$arch" 20
  compile bellkeep "$arch" 40
  export ARCH=$arch PROGRAMS=$work/$arch
  for part in bank server; do
    "$work/nfpm" package --packager deb --config packaging/$part/nfpm.yaml --target dist >/dev/null
  done
  inspect bellkeep-bank "$arch" /usr/bin/bellkeep-bank /usr/lib/systemd/system/bellkeep-bank.service \
    /usr/lib/systemd/system/bellkeep-kiosk.service /usr/lib/udev/rules.d/72-bellkeep-bank.rules /etc/bellkeep/kiosk.env
  inspect bellkeep "$arch" /usr/bin/bellkeep /usr/lib/systemd/system/bellkeep.service /etc/bellkeep/server.yaml
done

# A higher version of the same, to upgrade to.
ARCH=$(dpkg --print-architecture)
PROGRAMS=$work/$ARCH
for part in bank server; do
  VERSION=$VERSION+next "$work/nfpm" package --packager deb --config packaging/$part/nfpm.yaml --target "$work" >/dev/null
done
packaging/try.sh dist "$work"
