#!/usr/bin/env bash
# Breaks each promise once, in a copy of the tree, and shows that the test named
# in the patch fails and, for what a bank does, that the simulator finds it
# within seeds 1 to 20. A patch for what the simulator does not play says so in
# a line "# simulator: no".
#
#   testdata/mutants/run.sh [PATCH...]    all patches beside this script by default
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mutants=$PWD/testdata/mutants
if [ $# -eq 0 ]; then set -- "$mutants"/*.patch; else set -- $(realpath "$@"); fi
work=$(mktemp -d)
trap 'wait; rm -rf "$work"' EXIT
seeds=1..20

say() { printf '%s\n' "$*"; }
die() { say "mutants: $*" >&2; exit 1; }

# copy puts the tree, with what is not committed yet, into a new folder.
copy() {
  mkdir "$1"
  git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
    [ ! -f "$file" ] || printf '%s\0' "$file"
  done | tar --null -T - -cf - | tar -xf - -C "$1"
}

# play builds the simulator of a tree and runs the seeds; what it says goes to a file.
play() {
  (cd "$1" && go build -buildvcs=false -o "$1.bin" ./cmd/bellkeep) || die "the simulator of $2 does not build"
  "$1.bin" sim --seed "$seeds" --days 2 >"$1.out" 2>&1
}

copy "$work/sound"
if ! play "$work/sound" "the sound tree"; then
  cat "$work/sound.out"
  die "the sound tree breaks a rule already: nothing can be shown"
fi
say "sound: seeds $seeds break no rule"

running=()
# mutant breaks one promise.
mutant() {
  patch=$1
  name=$(basename "$patch" .patch)
  read -r test package < <(sed -n 's/^# test: //p;1q' "$patch") || die "$name: the first line must be '# test: NAME PACKAGE'"
  (cd "$work/sound" && go test -count=1 -run "^$test\$" -v "$package") >"$work/$name.sound" 2>&1 || true
  grep -q -- "^--- PASS: $test " "$work/$name.sound" || { cat "$work/$name.sound"; die "$name: $test does not pass on the sound tree"; }

  tree=$work/$name
  copy "$tree"
  (cd "$tree" && GIT_DIR=/dev/null git apply -C1 "$patch") || die "$name: the patch no longer applies; make it anew"

  (cd "$tree" && go test -count=1 -run "^$test\$" "$package") >"$tree.test" 2>&1 && die "$name: $test still passes"
  grep -q -- "^--- FAIL: $test " "$tree.test" || { cat "$tree.test"; die "$name: $test did not fail, it did not even run"; }
  if grep -q '^# simulator: no$' "$patch"; then
    say "$name: $test fails"
    rm -rf "$tree"
    return
  fi
  play "$tree" "$name" && die "$name: no seed of $seeds finds it"
  found=$(grep -o 'bellkeep sim --seed [0-9]* --days [0-9]*' "$tree.out" | sort -u -t ' ' -k 4 -n | head -1)
  [ -n "$found" ] || { cat "$tree.out"; die "$name: the simulator failed without naming a seed"; }
  say "$name: $test fails; $found finds it: $(grep -m1 -o 'Broken: .*' "$tree.out")"
  rm -rf "$tree"
}

# Two at a time, for two cores.
for patch in "$@"; do
  mutant "$patch" &
  running+=($!)
  if [ ${#running[@]} -ge 2 ]; then
    wait "${running[0]}"
    running=("${running[@]:1}")
  fi
done
for one in "${running[@]}"; do wait "$one"; done
