package boltlog

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

// The child copies <dir>/bank-a.1.ledger to <dir>/copy.
const (
	crashCopy = "copy"
	copyKills = 30
)

// copyUntilKilled copies, with some of it sent twice, and acknowledges the
// size after each batch. When there is no more it sends old batches again.
func copyUntilKilled(dir string, early bool) error {
	data, err := os.ReadFile(Name{Dir: dir, Writer: "bank-a", Epoch: 1}.Path())
	if err != nil {
		return err
	}
	values, notes, err := contents(data)
	if err != nil {
		return err
	}
	c, err := OpenCopy(filepath.Join(dir, crashCopy), "bank-a", 1)
	if err != nil {
		return err
	}
	for {
		from := max(0, min(int(c.Size()), len(values)-1)-rand.IntN(4))
		to := min(len(values), from+1+rand.IntN(8))
		if early {
			if _, err := fmt.Println(to); err != nil {
				return err
			}
		}
		if err := copyBatch(c, values, from, to); err != nil {
			return err
		}
		if !early {
			if _, err := fmt.Println(c.Size()); err != nil {
				return err
			}
		}
		if err := c.Checkpoint(notes[rand.IntN(len(notes))]); err != nil {
			return err
		}
	}
}

func copyBatch(c *Copy, values [][]byte, from, to int) error {
	var leaves [][]byte
	for seq := from; seq < to; seq++ {
		_, leaf, err := split(element{key: key(uint64(seq)), value: values[seq]}, uint64(seq))
		if err != nil {
			return err
		}
		leaves = append(leaves, leaf)
	}
	_, err := c.Append(context.Background(), uint64(from), leaves)
	return err
}

// writersFile closes a ledger of a few thousand records in dir.
func writersFile(t *testing.T, dir string) (values [][]byte) {
	t.Helper()
	l := mustOpen(t, dir)
	for range 8 {
		ledgertest.MustAppend(t, l, slices.Repeat([]ledger.Entry{ledgertest.Entry(1)}, 256)...)
	}
	ledgertest.MustClose(t, l)
	data, err := os.ReadFile(l.Name().Path())
	if err != nil {
		t.Fatal(err)
	}
	values, _, err = contents(data)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// lostFromCopy opens the copy as a restart would, wants it to be the beginning
// of the writer's file, and counts the acknowledged records it lacks.
func lostFromCopy(t *testing.T, dir string, values [][]byte, acked []string) int {
	t.Helper()
	c, err := OpenCopy(filepath.Join(dir, crashCopy), "bank-a", 1)
	if err != nil {
		t.Fatal(err)
	}
	signed := c.LastCheckpoint() != nil
	ledgertest.MustClose(t, c)
	if r := mustVerify(t, c.Name(), VerifyOptions{}); signed && !r.OK() {
		t.Fatalf("after a kill: %+v", r)
	}
	data, err := os.ReadFile(c.Name().Path())
	if err != nil {
		t.Fatal(err)
	}
	have, _, err := contents(data)
	if err != nil || !slices.EqualFunc(have, values[:len(have)], bytes.Equal) {
		t.Fatalf("the copy differs: %v", err)
	}
	last, err := strconv.Atoi(acked[len(acked)-1])
	if err != nil {
		t.Fatal(err)
	}
	return max(0, last-len(have))
}

func TestKilledCopyLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	var dir string
	var values [][]byte
	for i := range copyKills {
		if i%killsPerLedger == 0 {
			dir = t.TempDir()
			values = writersFile(t, dir)
		}
		acked := killOnce(t, "copy", dir, rand.N(20*time.Millisecond))
		if lost := lostFromCopy(t, dir, values, acked); lost > 0 {
			t.Fatalf("kill %d: %d acknowledged records are missing", i, lost)
		}
	}
}

// The test above would notice a copy that acknowledges before it commits.
func TestKillFindsEarlyAcknowledgementOfACopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	values := writersFile(t, dir)
	for range copyKills {
		acked := killOnce(t, "copy, acknowledge early", dir, rand.N(10*time.Millisecond))
		if lostFromCopy(t, dir, values, acked) > 0 {
			return
		}
	}
	t.Fatalf("%d kills and nothing was missing", copyKills)
}
