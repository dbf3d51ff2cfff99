#!/bin/sh
# Makes the image of the appliance for a card of 2 GB or more:
#
#   build.sh IMAGE [BANK-FILE]
#
# With BENCH=1 the image has a way in to the kiosk's page and talks on its
# serial line, for check.sh only. The update password is made once and kept,
# like all else that is made here, outside the repository.
set -eu
image=$(realpath "$1")
bank=${2:+$(realpath "$2")}
here=$(cd "$(dirname "$0")" && pwd)
repo=$(dirname "$here")
bytes=2000000000
perm=1157627904 # bytes from the start of the image to its permanent partition
PATH=$PATH:/usr/sbin
command -v mkfs.ext4 >/dev/null || {
  echo "The image needs mkfs.ext4. Next step: sudo apt-get install e2fsprogs" >&2
  exit 1
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/bellkeep/appliance
settings=${XDG_CONFIG_HOME:-$HOME/.config}/bellkeep
mkdir -p "$cache/bellkeep-bank" "$settings"
(cd "$here/tools" && CGO_ENABLED=0 go build -o "$cache/gok" github.com/gokrazy/tools/cmd/gok)
secret=$settings/appliance-password
if [ ! -s "$secret" ]; then
  (umask 077 && od -An -N15 -tx1 /dev/urandom | tr -d ' \n' >"$secret")
  echo "The password for updates of appliances, shown this once: $(cat "$secret")"
  echo "It is kept in $secret."
fi

instance=$cache/bellkeep-bank
rm -rf "$instance/builddir"
mkdir "$instance/builddir"
cp "$here/builddir/go.mod" "$instance/builddir/"
cat "$here/builddir/go.sum" "$repo/go.sum" | sort -u >"$instance/builddir/go.sum"
go -C "$instance/builddir" mod edit -replace "github.com/bellkeep/bellkeep=$repo"

product=github.com/bellkeep/bellkeep
extra= relay= console=disabled
if [ -n "$bank" ]; then
  extra="\"ExtraFilePaths\": {\"/etc/bellkeep/bank.yaml\": \"$bank\"},"
fi
if [ -n "${BENCH:-}" ]; then
  relay=", \"$product/appliance/relay\"" console=ttyAMA0,115200
fi
(umask 077 && cat >"$instance/config.json") <<CONFIG
{
  "Hostname": "bellkeep-bank",
  "Update": {"HTTPPassword": "$(cat "$secret")", "UseTLS": "self-signed"},
  "Environment": ["GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"],
  "Packages": ["$product/cmd/bellkeep-bank", "$product/cmd/bellkeep-appliance"$relay],
  "PackageConfig": {
    "$product/cmd/bellkeep-appliance": {$extra "GoBuildFlags": ["-trimpath", "-ldflags=-s -w"]},
    "$product/cmd/bellkeep-bank": {"DontStart": true, "GoBuildFlags": ["-trimpath", "-ldflags=-s -w"]}
  },
  "SerialConsole": "$console"
}
CONFIG
rm -f "$image"
"$cache/gok" -i bellkeep-bank --parent_dir "$cache" overwrite --full "$image" --target_storage_bytes $bytes --sudo never >"$cache/log" 2>&1 || {
  tail -20 "$cache/log" >&2
  echo "The image was not made. The whole log: $cache/log" >&2
  exit 1
}
# The last 17 KiB of a card are its second table of partitions.
mkfs.ext4 -q -F -E offset=$perm "$image" $(((bytes - perm) / 1024 - 17))k
echo "The image: $image"
