package bridge

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/locker"
)

// noisyBus hears a stray with every look of those, counted from one, that noise
// says.
type noisyBus struct {
	*fakeBus
	noise  func(look int) bool
	n      int
	strays uint64
	pulsed int // looks before the pulse
}

func (b *noisyBus) Read(ctx context.Context, board int) ([]hardware.Reading, error) {
	if b.n++; b.noise(b.n) {
		b.strays++
	}
	return b.fakeBus.Read(ctx, board)
}

func (b *noisyBus) Unlock(ctx context.Context, ch hardware.Channel) error {
	b.pulsed = b.n
	return b.fakeBus.Unlock(ctx, ch)
}

func (b *noisyBus) Strays() uint64 { return b.strays }

// An order leaves after eight looks at which nothing but answers was heard, and is
// refused when that takes too long.
func TestOrderWaitsForAQuietBus(t *testing.T) {
	for _, c := range []struct {
		name   string
		noise  func(look int) bool
		pulsed int // looks before the order left; 0: refused
	}{
		{"quiet from the start", func(int) bool { return false }, 8},
		{"one stray", func(look int) bool { return look == 5 }, 13},
		{"quiet in the end", func(look int) bool { return look <= 9 }, 17},
		{"always noise", func(int) bool { return true }, 0},
		{"never eight quiet looks in a row", func(look int) bool { return look%8 == 0 }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus := &noisyBus{fakeBus: newFakeBus(), noise: c.noise}
				equipment := NewEquipment()
				sent := passOne(t, bus, equipment)
				if told := slices.Contains(equipment.Problems(), busNoisy("left")); told != (c.pulsed == 0) {
					t.Errorf("noise is told of: %v", told)
				}
				if bus.pulsed != c.pulsed || len(bus.pulses) > 1 {
					t.Errorf("the order left after %d looks, want %d (0: never); pulses %v", bus.pulsed, c.pulsed, bus.pulses)
				}
				if refused := errs.CodeOf(sent.Err) == errs.Denied && errs.HintOf(sent.Err) != ""; refused != (c.pulsed == 0) || !refused && sent.Err != nil {
					t.Errorf("it was told: %v", sent.Err)
				}
			})
		})
	}
}

// passOne has a bus work for three seconds with one order, and gives what became of it.
func passOne(t *testing.T, bus hardware.LockBus, equipment *Equipment) (last Sent) {
	t.Helper()
	log, err := memlog.New("a", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	receipts, err := log.Append(t.Context(), intentEntry(t))
	if err != nil {
		t.Fatal(err)
	}
	inputs := make(chan Input, 1000)
	o := newOwner(newFakeBus().line(), NewGate("a", log), inputs, nil, equipment)
	o.orders <- Order{Door: 1, Purpose: locker.Deposit, Receipt: receipts[0]}
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
	defer stop()
	_, _ = o.serve(ctx, bus) // it ends with ctx
	close(inputs)
	told := 0
	for in := range inputs {
		if s, ok := in.(Sent); ok {
			last = s
			told++
		}
	}
	if told != 1 {
		t.Errorf("the order was answered %d times", told)
	}
	return last
}

// A bus that is only silent is not called noisy.
func TestSilenceIsNoNoise(t *testing.T) {
	now := time.Now()
	c, bus := calm{since: now}, &noisyBus{fakeBus: newFakeBus()}
	for range 100 {
		now = now.Add(100 * time.Millisecond)
		c.looked(bus, hardware.ErrTimeout, now)
	}
	if c.yet() || c.noisy(now) {
		t.Errorf("calm %v, noisy %v", c.yet(), c.noisy(now))
	}
}
