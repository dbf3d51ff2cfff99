package banks

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

var key = wire.NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{4}, ed25519.SeedSize)))

func directoryWith(bars ...string) locker.Directory {
	d := locker.Directory{People: map[string]locker.Place{"p-1": {Bank: "a", Door: 1}}}
	for _, id := range bars {
		d.Bars = append(d.Bars, locker.Bar{ID: id, Subject: locker.Subject{Person: "p-1"}, From: noon})
	}
	return d
}

// give gives rules out and checks which versions they got.
func give(t *testing.T, r *Rules, d locker.Directory, upto uint64, news bool, directory, plan uint64) {
	t.Helper()
	got, err := r.Give(t.Context(), d, school.Plan{}, upto)
	if err != nil || got != news {
		t.Errorf("Give = %v, %v; want %v", got, err, news)
	}
	now := r.Current()
	if now.Directory.Version != directory || now.Plan.Version != plan {
		t.Errorf("versions %d and %d, want %d and %d", now.Directory.Version, now.Plan.Version, directory, plan)
	}
}

// Versions only go up: over restarts, and also when what was given out is lost.
func TestRulesVersions(t *testing.T) {
	log, dir := schoolLog(t), t.TempDir()
	open := func() *Rules {
		r := NewRules(log, stamp, dir)
		if err := log.Read(t.Context(), 0, r.Fold); err != nil {
			t.Fatal(err)
		}
		r.Load(key)
		return r
	}
	r := open()
	give(t, r, directoryWith(), 1, true, 1, 1)
	give(t, r, directoryWith(), 2, false, 1, 1)
	give(t, r, directoryWith("b-1"), 3, true, 2, 1)
	before, _ := r.Sealed()

	r = open()
	if after, _ := r.Sealed(); !bytes.Equal(before, after) {
		t.Error("after a restart another envelope is given out")
	}
	give(t, r, directoryWith("b-1"), 4, false, 2, 1)
	if err := os.Remove(filepath.Join(dir, "directory.sealed")); err != nil {
		t.Fatal(err)
	}
	r = open()
	give(t, r, directoryWith("b-1"), 5, true, 3, 1)

	if err := os.WriteFile(filepath.Join(dir, "plan.sealed"), []byte(`{"v":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r = open()
	give(t, r, directoryWith("b-1"), 6, true, 3, 2)
}

// A record is in the first directory that was compiled after it.
func TestRulesSince(t *testing.T) {
	r := NewRules(schoolLog(t), stamp, t.TempDir())
	r.Load(key)
	give(t, r, directoryWith(), 10, true, 1, 1)
	if _, ok := r.Since(10); ok {
		t.Error("record 10 is in a directory made of records 0 to 9")
	}
	give(t, r, directoryWith("b-1"), 12, true, 2, 1)
	give(t, r, directoryWith("b-1", "b-2"), 20, true, 3, 1)
	for seq, want := range map[uint64]uint64{9: 1, 10: 2, 11: 2, 12: 3, 19: 3} {
		if got, ok := r.Since(seq); !ok || got != want {
			t.Errorf("record %d is in directory %d, %v; want %d", seq, got, ok, want)
		}
	}
}

// A record that was appended while a directory was compiled may be in it: then the
// next one reads the same, and is not given out.
func TestRulesSinceARaceWithARecord(t *testing.T) {
	r := NewRules(schoolLog(t), stamp, t.TempDir())
	r.Load(key)
	give(t, r, directoryWith("b-1"), 10, true, 1, 1) // the bar is record 10
	give(t, r, directoryWith("b-1"), 11, false, 1, 1)
	if got, ok := r.Since(10); !ok || got != 1 {
		t.Errorf("record 10 is in directory %d, %v; want 1", got, ok)
	}
	give(t, r, directoryWith("b-1"), 9, false, 1, 1)
	if _, ok := r.Since(10); !ok {
		t.Error("what was in force is not any more")
	}
	if _, ok := r.Since(11); ok {
		t.Error("record 11 is in a directory made of records 0 to 10")
	}
}

func TestRulesAreSigned(t *testing.T) {
	r := NewRules(schoolLog(t), stamp, t.TempDir())
	r.Load(key)
	give(t, r, directoryWith("b-1"), 1, true, 1, 1)
	sealed, plan := r.Sealed()
	payload, err := wire.Open(key.Public(), wire.TypeDirectory, sealed)
	var d wire.Directory
	if err != nil || wire.Decode(payload, &d) != nil || d.Version != 1 || len(d.Bars) != 1 {
		t.Errorf("%s, %v", payload, err)
	}
	if _, err := wire.Open(key.Public(), wire.TypePlan, plan); err != nil {
		t.Error(err)
	}
}

// After the ledger has begun a new epoch nothing says which records are in the
// directory, and records of the last one may be lost: both are given out again,
// once, and past every version that a bank can have.
func TestRulesInANewEpoch(t *testing.T) {
	r := NewRules(schoolLog(t), stamp, t.TempDir())
	r.Load(key)
	give(t, r, directoryWith(), 10, true, 1, 1)
	if err := r.Fold(ledger.Record{Entry: ledger.Entry{Kind: ledger.KindEpochOpened}}); err != nil {
		t.Fatal(err)
	}
	give(t, r, directoryWith(), 3, true, 1_000_002, 1_000_002)
	give(t, r, directoryWith(), 4, false, 1_000_002, 1_000_002)
	if got, ok := r.Since(2); !ok || got != 1_000_002 {
		t.Errorf("record 2 is in directory %d, %v", got, ok)
	}
}

// Rules that do not fit into a message are not given out, nor is a version of
// theirs used up; what is in force stays so.
func TestRulesTooLong(t *testing.T) {
	log, dir := schoolLog(t), t.TempDir()
	r := NewRules(log, stamp, dir)
	r.Load(key)
	give(t, r, directoryWith(), 1, true, 1, 1)
	before, _ := r.Sealed()
	long := directoryWith(strings.Repeat("b", wire.MaxMessage))
	if _, err := r.Give(t.Context(), long, school.Plan{}, 2); !errors.Is(err, ErrTooLong) || errs.CodeOf(err) != errs.Conflict || errs.HintOf(err) == "" {
		t.Errorf("a directory that is too long: %v", err)
	}
	if after, _ := r.Sealed(); !bytes.Equal(before, after) || log.Size() != 2 {
		t.Errorf("it is given out nevertheless, or on the ledger, which has %d records", log.Size())
	}
	give(t, r, directoryWith("b-1"), 3, true, 2, 1)

	path := filepath.Join(dir, "directory.sealed")
	if err := os.WriteFile(path, make([]byte, wire.MaxMessage+1), 0o600); err != nil {
		t.Fatal(err)
	}
	r.Load(key) // as if it were missing
	give(t, r, directoryWith("b-1"), 4, true, 3, 1)
}

// Rules that cannot be kept are not those given out last.
func TestRulesThatCannotBeKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rules")
	r := NewRules(schoolLog(t), stamp, dir)
	r.Load(key)
	for range 2 {
		if news, err := r.Give(t.Context(), directoryWith(), school.Plan{}, 1); err == nil || news {
			t.Errorf("Give = %v, %v", news, err)
		}
		if sealed, _ := r.Sealed(); sealed != nil || r.Current().Directory.Version != 0 {
			t.Error("it is given out nevertheless")
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	give(t, r, directoryWith(), 1, true, 3, 3)
}
