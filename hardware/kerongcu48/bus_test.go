package kerongcu48

import (
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
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
	hwtest.Traffic(t, func(l hardware.Line) (hwtest.Counting, error) { return New(l, plain()) }, []hwtest.Call{
		{Contacts: map[int]hardware.Contact{13: hardware.Closed, 12: hardware.Open}},
		{Unlock: true, Channel: hardware.Channel{Index: 1}},
		{Channel: hardware.Channel{Board: 1}, Contacts: map[int]hardware.Contact{47: hardware.Closed, 0: hardware.Open}},
	}, halfduplex.Stats{Replies: 2, Timeouts: 1, Foreign: 1, Garbage: 1},
		hwtest.Step{Want: []byte{0x02, 0x00, 0x00, 0x60, 0x03, 0x65}, Reply: lock14Set},
		hwtest.Step{Want: []byte{0x02, 0x00, 0x01, 0x61, 0x03, 0x67}, Reply: noneSet}, // the answer that need not come
		hwtest.Step{Want: []byte{0x02, 0x01, 0x00, 0x60, 0x03, 0x66}},                 // no reply: asked again
		hwtest.Step{Want: []byte{0x02, 0x01, 0x00, 0x60, 0x03, 0x66}, Reply: join(noneSet, []byte{0xFB}, lock48Set)},
	)
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
	hwtest.Faults(t, Config{Boards: 17, Polarity: "up", Reply: time.Hour}.Validate(), "not 17", `"up"`, `""`, "1h0m0s")
	if _, err := New(hwtest.NewLine(), Config{}); err == nil {
		t.Error("New took a configuration that says nothing")
	}
	if err := plain().Validate(); err != nil {
		t.Error(err)
	}
}
