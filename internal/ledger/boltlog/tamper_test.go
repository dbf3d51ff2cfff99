package boltlog

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// filled closes a ledger of n records besides record 0 and gives its name and
// last checkpoint.
func filled(t *testing.T, dir string, n int) (Name, []byte) {
	t.Helper()
	l := mustOpen(t, dir)
	ledgertest.Fill(t, l, n)
	ledgertest.MustClose(t, l)
	return l.Name(), l.LastCheckpoint()
}

// edit changes a closed ledger with bbolt, as a knowing hand would.
func edit(t *testing.T, n Name, fn func(records, checkpoints *bbolt.Bucket) error) {
	t.Helper()
	db, err := bbolt.Open(n.Path(), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return fn(tx.Bucket([]byte(recordBucket)), tx.Bucket([]byte(signedBucket)))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// rewrite replaces the ledger's records by leaves, with hashes that fit.
func rewrite(leaves [][]byte, records *bbolt.Bucket) error {
	var edge ledger.Edge
	for seq := uint64(0); seq < records.Sequence(); seq++ {
		if err := records.Delete(key(seq)); err != nil {
			return err
		}
	}
	for seq, leaf := range leaves {
		var value []byte
		for _, h := range edge.Add(tlog.RecordHash(leaf)) {
			value = append(value, h[:]...)
		}
		if err := records.Put(key(uint64(seq)), append(value, leaf...)); err != nil {
			return err
		}
	}
	return records.SetSequence(edge.Size())
}

func leavesOf(t *testing.T, n Name) (leaves [][]byte) {
	t.Helper()
	f, err := OpenFile(n.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, r := range ledgertest.MustRead(t, f, 0) {
		leaves = append(leaves, r.Leaf)
	}
	return leaves
}

func mustVerify(t *testing.T, n Name, o VerifyOptions) Report {
	t.Helper()
	r, err := Verify(context.Background(), n.Path(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustFind(t *testing.T, n Name, o VerifyOptions, seq uint64, what string) {
	t.Helper()
	r := mustVerify(t, n, o)
	if r.OK() {
		t.Fatal("nothing was found")
	}
	if f := r.First(); f.Seq != seq || !strings.Contains(f.What, what) {
		t.Fatalf("found sequence %d: %s; want %d: %s", f.Seq, f.What, seq, what)
	}
}

func TestRewritingSignedRecordsIsFound(t *testing.T) {
	encode := func(seq uint64, n int) []byte {
		leaf, err := ledger.Encode(seq, ledgertest.Entry(n))
		if err != nil {
			t.Fatal(err)
		}
		return leaf
	}
	for name, change := range map[string]func(leaves [][]byte) [][]byte{
		"changed": func(l [][]byte) [][]byte { l[5] = encode(5, 999); return l },
		"dropped": func(l [][]byte) [][]byte {
			l = append(l[:5], l[6:]...)
			for seq := 5; seq < len(l); seq++ {
				l[seq] = encode(uint64(seq), seq+1)
			}
			return append(l, encode(uint64(len(l)), 77))
		},
		"reordered": func(l [][]byte) [][]byte { l[5], l[6] = encode(5, 6), encode(6, 5); return l },
	} {
		t.Run(name, func(t *testing.T) {
			n, _ := filled(t, t.TempDir(), 20)
			leaves := leavesOf(t, n)
			edit(t, n, func(records, _ *bbolt.Bucket) error { return rewrite(change(leaves), records) })
			mustFind(t, n, VerifyOptions{}, 1, "were changed after they had been signed")
		})
	}
}

func TestMissingRecordIsNamed(t *testing.T) {
	n, _ := filled(t, t.TempDir(), 20)
	edit(t, n, func(records, _ *bbolt.Bucket) error { return records.Delete(key(7)) })
	mustFind(t, n, VerifyOptions{}, 7, "record 8 is stored in its place")
}

func TestCutTailIsFoundBelowACheckpoint(t *testing.T) {
	n, _ := filled(t, t.TempDir(), 20)
	leaves := leavesOf(t, n)
	edit(t, n, func(records, _ *bbolt.Bucket) error { return rewrite(leaves[:15], records) })
	mustFind(t, n, VerifyOptions{}, 15, "sequence 15 to 20 are missing")
}

// Who cuts the checkpoint off too leaves a sound, shorter ledger: only a
// checkpoint kept elsewhere tells.
func TestCutTailIsFoundByAnOutsideCheckpoint(t *testing.T) {
	n, outside := filled(t, t.TempDir(), 20)
	leaves := leavesOf(t, n)
	edit(t, n, func(records, checkpoints *bbolt.Bucket) error {
		if err := checkpoints.Delete(key(21)); err != nil {
			return err
		}
		return rewrite(leaves[:15], records)
	})
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() {
		t.Fatalf("the shorter ledger is not sound: %+v", r.Findings)
	}
	mustFind(t, n, VerifyOptions{Checkpoint: outside}, 15, "sequence 15 to 20 are missing")
}

// A whole ledger made anew, with a key of its own, is sound in itself.
func TestResignedLedgerIsFoundByWhatIsKeptElsewhere(t *testing.T) {
	dir := t.TempDir()
	n, outside := filled(t, dir, 20)
	key, err := readKey(n.pubPath())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{n.Path(), n.keyPath(), n.pubPath()} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	filled(t, dir, 20)
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() {
		t.Fatalf("the new ledger is not sound: %+v", r.Findings)
	}
	mustFind(t, n, VerifyOptions{Checkpoint: outside}, 0, "outside checkpoint")
	mustFind(t, n, VerifyOptions{Key: key}, 0, "another signing key")
}

// Whoever holds the key as well can only be caught by the root.
func TestResignedWithTheOwnKeyIsFoundByAnOutsideCheckpoint(t *testing.T) {
	n, outside := filled(t, t.TempDir(), 20)
	leaves := leavesOf(t, n)
	leaves[5], _ = ledger.Encode(5, ledgertest.Entry(999))
	public, _ := readKey(n.pubPath())
	keys, err := loadKeys(n, public)
	if err != nil {
		t.Fatal(err)
	}
	edit(t, n, func(records, checkpoints *bbolt.Bucket) error {
		if err := rewrite(leaves, records); err != nil {
			return err
		}
		var edge ledger.Edge
		for _, leaf := range leaves {
			edge.Add(tlog.RecordHash(leaf))
		}
		c := ledger.Checkpoint{Origin: ledger.Origin(n.Writer, n.Epoch), Size: edge.Size(), Root: edge.Root()}
		note, err := c.Sign(keys.signer)
		if err != nil {
			return err
		}
		return checkpoints.Put(key(c.Size), note)
	})
	if r := mustVerify(t, n, VerifyOptions{}); !r.OK() {
		t.Fatalf("the re-signed ledger is not sound: %+v", r.Findings)
	}
	mustFind(t, n, VerifyOptions{Checkpoint: outside}, 0, "outside checkpoint")
}
