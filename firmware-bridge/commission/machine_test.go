package commission

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wired is a cabinet of up to three boards on two buses, any wiring, any
// polarity, some locks without a door.
func wired(t *rapid.T) *cabinet {
	boards := map[string]int{"left": rapid.IntRange(1, 2).Draw(t, "left"), "right": rapid.IntRange(0, 1).Draw(t, "right")}
	c := newCabinet(4, boards, []string{"left", "right"})
	order := rapid.Permutation(indices(len(c.locks))).Draw(t, "wiring")
	c.wire(order[:rapid.IntRange(1, len(order)).Draw(t, "doors")])
	for bus := range boards {
		c.openSet[bus] = rapid.Bool().Draw(t, "open is set on "+bus)
	}
	for i := range c.locks {
		c.locks[i].slow = time.Duration(rapid.IntRange(20, 900).Draw(t, "slow")) * time.Millisecond
	}
	return c
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// Whatever the wiring, and with all doors well, the map found is the true one.
func TestFindsAnyWiring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := wired(t)
		c.start(Facts{})
		if a, err := (&technician{cabinet: c}).work(); err != nil || a.Kind != Done {
			t.Fatalf("%+v, %v", a, err)
		}
		if err := c.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// With doors that stick or stay shut, contacts that do not move, people who shut
// the wrong door, or two at once, or begin too early, doors that spring open
// again, boards that fall silent and power cuts, the map found is the true one, or
// there is none and the question says which lock to look at.
func TestNeverAWrongMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := wired(t)
		jammed := 0
		for i := range c.locks {
			switch l := &c.locks[i]; rapid.IntRange(0, 30).Draw(t, "fault") {
			case 1:
				l.jammed = true
				if l.number != 0 {
					jammed++
				}
			case 2:
				l.sticky = true
			case 3:
				l.dead = true
			case 4:
				l.open = l.number != 0 // and whoever comes forgets to shut it
			}
		}
		c.start(Facts{})
		who := &technician{cabinet: c, types: true}
		slips := rapid.IntRange(0, 4).Draw(t, "slips")
		who.slip = func(a Ask) bool { return slips > 0 && slip(t, c, a, &slips) }
		a, err := who.work()
		switch {
		case err != nil:
			t.Fatalf("%v at %+v", err, a)
		case a.Kind == Done:
			if err := c.check(); err != nil {
				t.Fatal(err)
			}
			if jammed > 0 {
				t.Fatal("a door that never opened is on the map")
			}
		case a.Kind == Lacking && len(a.Locks) == 0, a.Kind == Failed && a.Err == nil, a.Kind != Lacking && a.Kind != Failed:
			t.Fatalf("%+v names nothing to look at", a)
		}
		if a.Kind == Lacking {
			for i, l := range c.locks {
				if l.jammed && l.number != 0 && !slices.Contains(a.Locks, c.plan.Outlets[i]) {
					t.Fatalf("%v is jammed and not among %v", c.plan.Outlets[i], a.Locks)
				}
			}
		}
	})
}

// slip is something that goes wrong while the machine asks for a.
func slip(t *rapid.T, c *cabinet, a Ask, left *int) bool {
	var open []int
	for i, l := range c.locks {
		if l.open {
			open = append(open, i)
		}
	}
	kind := rapid.IntRange(0, 20).Draw(t, "slip")
	if kind < 1 || kind > 7 {
		return false
	}
	*left--
	switch {
	case kind == 1: // a power cut
		c.later = nil
		c.start(c.machine.Facts())
	case kind == 2: // a board is silent for a while, and the person goes on
		o := rapid.SampledFrom(c.plan.Outlets).Draw(t, "board")
		c.deaf[o.Bus+"/"+string(rune('0'+o.Board))] = c.now.Add(2 * time.Second)
		return false
	case len(open) == 0:
		return false
	case kind == 3: // the wrong door
		c.shut(rapid.SampledFrom(open).Draw(t, "wrong"))
	case kind == 4: // two hands
		c.shut(rapid.SampledFrom(open).Draw(t, "one"))
		c.shut(rapid.SampledFrom(open).Draw(t, "other"))
	case kind == 5: // shut, and it springs open again
		i := rapid.SampledFrom(open).Draw(t, "ajar")
		c.shut(i)
		c.after(200*time.Millisecond, func() { c.locks[i].open = true })
	case kind == 6: // a contact that says a door has shut and opened again
		i := rapid.SampledFrom(open).Draw(t, "twice")
		c.flicker[c.locks[i].contact] = c.now.Add(400 * time.Millisecond)
	case kind == 7 && a.Kind == Shut: // the wrong door, and they notice
		c.shut(rapid.SampledFrom(open).Draw(t, "noticed"))
		c.after(1500*time.Millisecond, func() { _ = c.machine.Answer(Answer{Kind: Undo}) })
	}
	return true
}

// tidy is a cabinet of one board and six doors in order.
func tidy() *cabinet {
	c := newCabinet(6, map[string]int{"left": 1}, []string{"left"})
	c.wire(indices(6))
	c.openSet["left"] = true
	return c
}

func TestSaysWhatIsWrong(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*cabinet)
		want  string
	}{
		{"crossed contacts", func(c *cabinet) { c.locks[1].contact, c.locks[2].contact = 2, 1 }, "The pulse of lock 2 of board 0 on bus left moved the contact of lock 3 of board 0 on bus left."},
		{"a door too many", func(c *cabinet) { c.plan.Doors = c.plan.Doors[:5] }, "More doors open on bus left than the 5"},
	}
	for _, test := range cases {
		c := tidy()
		test.spoil(c)
		c.start(Facts{})
		if a, err := (&technician{cabinet: c}).work(); err != nil || a.Kind != Failed || !strings.Contains(a.Err.Error(), test.want) {
			t.Errorf("%s: %+v, %v", test.name, a, err)
		}
	}
}

// A contact whose bit means the opposite of its neighbours' is no door of this
// bus, whichever of them was first.
func TestMixedContactsOnOneBus(t *testing.T) {
	c := newCabinet(2, map[string]int{"left": 1}, []string{"left"})
	c.wire(indices(2))
	c.openSet["left"] = true
	c.start(Facts{})
	at := c.now
	bits := map[int]bool{0: false, 1: true} // both shut
	look := func(d time.Duration) {
		for end := at.Add(d); at.Before(end); {
			at = at.Add(50 * time.Millisecond)
			c.machine.Look(at, bits)
		}
	}
	look(time.Second)
	if err := c.machine.Answer(Answer{Kind: Go}); err != nil {
		t.Fatal(err)
	}
	look(time.Second)
	for range 2 {
		i, ok := c.machine.Pulse(at)
		if !ok {
			t.Fatal("no pulse")
		}
		c.machine.Sent(i, at, nil)
		bits[i] = !bits[i]
		look(2 * time.Second)
	}
	if a := c.machine.Ask(at); a.Kind != Failed || !strings.Contains(a.Err.Error(), "say the opposite of each other") {
		t.Errorf("%+v", a)
	}
}

// Somebody takes two doors for each other in the first pass. The second finds it,
// and these two come again.
func TestDoorsTakenForEachOther(t *testing.T) {
	c := tidy()
	c.start(Facts{})
	other := map[int]int{2: 5, 5: 2}
	differ := false
	who := &technician{cabinet: c, slip: func(a Ask) bool {
		differ = differ || a.Note == Differ
		if n, wrong := other[a.Door]; a.Kind == Shut && a.Pass == 1 && wrong {
			delete(other, a.Door)
			c.shut(c.find(n))
			return true
		}
		return false
	}}
	if a, err := who.work(); err != nil || a.Kind != Done || !differ {
		t.Fatalf("%+v, %v, seen to differ: %v", a, err, differ)
	}
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	if want := 6 + 6 + 2 + 2; c.pulses != want { // doors 2 and 5 alone come again
		t.Errorf("%d pulses, want %d", c.pulses, want)
	}
}

// Somebody who takes two doors for each other now and then, whenever asked, gets no
// map, and is told which doors.
func TestDoorsNeverToldApart(t *testing.T) {
	c := tidy()
	c.start(Facts{})
	who := &technician{cabinet: c, slip: func(a Ask) bool {
		if a.Kind == Shut && a.Pass == 1 && (a.Door == 2 || a.Door == 5) {
			c.shut(c.find(7 - a.Door))
			return true
		}
		return false
	}}
	if a, err := who.work(); err != nil || a.Kind != Failed || !strings.Contains(a.Err.Error(), "about the doors 2, 5.") {
		t.Errorf("%+v, %v", a, err)
	}
}

// Of two doors that shut at the same moment nobody can tell which was first: they
// have no number, and open again.
func TestTwoDoorsAtOnce(t *testing.T) {
	c := tidy()
	c.start(Facts{})
	slipped, noted := false, false
	who := &technician{cabinet: c, slip: func(a Ask) bool {
		noted = noted || a.Note == Together
		if a.Kind != Shut || slipped {
			return false
		}
		slipped = true
		c.shut(0)
		c.after(250*time.Millisecond, func() { c.shut(1) })
		return true
	}}
	a, err := who.work()
	if err != nil || a.Kind != Done || !noted || c.pulses != 6+2+6 {
		t.Errorf("%+v, %v, noted %v, %d pulses", a, err, noted, c.pulses)
	}
}

// A door that hangs on another bus than the file says.
func TestDoorOnAnotherBus(t *testing.T) {
	c := newCabinet(2, map[string]int{"left": 1, "right": 1}, []string{"left", "right"})
	c.wire([]int{0, 1, 2, 3})
	c.plan.Doors = []Door{{1, "right"}, {2, "right"}, {3, "left"}, {4, "left"}} // the ports are swapped
	c.start(Facts{})
	if a, err := (&technician{cabinet: c}).work(); err != nil || a.Kind != Failed || !strings.Contains(a.Err.Error(), "Door 1 is on bus right by the bank's file, and moved the contact of lock 1 of board 0 on bus left.") {
		t.Errorf("%+v, %v", a, err)
	}
}

// Doors without contacts are mapped by what a person types, twice.
func TestTypedDoors(t *testing.T) {
	c := tidy()
	for i := range c.locks {
		c.locks[i].dead = i >= 3
	}
	c.start(Facts{})
	who := &technician{cabinet: c, types: true}
	if a, err := who.work(); err != nil || a.Kind != Done {
		t.Fatalf("%+v, %v", a, err)
	}
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	for n, place := range c.machine.Found().Doors {
		if place.Typed != (n >= 4) {
			t.Errorf("door %d: typed %v", n, place.Typed)
		}
	}
}

// A number that is another door's already, or of no door there, is asked for again.
func TestTypedNumberThatIsTaken(t *testing.T) {
	c := tidy()
	for i := range c.locks {
		c.locks[i].dead = true
	}
	c.start(Facts{})
	asked := 0
	who := &technician{cabinet: c, types: true, slip: func(a Ask) bool {
		if a.Kind != Which || asked == 2 {
			return false
		}
		if a.Outlet.Index == 1 { // door 1 has its number by now
			asked++
			if err := c.machine.Answer(Answer{Kind: Number, Number: []int{1, 7}[asked-1]}); err != nil {
				t.Error(err)
			}
			if now := c.machine.Ask(c.now); now.Kind != Which || now.Outlet != a.Outlet || now.Note != Taken {
				t.Errorf("after a number that is taken: %+v", now)
			}
			return true
		}
		return false
	}}
	if a, err := who.work(); err != nil || a.Kind != Done || asked != 2 {
		t.Fatalf("%+v, %v, asked %d times", a, err, asked)
	}
	if err := c.check(); err != nil {
		t.Error(err)
	}
}

// Nothing opens before the person has said so, nor after a power cut before they
// have said so again.
func TestNothingOpensUnasked(t *testing.T) {
	c := tidy()
	c.start(Facts{})
	for range 200 {
		c.step()
	}
	if c.pulses != 0 {
		t.Fatalf("%d pulses", c.pulses)
	}
	if err := c.machine.Answer(Answer{Kind: Go}); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		c.step()
	}
	if c.pulses == 0 {
		t.Fatal("no pulse")
	}
	before := c.pulses
	c.start(c.machine.Facts())
	for range 200 {
		c.step()
	}
	if c.pulses != before || c.machine.Ask(c.now).Kind != Ready {
		t.Errorf("%d pulses more", c.pulses-before)
	}
}

// One pulse at a time: the next comes only after the last was seen to have moved
// something, or nothing.
func TestOnePulseAtATime(t *testing.T) {
	c := tidy()
	c.start(Facts{})
	for range 20 {
		c.step()
	}
	_ = c.machine.Answer(Answer{Kind: Go})
	for c.pulses == 0 {
		c.step()
	}
	c.later = nil // Sent does not come: the frame may be on its way
	for range 200 {
		c.step()
	}
	if c.pulses != 1 {
		t.Fatalf("%d pulses while one is under way", c.pulses)
	}
}
