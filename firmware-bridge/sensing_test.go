package bridge

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// Each case is what the bus said every 100 ms: o open, c closed, - no answer.
// The result is what is believed after each look, with . for no belief yet.
func TestSensing(t *testing.T) {
	cases := []struct{ name, looks, want string }{
		{"closed must last half a second", "cccccccc", ".....ccc"},
		{"open needs two looks", "oooo", ".ooo"},
		{"one false look is ignored", "ccccccccocccccccc", ".....cccccccccccc"},
		{"bouncing shut counts from the last bounce", "ooccoccccccc", ".ooooooooocc"},
		{"one missed poll is nothing", "oo-oo", ".oooo"},
		{"three missed polls are unknown", "oo---oo", ".ooo??o"},
		{"a miss breaks the agreement", "ooc-cccccccc", ".ooooooooccc"},
	}
	letter := map[locker.Contact]byte{"": '.', locker.Open: 'o', locker.Closed: 'c', locker.Unknown: '?'}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s sensing
			var got []byte
			at := committed
			for _, look := range c.looks {
				at = at.Add(100 * time.Millisecond)
				switch look {
				case 'o':
					s.read(hardware.Reading{Contact: hardware.Open}, at)
				case 'c':
					s.read(hardware.Reading{Contact: hardware.Closed}, at)
				case '-':
					s.miss()
				}
				got = append(got, letter[s.settled])
			}
			if string(got) != c.want {
				t.Errorf("looks %s\ngot   %s\nwant  %s", c.looks, got, c.want)
			}
		})
	}
}

// A loose contact changes twice a second for a minute: that must not be
// believed more often than a person would slam a door.
func TestSensingLooseContact(t *testing.T) {
	var s sensing
	believed := 0
	at := committed
	for i := range 600 {
		at = at.Add(100 * time.Millisecond)
		contact := hardware.Open
		if i%10 >= 3 {
			contact = hardware.Closed
		}
		if s.read(hardware.Reading{Contact: contact}, at) {
			believed++
		}
	}
	if believed > unsteadyAfter {
		t.Errorf("believed %d times in a minute", believed)
	}
	for range 150 {
		at = at.Add(100 * time.Millisecond)
		s.read(hardware.Reading{Contact: hardware.Closed}, at)
	}
	if s.settled != locker.Closed {
		t.Error("a contact that has become steady is never believed again")
	}
}
