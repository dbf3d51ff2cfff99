package world

import (
	"fmt"
	"slices"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// maxWaiting bounds the pulses that wait for one latch to react.
const maxWaiting = 8

// cabinet is the doors and what lies in them. Whatever happens to a door is
// told to the truth file first, under the same lock, so that the file has
// things in the order in which they happened.
type cabinet struct {
	tell    func(Line) error
	onFrame func(door int) // may be nil

	mu      sync.Mutex
	doors   map[int]*door
	wired   map[channel]*door
	changed chan struct{} // closed and made anew when a door opens or shuts
}

func newCabinet(wires []Wire, tell func(Line) error) *cabinet {
	c := &cabinet{
		tell: tell, changed: make(chan struct{}),
		doors: map[int]*door{}, wired: map[channel]*door{},
	}
	for _, w := range wires {
		d := &door{number: w.Door, at: w.channel()}
		c.doors[w.Door], c.wired[d.at] = d, d
	}
	return c
}

// remember repeats what an earlier run told, without telling it again.
func (c *cabinet) remember(lines []Line) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range lines {
		d := c.doors[l.Door]
		if d == nil {
			if l.What == Put {
				return errs.New(errs.Conflict,
					fmt.Sprintf("The truth file puts a phone in door %d, which is not there.", l.Door),
					"Start with the doors of the earlier run or with a new truth file.")
			}
			continue
		}
		switch l.What {
		case Opened, Forced:
			d.open = true
		case Shut:
			d.open = false
		case Put:
			d.phones = append(d.phones, l.Phone)
		case Took:
			d.phones = slices.DeleteFunc(d.phones, func(p string) bool { return p == l.Phone })
		}
	}
	return nil
}

// pulse records an unlock frame before anything can move. It says whether a
// latch will react; react must then be called.
func (c *cabinet) pulse(at channel) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.wired[at]
	l := Line{What: Frame, Bus: at.bus, Board: at.board, Lock: at.lock}
	if d != nil {
		l.Door = d.number
		if c.onFrame != nil {
			c.onFrame(d.number)
		}
	}
	if err := c.tell(l); err != nil || d == nil {
		return false, err
	}
	if d.waiting == maxWaiting {
		l = d.line(Note)
		l.Text = "too many pulses waiting"
		return false, c.tell(l)
	}
	d.waiting++
	return true, nil
}

// react is what the latch does when its reaction time is over.
func (c *cabinet) react(at channel) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.wired[at]
	d.waiting--
	switch moves := d.moves(); {
	case d.open:
		l := d.line(Note)
		l.Text = "stood open already"
		return c.tell(l)
	case !moves:
		return c.tell(d.line(Jammed))
	}
	return c.spring(d, d.line(Opened))
}

// force breaks a door open.
func (c *cabinet) force(number int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.find(number)
	if err != nil || d.open {
		return err
	}
	return c.spring(d, d.line(Forced))
}

// spring tells the line, then lets the door spring open.
func (c *cabinet) spring(d *door, l Line) error {
	if err := c.tell(l); err != nil {
		return err
	}
	d.open, d.pushes = true, 0
	c.signal()
	return nil
}

// sensors gives the lock and item bits of one board. A lock without a door has
// nothing on its inputs, and its bits stay 0.
func (c *cabinet) sensors(bus string, board int, p Personality) (locks, items []bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	locks, items = make([]bool, boardLocks), make([]bool, boardLocks)
	for i := range boardLocks {
		d := c.wired[channel{bus, board, i}]
		if d == nil {
			continue
		}
		locks[i] = d.sensedOpen() == p.OneIsOpen
		items[i] = p.ItemSensors && len(d.phones) > 0
	}
	return locks, items
}

// find gives a door by its number, for callers that hold the lock.
func (c *cabinet) find(number int) (*door, error) {
	if d := c.doors[number]; d != nil {
		return d, nil
	}
	return nil, errs.New(errs.NotFound, fmt.Sprintf("There is no door %d.", number), "Name a door that is wired.")
}

// signal wakes whoever waits for a door.
func (c *cabinet) signal() {
	close(c.changed)
	c.changed = make(chan struct{})
}
