package hwtest

import (
	"errors"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

// seesAJam pulses a door that does not move: no error, one frame, still shut.
func seesAJam(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	ch := hardware.Channel{Board: 1, Index: 3}
	if err := bus.Unlock(t.Context(), ch); err != nil {
		t.Errorf("Unlock = %v", err)
	}
	for range 3 {
		wantContacts(t, bus, b, 1, all(hardware.Closed))
	}
	wantUnlocks(t, b, map[hardware.Channel]int{ch: 1})
}

// seesADoorAjar lets a door spring open, be pushed to and spring back.
func seesADoorAjar(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	ch := hardware.Channel{Board: 0, Index: 2}
	if err := bus.Unlock(t.Context(), ch); err != nil {
		t.Errorf("Unlock = %v", err)
	}
	for _, c := range []hardware.Contact{hardware.Open, hardware.Closed, hardware.Open} {
		b.SetContact(ch, c)
		wantContacts(t, bus, b, 0, func(i int) hardware.Contact {
			if i == ch.Index {
				return c
			}
			return hardware.Closed
		})
	}
	wantUnlocks(t, b, map[hardware.Channel]int{ch: 1})
}

// seesAForcedDoor opens doors that nobody unlocked: each is in the next look at
// its board.
func seesAForcedDoor(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	for board := range 2 {
		wantContacts(t, bus, b, board, all(hardware.Closed))
		b.SetContact(hardware.Channel{Board: board, Index: 1}, hardware.Open)
		wantContacts(t, bus, b, board, only(1))
	}
	wantUnlocks(t, b, nil)
}

// takesNoSwappedAddress has board 1 answer under an address that is not its own.
func takesNoSwappedAddress(t *testing.T, bus hardware.LockBus, b Bench) {
	b.SetFault(1, Fault{Swapped: true})
	if got, err := bus.Read(t.Context(), 1); err == nil {
		t.Errorf("Read took %v from a reply with a swapped address", got)
	}
	b.SetFault(1, Fault{})
	setAll(b, hardware.Closed)
	wantContacts(t, bus, b, 1, all(hardware.Closed))
}

// startsAfreshWhenTheAdapterIsBack wants no order of before to reach a board
// later, and what happened meanwhile to be seen.
func startsAfreshWhenTheAdapterIsBack(t *testing.T, bus hardware.LockBus, b Bench) {
	setAll(b, hardware.Closed)
	ch := hardware.Channel{Board: 1, Index: 1}
	if err := bus.Unlock(t.Context(), ch); err != nil {
		t.Errorf("Unlock = %v", err)
	}
	wantUnlocks(t, b, map[hardware.Channel]int{ch: 1})
	time.Sleep(2 * time.Second) // whatever the board still had to say, it has said
	b.Unplug()
	if err := bus.Unlock(t.Context(), hardware.Channel{}); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Unlock = %v, want hardware.ErrGone", err)
	}
	if err := bus.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	b.SetContact(ch, hardware.Open)
	bus = b.Replug()
	wantContacts(t, bus, b, 0, all(hardware.Closed))
	wantContacts(t, bus, b, 1, only(1))
	wantUnlocks(t, b, map[hardware.Channel]int{ch: 1})
	if err := bus.Unlock(t.Context(), ch); err != nil {
		t.Errorf("Unlock = %v", err)
	}
	wantUnlocks(t, b, map[hardware.Channel]int{ch: 2})
}
