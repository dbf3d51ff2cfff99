#!/bin/sh
# Boots the appliance on a pretended arm64 machine, three times, and cuts its
# power each time: with an empty card it must say what to do; with a bank file on
# the card's fourth partition show the kiosk's page, to the machine itself alone;
# with a directory and a plan beside it keep a ledger there. The image that is booted is
# the one of build.sh with a way in to that page and a serial line.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin
firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
missing=
command -v qemu-system-aarch64 >/dev/null || missing="$missing qemu-system-arm"
[ -f $firmware ] || missing="$missing qemu-efi-aarch64"
command -v debugfs >/dev/null || missing="$missing e2fsprogs"
command -v curl >/dev/null || missing="$missing curl"
if [ -n "$missing" ]; then
  echo "The check needs these packages:$missing. Next step: sudo apt-get install$missing" >&2
  exit 1
fi

work=$(mktemp -d)
qemu=
off() {
  [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
  [ -z "$qemu" ] || wait "$qemu" 2>/dev/null || true
  qemu=
}
trap 'off; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
BENCH=1 "$here/build.sh" "$work/image"
start=1104 # MiB before the card's fourth partition
port=$((20000 + $$ % 10000))
page=$port web=$((port + 1)) kiosk=$((port + 2))

boot() {
  : >"$work/said"
  timeout -k 5 600 qemu-system-aarch64 -machine virt,highmem=off -cpu cortex-a72 -smp 2 -m 1024 \
    -bios $firmware -drive "file=$work/image,format=raw" -device e1000,netdev=net \
    -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$page-:8080,hostfwd=tcp:127.0.0.1:$web-:443,hostfwd=tcp:127.0.0.1:$kiosk-:8081" \
    -nodefaults -display none -monitor none -serial stdio -no-reboot </dev/null >"$work/said" 2>&1 &
  qemu=$!
}
# until_true tries a command every second for five minutes.
until_true() {
  what=$1
  shift
  for _ in $(seq 300); do
    if "$@" >"$work/answer" 2>&1; then
      echo "ok: $what"
      return
    fi
    kill -0 "$qemu" 2>/dev/null || break
    sleep 1
  done
  echo "not ok: $what"
  tail -40 "$work/said"
  exit 1
}
# take_out gets the fourth partition and replays its journal, for the machine
# lost its power; put_back writes it to the card again.
take_out() {
  dd if="$work/image" of="$work/perm" bs=1M skip=$start conv=sparse status=none
  e2fsck -fy "$work/perm" >"$work/fsck" 2>&1 || [ $? -eq 1 ]
}
put_back() { dd if="$work/perm" of="$work/image" bs=1M seek=$start conv=notrunc status=none; }
# put puts a file into the bank's folder on the card.
put() {
  take_out
  printf 'mkdir bellkeep\ncd bellkeep\nwrite %s %s\n' "$1" "$2" | debugfs -w -f - "$work/perm" >"$work/answer" 2>&1
  put_back
}

boot
until_true "with an empty card it says what to do" grep -q "does not know its bank" "$work/said"
off
put "$here/testdata/bank.yaml" bank.yaml

boot
until_true "the kiosk's page answers" curl -fsS -m 5 "http://127.0.0.1:$page/"
grep -qi '<title>' "$work/answer" || { echo "not ok: that is no page"; exit 1; }
until_true "the kiosk asks for a joining code" sh -c "curl -fsS -m 5 'http://127.0.0.1:$page/screen?after=0' | grep -q '\"join'"
until_true "updates ask for a password" sh -c "curl -ks -m 5 -o /dev/null -w '%{http_code}' https://127.0.0.1:$web/ | grep -qx 401"
if curl -sS -m 5 -o "$work/answer" "http://127.0.0.1:$kiosk/" 2>/dev/null; then
  echo "not ok: the kiosk's page is open to the network"
  exit 1
fi
echo "ok: the kiosk's page is the machine's own"
off
echo '{"version": 1}' >"$work/rules"
put "$work/rules" directory.json
put "$work/rules" plan.json

boot
until_true "it works by its own directory and plan" sh -c "curl -fsS -m 5 'http://127.0.0.1:$page/screen?after=0' | grep -q '\"scan\"\|\"starting\"'"
off
take_out
debugfs -R "ls bellkeep/ledger" "$work/perm" 2>/dev/null | grep -q 'a\.1\.' || { echo "not ok: the ledger is not on the card"; exit 1; }
echo "ok: the ledger is on the card's own partition, after a power cut too"
