package boltlog

import (
	"os"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"go.etcd.io/bbolt"
)

var restored = Successor{By: "s-17", Why: "restored from the backup of Sunday"}

func mustRoll(t *testing.T, dir string, next Successor) Name {
	t.Helper()
	n, err := NewEpoch(dir, Options{Writer: "bank-a"}, next)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNewEpochFollowsOnTheLast(t *testing.T) {
	dir := t.TempDir()
	_, last := filled(t, dir, 20)
	n := mustRoll(t, dir, restored)
	l := mustOpen(t, dir)
	if l.Name() != n || n.Epoch != 2 {
		t.Fatalf("opened %v after %v", l.Name(), n)
	}
	o, err := ledger.ReadOpening(ledgertest.MustRead(t, l, 0)[0])
	if err != nil || o.Epoch != 2 || o.By != restored.By || o.Why != restored.Why || o.Previous != string(last) {
		t.Fatalf("record 0 is %+v, %v", o, err)
	}
	if r := ledgertest.MustAppend(t, l, ledgertest.Entry(1))[0]; r.Epoch() != 2 || r.Seq() != 1 {
		t.Fatalf("receipt is %+v", r)
	}
	ledgertest.MustClose(t, l)
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || !strings.Contains(r.Previous, "follows on epoch 1 at size 21") {
		t.Fatalf("%+v", r)
	}
}

// What a new epoch begins with is in it from its first moment, signed; an entry that
// cannot be written leaves no epoch at all.
func TestNewEpochBeginsWithEntries(t *testing.T) {
	dir := t.TempDir()
	next := restored
	for i := range 600 {
		next.Entries = append(next.Entries, ledgertest.Entry(i))
	}
	bad := next
	bad.Entries = append(bad.Entries, ledger.Entry{Kind: "No Kind"})
	if _, err := NewEpoch(dir, Options{Writer: "bank-a"}, bad); errs.CodeOf(err) != errs.Invalid && errs.CodeOf(err) != errs.Unavailable {
		t.Fatalf("begun with an entry that is none: %v", err)
	}
	if names, err := List(dir); err != nil || len(names) > 0 {
		t.Fatalf("there are %v, %v", names, err)
	}
	n := mustRoll(t, dir, next)
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || r.Size != 601 {
		t.Fatalf("%+v", r)
	}
	l := mustOpen(t, dir)
	if size := ledger.CheckpointSize(l.LastCheckpoint()); size != 601 || l.Size() != 601 {
		t.Errorf("%d records, %d signed", l.Size(), size)
	}
	ledgertest.MustAppend(t, l, ledgertest.Entry(1))
	ledgertest.MustClose(t, l)
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || r.Size != 602 {
		t.Fatalf("%+v", r)
	}
}

func TestNewEpochOverADamagedLedgerLeavesItAlone(t *testing.T) {
	dir := t.TempDir()
	old, last := filled(t, dir, 20)
	if err := os.Remove(old.keyPath()); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(old.Path())
	n := mustRoll(t, dir, restored)
	if after, _ := os.ReadFile(old.Path()); string(after) != string(before) {
		t.Fatal("the old ledger was changed")
	}
	r := mustVerify(t, n, VerifyOptions{})
	if !r.OK() || !strings.Contains(r.Previous, "follows on epoch 1") {
		t.Fatalf("%+v; last was\n%s", r, last)
	}
}

func TestNewEpochOverAnUnreadableLedger(t *testing.T) {
	dir := t.TempDir()
	old, _ := filled(t, dir, 20)
	if err := os.WriteFile(old.Path(), []byte("gone"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := mustRoll(t, dir, restored)
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || !strings.Contains(r.Previous, "names no checkpoint") {
		t.Fatalf("%+v", r)
	}
}

func TestSwappedPreviousEpochIsFound(t *testing.T) {
	dir := t.TempDir()
	old, _ := filled(t, dir, 20)
	n := mustRoll(t, dir, restored)
	other, _ := filled(t, t.TempDir(), 20)
	copyFile(t, other.Path(), old.Path())
	mustFind(t, n, VerifyOptions{}, 0, "does not fit the ledger of epoch 1")
}

func TestRewrittenPreviousEpochIsFound(t *testing.T) {
	dir := t.TempDir()
	old, _ := filled(t, dir, 20)
	n := mustRoll(t, dir, restored)
	leaves := leavesOf(t, old)
	leaves[5], _ = ledger.Encode(5, ledgertest.Entry(999))
	edit(t, old, func(records, _ *bbolt.Bucket) error { return rewrite(leaves, records) })
	mustFind(t, n, VerifyOptions{}, 0, "does not fit the ledger of epoch 1")
}

// A replaced bank has no past on its disk.
func TestReplacedBankNamesItsPast(t *testing.T) {
	_, last := filled(t, t.TempDir(), 20)
	dir := t.TempDir()
	n := mustRoll(t, dir, Successor{By: "s-17", Why: "bank replaced", Epoch: 4, Previous: last})
	if n.Epoch != 4 {
		t.Fatalf("epoch is %d", n.Epoch)
	}
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || !strings.Contains(r.Previous, "epoch 1 could not be compared") {
		t.Fatalf("%+v", r)
	}
	_, err := NewEpoch(dir, Options{Writer: "bank-a"}, Successor{By: "s-17", Why: "again", Epoch: 4})
	if errs.CodeOf(err) != errs.Conflict {
		t.Fatalf("the same epoch twice: %v", err)
	}
}

func TestNewEpochWantsNameAndReason(t *testing.T) {
	for _, next := range []Successor{{By: "s-17"}, {Why: "restored"}, {By: strings.Repeat("x", 65), Why: "restored"}} {
		if _, err := NewEpoch(t.TempDir(), Options{Writer: "bank-a"}, next); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%+v: %v, want invalid", next, err)
		}
	}
	if _, err := Open(t.TempDir(), Options{Writer: "Bank A"}); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("writer with a space: %v, want invalid", err)
	}
}
