#!/bin/sh
# Builds the bench's kernel once and prints the folder it is in. Needs Debian's
# linux-source-6.1, flex, bison, bc, libelf-dev, xz-utils and a C compiler.
# The folder is named after the source and the options, so that a change of
# either builds anew, and lies outside the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=/usr/src/linux-source-6.1.tar.xz
missing=
[ -f $source ] || missing=" linux-source-6.1"
for need in gcc:gcc make:make flex:flex bison:bison bc:bc xz:xz-utils; do
  command -v "${need%%:*}" >/dev/null || missing="$missing ${need##*:}"
done
if [ -n "$missing" ]; then
  echo "The bench's kernel needs these packages:$missing. Next step: sudo apt-get install$missing libelf-dev" >&2
  exit 1
fi
key=$({ cat $source; grep ^CONFIG "$here/kernel.config"; } | sha256sum | cut -c1-12)
kernel=${XDG_CACHE_HOME:-$HOME/.cache}/bellkeep/bench-kernel-$key
if [ ! -f "$kernel/bzImage" ]; then
  echo "Building the bench's kernel, once; this takes about 13 minutes on two processors." >&2
  mkdir -p "$kernel"
  exec 9>"$kernel/lock"
  flock 9
fi
if [ ! -f "$kernel/bzImage" ]; then
  build=$(mktemp -d "$kernel/build.XXXXXX")
  trap 'rm -rf "$build"' EXIT
  trap 'exit 1' INT TERM
  tar -C "$build" --strip-components=1 -xf $source
  {
    make -C "$build" tinyconfig
    "$build/scripts/kconfig/merge_config.sh" -m -O "$build" "$build/.config" "$here/kernel.config"
    make -C "$build" olddefconfig
    nice -n 15 make -C "$build" -j"$(nproc)" bzImage modules
  } >"$kernel/log" 2>&1 9>&- || { echo "It failed. Its log: $kernel/log" >&2; exit 1; }
  cp "$build/.config" "$kernel/config"
  cp "$build/drivers/i2c/i2c-stub.ko" "$kernel/"
  cp "$build/arch/x86/boot/bzImage" "$kernel/bzImage.new"
  mv "$kernel/bzImage.new" "$kernel/bzImage"
fi
echo "$kernel"
