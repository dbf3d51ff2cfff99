package change

import (
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
)

// A change reads as a teacher would say it.
func TestDiff(t *testing.T) {
	d := newDesk(t)
	d.devices = []mdm.Device{{ID: "a", Groups: []string{"year-7"}}, {ID: "b", Groups: []string{"staff"}}, {ID: "c", Groups: []string{"staff", "year-7"}}, {ID: "d"}}
	for name, c := range map[string]struct {
		change   func(*mdm.Rules)
		want     []string
		affected int
	}{
		"sharing":   {share(mdm.User), []string{"Year 7 iPads, in lessons: AirDrop and sharing nearby off → as the user likes"}, 2},
		"a list":    {items("x.com", "new.example"), []string{"Every device: Websites all but Social media → all but Social media, now with new.example, no longer with tiktok.com"}, 4},
		"in breaks": {func(r *mdm.Rules) { r.Assignments[1].Periods = []mdm.Mode{mdm.Lesson, mdm.Break, "lunch"} }, []string{"Year 7 iPads, at break and at lunch: Camera as the user likes → off", "Year 7 iPads, at break and at lunch: AirDrop and sharing nearby as the user likes → off"}, 2},
		"always": {func(r *mdm.Rules) {
			r.Profiles[0].Set[mdm.PasscodeSetting] = mdm.Passcode{Require: true, MinLength: 6}.Value()
			r.Profiles[0].Set[mdm.AutoLock] = "120"
		}, []string{"Every device: Passcode none needed → 6 characters or more", "Every device: Lock when idle as the user likes → 2 minutes"}, 4},
		"quarantine": {func(r *mdm.Rules) { r.Quarantine[mdm.Camera] = mdm.Block }, []string{
			"Devices in no group and Staff iPads in quarantine: Camera as the user likes → off",
			"Year 7 iPads in quarantine, at break, outside school, at lunch and in other periods: Camera as the user likes → off"}, 0},
		"a name": {func(r *mdm.Rules) { r.Groups[0].Name = "Seven" }, nil, 0},
	} {
		last, _ := d.Last()
		to := d.with(c.change).Rules
		var got []string
		for _, l := range d.Diff(last.Rules, to) {
			got = append(got, l.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
		}
		if n, of := d.Affected(last.Rules, to); n != c.affected || of != 4 {
			t.Errorf("%s affects %d of %d, want %d", name, n, of, c.affected)
		}
		if len(Edits(last.Rules, to)) == 0 {
			t.Errorf("%s: nothing stands otherwise", name)
		}
	}
}
