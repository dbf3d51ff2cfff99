package boltlog

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"go.etcd.io/bbolt"
)

// What rots on the disk here is not laid at the writer's door.
func TestDamagedCopyIsNoFork(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 30)
	for name, c := range map[string]struct {
		flip func(value []byte)
		call func(*Copy) error
	}{
		"leaf, sent again": {func(v []byte) { v[len(v)-3] ^= 1 }, func(c *Copy) error {
			_, err := c.Append(context.Background(), 5, s.Batch(5, 5))
			return err
		}},
		"hash, late checkpoint": {func(v []byte) { v[3*32] ^= 1 }, func(c *Copy) error {
			return c.Checkpoint(s.Checkpoint(t, 9))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			n := copied(t, s, 20)
			edit(t, n, func(records, _ *bbolt.Bucket) error {
				value := append([]byte(nil), records.Get(key(7))...)
				c.flip(value)
				return records.Put(key(7), value)
			})
			copy := mustCopy(t, n.Dir)
			defer ledgertest.MustClose(t, copy)
			if err := c.call(copy); errs.CodeOf(err) != errs.Internal || !strings.Contains(err.Error(), "sequence 7") || copy.Forked() != nil {
				t.Fatalf("%v; forked: %v", err, copy.Forked())
			}
		})
	}
}

func TestDamagedTailOfACopyIsRefused(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 30)
	c := mustCopy(t, t.TempDir())
	mustCopyFrom(t, c, s, 0, 20)
	ledgertest.MustClose(t, c)
	edit(t, c.Name(), func(records, _ *bbolt.Bucket) error {
		value := append([]byte(nil), records.Get(key(7))...)
		value[len(value)-3] ^= 1
		return records.Put(key(7), value)
	})
	if _, err := OpenCopy(c.Name().Dir, "a", 1); errs.CodeOf(err) != errs.Internal || !strings.Contains(err.Error(), "sequence 7") {
		t.Fatalf("%v, want damage", err)
	}
}

func TestTornMetaPageOfACopyIsRepaired(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 30)
	for page := range 2 {
		n := copied(t, s, 20)
		data, err := os.ReadFile(n.Path())
		if err != nil {
			t.Fatal(err)
		}
		data[page*os.Getpagesize()+40] ^= 1
		if err := os.WriteFile(n.Path(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		c := mustCopy(t, n.Dir)
		if c.Alarm() == nil {
			t.Error("no alarm")
		}
		if err := c.Checkpoint(s.Checkpoint(t, 20)); err != nil { // the last commit may have been this
			t.Error(err)
		}
		ledgertest.MustClose(t, c)
		if r := mustVerify(t, n, VerifyOptions{}); !r.OK() || r.Size != 20 {
			t.Errorf("after the repair: %+v", r)
		}
	}
}
