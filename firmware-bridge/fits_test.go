package bridge

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/locker"
)

// openBoard reads all its doors as open until one is shut.
type openBoard struct {
	shut    atomic.Bool
	unlocks atomic.Int32
}

func (b *openBoard) Unlock(context.Context, hardware.Channel) error { b.unlocks.Add(1); return nil }
func (b *openBoard) Close() error                                   { return nil }
func (b *openBoard) Read(context.Context, int) ([]hardware.Reading, error) {
	doors := []hardware.Reading{{Contact: hardware.Open}, {Contact: hardware.Open}, {Contact: hardware.Open}, {Contact: hardware.Open}}
	if b.shut.Load() {
		doors[2].Contact = hardware.Closed
	}
	return doors, nil
}

// Contacts that mean the opposite of what the map says read every door as open:
// no door of the bus opens until one reads shut.
func TestAMapThatTheBoardsContradictOpensNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, err := memlog.New("a", time.Now)
		if err != nil {
			t.Fatal(err)
		}
		board := &openBoard{}
		line := Line{Name: "left", Poll: 10 * time.Millisecond, Mapped: true, Doors: map[int]hardware.Channel{1: {Index: 0}, 2: {Index: 1}, 3: {Index: 2}},
			Open: func(context.Context) (hardware.LockBus, error) { return board, nil }}
		inputs := make(chan Input, 1024)
		ctx, stop := context.WithCancel(t.Context())
		o := newOwner(line, NewGate("a", log), inputs, nil, nil)
		ended := make(chan bool)
		go func() { o.run(ctx); close(ended) }()
		sent := func() error {
			receipts, err := log.Append(ctx, ledger.Entry{Kind: string(locker.Intent), Door: 1, Purpose: string(locker.Deposit)})
			if err != nil {
				t.Fatal(err)
			}
			o.orders <- Order{Door: 1, Purpose: locker.Deposit, Receipt: receipts[0]}
			for in := range inputs {
				if s, ok := in.(Sent); ok {
					return s.Err
				}
			}
			return nil
		}
		time.Sleep(time.Second)
		if err := sent(); errs.CodeOf(err) != errs.Denied || errs.HintOf(err) != unfitHint || board.unlocks.Load() != 0 {
			t.Errorf("%v, %d unlocks", err, board.unlocks.Load())
		}
		board.shut.Store(true)
		for range len(inputs) {
			<-inputs
		}
		time.Sleep(time.Second)
		if err := sent(); err != nil || board.unlocks.Load() != 1 {
			t.Errorf("with a door shut: %v, %d unlocks", err, board.unlocks.Load())
		}
		stop()
		<-ended
	})
}
