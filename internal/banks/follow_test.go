package banks

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// bankLog is a bank's own ledger with some records.
func bankLog(t *testing.T, dir string, records int) *boltlog.Log {
	t.Helper()
	log, err := boltlog.Open(dir, boltlog.Options{Writer: "a"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	for i := range records {
		if _, err := log.Append(t.Context(), ledger.Entry{Kind: "turned", Body: fmt.Appendf(nil, `{"n":%d}`, i)}); err != nil {
			t.Fatal(err)
		}
	}
	return log
}

// journalOf is what a bank sends of a ledger from a record on.
func journalOf(t *testing.T, log *boltlog.Log, from uint64) wire.Journal {
	t.Helper()
	j := wire.Journal{V: wire.V, Epoch: log.Name().Epoch, From: from}
	err := log.Read(t.Context(), 0, func(r ledger.Record) error {
		if r.Seq == 0 {
			j.Ledger = wire.LedgerID(r.Leaf)
		}
		if r.Seq >= from {
			j.Leaves = append(j.Leaves, bytes.Clone(r.Leaf))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// accepted is what an owner says of every epoch, and began with which the bank's
// present machine began.
var (
	accepted bool
	began    uint64
)

type owner struct{}

func (owner) accepts(string, uint64) bool { return accepted }
func (owner) begins(string) uint64        { return began }

func openedFollower(t *testing.T, dir string) *follower {
	t.Helper()
	f := openFollower(dir, "a", owner{})
	t.Cleanup(func() { _ = f.close() })
	return f
}

// take checks how far the copy reaches afterwards, and why not further.
func take(t *testing.T, f *follower, j wire.Journal, size uint64, refused string) {
	t.Helper()
	ack := f.take(context.Background(), j)
	if ack.Size != size || ack.Epoch != j.Epoch || (refused == "") != (ack.Refused == "") || !strings.Contains(ack.Refused, refused) {
		t.Errorf("ack %+v, want size %d, refused %q", ack, size, refused)
	}
}

func TestFollow(t *testing.T) {
	log, dir := bankLog(t, t.TempDir(), 20), t.TempDir()
	f := openedFollower(t, dir)
	take(t, f, wire.Journal{Epoch: 1}, 0, "")
	take(t, f, journalOf(t, log, 5), 0, "does not begin") // nothing is known of this ledger yet
	take(t, f, journalOf(t, log, 0), 21, "")
	take(t, f, journalOf(t, log, 15), 21, "") // again
	late := journalOf(t, log, 20)
	late.From = 30
	take(t, f, late, 21, "") // a gap: the answer says from where to send
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	f = openedFollower(t, dir)
	take(t, f, journalOf(t, log, 21), 21, "") // nothing new: it asks
}

// A second machine that calls itself the same bank has another ledger. Whatever
// it sends is refused, the board says so, and the first bank is not harmed:
// neither by records beyond its own nor after a restart.
func TestFollowRefusesAStranger(t *testing.T) {
	first, other, dir := bankLog(t, t.TempDir(), 5), bankLog(t, t.TempDir(), 9), t.TempDir()
	f := openedFollower(t, dir)
	take(t, f, journalOf(t, first, 0), 6, "")
	for range 2 {
		for _, from := range []uint64{0, 3, 6, 9, 10} {
			take(t, f, journalOf(t, other, from), 0, "Another machine calls itself bank a")
		}
		nameless := journalOf(t, first, 0)
		nameless.Ledger = ""
		take(t, f, nameless, 0, "Another machine")
		if err := f.close(); err != nil {
			t.Fatal(err)
		}
		f = openedFollower(t, dir)
	}
	take(t, f, journalOf(t, other, 6), 0, "Another machine")
	if _, err := first.Append(t.Context(), ledger.Entry{Kind: "turned"}); err != nil {
		t.Fatal(err)
	}
	take(t, f, journalOf(t, first, 6), 7, "")
	if !strings.Contains(f.problem(), "Another machine") {
		t.Errorf("the board says %q while both are about", f.problem())
	}
}

// The two push each other off the line, so the board goes on showing the
// stranger for a while, and not for ever.
func TestStrangerLeavesTheBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &follower{stranger: stranger{"somebody", time.Now()}}
		time.Sleep(strangerShown - time.Nanosecond)
		if f.problem() != "somebody" {
			t.Error("the stranger left early")
		}
		time.Sleep(time.Nanosecond)
		if f.problem() != "" {
			t.Error("the stranger stays")
		}
	})
}

// A bank whose own ledger tells two stories is refused for good, and the first
// story stays.
func TestFollowRefusesAFork(t *testing.T) {
	f := openedFollower(t, t.TempDir())
	j := journalOf(t, bankLog(t, t.TempDir(), 5), 0)
	take(t, f, j, 6, "")
	forged := j
	forged.Leaves = append(slices.Clone(j.Leaves[:3]), bytes.Replace(j.Leaves[3], []byte(`{"n":2}`), []byte(`{"n":9}`), 1))
	if bytes.Equal(forged.Leaves[3], j.Leaves[3]) {
		t.Fatal("nothing was forged")
	}
	for range 2 {
		if ack := f.take(t.Context(), forged); ack.Refused == "" || ack.Size != 6 {
			t.Errorf("the other story: %+v", ack)
		}
		if f.problem() == "" {
			t.Error("the board does not know of it")
		}
		forged = j // nor is the true one taken any more: somebody must look
	}
}

func TestFollowEpochs(t *testing.T) {
	dir := t.TempDir()
	log := bankLog(t, dir, 5)
	f := openedFollower(t, t.TempDir())
	take(t, f, journalOf(t, log, 0), 6, "")
	next := func(why string) *boltlog.Log {
		t.Helper()
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := boltlog.NewEpoch(dir, boltlog.Options{Writer: "a"}, boltlog.Successor{By: "it", Why: why}); err != nil {
			t.Fatal(err)
		}
		return bankLog(t, dir, 3)
	}
	log = next("a new year")
	take(t, f, journalOf(t, log, 0), 4, "")
	for range 2 { // records the server never sees
		if _, err := log.Append(t.Context(), ledger.Entry{Kind: "turned"}); err != nil {
			t.Fatal(err)
		}
	}
	log = next("restored")
	take(t, f, journalOf(t, log, 0), 0, "records may be missing")
	accepted = true
	defer func() { accepted = false }()
	take(t, f, journalOf(t, log, 0), 4, "")
}
