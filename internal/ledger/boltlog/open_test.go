package boltlog

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"go.etcd.io/bbolt"
)

func mustRefuse(t *testing.T, dir string, code errs.Code, sentence string) {
	t.Helper()
	l, err := Open(dir, Options{Writer: "bank-a", Wait: time.Millisecond})
	if err == nil {
		l.Close()
		t.Fatal("opened")
	}
	if errs.CodeOf(err) != code || !strings.Contains(err.Error(), sentence) || errs.HintOf(err) == "" {
		t.Fatalf("refused with %s: %v (hint %q); want %s: %s", errs.CodeOf(err), err, errs.HintOf(err), code, sentence)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	defer ledgertest.MustClose(t, l)
	mustRefuse(t, dir, errs.Conflict, "Another process has the ledger")
	_, err := Verify(context.Background(), l.Name().Path(), VerifyOptions{})
	if errs.CodeOf(err) != errs.Conflict {
		t.Fatalf("Verify = %v, want a conflict", err)
	}
	if _, err := NewEpoch(dir, Options{Writer: "bank-a", Wait: time.Millisecond}, Successor{By: "a", Why: "b"}); errs.CodeOf(err) != errs.Conflict {
		t.Fatalf("NewEpoch = %v, want a conflict", err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	n, _ := filled(t, dir, 3)
	db, err := bbolt.Open(n.Path(), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(aboutBucket)).Put([]byte(formatKey), []byte("2"))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, dir, errs.Invalid, `is written in format "2"; this Bellkeep reads format 1`)
}

// A regular file where the directory should be refuses root as well.
func TestUnwritableDirectoryIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, file, errs.Unavailable, "cannot write to its data directory")
	mustRefuse(t, filepath.Join(file, "data"), errs.Unavailable, "cannot write to its data directory")
}

func TestWrongOrMissingKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	n, _ := filled(t, dir, 3)
	other, _ := filled(t, t.TempDir(), 3)
	copyFile(t, other.keyPath(), n.keyPath())
	mustRefuse(t, dir, errs.Unavailable, "signing key")
	if err := os.Remove(n.keyPath()); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, dir, errs.Unavailable, "signing key")
}

func TestRenamedLedgerIsRefused(t *testing.T) {
	dir := t.TempDir()
	n, _ := filled(t, dir, 3)
	if err := os.Rename(n.Path(), Name{Dir: dir, Writer: "bank-a", Epoch: 2}.Path()); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, dir, errs.Invalid, "belongs to bank-a, epoch 1")
}

// The tail behind the last signed checkpoint is checked at every start.
func TestDamagedTailIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil    func(records, checkpoints *bbolt.Bucket) error
		sentence string
	}{
		"record": {func(records, _ *bbolt.Bucket) error {
			value := append([]byte(nil), records.Get(key(15))...)
			value[len(value)-3] ^= 1
			return records.Put(key(15), value)
		}, "damaged at sequence 15"},
		"hash": {func(records, _ *bbolt.Bucket) error {
			value := append([]byte(nil), records.Get(key(15))...)
			value[3*32] ^= 1
			return records.Put(key(15), value)
		}, "damaged at sequence 15"},
		"missing record": {func(records, _ *bbolt.Bucket) error { return records.Delete(key(15)) }, "damaged at sequence 15"},
		"missing tail":   {func(records, _ *bbolt.Bucket) error { return records.SetSequence(11) }, "damaged at sequence 11"},
		"signed part": {func(records, _ *bbolt.Bucket) error {
			value := append([]byte(nil), records.Get(key(7))...)
			value[3*32] ^= 1 // the root of records 0 to 7
			return records.Put(key(7), value)
		}, "damaged at sequence 9"},
		"signature": {func(_, checkpoints *bbolt.Bucket) error {
			note := append([]byte(nil), checkpoints.Get(key(9))...)
			note[len(note)-10] ^= 1
			return checkpoints.Put(key(9), note)
		}, "damaged at sequence 9"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := mustOpen(t, dir)
			ledgertest.Fill(t, l, 8)
			if _, err := l.Checkpoint(context.Background()); err != nil {
				t.Fatal(err)
			}
			ledgertest.Fill(t, l, 12)
			ledgertest.MustClose(t, l)
			edit(t, l.Name(), func(records, checkpoints *bbolt.Bucket) error {
				if err := checkpoints.Delete(key(21)); err != nil {
					return err
				}
				return c.spoil(records, checkpoints)
			})
			mustRefuse(t, dir, errs.Internal, c.sentence)
		})
	}
}

// A power cut in the middle of a commit can leave one meta page torn.
func TestTornMetaPageIsRepairedAndPutOnRecord(t *testing.T) {
	dir := t.TempDir()
	n, _ := filled(t, dir, 20)
	data, err := os.ReadFile(n.Path())
	if err != nil {
		t.Fatal(err)
	}
	data[os.Getpagesize()+40] ^= 1
	if err := os.WriteFile(n.Path(), data, 0o600); err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, dir)
	if err := l.Alarm(); err == nil || !strings.Contains(err.Error(), "may be missing") {
		t.Errorf("alarm is %v", err)
	}
	all := ledgertest.MustRead(t, l, 1)
	if last := all[len(all)-1]; last.Kind != KindRepaired {
		t.Errorf("last record is %s", last.Leaf)
	}
	ledgertest.MustClose(t, l)
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() {
		t.Errorf("after the repair: %+v", r.Findings)
	}
}

// What a power cut during creation leaves behind is not in the way.
func TestHalfMadeLedgerIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	n := Name{Dir: dir, Writer: "bank-a", Epoch: 1}
	for _, path := range []string{n.Path() + ".new", n.keyPath(), n.pubPath(), n.keyPath() + ".new"} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ledgertest.MustClose(t, mustOpen(t, dir))
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || r.Size != 1 {
		t.Fatalf("%+v", r)
	}
	info, err := os.Stat(n.keyPath())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v", info.Mode(), err)
	}
	info, err = os.Stat(n.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("ledger file: %v, %v", info.Mode(), err)
	}
	reserve, err := os.Stat(n.reservePath())
	if err != nil || reserve.Size() != reserveSize {
		t.Fatalf("reserve: %v, %v", reserve, err)
	}
}

func TestCheckpointsAreSigned(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	defer ledgertest.MustClose(t, l)
	at := func() uint64 {
		c, err := ledger.OpenCheckpoint(l.LastCheckpoint(), l.keys.verifier)
		if err != nil {
			t.Fatal(err)
		}
		return c.Size
	}
	if at() != 1 {
		t.Fatalf("a new ledger is signed at size %d", at())
	}
	ledgertest.Fill(t, l, signEvery-1)
	if at() != 1 {
		t.Fatalf("signed at size %d already", at())
	}
	ledgertest.Fill(t, l, 1)
	if at() != 1+signEvery {
		t.Fatalf("signed at size %d, want %d", at(), 1+signEvery)
	}
	first, err := l.Checkpoint(context.Background())
	if err != nil || at() != 1+signEvery {
		t.Fatal("an unchanged ledger was signed anew", err)
	}
	ledgertest.Fill(t, l, 1)
	second, err := l.Checkpoint(context.Background())
	if err != nil || string(first) == string(second) || at() != 2+signEvery {
		t.Fatalf("a changed ledger is signed at %d: %v", at(), err)
	}
}
