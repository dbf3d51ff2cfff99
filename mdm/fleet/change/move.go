package change

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/bellkeep/bellkeep/mdm"
)

// A device that goes from some groups to others follows other rules without any of
// them being changed. What that does is told by all the rules that can come to hold
// without two more people: those in force, those that are published and yet to come,
// and those that a rollback would bring back.

// MoveDiff is what a device would do otherwise in other groups, by all rules that
// may come to hold. Lines that stand in several are told once, by the first.
func (b *Book) MoveDiff(from, to []string) []Line {
	var lines []Line
	for _, v := range b.within() {
		for _, l := range b.moved(v.Rules, from, to) {
			told := slices.ContainsFunc(lines, func(o Line) bool { o.Who = l.Who; return o == l })
			if l.Who = v.who; !told {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// MoveFilters reports whether another filter would hold for a device in other groups.
func (b *Book) MoveFilters(from, to []string) bool {
	return slices.ContainsFunc(b.MoveDiff(from, to), func(l Line) bool { return l.Filters })
}

// MoveStands reports whether a move that was asked for on a version still does what it
// did by that one, by all rules that may come to hold: to the last entry of a list.
func (b *Book) MoveStands(base int, from, to []string) bool {
	then, ok := b.Version(base)
	if !ok {
		return false
	}
	return !slices.ContainsFunc(b.within(), func(v possible) bool {
		kinds := b.kinds(then.Rules, v.Rules)
		return !reflect.DeepEqual(moveEffects(kinds, then.Rules, from, to), moveEffects(kinds, v.Rules, from, to))
	})
}

func moveEffects(kinds []mdm.Mode, r mdm.Rules, from, to []string) (list []effect) {
	for _, m := range kinds {
		list = append(list, differences(alike{}, m, valuesOf(alike{groups: from}, m, r), valuesOf(alike{groups: to}, m, r))...)
	}
	return list
}

// moved is what some rules ask otherwise of devices in other groups. A need of a
// device's user plays no part: it outranks no filter.
func (b *Book) moved(r mdm.Rules, from, to []string) (lines []Line) {
	kinds := b.kinds(r)
	var found []*finding
	for _, e := range moveEffects(kinds, r, from, to) {
		found = joinPeriods(found, e)
	}
	slices.SortStableFunc(found, func(a, c *finding) int {
		return slices.Index(Settings, a.setting) - slices.Index(Settings, c.setting)
	})
	for _, f := range found {
		lines = append(lines, f.line(r, r, len(kinds)))
	}
	return lines
}

// possible is a version that may come to hold, with when in words.
type possible struct {
	Version
	who string
}

// within are all of them, the one in force first.
func (b *Book) within() (list []possible) {
	now := b.Stamp().Wall
	inForce, ok := b.VersionAt(now)
	if !ok {
		return nil
	}
	list = append(list, possible{inForce, "By the rules in force"})
	for _, v := range b.Versions() {
		if !v.Cancelled && now.Before(v.From) {
			list = append(list, possible{v, fmt.Sprintf("By version %d, which comes into force later", v.N)})
		}
	}
	if last, _ := b.Last(); last.Change != "" {
		if before, ok := b.Before(last.N); ok && before.N != inForce.N {
			list = append(list, possible{before, fmt.Sprintf("If version %d is rolled back", last.N)})
		}
	}
	return list
}
