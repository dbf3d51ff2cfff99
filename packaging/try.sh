#!/usr/bin/env bash
# Tries the packages on a clean Debian 12 with systemd as its first process:
# install, work a pretend cabinet, hang and be restarted, upgrade, remove, purge.
#
#   packaging/try.sh FOLDER NEXT     packages of this version and of a higher one
#
# Needs root and debootstrap. The clean Debian comes from the mirror of this
# machine's own sources and is kept in ${XDG_CACHE_HOME:-~/.cache}/bellkeep.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
packages=$1 next=$2
arch=$(dpkg --print-architecture)

say() { printf '%s\n' "$*"; }
die() { say "try: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "A clean Debian can only be made by root. Next step: sudo make deb"
command -v debootstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >/dev/null ||
  die "Next step: sudo apt-get install debootstrap"

with=systemd,systemd-sysv,dbus,libpam-systemd,udev,chrony # besides what every Debian has
work=$(mktemp -d)
root=$work/root
trap 'kill -KILL "${machine:-}" 2>/dev/null; wait 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
mkdir "$root"

# clean unpacks a Debian 12 that has never seen Bellkeep.
clean() {
  local kept mirror
  kept=${XDG_CACHE_HOME:-$HOME/.cache}/bellkeep/debian-12-$arch-$(md5sum <<<"$with" | cut -c1-8).tar
  if [ ! -f "$kept" ]; then
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Component: main' | head -1)
    [ -n "$mirror" ] || die "This machine's apt knows no mirror of Debian 12. Next step: add one to its sources."
    mkdir -p "$(dirname "$kept")"
    unshare --mount --propagation private debootstrap --variant=minbase --include="$with" bookworm "$work/new" "$mirror" >"$work/log" 2>&1 ||
      { tail -20 "$work/log"; die "debootstrap failed"; }
    tar -C "$work/new" --exclude=./var/cache/apt/archives/*.deb -cf "$kept.new" . && mv "$kept.new" "$kept"
    rm -rf --one-file-system "$work/new"
  fi
  tar -C "$root" -xpf "$kept"
  mkdir "$root/packages" "$root/next"
  cp "$packages"/*_"$arch".deb "$root/packages/"
  cp "$next"/*_"$arch".deb "$root/next/"
  ln -s /dev/null "$root/etc/systemd/system/chrony.service" # this machine's clock is not ours
  ln -s /dev/null "$root/etc/systemd/system/console-getty.service"
  # Screens and browsers are not what is tried here.
  printf '#!/bin/sh\necho "$(id -un) $*" >/run/bellkeep-kiosk/shown\nexec sleep infinity\n' | tee "$root/usr/bin/cage" >"$root/usr/bin/chromium"
  chmod 755 "$root/usr/bin/cage" "$root/usr/bin/chromium"
}

# boot starts it in namespaces of its own; only what it needs of /dev is there.
boot() {
  unshare --mount --pid --uts --ipc --cgroup --net --fork --kill-child "$here/boot.sh" "$root" >"$work/boot" 2>&1 &
  machine=$!
  for _ in $(seq 150); do
    first=$(pgrep -P "$machine" || true)
    [ -n "$first" ] && inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && return
    sleep 0.2
  done
  cat "$work/boot"
  die "the clean Debian does not start"
}

inside() { nsenter -t "$first" --all --root env -C / -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@" </dev/null; }

# expect WHAT COMMAND... fails, with the log, unless the command succeeds inside.
expect() {
  local what=$1
  shift
  if ! inside "$@" >"$work/out" 2>&1; then
    cat "$work/out"
    inside journalctl -q --no-pager -n 40 -o cat || true
    die "not so: $what"
  fi
  say "  $what"
}

# soon is expect for what may take a minute.
soon() {
  local what=$1
  shift
  for _ in $(seq 300); do
    inside "$@" >/dev/null 2>&1 && break
    sleep 0.2
  done
  expect "$what" "$@"
}

lacks() { inside test ! -e "$1" || die "$1 is there"; }
install_from() { # FOLDER
  inside sh -c "dpkg --force-confdef --force-confold -i /$1/*.deb" >"$work/out" 2>&1 || { cat "$work/out"; die "dpkg -i fails"; }
}

for part in clean boot installed at-work hung upgraded removed; do
  say "$part"
  case $part in
    clean | boot) $part ;;
    *) . "$here/try/$part.sh" ;;
  esac
done
say "the packages install, work, survive, upgrade, go, and leave what was recorded"
