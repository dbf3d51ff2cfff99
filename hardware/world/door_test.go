package world

import (
	"errors"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// cabinetOf is one door, number 1, and the lines told about it.
func cabinetOf(t *testing.T, f Faults) (*cabinet, *[]Line) {
	t.Helper()
	var lines []Line
	c := newCabinet([]Wire{{Door: 1, Bus: "b", Board: 3, Index: 9}}, func(l Line) error {
		lines = append(lines, l)
		return nil
	})
	c.doors[1].faults = f
	return c, &lines
}

var only = channel{"b", 3, 9}

func pulse(t *testing.T, c *cabinet) {
	t.Helper()
	moves, err := c.pulse(only)
	must(t, err)
	if !moves {
		t.Fatal("the latch felt nothing")
	}
	must(t, c.react(only))
}

func TestLatches(t *testing.T) {
	tests := []struct {
		name  string
		latch Latch
		want  []What // of three pulses
	}{
		{"ok", LatchOK, []What{Frame, Opened, Frame, Note, Frame, Note}},
		{"jammed", LatchJammed, []What{Frame, Jammed, Frame, Jammed, Frame, Jammed}},
		{"sticky", LatchSticky, []What{Frame, Jammed, Frame, Opened, Frame, Note}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, lines := cabinetOf(t, Faults{Latch: tt.latch})
			for range 3 {
				pulse(t, c)
			}
			wantKinds(t, *lines, 1, tt.want...)
			if l := (*lines)[0]; l.Bus != "b" || l.Board != 3 || l.Lock != 9 {
				t.Errorf("the frame is told of %s/%d/%d", l.Bus, l.Board, l.Lock)
			}
		})
	}
}

func TestPulsesWaitWithinALimit(t *testing.T) {
	c, lines := cabinetOf(t, Faults{})
	for i := range maxWaiting + 1 {
		moves, err := c.pulse(only)
		must(t, err)
		if moves != (i < maxWaiting) {
			t.Fatalf("pulse %d waits: %v", i+1, moves)
		}
	}
	if got := (*lines)[len(*lines)-1].What; got != Note {
		t.Errorf("a dropped pulse is told as %s", got)
	}
}

func TestContacts(t *testing.T) {
	tests := []struct {
		contact    Contact
		shut, open byte // lock byte 2 while the door is shut, and open
	}{
		{ContactOK, 0x02, 0x00},
		{ContactStuckOpen, 0x00, 0x00},
		{ContactStuckClosed, 0x02, 0x02},
	}
	for _, tt := range tests {
		c, _ := cabinetOf(t, Faults{Contact: tt.contact})
		sense := func() byte {
			locks, _ := c.sensors("b", 3, Personality{})
			return packed(locks, 2)[1]
		}
		shut := sense()
		pulse(t, c)
		if open := sense(); shut != tt.shut || open != tt.open {
			t.Errorf("contact %v: %02X shut and %02X open, want %02X and %02X", tt.contact, shut, open, tt.shut, tt.open)
		}
	}
}

func TestAjarAndForced(t *testing.T) {
	c, lines := cabinetOf(t, Faults{Ajar: 1})
	must(t, c.force(1))
	for _, holds := range []bool{false, true, true} {
		ok, err := c.push(1, "p")
		must(t, err)
		if ok != holds {
			t.Errorf("push holds: %v, want %v", ok, holds)
		}
	}
	wantKinds(t, *lines, 1, Forced, Ajar, Shut)
}

func TestHandsNeedAnOpenDoor(t *testing.T) {
	c, lines := cabinetOf(t, Faults{})
	if ok, _ := c.put(1, "p", "x"); ok {
		t.Error("a phone went through a shut door")
	}
	must(t, c.force(1))
	if ok, _ := c.take(1, "p", "x"); ok {
		t.Error("a phone came out that was not in")
	}
	if ok, _ := c.put(1, "p", "x"); !ok {
		t.Error("a phone did not go in")
	}
	if ok, _ := c.take(1, "p", "x"); !ok {
		t.Error("the phone did not come out")
	}
	wantKinds(t, *lines, 1, Forced, Put, Took)
}

func TestConfigNamesAllFaults(t *testing.T) {
	cfg := Config{
		Reaction: 1,
		Buses:    []Bus{{Name: "b", Boards: 17}, {Name: "c", Boards: 1, Personality: Personality{Base: 1}}},
		Wiring:   []Wire{{Door: 1, Bus: "c", Index: 15}, {Door: 2, Bus: "c"}, {Door: 2, Bus: "c", Index: 1}},
		Pupils:   []Pupil{{ID: "p", Phones: []string{"x"}}, {ID: "q", Phones: []string{"x"}}},
	}
	_, err := Open(t.Context(), cfg)
	if errs.CodeOf(err) != errs.Invalid {
		t.Fatalf("Open = %v, want invalid", err)
	}
	var all interface{ Unwrap() []error }
	if !errors.As(err, &all) || len(all.Unwrap()) != 5 {
		t.Errorf("want the reaction, the bus, two doors and a phone named: %v", err)
	}
}
