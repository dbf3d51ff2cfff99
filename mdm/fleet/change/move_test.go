package change

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/mdm"
	"pgregory.net/rapid"
)

func TestWhatAMoveFilters(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		from, to []string
		filters  bool
		says     []string
	}{
		{[]string{"year-7"}, []string{"staff"}, true, []string{"By the rules in force, in lessons: AirDrop and sharing nearby off → as the user likes", "Camera off → as the user likes"}},
		{[]string{"staff"}, nil, false, nil},
		{nil, []string{"year-7"}, true, []string{"AirDrop and sharing nearby as the user likes → off"}},
		{[]string{"year-7"}, []string{"staff", "year-7"}, false, nil},
	} {
		lines := d.MoveDiff(c.from, c.to)
		if got := d.MoveFilters(c.from, c.to); got != c.filters || (len(lines) > 0) != (c.says != nil) {
			t.Errorf("from %v to %v filters: %v, with %v", c.from, c.to, got, lines)
		}
		for _, want := range c.says {
			if !slices.ContainsFunc(lines, func(l Line) bool { return strings.Contains(l.String(), want) }) {
				t.Errorf("from %v to %v it says %v, not %q", c.from, c.to, lines, want)
			}
		}
	}
	camera := d.with(func(r *mdm.Rules) { r.Profiles[1].Set = mdm.Set{mdm.Camera: mdm.Block}; r.Quarantine = nil })
	camera.Risk = "Sharing is free in lessons; a teacher looks on."
	r, err := d.Ask(t.Context(), it, camera)
	must(t, err)
	_, err = d.Review(t.Context(), teacher, r.ID, Educational, true, "")
	must(t, err)
	d.now = d.now.Add(time.Minute)
	if lines := d.MoveDiff([]string{"year-7"}, []string{"staff"}); !slices.ContainsFunc(lines, func(l Line) bool { return l.Who == "If version 2 is rolled back" && l.Filters }) {
		t.Errorf("one step back would bring another filter, and the move says %v", lines)
	}
}

// What holds in every kind of period that anybody has named may still differ in one
// that a calendar brings tomorrow.
func TestMoveLooksAtPeriodsNobodyNamed(t *testing.T) {
	d := &desk{now: monday, papers: vaulttest.Memory{}}
	d.Book = New(d.config())
	d.versions = []Version{{N: 1, From: monday, Rules: mdm.Rules{
		Groups:      []mdm.Group{{ID: "year-7"}},
		Profiles:    []mdm.Profile{{ID: "quiet", Set: mdm.Set{mdm.Share: mdm.Block}}},
		Assignments: []mdm.Assignment{{Profile: "quiet", Group: "year-7"}, {Profile: "quiet", Periods: []mdm.Mode{mdm.Lesson, mdm.Break, mdm.Home, "lunch"}}},
	}}}
	if lines := d.MoveDiff([]string{"year-7"}, nil); len(lines) != 1 || lines[0].When != "in other periods" || !d.MoveFilters([]string{"year-7"}, nil) {
		t.Errorf("it says %v", lines)
	}
}

// A version that is published and yet to come counts as if it were in force.
func TestMoveAheadOfAChange(t *testing.T) {
	d := newDesk(t)
	ask := d.with(func(r *mdm.Rules) {
		r.Profiles = append(r.Profiles, mdm.Profile{ID: "open", Set: mdm.Set{mdm.Web: mdm.Lists{}.Value()}})
		r.Assignments = append(r.Assignments, mdm.Assignment{Profile: "open", Group: "staff"})
	})
	ask.From, ask.Risk = monday.Add(24*time.Hour), "Staff see all sites; they answer for it."
	if d.MoveFilters([]string{"staff"}, nil) {
		t.Fatal("before it, staff iPads are filtered otherwise than others")
	}
	r, err := d.Ask(t.Context(), it, ask)
	must(t, err)
	_, err = d.Review(t.Context(), teacher, r.ID, Educational, true, "")
	must(t, err)
	if lines := d.MoveDiff(nil, []string{"staff"}); len(lines) != 1 || lines[0].Who != "By version 2, which comes into force later" || !lines[0].Filters {
		t.Errorf("today a device can be where it is not filtered tomorrow: %v", lines)
	}
}

// A move means what it meant, until a version alters what it does: which value holds
// before it, after it, or what a list of the same name has in it.
func TestMoveStands(t *testing.T) {
	from, to := []string{"year-7"}, []string(nil)
	for name, c := range map[string]struct {
		change func(*mdm.Rules)
		stands bool
	}{
		"a list that all have": {items("x.com"), true},
		"a name":               {func(r *mdm.Rules) { r.Groups[0].Name = "Seven" }, true},
		"another group": {func(r *mdm.Rules) {
			r.Assignments = append(r.Assignments, mdm.Assignment{Profile: "quiet", Group: "staff"})
		}, true},
		"what it leaves":       {share(mdm.Allow), false},
		"what does not filter": {camera(mdm.Allow), false},
		"when":                 {func(r *mdm.Rules) { r.Assignments[1].Periods = append(r.Assignments[1].Periods, "lunch") }, false},
		"all of it":            {share(mdm.User), false},
	} {
		d := newDesk(t)
		d.agreed(t, time.Time{}, c.change)
		if got := d.MoveStands(1, from, to); got != c.stands {
			t.Errorf("%s: it stands: %v", name, got)
		}
		if d.MoveStands(9, from, to) {
			t.Errorf("%s: it stands on a version that is none", name)
		}
	}
	d := newDesk(t)
	listed := func(items ...string) func(*mdm.Rules) {
		return func(r *mdm.Rules) {
			r.Lists = append(r.Lists[:1:1], mdm.List{ID: "games", Items: items})
			r.Profiles[1].Set[mdm.Web] = mdm.Lists{Block: []string{"games"}}.Value()
		}
	}
	d.agreed(t, time.Time{}, listed("a.example"))
	d.agreed(t, time.Time{}, listed("a.example", "b.example"))
	if d.MoveStands(2, from, to) {
		t.Error("a list is longer, and the move is said to do what it did")
	}
	ahead := newDesk(t)
	ahead.agreed(t, monday.Add(time.Hour), share(mdm.User))
	if ahead.MoveStands(1, from, to) {
		t.Error("a version to come alters it, and it is said to do what it did")
	}
}

// For any rules, a move that is said to filter nothing leaves what Compile gives a
// device of any need, at any kind of period, as it was where it filters.
func TestMoveIsWhatCompileSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRules(t)
		d := &desk{now: monday, papers: vaulttest.Memory{}}
		d.Book = New(d.config())
		d.versions = []Version{{N: 1, From: monday, Rules: r}}
		groups := func(name string) []string {
			var ids []string
			for _, g := range r.Groups {
				if rapid.Bool().Draw(t, name+g.ID) {
					ids = append(ids, g.ID)
				}
			}
			slices.Sort(ids)
			return ids
		}
		from, to := groups("from "), groups("to ")
		otherwise := false
		for _, kind := range []mdm.Mode{mdm.Lesson, mdm.Break, mdm.Home, "exam", "lunch", "a-kind-nobody-named"} {
			day := []mdm.Period{{Kind: kind, From: monday, Until: monday.Add(time.Hour)}}
			before := mdm.Compile(mdm.Device{Groups: from}, r, day, nil, monday)
			for _, flags := range [][]mdm.Flag{nil, {mdm.Assistive}, {mdm.Classroom}} {
				after := mdm.Compile(mdm.Device{Groups: to, Flags: flags}, r, day, nil, monday)
				for _, s := range []mdm.Setting{mdm.Share, mdm.Apps, mdm.Web} {
					otherwise = otherwise || before.Set[s] != after.Set[s]
				}
			}
		}
		if d.MoveFilters(from, to) != otherwise {
			t.Fatalf("from %v to %v filters: %v, and by Compile %v", from, to, !otherwise, otherwise)
		}
	})
}
