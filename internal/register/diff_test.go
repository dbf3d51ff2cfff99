package register

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestDiff(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, small())
	cases := []struct {
		name string
		edit func(*Roll)
		want string
	}{
		{"nothing", func(*Roll) {}, "unchanged 4"},
		{"other order", func(r *Roll) { slices.Reverse(r.People); slices.Reverse(r.Contacts["A1"]) }, "unchanged 4"},
		{"spaces and decomposed letters", func(r *Roll) { r.People[0].Given = " Zoe\u0308 " }, "unchanged 4"},
		{"new pupil", func(r *Roll) { r.People = append(r.People, pupil("A9", "New", "Pupil", "7A")) }, "new A9; unchanged 4"},
		{"form", func(r *Roll) { r.People[0].Form = "7C" }, "changed A1 form 7A>7C; unchanged 3"},
		{"name and year", func(r *Roll) { r.People[1].Family, r.People[1].Year = "Miller", "8" }, "changed A2 family name Müller>Miller, year 7>8; unchanged 3"},
		{"groups", func(r *Roll) { r.People[3].Groups = []string{"7A/En", "8A/En"} }, "changed T1 groups 7B/En>8A/En; unchanged 3"},
		{"leaver", func(r *Roll) { r.People = r.People[1:] }, "left A1; unchanged 3; note contacts left out, because nobody on the roll is the pupil: of 1"},
		{"no staff", func(r *Roll) { r.People = r.People[:3] }, "unchanged 3; note the roll lists no staff; those known stay as they are: 1"},
		{"twice", func(r *Roll) { r.People = append(r.People, r.People[0]) }, "unchanged 4; note A1 stands on the roll twice; the first was taken"},
		{"pupil become staff", func(r *Roll) { r.People[2].Kind = Staff }, "unchanged 3; note A3 is pupil here and staff on the roll; left as it is"},
		{"no contacts given", func(r *Roll) { r.Contacts = nil }, "unchanged 4"},
		{"mobile", func(r *Roll) { r.Contacts["A2"][0].Mobile = "07700 900009" }, "contacts A2 1>1; unchanged 4"},
		{"no-contact lost", func(r *Roll) { r.Contacts["A1"] = r.Contacts["A1"][1:] }, "contacts A1 2>1; unchanged 4; note A1: a contact marked no-contact is marked so no longer, or is gone"},
		{"note of the reader", func(r *Roll) { r.Notes = []string{"look here"} }, "unchanged 4; note look here"},
	}
	for _, c := range cases {
		roll := small()
		c.edit(&roll)
		if got := told(Diff(k.State(), roll)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// told puts changes into a line.
func told(c Changes) string {
	var parts []string
	for _, e := range c.New {
		parts = append(parts, "new "+e.MIS)
	}
	for _, change := range c.Changed {
		var fields []string
		for _, f := range change.Fields() {
			fields = append(fields, fmt.Sprintf("%s %s>%s", f.Name, f.Before, f.After))
		}
		parts = append(parts, "changed "+change.Person.MIS+" "+strings.Join(fields, ", "))
	}
	for _, p := range c.Left {
		parts = append(parts, "left "+p.MIS)
	}
	for _, change := range c.Contacts {
		parts = append(parts, fmt.Sprintf("contacts %s %d>%d", change.MIS, len(change.Before), len(change.After)))
	}
	parts = append(parts, fmt.Sprintf("unchanged %d", c.Unchanged))
	for _, n := range c.Notes {
		parts = append(parts, "note "+n)
	}
	return strings.Join(parts, "; ")
}

// year is a roll of n pupils.
func year(n int) Roll {
	var r Roll
	for i := range n {
		r.People = append(r.People, pupil(fmt.Sprintf("A%03d", i), "Given", fmt.Sprintf("Family %d", i), "7A"))
	}
	return r
}

// A damaged export must not take a school off the roll.
func TestTooManyChangesNeedAWord(t *testing.T) {
	cases := []struct {
		name   string
		edit   func(*Roll)
		stated Stated
		want   string
	}{
		{"5 % leave", func(r *Roll) { r.People = r.People[5:] }, Stated{}, ""},
		{"6 % leave", func(r *Roll) { r.People = r.People[6:] }, Stated{}, "6 of 100 pupils would leave: more than 5 %"},
		{"6 % leave, another figure stated", func(r *Roll) { r.People = r.People[6:] }, Stated{Leavers: 7}, "6 of 100 pupils would leave"},
		{"6 % leave, stated", func(r *Roll) { r.People = r.People[6:] }, Stated{Leavers: 6}, ""},
		{"all leave", func(r *Roll) { r.People = nil }, Stated{}, "100 of 100 pupils would leave"},
		{"5 % renamed", func(r *Roll) { rename(r, 5) }, Stated{}, ""},
		{"6 % renamed", func(r *Roll) { rename(r, 6) }, Stated{}, "6 of 100 pupils would change their name"},
		{"6 % renamed, stated as leavers", func(r *Roll) { rename(r, 6) }, Stated{Leavers: 6}, "6 of 100 pupils would change their name"},
		{"6 % renamed, stated", func(r *Roll) { rename(r, 6) }, Stated{Renamed: 6}, ""},
		{"all in new forms", func(r *Roll) {
			for i := range r.People {
				r.People[i].Form = "8A"
			}
		}, Stated{}, ""},
	}
	for _, c := range cases {
		k := newKit(t)
		k.mustImport(t, year(100))
		roll := year(100)
		c.edit(&roll)
		size := k.log.Size()
		err := k.Apply(t.Context(), "s-office", Diff(k.State(), roll), c.stated)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (errs.CodeOf(err) != errs.Denied || !strings.Contains(err.Error(), c.want) || k.log.Size() != size):
			t.Errorf("%s: %v, %d records more; want %q", c.name, err, k.log.Size()-size, c.want)
		}
	}
}

// Staff leavers end the PINs and badges that open doors: they are guarded alike.
func TestTooManyStaffLeaversNeedAWord(t *testing.T) {
	roll := year(100)
	for i := range 20 {
		roll.People = append(roll.People, Entry{Kind: Staff, Details: Details{MIS: fmt.Sprintf("T%02d", i), Given: "Staff"}})
	}
	for _, c := range []struct {
		leave  int
		stated Stated
		want   errs.Code
	}{
		{1, Stated{}, ""}, {2, Stated{}, errs.Denied}, {2, Stated{Leavers: 2}, errs.Denied}, {2, Stated{StaffLeavers: 2}, ""},
	} {
		k := newKit(t)
		k.mustImport(t, roll)
		after := Roll{People: roll.People[:len(roll.People)-c.leave]}
		err := k.Apply(t.Context(), "s-office", Diff(k.State(), after), c.stated)
		if c.want == "" && err != nil || c.want != "" && (errs.CodeOf(err) != c.want || !strings.Contains(errs.HintOf(err), "--staff-leavers 2")) {
			t.Errorf("%d leave, %+v stated: %v", c.leave, c.stated, err)
		}
	}
}

func rename(r *Roll, n int) {
	for i := range n {
		r.People[i].Family = "Renamed"
	}
}
