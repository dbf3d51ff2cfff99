package xor8a

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func plain() Config {
	return Config{Boards: 2, Locks: 24, Polarity: hardware.SetIsOpen, ByteOrder: HighFirst}
}

func TestLockBus(t *testing.T) {
	for _, cfg := range []Config{
		plain(),
		{Boards: 2, Locks: 32, Polarity: hardware.SetIsClosed, ByteOrder: HighFirst},
		{Boards: 3, Locks: 12, Polarity: hardware.SetIsClosed, ByteOrder: LowFirst, Block: 2 * time.Second},
	} {
		t.Run(fmt.Sprintf("%d boards of %d %s %s", cfg.Boards, cfg.Locks, cfg.Polarity, cfg.ByteOrder), func(t *testing.T) {
			hwtest.LockBus(t, func(t *testing.T) (hardware.LockBus, hwtest.Bench) { return bench(t, cfg) })
		})
	}
}

func TestOnANoisyBus(t *testing.T) {
	hwtest.NoisyBus(t, func(t *testing.T) (hardware.LockBus, *hwtest.Boards) { return bench(t, plain()) })
}

func TestTrafficByHand(t *testing.T) {
	hwtest.Traffic(t, func(l hardware.Line) (hwtest.Counting, error) { return New(l, plain()) }, []hwtest.Call{
		{Contacts: map[int]hardware.Contact{0: hardware.Open, 1: hardware.Closed, 16: hardware.Open}},
		{Unlock: true, Channel: hardware.Channel{Index: 23}},
		{Channel: hardware.Channel{Board: 1}, Contacts: map[int]hardware.Contact{16: hardware.Closed}},
	}, halfduplex.Stats{Replies: 2, Timeouts: 1, Foreign: 1, Garbage: 1},
		hwtest.Step{Want: []byte{0x80, 0x01, 0x00, 0x33, 0xB2}, Reply: small},
		hwtest.Step{Want: []byte{0x8A, 0x01, 0x18, 0x11, 0x82}}, // its answer never comes
		hwtest.Step{Want: []byte{0x80, 0x02, 0x00, 0x33, 0xB1}}, // no reply: asked again
		hwtest.Step{Want: []byte{0x80, 0x02, 0x00, 0x33, 0xB1}, Reply: join(small, []byte{0xFB}, smallOf2)},
	)
}

// After an unlock the bus is the board's: for as long as it takes and no longer,
// and for Block when it says nothing.
func TestAnUnlockKeepsTheBus(t *testing.T) {
	for name, tc := range map[string]struct {
		fault hwtest.Fault
		least time.Duration // until the next status
		most  time.Duration
	}{
		"the answer ends it":             {hwtest.Fault{}, time.Second, time.Second},
		"a later one too":                {hwtest.Fault{Delay: 100 * time.Millisecond}, 1100 * time.Millisecond, 1100 * time.Millisecond},
		"no answer":                      {hwtest.Fault{Silent: true}, DefaultBlock, DefaultBlock + hardware.ReadTimeout},
		"a wrong one":                    {hwtest.Fault{Corrupt: true}, DefaultBlock, DefaultBlock + hardware.ReadTimeout},
		"another board's status, before": {hwtest.Fault{Foreign: true}, time.Second, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			bus, boards := bench(t, plain())
			boards.SetFault(0, tc.fault)
			began := time.Now()
			if err := bus.Unlock(t.Context(), hardware.Channel{Index: 4}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("%s: Unlock took %v", name, took)
			}
			if _, err := bus.Read(t.Context(), 1); err != nil {
				t.Errorf("%s: Read(1) = %v", name, err)
			}
			if took := time.Since(began); took < tc.least || took > tc.most {
				t.Errorf("%s: the bus was kept for %v, want %v to %v", name, took, tc.least, tc.most)
			}
		})
	}
}

// The answer for one lock must not end the second of another, whose order may
// have been written meanwhile, nor may an echo of the order itself.
func TestOnlyTheLocksOwnAnswerEndsItsSecond(t *testing.T) {
	for name, early := range map[string]struct {
		frame []byte
		after time.Duration
	}{
		"of another lock":  {[]byte{0x8A, 0x01, 0x02, 0x11, 0x98}, 500 * time.Millisecond},
		"of another board": {[]byte{0x8A, 0x02, 0x01, 0x11, 0x98}, 500 * time.Millisecond},
		"an echo":          {opened1, time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			bus, boards := bench(t, plain())
			if err := bus.Unlock(t.Context(), hardware.Channel{}); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(early.after, func() { boards.Line().Send(early.frame) })
			began := time.Now()
			if _, err := bus.Read(t.Context(), 0); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took != time.Second {
				t.Errorf("%s: the bus was kept for %v, want a second", name, took)
			}
		})
	}
}

func TestAWaitForTheBusEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, boards := bench(t, plain())
		if err := bus.Unlock(t.Context(), hardware.Channel{}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := bus.Unlock(ctx, hardware.Channel{Index: 1}); errs.CodeOf(err) != errs.Denied || len(boards.Unlocks()) != 1 {
			t.Errorf("Unlock = %v, and the boards saw %v; want denied, and one frame", err, boards.Unlocks())
		}
		if took := time.Since(began); took > 350*time.Millisecond {
			t.Errorf("Unlock ended after %v", took)
		}
	})
}

func TestNoFrameMovesAllLocks(t *testing.T) {
	cfg := Config{Boards: 31, Locks: 32}
	for board := range 40 {
		for index := -1; index < 40; index++ {
			ch := hardware.Channel{Board: board, Index: index}
			if cfg.Size().Check(ch) == nil && unlockFrame(byte(board+1), byte(index+1))[2] == 0 {
				t.Errorf("channel %v is every lock", ch)
			}
		}
	}
}

func TestValidateGivesEveryFault(t *testing.T) {
	hwtest.Faults(t, Config{Boards: 32, Locks: 33, Polarity: "up", ByteOrder: "", Block: time.Minute, Reply: time.Hour}.Validate(), "not 32", "not 33", `"up"`, `""`, "1m0s", "1h0m0s")
	if _, err := New(hwtest.NewLine(), Config{}); err == nil {
		t.Error("New took a configuration that says nothing")
	}
	if err := plain().Validate(); err != nil {
		t.Error(err)
	}
}
