package ledgertest

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"pgregory.net/rapid"
)

const scheduleSize, scheduleSteps = 60, 12

// testSchedules plays whatever a network and a machine can do to a copy.
func testSchedules(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, scheduleSize)
	root := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "copy")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		p := &play{Following: k, T: rt, s: s, dir: dir}
		p.restart()
		defer func() { p.f.Close() }()
		for range rapid.IntRange(1, scheduleSteps).Draw(rt, "steps") {
			rapid.SampledFrom([]func(){p.inOrder, p.inOrder, p.anywhere, p.checkpoint, p.restart, p.fault}).Draw(rt, "step")()
		}
		p.finish()
	})
}

// play is one schedule.
type play struct {
	Following
	*rapid.T
	s   *Source
	dir string
	f   Follower
}

func (p *play) restart() {
	before := uint64(0)
	if p.f != nil {
		before = p.f.Size()
		p.f.Close() // fails after a fault
	}
	var err error
	if p.f, err = p.Open(p.dir); err != nil {
		p.Fatal(err)
	}
	if p.f.Size() < before {
		p.Fatalf("%d of %d acknowledged records are there after a restart", p.f.Size(), before)
	}
}

func (p *play) inOrder() { p.send(int(p.f.Size()), rapid.IntRange(1, 20).Draw(p.T, "leaves")) }

// anywhere sends what may overlap, come again, or leave a gap.
func (p *play) anywhere() {
	p.send(rapid.IntRange(0, scheduleSize-1).Draw(p.T, "from"), rapid.IntRange(1, 20).Draw(p.T, "leaves"))
}

func (p *play) send(from, n int) {
	leaves := p.s.Batch(from, n)
	if len(leaves) == 0 {
		return
	}
	before := p.f.Size()
	size, err := p.f.Append(context.Background(), uint64(from), leaves)
	want := max(before, uint64(from+len(leaves)))
	if uint64(from) > before {
		want = before
	}
	if errors.Is(err, ledger.ErrGap) != (uint64(from) > before) || err != nil && !errors.Is(err, ledger.ErrGap) || size != want {
		p.Fatalf("%d leaves from %d on %d gave %d, %v", len(leaves), from, before, size, err)
	}
}

func (p *play) checkpoint() {
	size := rapid.IntRange(1, scheduleSize).Draw(p.T, "size")
	err := p.f.Checkpoint(p.s.Checkpoint(p.T, size))
	if errors.Is(err, ledger.ErrGap) != (p.f.Size() == 0) || err != nil && !errors.Is(err, ledger.ErrGap) {
		p.Fatalf("checkpoint at %d on %d: %v", size, p.f.Size(), err)
	}
}

// fault loses an acknowledgement together with the records, or without.
func (p *play) fault() {
	from := int(p.f.Size())
	leaves := p.s.Batch(from, rapid.IntRange(1, 20).Draw(p.T, "leaves"))
	if len(leaves) == 0 {
		return
	}
	p.Spoil(p.f, rapid.Bool().Draw(p.T, "after"))
	if size, err := p.f.Append(context.Background(), uint64(from), leaves); errs.CodeOf(err) != errs.Unavailable || int(size) != from {
		p.Fatalf("a failed commit gave %d, %v", size, err)
	}
	p.restart()
}

// finish sends the rest, signed, and compares.
func (p *play) finish() {
	for p.f.Size() < scheduleSize {
		p.inOrder()
	}
	last := p.s.Checkpoint(p.T, scheduleSize)
	if err := p.f.Checkpoint(last); err != nil {
		p.Fatal(err)
	}
	p.restart()
	if err := same(p.f, p.s, scheduleSize); err != nil {
		p.Fatal(err)
	}
	if got := p.f.LastCheckpoint(); string(got) != string(last) {
		p.Fatalf("the newest checkpoint is %q", got)
	}
}
