package view

import (
	"cmp"
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

var gravity = map[ProblemCode]int{
	Forced: 0, Unverified: 1, TakenOver: 2, ToLook: 2, NoReply: 3, Jammed: 4, LeftOpen: 5, HelpAsked: 6, NoDoor: 7, NotEmptied: 8, Overdue: 9,
}

// problems lists what a person should do something about, gravest first.
func (p painter) problems() []Problem {
	list := slices.Concat(p.doorProblems(), p.holdingProblems(), p.itemProblems(), p.takenOver(), p.toLook())
	for _, c := range p.calls {
		if !p.now.Past(helpFor, c.at) {
			list = append(list, Problem{Code: c.code, Person: c.person, Since: c.at.Wall})
		}
	}
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(gravity[a.Code], gravity[b.Code]), a.Since.Compare(b.Since), cmp.Compare(a.Door, b.Door))
	})
	return list
}

func (p painter) doorProblems() []Problem {
	var list []Problem
	for n := range p.state.All() {
		d := p.state.Doors[n]
		person, item := "", ""
		if h := p.state.HoldingAt(n); h != nil {
			person = h.Person
		}
		if h := p.state.ItemAt(n); h != nil {
			item = h.Item
		}
		add := func(code ProblemCode, since school.Instant) {
			list = append(list, Problem{Code: code, Door: n, Person: person, Item: item, Since: since.Wall})
		}
		if d.Forced && (d.Contact == locker.Open || p.isToday(d.OpenSince)) {
			add(Forced, d.OpenSince)
		}
		switch {
		case d.Contact == locker.Unknown && p.state.Ready:
			add(NoReply, p.since[n])
		case d.Jammed:
			add(Jammed, p.since[n])
		case d.LeftOpen && !d.Forced:
			add(LeftOpen, d.OpenSince)
		}
	}
	return list
}

func (p painter) holdingProblems() []Problem {
	var list []Problem
	for _, h := range p.state.Holdings {
		v, d := p.state.Visits[h.Person], p.state.Doors[h.Door]
		if d == nil { // a door the cabinet has lost
			d = &locker.Door{}
		}
		line := Problem{Door: h.Door, Person: h.Person, Since: h.Since.Wall}
		switch {
		case h.Unsure && h.Carried: // one problem speaks for all of them
			continue
		case h.Unsure && !d.Forced:
			line.Code = Unverified
		case v != nil && v.Purpose.TakesOut() && v.Phase == locker.Failed && !d.Jammed:
			line.Code = NotEmptied
		case p.collectionOver(), !p.isToday(h.Since):
			line.Code = Overdue
		default:
			continue
		}
		list = append(list, line)
	}
	return list
}

// itemProblems are the items a person should look for. That one lies here for
// long is not the bank's concern.
func (p painter) itemProblems() []Problem {
	var list []Problem
	for id, h := range p.state.Items {
		v, d := p.state.ItemVisits[id], p.state.Doors[h.Door]
		line := Problem{Door: h.Door, Item: id, Since: h.Since.Wall}
		switch {
		case h.Unsure && h.Carried:
			continue
		case h.Unsure && (d == nil || !d.Forced):
			line.Code = Unverified
		case v != nil && v.Purpose.TakesOut() && v.Phase == locker.Failed && (d == nil || !d.Jammed):
			line.Code = NotEmptied
		default:
			continue
		}
		list = append(list, line)
	}
	return list
}

// takenOver is the one errand that another machine in the bank's place leaves: to
// look at the doors.
func (p painter) takenOver() []Problem {
	doors := 0
	for n := range p.state.All() {
		held := p.state.HoldingAt(n)
		if held == nil {
			held = p.state.ItemAt(n)
		}
		if p.state.Doors[n].Unproven && (held == nil || held.Carried) {
			doors++
		}
	}
	if doors == 0 {
		return nil
	}
	return []Problem{{Code: TakenOver, Since: p.took.Wall, Doors: doors}}
}

// toLook is the one errand that a key taken out, or a power cut, leaves.
func (p painter) toLook() []Problem {
	one := Problem{Code: ToLook}
	for n := range p.state.All() {
		if d := p.state.Doors[n]; d.ToLook && !d.Unproven {
			one.Doors++
			if since := d.LookSince.Wall; one.Since.IsZero() || since.Before(one.Since) {
				one.Since = since
			}
		}
	}
	if one.Doors == 0 {
		return nil
	}
	return []Problem{one}
}
