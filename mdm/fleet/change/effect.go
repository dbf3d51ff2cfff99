package change

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// alike are devices that rules cannot tell apart.
type alike struct {
	groups      []string // sorted
	quarantined bool
}

// effect is one setting of devices that are alike that two rules would have
// otherwise in a kind of period.
type effect struct {
	alike
	mode          mdm.Mode
	setting       mdm.Setting
	before, after asked
}

// asked is a value with what its lists hold.
type asked struct {
	mdm.Value
	items []string
}

// otherPeriod stands for every kind of period that rules say nothing of.
const otherPeriod mdm.Mode = "other"

// effects are all differences from one version of rules to another: for devices of
// every combination of groups in use, of each group alone and of none, in
// quarantine and out of it, in every kind of period.
func (b *Book) effects(from, to mdm.Rules) []effect {
	var list []effect
	for _, a := range combinations(from, to, b.Devices()) {
		for _, m := range b.kinds(from, to) {
			list = append(list, differences(a, m, valuesOf(a, m, from), valuesOf(a, m, to))...)
		}
	}
	return list
}

func differences(a alike, m mdm.Mode, old, fresh map[mdm.Setting]asked) (list []effect) {
	for _, s := range slices.Sorted(maps.Keys(fresh)) { // both have all settings
		if old[s].Value != fresh[s].Value {
			list = append(list, effect{a, m, s, old[s], fresh[s]})
		}
	}
	return list
}

// valuesOf is what rules ask of devices in a kind of period.
func valuesOf(a alike, m mdm.Mode, r mdm.Rules) map[mdm.Setting]asked {
	start := time.Unix(0, 0)
	day := []mdm.Period{{Kind: m, From: start, Until: start.Add(time.Hour)}}
	want := mdm.Compile(mdm.Device{Groups: a.groups, Quarantined: a.quarantined}, r, day, nil, start)
	values := make(map[mdm.Setting]asked, len(want.Set))
	for s, v := range want.Set {
		values[s] = asked{v, want.Items(v)}
	}
	return values
}

func combinations(from, to mdm.Rules, devices []mdm.Device) []alike {
	groups := [][]string{nil}
	for _, g := range slices.Concat(from.Groups, to.Groups) {
		groups = append(groups, []string{g.ID})
	}
	for _, d := range devices {
		groups = append(groups, d.Groups)
	}
	slices.SortFunc(groups, slices.Compare)
	groups = slices.CompactFunc(groups, slices.Equal)
	list := make([]alike, 0, 2*len(groups))
	for _, quarantined := range []bool{false, true} {
		for _, g := range groups {
			list = append(list, alike{g, quarantined})
		}
	}
	return list
}

// kinds of period that rules or the calendar know, and one that neither does.
func (b *Book) kinds(rules ...mdm.Rules) []mdm.Mode {
	list := []mdm.Mode{mdm.Lesson, mdm.Break, mdm.Home}
	more := b.Kinds()
	for _, r := range rules {
		for _, a := range r.Assignments {
			more = append(more, a.Periods...)
		}
	}
	for _, m := range append(more, otherPeriod) {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// Filters reports whether a change alters what filters on any device.
func (b *Book) Filters(from, to mdm.Rules) bool {
	return slices.ContainsFunc(b.effects(from, to), func(e effect) bool { return e.setting.Filters() })
}

// loosens reports whether a change lets through on any device what is filtered
// before it.
func (b *Book) loosens(from, to mdm.Rules) bool {
	return slices.ContainsFunc(b.effects(from, to), func(e effect) bool {
		return e.setting.Filters() && !e.after.atLeast(e.setting, e.before)
	})
}

// atLeast reports whether a filters all that o does. Where that cannot be told,
// as between what is blocked and what alone is left, it does not.
func (a asked) atLeast(s mdm.Setting, o asked) bool {
	if s == mdm.Share {
		strictness := []mdm.Value{mdm.Allow, mdm.User, mdm.Block}
		return slices.Index(strictness, a.Value) >= slices.Index(strictness, o.Value)
	}
	mine, theirs := a.lists(), o.lists()
	switch {
	case len(theirs.Block) == 0 && len(theirs.Only) == 0:
		return true
	case len(theirs.Only) > 0:
		return len(mine.Only) > 0 && within(a.items, o.items)
	}
	return len(mine.Block) > 0 && within(o.items, a.items)
}

func (a asked) lists() (l mdm.Lists) {
	_ = json.Unmarshal([]byte(a.Value), &l) // a value that rules have is one
	return l
}

func within(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(v string) bool { return !slices.Contains(whole, v) })
}

// Affected counts the devices that a change would alter in any kind of period.
func (b *Book) Affected(from, to mdm.Rules) (devices, of int) {
	changed := map[string]bool{}
	for _, d := range b.Devices() {
		of++
		key := strings.Join(d.Groups, " ") + map[bool]string{true: " +"}[d.Quarantined]
		alters, seen := changed[key]
		if !seen {
			for _, m := range b.kinds(from, to) {
				a := alike{d.Groups, d.Quarantined}
				alters = alters || len(differences(a, m, valuesOf(a, m, from), valuesOf(a, m, to))) > 0
			}
			changed[key] = alters
		}
		if alters {
			devices++
		}
	}
	return devices, of
}

// ListsOf are the lists that a value of apps or websites names.
func ListsOf(v mdm.Value) mdm.Lists { return asked{Value: v}.lists() }
