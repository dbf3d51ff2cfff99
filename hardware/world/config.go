package world

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Limits of a configuration.
const (
	maxBuses    = 16
	maxKiosks   = 16
	maxDelay    = 5 * time.Second // of a reply, and of a slow one on top
	minReaction = 20 * time.Millisecond
	maxReaction = 900 * time.Millisecond

	usualReaction = 120 * time.Millisecond
	// ByteTime is what one byte takes at 19200 baud, 8N1.
	ByteTime = 520 * time.Microsecond
)

// Config is everything the world is made of.
type Config struct {
	Dir    string // where the device links go; must exist
	Truth  string // the truth file
	Buses  []Bus
	Wiring []Wire   // which door is on which channel
	Kiosks []string // each has a scanner
	Pupils []Pupil
	Seed   uint64

	// Reaction is the machine time between an unlock frame and the movement
	// of the latch: 20 to 900 ms, 120 ms when zero.
	Reaction time.Duration
	// Hands is the least machine time that hands need at a door, however fast the
	// day is played: 400 ms when zero. A cabinet of many boards is looked at less
	// often.
	Hands time.Duration
	// PacedScanner sends badges at the pace of 9600 baud instead of at once.
	PacedScanner bool
	// CRLF ends badges with CR LF instead of CR.
	CRLF bool

	// OnFrame is called when a board has understood an unlock frame for a
	// wired door, before it is told; for stop watches. It must not block.
	OnFrame func(door int)

	// Now and Sleep are school time; package time when nil.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// Bus is one serial line with its boards, which are all of one make.
type Bus struct {
	Name        string // the link is bus-<Name>
	Boards      int    // 1 to 16
	Personality Personality
	Timing      Timing
	Noise       Noise
}

// Make is a make of board.
type Make string

// The makes.
const (
	CU16   Make = ""             // Kerong CU16, 16 locks
	CU48   Make = "cu48"         // Kerong CU48 of the older kind, 48 locks
	EightA Make = "8a"           // boards whose unlock frame begins with 8A, 24 locks
	Relay  Make = "modbus-relay" // Modbus relays with an input each, 8 of them
)

// Personality is how one kind of board differs from another. The zero value
// is the most common: a CU16 on which bit 1 means closed, locks count from zero,
// L1 comes first, without item sensors, and without an answer to an unlock.
type Personality struct {
	Make      Make
	OneIsOpen bool // a set lock bit means open
	// Base is the number of the first lock in ADDR of a CU16, 0 or 1. Lock bits
	// in a status do not move with it. With base 1 the sixteenth lock has no
	// number in the four bits there are, so nothing can be wired to it.
	Base           int
	HighFirst      bool // status sends its bytes in reverse: the last locks, and items, first
	LockFirst      bool // a CU48 is sent the lock before the board
	ItemSensors    bool // a set item bit means that something lies in the door
	AnswersUnlocks bool // a status frame follows every unlock
	Size           int  // locks of an 8A or relay board, up to 32; 0: as many as usual
}

// Locks is how many locks of one board can be opened.
func (p Personality) Locks() int {
	switch {
	case p.Make == CU48:
		return 48
	case p.Make == CU16:
		return 16 - p.Base
	case p.Size != 0:
		return p.Size
	case p.Make == EightA:
		return 24
	}
	return 8
}

// Timing is machine time that a real line takes. The zero value takes none.
type Timing struct {
	Byte  time.Duration // one byte on the wire, see ByteTime
	Reply time.Duration // from the end of a request to the start of its reply
}

// Wire says which channel a door is wired to. Board and Index count from zero.
type Wire struct {
	Door  int
	Bus   string
	Board int
	Index int
}

// Lay wires doors 1 to n to the buses in order, board by board, using every
// lock that can be opened. Fewer are wired when the boards end first.
func Lay(buses []Bus, n int) []Wire {
	var wires []Wire
	for _, b := range buses {
		for board := range b.Boards {
			for index := range b.Personality.Locks() {
				if len(wires) == n {
					return wires
				}
				wires = append(wires, Wire{Door: len(wires) + 1, Bus: b.Name, Board: board, Index: index})
			}
		}
	}
	return wires
}

var nameForm = regexp.MustCompile(`^[a-z0-9-]{1,36}$`)

// check finds everything that is wrong with the configuration.
func (c Config) check() error {
	var faults []error
	fault := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(len(c.Buses) <= maxBuses, "%d buses; the limit is %d", len(c.Buses), maxBuses)
	fault(len(c.Kiosks) <= maxKiosks, "%d kiosks; the limit is %d", len(c.Kiosks), maxKiosks)
	fault(c.Reaction == 0 || c.Reaction >= minReaction && c.Reaction <= maxReaction,
		"a latch reacts within %v to %v, not %v", minReaction, maxReaction, c.Reaction)
	fault((c.Now == nil) == (c.Sleep == nil), "Now and Sleep are given together or not at all")
	buses := map[string]Bus{}
	for _, b := range c.Buses {
		fault(buses[b.Name].Name == "", "bus %q is there twice", b.Name)
		buses[b.Name] = b
		fault(b.check() == nil, "bus %q: %w", b.Name, b.check())
	}
	kiosks := map[string]bool{}
	for _, k := range c.Kiosks {
		fault(nameForm.MatchString(k) && !kiosks[k], "kiosk %q is there twice or misnamed", k)
		kiosks[k] = true
	}
	faults = append(faults, checkWiring(c.Wiring, buses)...)
	faults = append(faults, checkPupils(c.Pupils)...)
	if len(faults) == 0 {
		return nil
	}
	return errs.Wrap(errors.Join(faults...), errs.Invalid, "The pretend world cannot be built like this.",
		"Correct the faults named.")
}

func (b Bus) check() error {
	n, p := b.Noise, b.Personality
	switch {
	case !nameForm.MatchString(b.Name):
		return errors.New("a name has 1 to 36 letters a-z, digits or hyphens")
	case b.Boards < 1 || b.Boards > maxBoards:
		return fmt.Errorf("%d boards; a bus has 1 to %d", b.Boards, maxBoards)
	case !slices.Contains([]Make{CU16, CU48, EightA, Relay}, p.Make) || p.Locks() < 1 || p.Locks() > boardLocks:
		return fmt.Errorf("no board is of make %q with %d locks", p.Make, p.Locks())
	case p.Base != 0 && p.Base != 1:
		return fmt.Errorf("locks count from 0 or 1, not %d", p.Base)
	case n.Chance < 0 || n.Chance > 1 || n.SlowChance < 0 || n.SlowChance > 1:
		return errors.New("a chance lies between 0 and 1")
	case max(n.SlowBy, b.Timing.Reply, b.Timing.Byte) > maxDelay:
		return fmt.Errorf("a reply is late by at most %v", maxDelay)
	}
	return nil
}

func checkWiring(wires []Wire, buses map[string]Bus) []error {
	var faults []error
	doors, channels := map[int]bool{}, map[channel]bool{}
	for _, w := range wires {
		b, known := buses[w.Bus]
		ch := w.channel()
		switch {
		case w.Door < 1:
			faults = append(faults, fmt.Errorf("door %d: doors count from 1", w.Door))
		case !known || w.Board < 0 || w.Board >= b.Boards || w.Index < 0 || w.Index >= b.Personality.Locks():
			faults = append(faults, fmt.Errorf("door %d: there is no channel %v", w.Door, ch))
		case doors[w.Door] || channels[ch]:
			faults = append(faults, fmt.Errorf("door %d on channel %v: one of them is taken", w.Door, ch))
		}
		doors[w.Door], channels[ch] = true, true
	}
	return faults
}

func checkPupils(pupils []Pupil) []error {
	var faults []error
	taken := map[string]bool{}
	for _, p := range pupils {
		for _, id := range append([]string{p.ID}, p.Phones...) {
			if id == "" || len(id) > maxText || taken[id] {
				faults = append(faults, fmt.Errorf("pupil %q: %q is no id or taken", p.ID, id))
			}
			taken[id] = true
		}
	}
	return faults
}
