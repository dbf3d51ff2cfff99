package figures

import (
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Stood is how one pupil stood when a day's hand-in was over.
type Stood struct {
	Here    bool // by the register
	NoPhone bool // said they have none today
	Exempt  bool // may keep it
	In      bool // something of theirs was handed in
	Late    bool
}

// DayOf counts how pupils stood. Somebody whose phone was handed in was expected,
// whatever the register says; nobody was who is away, has none or may keep it.
func DayOf(date school.Date, pupils []register.Person, stood func(id string) Stood) Day {
	d := Day{date, map[string]Tally{}}
	for _, p := range pupils {
		if p.Kind != register.Pupil || !p.OnRoll() {
			continue
		}
		s, t := stood(p.ID), d.Years[p.Year]
		switch {
		case s.In:
			t.Expected, t.In = t.Expected+1, t.In+1
			if s.Late {
				t.Late++
			}
		case !s.Here:
		case s.Exempt:
			t.Exempt++
		case !s.NoPhone:
			t.Expected++
		}
		if t != (Tally{}) {
			d.Years[p.Year] = t
		}
	}
	return d
}
