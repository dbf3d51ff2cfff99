package history

import "testing"

// A day as somebody is shown it leaves out entries, and keeps each gap where it was
// between the others.
func TestADayForSomebody(t *testing.T) {
	d := &Day{of: map[string][]int{"a": {0, 2}, "b": {1}}, Entries: []Entry{{Device: "a", Rev: 1}, {Device: "b"}, {Device: "a", Rev: 2}}, Gaps: []Gap{{after: 1}, {after: 3}}}
	shown := d.For(func(e Entry, first bool) (Entry, bool) {
		e.Note = "seen"
		return e, e.Device == "b" || first
	})
	if len(shown.Entries) != 2 || shown.Entries[0].Rev != 1 || shown.Entries[1].Device != "b" || shown.Entries[1].Note != "seen" {
		t.Errorf("entries %+v", shown.Entries)
	}
	if shown.Gaps[0].after != 1 || shown.Gaps[1].after != 2 || len(shown.of["a"]) != 1 || shown.of["b"][0] != 1 {
		t.Errorf("gaps %+v, places %v", shown.Gaps, shown.of)
	}
	if len(d.Entries) != 3 || d.Entries[0].Note != "" || d.Gaps[1].after != 3 {
		t.Error("the day itself has changed")
	}
}
