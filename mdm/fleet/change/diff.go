package change

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/mdm"
)

// Line is one thing that would be otherwise, for people.
type Line struct {
	Who, When     string // on which devices, in which periods; "" for at all times
	What          string
	Before, After string
	Filters       bool // it takes two people
}

// String says it in one line.
func (l Line) String() string {
	who := l.Who
	if l.When != "" {
		who += ", " + l.When
	}
	return who + ": " + l.What + " " + l.Before + " → " + l.After
}

// Diff is what devices would do otherwise by other rules. Periods that are alike
// stand in one line, and so do groups.
func (b *Book) Diff(from, to mdm.Rules) []Line {
	combined := combinations(from, to, b.Devices())
	kinds := b.kinds(from, to)
	var found []*finding
	for _, e := range b.effects(from, to) {
		found = joinPeriods(found, e)
	}
	var merged []*finding
	for _, f := range found {
		f.who = []alike{f.alike}
		if n := slices.IndexFunc(merged, f.samePeriods); n >= 0 {
			merged[n].who = append(merged[n].who, f.alike)
			continue
		}
		merged = append(merged, f)
	}
	merged = dropQuarantined(merged)
	slices.SortStableFunc(merged, func(a, c *finding) int {
		return slices.Index(Settings, a.setting) - slices.Index(Settings, c.setting)
	})
	var lines []Line
	for _, f := range merged {
		l := f.line(from, to, len(kinds))
		if l.Who = whoWords(from, to, f.who, len(combined)/2); f.quarantined {
			l.Who += " in quarantine"
		}
		lines = append(lines, l)
	}
	return lines
}

// joinPeriods adds an effect to the finding of the same on the same devices in
// another kind of period, or as a new one.
func joinPeriods(found []*finding, e effect) []*finding {
	f := &finding{effect: e, kinds: []mdm.Mode{e.mode}}
	if n := slices.IndexFunc(found, f.sameDevices); n >= 0 {
		found[n].kinds = append(found[n].kinds, e.mode)
		return found
	}
	return append(found, f)
}

// finding is effects that are said in one line.
type finding struct {
	effect
	kinds []mdm.Mode
	who   []alike
}

func (f *finding) sameDevices(o *finding) bool {
	return f.setting == o.setting && f.before.Value == o.before.Value && f.after.Value == o.after.Value && reflect.DeepEqual(f.alike, o.alike)
}

func (f *finding) samePeriods(o *finding) bool {
	return f.setting == o.setting && f.before.Value == o.before.Value && f.after.Value == o.after.Value && f.quarantined == o.quarantined && slices.Equal(f.kinds, o.kinds)
}

// dropQuarantined leaves out what devices in quarantine have in common with those
// that are not.
func dropQuarantined(list []*finding) []*finding {
	return slices.DeleteFunc(list, func(f *finding) bool {
		return f.quarantined && slices.ContainsFunc(list, func(o *finding) bool {
			free := *f
			free.quarantined = false
			return !o.quarantined && free.samePeriods(o) && slices.EqualFunc(f.who, o.who, func(a, c alike) bool { return slices.Equal(a.groups, c.groups) })
		})
	})
}

// line says all but on which devices.
func (f *finding) line(from, to mdm.Rules, kinds int) Line {
	l := Line{What: SettingWords(f.setting), Before: ValueWords(from, f.setting, f.before.Value), After: ValueWords(to, f.setting, f.after.Value), Filters: f.setting.Filters()}
	if l.Before == l.After { // another list under the same name
		l.After += listChange(f.before.items, f.after.items)
	}
	if len(f.kinds) < kinds {
		var words []string
		for _, m := range f.kinds {
			words = append(words, KindWords(m))
		}
		l.When = series(words)
	}
	return l
}

// whoWords names devices by their groups.
func whoWords(from, to mdm.Rules, who []alike, all int) string {
	if len(who) == all {
		return "Every device"
	}
	both := mdm.Rules{Groups: slices.Concat(to.Groups, from.Groups)}
	var names []string
	for _, a := range who {
		if len(a.groups) > 1 && covered(a.groups, who) {
			continue
		}
		var parts []string
		for _, g := range a.groups {
			parts = append(parts, GroupWords(both, g))
		}
		names = append(names, cmp.Or(strings.Join(parts, " + "), "Devices in no group"))
	}
	return series(names)
}

// covered reports whether one of the groups stands there on its own.
func covered(groups []string, who []alike) bool {
	return slices.ContainsFunc(groups, func(g string) bool {
		return slices.ContainsFunc(who, func(a alike) bool { return slices.Equal(a.groups, []string{g}) })
	})
}

// mostNamed entries of a list that changed are named in a line.
const mostNamed = 5

func listChange(before, after []string) string {
	part := func(sign string, items []string) string {
		if len(items) == 0 {
			return ""
		}
		text := strings.Join(items[:min(len(items), mostNamed)], ", ")
		if more := len(items) - mostNamed; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		return ", " + sign + " " + text
	}
	text := part("now with", added(before, after)) + part("no longer with", added(after, before))
	return cmp.Or(text, ", in another order")
}

// Edits is what stands in rules otherwise, whatever it does.
func Edits(from, to mdm.Rules) (lines []Line) {
	say := func(who, what, before, after string) {
		lines = append(lines, Line{Who: who, What: what, Before: before, After: after})
	}
	entries(from.Groups, to.Groups, func(g mdm.Group) string { return g.ID }, func(id string, a, c *mdm.Group) {
		say("Group "+id, "is", groupWords(a), groupWords(c))
	})
	entries(from.Lists, to.Lists, func(l mdm.List) string { return l.ID }, func(id string, a, c *mdm.List) {
		before, after := listWords(a), listWords(c)
		if a != nil && c != nil {
			after += listChange(a.Items, c.Items)
		}
		say("List "+id, "is", before, after)
	})
	entries(from.Profiles, to.Profiles, func(p mdm.Profile) string { return p.ID }, func(id string, a, c *mdm.Profile) {
		say("Profile "+id, "is", profileWords(from, a), profileWords(to, c))
	})
	both := mdm.Rules{Groups: slices.Concat(to.Groups, from.Groups), Profiles: slices.Concat(to.Profiles, from.Profiles)}
	entries(from.Assignments, to.Assignments, func(a mdm.Assignment) string { return fmt.Sprint(a) }, func(_ string, a, c *mdm.Assignment) {
		which, before, after := c, "not so", "holds"
		if c == nil {
			which, before, after = a, "held", "no longer"
		}
		say("Profile "+ProfileWords(both, which.Profile), AssignmentWords(both, *which), before, after)
	})
	if !maps.Equal(from.Quarantine, to.Quarantine) {
		say("Quarantine", "is", setWords(from, from.Quarantine), setWords(to, to.Quarantine))
	}
	return lines
}

// entries visits those that differ; one that is missing is nil.
func entries[T any](from, to []T, key func(T) string, visit func(id string, before, after *T)) {
	seen := map[string]bool{}
	for _, v := range slices.Concat(from, to) {
		id := key(v)
		if seen[id] {
			continue
		}
		seen[id] = true
		find := func(list []T) *T {
			n := slices.IndexFunc(list, func(v T) bool { return key(v) == id })
			if n < 0 {
				return nil
			}
			return &list[n]
		}
		if a, c := find(from), find(to); !reflect.DeepEqual(a, c) {
			visit(id, a, c)
		}
	}
}

func groupWords(g *mdm.Group) string {
	if g == nil {
		return "not there"
	}
	return fmt.Sprintf("“%s”, rank %d", cmp.Or(g.Name, g.ID), g.Rank)
}

func listWords(l *mdm.List) string {
	if l == nil {
		return "not there"
	}
	return fmt.Sprintf("“%s” with %s", cmp.Or(l.Name, l.ID), strings.Replace(plural(len(l.Items), "entry"), "entrys", "entries", 1))
}

func profileWords(r mdm.Rules, p *mdm.Profile) string {
	if p == nil {
		return "not there"
	}
	return fmt.Sprintf("“%s”: %s", cmp.Or(p.Name, p.ID), setWords(r, p.Set))
}

func setWords(r mdm.Rules, set mdm.Set) string {
	var parts []string
	for _, s := range Settings {
		if v, ok := set[s]; ok {
			parts = append(parts, SettingWords(s)+" "+ValueWords(r, s, v))
		}
	}
	return cmp.Or(strings.Join(parts, "; "), "nothing")
}

// AssignmentWords say where a profile holds.
func AssignmentWords(r mdm.Rules, a mdm.Assignment) string {
	who, when := "on every device", "at all times"
	if a.Group != "" {
		who = "on " + GroupWords(r, a.Group)
	}
	if len(a.Periods) > 0 {
		var words []string
		for _, m := range a.Periods {
			words = append(words, KindWords(m))
		}
		when = series(words)
	}
	return who + ", " + when
}
