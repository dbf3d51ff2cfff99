package boltlog

import (
	"context"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

func TestVerifyAllWhileWriting(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	defer ledgertest.MustClose(t, l)
	ledgertest.Fill(t, l, 300)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				l.Append(context.Background(), ledgertest.Entry(1))
			}
		}
	}()
	for range 5 {
		r, err := l.VerifyAll(context.Background(), VerifyOptions{Checkpoint: l.LastCheckpoint()})
		if err != nil || !r.OK() || r.Good != r.Size || r.Size < 301 || r.Checkpoints == 0 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	close(stop)
	<-done
}

func TestVerifyAllNamesDamage(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	defer ledgertest.MustClose(t, l)
	ledgertest.Fill(t, l, 20)
	err := l.db.Update(func(tx *bbolt.Tx) error {
		records := tx.Bucket([]byte(recordBucket))
		value := append([]byte(nil), records.Get(key(5))...)
		value[len(value)-2] ^= 1
		return records.Put(key(5), value)
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.VerifyAll(context.Background(), VerifyOptions{})
	if err != nil || r.OK() || r.First().Seq != 5 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// The hashes serve tlog's own proofs.
func TestProofs(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	defer ledgertest.MustClose(t, l)
	ledgertest.Fill(t, l, 99)
	root := func(size int64) tlog.Hash {
		h, err := tlog.TreeHash(size, l)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for _, r := range ledgertest.MustRead(t, l, 0) {
		p, err := tlog.ProveRecord(100, int64(r.Seq), l)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(p, 100, root(100), int64(r.Seq), tlog.RecordHash(r.Leaf)); err != nil {
			t.Fatalf("record %d: %v", r.Seq, err)
		}
	}
	for size := int64(1); size < 100; size++ {
		p, err := tlog.ProveTree(100, size, l)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(p, 100, root(100), size, root(size)); err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
	}
	if _, err := l.ReadHashes([]int64{tlog.StoredHashIndex(0, 100)}); err == nil {
		t.Fatal("gave a hash of a record that is not there")
	}
}
