#!/bin/sh
# Boots a machine of which a test's program is the first process, with the
# bank's program beside it: what "go test -exec" calls with the test's program
# and its arguments. It ends with 0 only if the machine says that all is well.
set -eu
limit=600 # seconds until the machine is switched off, whatever it does
here=$(cd "$(dirname "$0")" && pwd)
missing=
for need in qemu-system-x86_64:qemu-system-x86 cpio:cpio gzip:gzip; do
  command -v "${need%%:*}" >/dev/null || missing="$missing ${need##*:}"
done
if [ -n "$missing" ]; then
  echo "The bench needs these packages:$missing. Next step: sudo apt-get install$missing" >&2
  exit 1
fi
kernel=$("$here/kernel.sh")

test=$1
shift
work=$(mktemp -d)
qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir "$work/root"
cp "$test" "$work/root/init"
cp "$kernel/i2c-stub.ko" "$work/root/"
(cd "$here/../../.." && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$work/root/bellkeep-bank" ./cmd/bellkeep-bank)
(cd "$work/root" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initramfs"

: >"$work/said"
timeout -k 5 $limit qemu-system-x86_64 -machine pc -cpu qemu64 -accel tcg -m 512 \
  -icount shift=2,sleep=off -rtc base=2026-11-23T08:00:00,clock=vm \
  -nodefaults -display none -no-reboot -serial stdio \
  -kernel "$kernel/bzImage" -initrd "$work/initramfs" \
  -append "console=ttyS0 loglevel=4 panic=-1 -- $*" </dev/null >"$work/said" 2>&1 &
qemu=$!
tail -n +1 -s 0.2 -f --pid=$qemu "$work/said" | tr -d '\r'
wait $qemu && ended=0 || ended=$?
qemu=
if ! grep -q '^bench: all is well' "$work/said"; then
  [ $ended != 124 ] || echo "The machine was switched off after $limit s." >&2
  exit 1
fi
