package commission

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// lock is one lock output of a pretend cabinet, the door behind it and its contact.
type lock struct {
	number  int // painted on the door; 0: no door
	open    bool
	jammed  bool // no pulse moves it
	sticky  bool // every second pulse does
	pulses  int
	dead    bool          // the contact's bit never changes
	contact int           // the lock whose bit shows this door: its own, but for crossed cables
	slow    time.Duration // from the pulse to the movement
}

// cabinet is pretend boards with doors and time.
type cabinet struct {
	plan     Plan
	locks    []lock
	openSet  map[string]bool // by bus: a set bit means open
	now      time.Time
	flicker  map[int]time.Time // contacts that bounce, and until when
	deaf     map[string]time.Time
	pulses   int
	later    []event
	machine  *Machine
	lastSent int
	shows    []int // by contact: the lock whose door it shows, none for no door
}

type event struct {
	at time.Time
	do func()
}

func newCabinet(perBoard int, buses map[string]int, names []string) *cabinet {
	c := &cabinet{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), openSet: map[string]bool{}, flicker: map[int]time.Time{}, deaf: map[string]time.Time{}}
	for _, name := range names {
		for b := range buses[name] {
			for i := range perBoard {
				o := Outlet{Bus: name}
				o.Board, o.Index = b, i
				c.plan.Outlets = append(c.plan.Outlets, o)
				c.locks = append(c.locks, lock{contact: len(c.locks), slow: 120 * time.Millisecond})
			}
		}
	}
	return c
}

// wire hangs doors 1, 2, 3 … on outlets.
func (c *cabinet) wire(outlets []int) {
	for i, o := range outlets {
		c.locks[o].number = i + 1
		c.plan.Doors = append(c.plan.Doors, Door{i + 1, c.plan.Outlets[o].Bus})
	}
}

func (c *cabinet) start(facts Facts) {
	c.machine = New(c.plan, facts)
	c.shows = make([]int, len(c.locks))
	for i := range c.shows {
		c.shows[i] = slices.IndexFunc(c.locks, func(l lock) bool { return l.contact == i && l.number != 0 })
	}
}

func (c *cabinet) find(number int) int {
	return slices.IndexFunc(c.locks, func(l lock) bool { return l.number == number })
}

// bit is what the board says of a contact.
func (c *cabinet) bit(i int) bool {
	if c.shows[i] == none {
		return false // an input without a contact
	}
	l := c.locks[c.shows[i]]
	open := l.open && !l.dead
	if until := c.flicker[i]; c.now.Before(until) && c.now.UnixMilli()/50%2 == 0 {
		open = !open
	}
	return open == c.openSet[c.plan.Outlets[i].Bus]
}

// step lets 50 ms pass: what was due happens, boards are looked at, and the
// machine has its pulse.
func (c *cabinet) step() {
	c.now = c.now.Add(50 * time.Millisecond)
	due := c.later
	c.later = nil
	for _, e := range due {
		if e.at.After(c.now) {
			c.later = append(c.later, e)
		} else {
			e.do()
		}
	}
	bits := map[string]map[int]bool{}
	for i, o := range c.plan.Outlets {
		name := fmt.Sprint(o.Bus, "/", o.Board)
		if c.now.Before(c.deaf[name]) {
			continue
		}
		if bits[name] == nil {
			bits[name] = map[int]bool{}
		}
		bits[name][i] = c.bit(i)
	}
	for _, board := range bits {
		c.machine.Look(c.now, board)
	}
	if i, ok := c.machine.Pulse(c.now); ok {
		c.pulse(i)
	}
}

func (c *cabinet) after(d time.Duration, do func()) {
	c.later = append(c.later, event{c.now.Add(d), do})
}

func (c *cabinet) pulse(i int) {
	c.pulses++
	c.lastSent = i
	m := c.machine
	l := &c.locks[i]
	l.pulses++
	moves := l.number != 0 && !l.jammed && (!l.sticky || l.pulses%2 == 0)
	c.after(10*time.Millisecond, func() { m.Sent(i, c.now, nil) })
	c.after(l.slow, func() {
		if moves && !l.open {
			l.open = true
			c.flicker[l.contact] = c.now.Add(100 * time.Millisecond)
		}
	})
}

// shut pushes a door shut. Its contact bounces.
func (c *cabinet) shut(i int) {
	if l := &c.locks[i]; l.open {
		l.open = false
		c.flicker[l.contact] = c.now.Add(150 * time.Millisecond)
	}
}

func (c *cabinet) shutAll() {
	for i := range c.locks {
		c.shut(i)
	}
}

// technician does what the machine asks, as well as people do.
type technician struct {
	*cabinet
	asked       Ask
	since       time.Time
	again       int              // how often they have said again to Lacking
	shutAlready int              // how often the door to be shut was shut
	types       bool             // they type the numbers of doors whose contact does not move
	slip        func(a Ask) bool // does something else instead, and says so
	history     []Kind
}

var errEndless = errors.New("it goes on for ever")

// work goes on until the map is found, or nothing more can be done. The last
// question says why.
func (t *technician) work() (Ask, error) {
	for range 60 * 20 * 30 { // half an hour
		t.step()
		a := t.machine.Ask(t.now)
		if a.Kind != t.asked.Kind || a.Door != t.asked.Door || a.Outlet != t.asked.Outlet {
			t.asked, t.since = a, t.now
			t.history = append(t.history, a.Kind)
		}
		if t.now.Sub(t.since) < time.Second { // to read it
			continue
		}
		if a.Kind == Done || a.Kind == Failed {
			return a, nil
		}
		if t.slip != nil && t.slip(a) {
			t.since = t.now
			continue
		}
		if over, err := t.do(a); over || err != nil {
			return a, err
		}
		t.since = t.now
	}
	return t.asked, errEndless
}

func (t *technician) do(a Ask) (over bool, err error) {
	switch a.Kind {
	case Ready:
		t.shutAll()
		return false, t.machine.Answer(Answer{Kind: Go})
	case Shut:
		if i := t.find(a.Door); t.locks[i].open {
			t.shut(i)
		} else if t.shutAlready++; t.shutAlready%8 == 0 { // it was shut before
			return t.shutAlready > 80, t.machine.Answer(Answer{Kind: Again})
		}
	case Which:
		answer := Answer{Kind: Nothing}
		if l := t.locks[t.lastSent]; l.open {
			answer = Answer{Kind: Number, Number: l.number}
		}
		return false, t.machine.Answer(answer)
	case Lacking:
		t.again++
		switch {
		case t.again == 1:
			t.shutAll()
			return false, t.machine.Answer(Answer{Kind: Again})
		case t.again == 2 && t.types && a.Pass == 1:
			return false, t.machine.Answer(Answer{Kind: Type})
		}
		return true, nil
	}
	return false, nil
}

// check says how the map found differs from the wiring.
func (c *cabinet) check() error {
	found := c.machine.Found()
	for _, d := range c.plan.Doors {
		if at := found.Doors[d.Number]; at.Outlet != c.plan.Outlets[c.find(d.Number)] {
			return fmt.Errorf("door %d was found at %v", d.Number, at.Outlet)
		}
	}
	if len(found.Doors) != len(c.plan.Doors) {
		return fmt.Errorf("%d doors were found", len(found.Doors))
	}
	for _, l := range c.locks {
		place := found.Doors[l.number]
		if want := levelOf(c.openSet[place.Bus]); l.number != 0 && !l.dead && (want == SetIsOpen) != (found.Polarity[place.Bus] == "set-is-open") {
			return errs.New(errs.Invalid, "polarity of "+place.Bus, "")
		}
	}
	return nil
}
