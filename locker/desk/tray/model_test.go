package tray

import (
	"maps"
	"slices"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// model is what must hold of one tray, said once more and as simply as can be: the
// ticks that arrived, in no order, and who has it.
type model struct {
	ticks   map[string]Tick
	holder  string // person; "" while it is put away
	offered string // by whom
	counted bool
	closed  bool
	left    int // things at the office
}

// heads are the ticks of a pupil that no other tick replaces.
func (m *model) heads(pupil string, part Part) []Tick {
	var list []Tick
	for _, t := range m.ticks {
		older := func(u Tick) bool { return slices.Contains(u.After, t.ID) }
		if t.Pupil == pupil && t.Part == part && !slices.ContainsFunc(slices.Collect(maps.Values(m.ticks)), older) {
			list = append(list, t)
		}
	}
	return list
}

// things are all that the heads name, and whether they differ.
func (m *model) things(pupil string, part Part) (things map[desk.What]bool, differ bool) {
	things = map[desk.What]bool{}
	list := m.heads(pupil, part)
	for _, t := range list {
		differ = differ || !t.Line.same(list[0].Line)
		for _, what := range t.Line.Things {
			things[what] = true
		}
	}
	return things, differ
}

// state is what should be in the tray, and whether anything is unsettled.
func (m *model) state(pupils []string) (here Count, unsure bool) {
	here = Count{}
	for _, p := range pupils {
		in, x := m.things(p, In)
		back, y := m.things(p, Back)
		unsure = unsure || x || y
		for what := range in {
			if !back[what] {
				here[what]++
			}
		}
		for what := range back {
			unsure = unsure || !in[what]
		}
	}
	return here, unsure
}

// ours: of this class, and known to be somebody.
func (m *model) ours(by desk.By) bool {
	return by.Roles[0].Role == roles.Office || by.Roles[0].Forms[0] == "5 Oak"
}

func (m *model) has(by desk.By) bool { return m.ours(by) && !m.closed && m.holder == by.Person }

// mayMove: what is counted is what is ticked, and nothing is unsettled.
func (m *model) mayMove(by desk.By, count Count, pupils []string) bool {
	here, unsure := m.state(pupils)
	return m.has(by) && !unsure && maps.Equal(here, count)
}

// mayTick: whoever keeps this class's trays; something is given back only out of
// somebody's hands, after it was counted.
func (m *model) mayTick(by desk.By, t Tick) bool {
	back, _ := m.things(t.Pupil, Back)
	more := t.Part == Back && len(t.Line.Things) > len(back)
	return m.ours(by) && !m.closed && (!more || m.counted && m.holder != "")
}
