package tray

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The limits of ticks.
const (
	MaxTicks = 3000 // of one tray
	MaxSent  = 200  // in one command
	maxAfter = 8    // ticks that one replaces
	inRecord = 30   // ticks: of the longest, as many as a record's 16 KiB hold
)

// Part is what a tick is about.
type Part string

// The parts.
const (
	In   Part = "in"   // what a pupil handed in
	Back Part = "back" // what they got back
)

// Mark is why a pupil handed nothing in.
type Mark string

// The marks.
const (
	NoPhone Mark = "no-phone" // says they have none with them
	Absent  Mark = "absent"
)

// Line is what is said of one pupil. The zero Line says nothing of them.
type Line struct {
	Things []desk.What `json:"things,omitempty"` // one of a kind each, sorted
	Mark   Mark        `json:"mark,omitempty"`   // only without Things, and only of In
}

func (l Line) same(m Line) bool { return l.Mark == m.Mark && slices.Equal(l.Things, m.Things) }

// Tick is one thing somebody said of one pupil.
type Tick struct {
	ID    string    `json:"id"` // made where the tick was; a tick counts once
	Pupil string    `json:"pupil"`
	Part  Part      `json:"part"`
	Line  Line      `json:"line,omitzero"`
	After []string  `json:"after,omitempty"` // the ticks that it replaces
	At    time.Time `json:"at,omitzero"`     // by the tablet's clock, which nothing goes by
}

// check refuses what no tablet of ours sends.
func (t Tick) check() error {
	bad := func(why string) error {
		return errs.New(errs.Invalid, why, "Load the page again and tick once more.")
	}
	switch {
	case !school.ValidID(t.ID), !school.ValidID(t.Pupil), t.Part != In && t.Part != Back:
		return bad("That is not a tick.")
	case len(t.After) > maxAfter, slices.ContainsFunc(t.After, func(id string) bool { return !school.ValidID(id) || id == t.ID }):
		return bad("That tick replaces what cannot be.")
	case t.Line.Mark != "" && (t.Part == Back || len(t.Line.Things) > 0 || t.Line.Mark != NoPhone && t.Line.Mark != Absent):
		return bad("Somebody cannot hand something in and nothing.")
	}
	for i, what := range t.Line.Things {
		if !slices.Contains(desk.Whats, what) || i > 0 && t.Line.Things[i-1] >= what {
			return bad("That is no kind of device, or it is ticked twice.")
		}
	}
	return nil
}

// cell is all that was ticked of one pupil and part.
type cell struct {
	ticks    []Tick
	replaced map[string]bool
}

func (c *cell) add(t Tick) {
	c.ticks = append(c.ticks, t)
	for _, id := range t.After {
		c.replaced[id] = true
	}
}

// Said is what holds of one pupil and part.
type Said struct {
	Line
	Ticks  []string // that say so: what the next tick replaces
	Others []Line   // what other tablets said without knowing of it: a conflict
}

// said is what the ticks say that none replaces. In a conflict its Line is the union
// of all things: what may be in the tray.
func (c *cell) said() Said {
	var s Said
	var lines []Line
	if c == nil {
		return s
	}
	for _, t := range c.ticks {
		if c.replaced[t.ID] {
			continue
		}
		s.Ticks = append(s.Ticks, t.ID)
		if !slices.ContainsFunc(lines, t.Line.same) {
			lines = append(lines, t.Line)
		}
	}
	slices.Sort(s.Ticks)
	if len(lines) == 0 {
		return s
	}
	if len(lines) == 1 {
		s.Line = lines[0]
		return s
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return slices.Compare(append([]desk.What{desk.What(a.Mark)}, a.Things...), append([]desk.What{desk.What(b.Mark)}, b.Things...))
	})
	s.Others = lines
	for _, l := range lines {
		s.Things = append(s.Things, l.Things...)
	}
	slices.Sort(s.Things)
	s.Things = slices.Compact(s.Things)
	return s
}
