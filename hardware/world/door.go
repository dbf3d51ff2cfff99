package world

import "fmt"

// Latch is what is wrong with a latch.
type Latch int

// The states of a latch.
const (
	LatchOK     Latch = iota
	LatchJammed       // pulses do nothing
	LatchSticky       // moves on every second pulse
)

// String gives the word used in remarks.
func (l Latch) String() string { return [...]string{"ok", "jammed", "sticky"}[l] }

// Contact is what is wrong with a door contact.
type Contact int

// The states of a door contact.
const (
	ContactOK Contact = iota
	ContactStuckOpen
	ContactStuckClosed
)

// String gives the word used in remarks.
func (c Contact) String() string { return [...]string{"ok", "stuck open", "stuck closed"}[c] }

// Faults are what is wrong with one door.
type Faults struct {
	Latch   Latch
	Contact Contact
	Ajar    int // how many pushes after each opening do not hold
}

// Door is one look at a door.
type Door struct {
	Open   bool
	Phones []string
}

// channel is one lock on one board.
type channel struct {
	bus   string
	board int
	lock  int // from zero
}

func (c channel) String() string { return fmt.Sprintf("%s/%d/%d", c.bus, c.board, c.lock) }

func (w Wire) channel() channel { return channel{w.Bus, w.Board, w.Index} }

// door is one door of the cabinet; the cabinet's lock guards it.
type door struct {
	number  int
	at      channel
	faults  Faults
	open    bool
	waiting int      // pulses whose reaction time runs
	pulses  int      // pulses the latch felt, for the sticky one
	pushes  int      // pushes since the door opened
	phones  []string // in the order they were put in
}

// line starts a truth line about the door.
func (d *door) line(what What) Line {
	return Line{What: what, Bus: d.at.bus, Board: d.at.board, Lock: d.at.lock, Door: d.number}
}

// sensedOpen is what the contact says.
func (d *door) sensedOpen() bool {
	switch d.faults.Contact {
	case ContactStuckOpen:
		return true
	case ContactStuckClosed:
		return false
	}
	return d.open
}

// moves says whether the latch gives way to the pulse it just felt.
func (d *door) moves() bool {
	d.pulses++
	switch d.faults.Latch {
	case LatchJammed:
		return false
	case LatchSticky:
		return d.pulses%2 == 0
	}
	return true
}
