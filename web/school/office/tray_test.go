package office

import (
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/locker/view"
)

// ticked are pupils in class trays.
type ticked map[string]tray.Standing

func (t ticked) Standings() map[string]tray.Standing { return t }

// What class teachers ticked counts as a bank's deposit does: on the list of who is
// missing, on a pupil's page, in the figures.
func TestTraysCount(t *testing.T) {
	v := newVilla(t)
	var ids []string
	for _, p := range v.people[:4] {
		ids = append(ids, p.ID)
	}
	v.Trays = ticked{
		ids[0]: {Form: "7A", Ticked: true, In: true, Here: []desk.What{desk.Phone, desk.Watch}},
		ids[1]: {Form: "7A", Ticked: true, Mark: tray.NoPhone},
		ids[2]: {Form: "7A", Ticked: true, In: true},
	}
	v.mark(t, map[string]attendance.Mark{ids[0]: attendance.Present, ids[1]: attendance.Present, ids[2]: attendance.Present, ids[3]: attendance.Present})
	none := func(string) view.Standing { return view.NotYet }
	if got := v.today(school.DateOf(v.now), none).missing(); !slices.Equal(got, ids[3:]) {
		t.Errorf("missing are %q, want %q", got, ids[3:])
	}
	d := v.Day(func() time.Time { return v.now })
	if now := d.Now(none); now.Trays != 2 || now.Missing != 1 {
		t.Errorf("in figures: %+v", now)
	}
	for i, want := range []string{"In the tray of 7A", "No phone, says the tray of 7A", "Back from the tray of 7A"} {
		if got := d.Pupil(ids[i]); !slices.Contains(got, want) {
			t.Errorf("%d: %q, want %q among them", i, got, want)
		}
	}
}
