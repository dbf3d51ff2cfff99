package banks

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// silence is a bus on which nothing is heard.
type silence struct{}

func (silence) Publish(context.Context, string, []byte, bool) error  { return nil }
func (silence) Subscribe(context.Context, string, bus.Handler) error { return nil }

// opened is a house with the banks a and b, at work until the test ends.
func opened(t *testing.T, copies string, book ItemBook) *House {
	t.Helper()
	log := schoolLog(t)
	list, rules := NewList(log, stamp), NewRules(log, stamp, t.TempDir())
	rules.Load(key)
	for _, b := range []Bank{bankOf("a", 1, 20), bankOf("b", 21, 40)} {
		if err := list.Add(t.Context(), "it", b); err != nil {
			t.Fatal(err)
		}
	}
	h := Open(Config{List: list, Rules: rules, Copies: copies, Root: wire.DefaultRoot, Key: key, Bus: silence{},
		Now: func() school.Instant { return school.Instant{Wall: noon, Trusted: true} }, Zone: time.UTC, ItemBook: book})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the house ended with %v", err)
		}
		_ = h.Close() // a copy may be broken on purpose
	})
	return h
}

// await waits until a bank is as it should be.
func await(t *testing.T, h *House, what string, is func(a, b Status) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		seen, list := h.News(), h.Banks()
		if is(list[0], list[1]) {
			return
		}
		if h.Wait(ctx, seen) != nil {
			t.Fatalf("never: %s; refused: %q and %q", what, list[0].Refused, list[1].Refused)
		}
	}
}

// A bank whose copy is damaged is refused and shown with the reason, after a
// restart too; the others go on.
func TestDamagedCopyIsOneBanksProblem(t *testing.T) {
	copies := t.TempDir()
	log := bankLog(t, t.TempDir(), 5)
	f := openedFollower(t, copies)
	take(t, f, journalOf(t, log, 0), 6, "")
	path := f.epochs[1].Name().Path()
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("no ledger"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := opened(t, copies, nil)
	ack := h.line("a").follower.take(t.Context(), journalOf(t, log, 0))
	if ack.Refused == "" || ack.Size != 0 {
		t.Errorf("the bank is told %+v", ack)
	}
	await(t, h, "a is refused and b is not", func(a, b Status) bool { return a.Refused != "" && b.Refused == "" })
}

// A copy that dies while the server runs, as of a full disk, is shown on the
// board of its bank; neither the server nor the other bank is harmed.
func TestDyingCopyIsOneBanksProblem(t *testing.T) {
	h := opened(t, t.TempDir(), nil)
	log := bankLog(t, t.TempDir(), 5)
	l := h.line("a")
	if ack := l.follower.take(t.Context(), journalOf(t, log, 0)); ack.Refused != "" || ack.Size != 6 {
		t.Fatalf("%+v", ack)
	}
	await(t, h, "the board drawn", func(a, _ Status) bool { return a.Board.Size == 6 })
	newest, _, _ := l.follower.current()
	if err := newest.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, h, "the board says so", func(a, b Status) bool { return a.Refused != "" && b.Refused == "" })
	for range 2 {
		if ack := l.follower.take(t.Context(), journalOf(t, log, 0)); ack.Refused == "" {
			t.Errorf("a dead copy takes more: %+v", ack)
		}
	}
}

// What is refused stays on the board while the bank only asks, and goes with the
// first records that are taken.
func TestRefusalStaysOnTheBoard(t *testing.T) {
	f := openedFollower(t, t.TempDir())
	log := bankLog(t, t.TempDir(), 5)
	take(t, f, journalOf(t, log, 3), 0, "does not begin")
	take(t, f, wire.Journal{Epoch: 1}, 0, "")
	if f.problem() == "" {
		t.Error("a question clears the board")
	}
	take(t, f, journalOf(t, log, 0), 6, "")
	if f.problem() != "" {
		t.Errorf("the board still says %q", f.problem())
	}
}

// Other doors of a bank that is followed are on its board at once.
func TestAdmitTakesUpOtherDoors(t *testing.T) {
	h := opened(t, t.TempDir(), nil)
	if err := h.List.Add(t.Context(), "it", bankOf("a", 41, 50)); err != nil {
		t.Fatal(err)
	}
	if err := h.Admit(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	await(t, h, "ten doors from 41 on", func(a, _ Status) bool { return len(a.Board.Doors) == 10 && a.Board.Doors[0].Number == 41 })
	if err := h.Admit(t.Context(), "z"); err == nil {
		t.Error("a bank that is not listed is admitted")
	}
}

// A bank numbers its own epochs: the largest number costs no more than the first.
func TestCurrentWithTheLastEpoch(t *testing.T) {
	f := openedFollower(t, filepath.Join(t.TempDir(), "copies"))
	for _, epoch := range []uint64{ledger.MaxSeq, 1, 7} {
		if err := f.open(epoch); err != nil {
			t.Fatal(err)
		}
	}
	newest, before, _ := f.current()
	if newest.Name().Epoch != ledger.MaxSeq || len(before) != 2 || before[0].Name().Epoch != 1 || before[1].Name().Epoch != 7 {
		t.Errorf("newest %v after %d others", newest.Name(), len(before))
	}
}

func TestTooMuchAtOnce(t *testing.T) {
	leaf := []byte(strings.Repeat("x", wire.MaxLeafBytes/4))
	for _, c := range []struct {
		j    wire.Journal
		want bool
	}{
		{wire.Journal{Leaves: [][]byte{leaf, leaf, leaf, leaf}}, false},
		{wire.Journal{Leaves: [][]byte{leaf, leaf, leaf, leaf, {1}}}, true},
		{wire.Journal{Leaves: make([][]byte, wire.MaxLeaves)}, false},
		{wire.Journal{Leaves: make([][]byte, wire.MaxLeaves+1)}, true},
		{wire.Journal{Checkpoint: make([]byte, wire.MaxCheckpoint+1)}, true},
	} {
		if got := tooMuch(c.j); got != c.want {
			t.Errorf("%d leaves: %v", len(c.j.Leaves), got)
		}
	}
}
