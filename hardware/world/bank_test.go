package world

import (
	"bufio"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/democlock"
)

// bank is as little of a bank as people need: it keeps nothing durable,
// believes every pulse but a jammed one, and gives the next free door to
// whoever's own door is jammed.
type bank struct {
	t      *testing.T
	clock  *democlock.Clock
	screen *screen
	line   *os.File
	in     *bufio.Reader

	mu     sync.Mutex
	doors  map[string]int // by badge
	exempt map[string]bool
	inside map[string]time.Time
	spare  int
	seen   []string // scans
}

// startBank opens the devices and serves until the test ends.
func startBank(t *testing.T, w *World, clock *democlock.Clock) *bank {
	t.Helper()
	b := &bank{
		t: t, clock: clock, screen: newScreen(), line: dial(t, w.BusPath("b")),
		in:    bufio.NewReader(dial(t, w.ScannerPath("1"))),
		doors: map[string]int{}, exempt: map[string]bool{}, inside: map[string]time.Time{}, spare: 30,
	}
	for _, p := range w.cfg.Pupils {
		b.doors[p.Badge], b.exempt[p.Badge] = p.OwnDoor, p.Habit == Exempt
	}
	must(t, w.Watch("1", b.screen))
	go b.serve()
	return b
}

func (b *bank) serve() {
	for {
		scan, err := b.in.ReadString('\r')
		if err != nil {
			return // the test is over
		}
		b.answer(scan[:len(scan)-1])
	}
}

func (b *bank) answer(badge string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, badge)
	door, known := b.doors[badge]
	since, isIn := b.inside[badge]
	switch {
	case !known:
		b.screen.show(SayTryAgain, 0)
	case b.exempt[badge]:
		b.screen.show(SayKeep, 0)
	case isIn && b.clock.Now().Sub(since) < 5*time.Second:
		b.screen.show(SayPutIn, door)
	case isIn:
		delete(b.inside, badge)
		b.open(door, SayTakeOut, badge)
	default:
		b.inside[badge] = b.clock.Now()
		b.open(door, SayPutIn, badge)
	}
}

// open pulses a lock, and another door's after the own one did not move.
func (b *bank) open(door int, word Word, badge string) {
	if b.pulse(door) {
		b.screen.show(word, door)
		return
	}
	b.spare++
	b.doors[badge] = b.spare
	delete(b.inside, badge)
	b.screen.show(SayStuck, 0)
}

// pulse says whether the door stands open some time later.
func (b *bank) pulse(door int) bool {
	board, lock := byte((door-1)/16), byte((door-1)%16)
	addr := board<<4 | lock
	b.write(0x02, addr, 0x31, 0x03, 0x36+addr)
	for range 10 {
		_ = rest(context.Background(), minReaction) // never ends early
		b.write(0x02, board<<4, 0x30, 0x03, 0x35+board<<4)
		if got := readN(b.t, b.line, 9); got[3+lock/8]&(1<<(lock%8)) == 0 {
			return true
		}
	}
	return false
}

func (b *bank) write(frame ...byte) {
	if _, err := b.line.Write(frame); err != nil {
		b.t.Errorf("bank: %v", err)
	}
}

func (b *bank) scans() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.seen...)
}
