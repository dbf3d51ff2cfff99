package kerongcu48

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func plain() Config {
	return Config{Boards: 2, Polarity: hardware.SetIsClosed, AddressOrder: BoardFirst}
}

func TestLockBus(t *testing.T) {
	for _, cfg := range []Config{
		plain(),
		{Boards: 2, Polarity: hardware.SetIsOpen, AddressOrder: LockFirst},
		{Boards: 16, Polarity: hardware.SetIsClosed, AddressOrder: LockFirst, Items: true, Reply: 300 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d boards %s %s", cfg.Boards, cfg.Polarity, cfg.AddressOrder), func(t *testing.T) {
			hwtest.LockBus(t, func(t *testing.T) (hardware.LockBus, hwtest.Bench) { return bench(t, cfg) })
		})
	}
}

func TestOnANoisyBus(t *testing.T) {
	hwtest.NoisyBus(t, func(t *testing.T) (hardware.LockBus, *hwtest.Boards) { return bench(t, plain()) })
}

func TestTrafficByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := hwtest.NewPlayback(t,
			hwtest.Step{Want: []byte{0x02, 0x00, 0x00, 0x60, 0x03, 0x65}, Reply: lock14Set},
			hwtest.Step{Want: []byte{0x02, 0x00, 0x01, 0x61, 0x03, 0x67}, Reply: noneSet}, // the answer that need not come
			hwtest.Step{Want: []byte{0x02, 0x01, 0x00, 0x60, 0x03, 0x66}},                 // no reply: asked again
			hwtest.Step{Want: []byte{0x02, 0x01, 0x00, 0x60, 0x03, 0x66}, Reply: join(noneSet, []byte{0xFB}, lock48Set)},
		)
		bus, err := New(line, plain())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := bus.Read(t.Context(), 0); err != nil || got[13].Contact != hardware.Closed || got[12].Contact != hardware.Open {
			t.Errorf("Read(0) = %v, %v", got, err)
		}
		if err := bus.Unlock(t.Context(), hardware.Channel{Index: 1}); err != nil {
			t.Error(err)
		}
		if got, err := bus.Read(t.Context(), 1); err != nil || got[47].Contact != hardware.Closed || got[0].Contact != hardware.Open {
			t.Errorf("Read(1) = %v, %v", got, err)
		}
		if got, want := bus.Stats(), (halfduplex.Stats{Replies: 2, Timeouts: 1, Foreign: 1, Garbage: 1}); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
}

// This is why the address order has no default: with the wrong one every order
// is carried out, at another door, and nothing says so but the door.
func TestTheWrongAddressOrderOpensAnotherDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := plain()
		wrong.AddressOrder = LockFirst
		bus, boards := benchOf(t, wrong, plain())
		if err := bus.Unlock(t.Context(), hardware.Channel{Board: 0, Index: 1}); err != nil {
			t.Fatal(err)
		}
		want := map[hardware.Channel]int{{Board: 1, Index: 0}: 1}
		if got := boards.Unlocks(); !maps.Equal(got, want) {
			t.Errorf("the boards moved %v, want %v", got, want)
		}
	})
}

// Apart from that, no two channels of a bus share a frame, in either order.
func TestEveryChannelHasItsOwnUnlockFrame(t *testing.T) {
	for _, order := range []AddressOrder{BoardFirst, LockFirst} {
		cfg := Config{Boards: 16, AddressOrder: order}
		seen := map[string]hardware.Channel{}
		for board := range 16 {
			for index := range 48 {
				ch := hardware.Channel{Board: board, Index: index}
				a1, a2 := cfg.address(ch)
				frame := string(request(a1, a2, cmdUnlock))
				if other, twice := seen[frame]; twice || cfg.Size().Check(ch) != nil {
					t.Errorf("%s: channels %v and %v", order, ch, other)
				}
				seen[frame] = ch
			}
		}
	}
}

func TestValidateGivesEveryFault(t *testing.T) {
	err := Config{Boards: 17, Polarity: "up", Reply: time.Hour}.Validate()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 4 {
		t.Fatalf("Validate = %v, want 4 faults", err)
	}
	for i, want := range []string{"not 17", `"up"`, `""`, "1h0m0s"} {
		fault := joined.Unwrap()[i]
		if !strings.Contains(fault.Error(), want) || errs.CodeOf(fault) != errs.Invalid || errs.HintOf(fault) == "" {
			t.Errorf("fault %d is %v (hint %q), want code invalid, a hint, and %q", i, fault, errs.HintOf(fault), want)
		}
	}
	if _, err := New(hwtest.NewLine(), Config{}); err == nil {
		t.Error("New took a configuration that says nothing")
	}
	if err := plain().Validate(); err != nil {
		t.Error(err)
	}
}
