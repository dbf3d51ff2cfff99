package fleet

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

const reason = "It moves to the library; pupils could share there."

// rulebook filters devices in the group open otherwise than all others.
type rulebook struct{ version, otherwise int } // otherwise since that version; 0 for never

func (rulebook) MoveFilters(from, to []string) bool {
	return slices.Contains(from, "open") != slices.Contains(to, "open")
}

func (b rulebook) MoveStands(base int, _, _ []string) bool { return base >= b.otherwise }

func (b rulebook) Last() (change.Version, bool) { return change.Version{N: b.version}, true }

func someone(account string, held ...roles.Role) change.By {
	by := change.By{Actor: school.Actor{Account: account, Person: "s-" + account}}
	for _, r := range held {
		by.Roles = append(by.Roles, roles.Assignment{Role: r})
	}
	return by
}

var (
	technician = someone("it", roles.IT)
	teacher    = someone("teacher", roles.Teacher)
	two        = someone("both", roles.IT, roles.Teacher)
	leader     = someone("leader", roles.Leadership)
)

func newMoves(t *testing.T) (*rig, *rulebook) {
	t.Helper()
	r, book := newRig(t), &rulebook{version: 1}
	r.DeviceRules = book
	r.must(r.List(t.Context(), "it", device(1), device(2), device(3)))
	return r, book
}

func to(n int, groups ...string) mdm.Device {
	d := device(n)
	d.Groups = groups
	return d
}

func (r *rig) groups(n int) []string {
	l, _ := r.Device(device(n).ID)
	return l.Device.Groups
}

// asks is a move that waits.
func (r *rig) asks(by change.By, devices ...mdm.Device) Move {
	r.t.Helper()
	moves, err := r.Change(r.t.Context(), by, reason, devices...)
	r.must(err)
	if len(moves) != 1 {
		r.t.Fatal("it is not one move")
	}
	return moves[0]
}

func refuses(t *testing.T, what string, err error, want errs.Code) {
	t.Helper()
	if errs.CodeOf(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestMoveToAnotherFilterTakesTwoPeople(t *testing.T) {
	r, _ := newMoves(t)
	ctx := t.Context()
	refuses(t, "by a list", r.List(ctx, "it", to(1, "open")), errs.Denied)
	_, err := r.Change(ctx, technician, " because ", to(1, "open"))
	if e := errs.All(err); len(e) != 1 || e[0].Field != "why" {
		t.Errorf("without a reason: %v", err)
	}
	_, err = r.Change(ctx, teacher, reason, to(1, "open"))
	refuses(t, "by a teacher", err, errs.Denied)
	m := r.asks(two, to(1, "open"))
	if !slices.Equal(r.groups(1), []string{"ipads"}) {
		t.Fatal("it has moved already")
	}
	_, err = r.Change(ctx, two, reason, to(1, "ipads", "open"))
	refuses(t, "a second time", err, errs.Conflict)
	_, err = r.ReviewMove(ctx, two, m.ID, change.Educational, true, "")
	refuses(t, "agreed to by whoever asked", err, errs.Denied)
	_, err = r.ReviewMove(ctx, technician, m.ID, change.Educational, true, "")
	refuses(t, "agreed to by IT alone", err, errs.Denied)
	_, err = r.ReviewMove(ctx, teacher, m.ID, change.Leadership, true, "")
	refuses(t, "as somebody who need not", err, errs.Denied)
	before := r.Version()
	m, err = r.ReviewMove(ctx, teacher, m.ID, change.Educational, true, "For this term.")
	r.must(err)
	if m.State != change.Published || !slices.Equal(r.groups(1), []string{"open"}) || r.Version() == before {
		t.Errorf("it is %s, and the device in %v", m.State, r.groups(1))
	}
	if !reflect.DeepEqual(r.Moves(), r.again().Moves()) || !reflect.DeepEqual(r.Listings(), r.again().Listings()) {
		t.Error("a restart finds something else")
	}
	if _, waits := r.MoveOf("ipad-1"); waits || r.Moves()[0].Why != reason || r.Moves()[0].Said[1].Words != "For this term." {
		t.Errorf("on record is %+v", r.Moves()[0])
	}
}

func TestOtherMovesAreAtOnce(t *testing.T) {
	r, _ := newMoves(t)
	ctx := t.Context()
	moves, err := r.Change(ctx, technician, "", to(1, "ipads", "library"))
	r.must(err)
	r.must(r.List(ctx, "it", to(2)))
	r.must(r.List(ctx, "it", to(7, "open"))) // enrolled there
	if len(moves) > 0 || !slices.Equal(r.groups(1), []string{"ipads", "library"}) || len(r.groups(2)) > 0 || !slices.Equal(r.groups(7), []string{"open"}) {
		t.Errorf("%v waits; the devices are in %v, %v and %v", moves, r.groups(1), r.groups(2), r.groups(7))
	}
	refuses(t, "a new device that stands there twice", r.List(ctx, "it", to(8, "ipads"), to(8, "open")), errs.Invalid)
	r.DeviceRules = nil
	refuses(t, "where nobody knows the rules", r.List(ctx, "it", to(1, "library")), errs.Denied)
}

// A list of many devices asks once for those on the same way, and the rest of what
// it says does not wait.
func TestMoveOfMany(t *testing.T) {
	r, _ := newMoves(t)
	one, many := to(1, "open"), to(3, "ipads")
	one.Label, one.Flags, many.Label = "Pad 1", []mdm.Flag{mdm.Assistive}, "Pad 3"
	m := r.asks(technician, one, to(2, "open"), many, to(9, "open"))
	if !slices.Equal(m.Devices, []string{"ipad-1", "ipad-2"}) {
		t.Errorf("%v wait together", m.Devices)
	}
	if l, _ := r.Device("ipad-1"); l.Device.Label != "Pad 1" || !l.Device.NeedsBluetooth() || !slices.Equal(l.Device.Groups, []string{"ipads"}) {
		t.Errorf("its news waits: %+v", l.Device)
	}
	if l, _ := r.Device("ipad-3"); l.Device.Label != "Pad 3" {
		t.Errorf("the news of another waits: %+v", l.Device)
	}
	_, err := r.ReviewMove(t.Context(), teacher, m.ID, change.Educational, true, "")
	r.must(err)
	if !slices.Equal(r.groups(1), r.groups(2)) || !slices.Equal(r.groups(2), []string{"open"}) {
		t.Errorf("they are in %v and %v", r.groups(1), r.groups(2))
	}
}

func TestMoveNeedsTheLeadership(t *testing.T) {
	r, _ := newMoves(t)
	r.Consent = func() bool { return true }
	m := r.asks(technician, to(1, "open"))
	m, err := r.ReviewMove(t.Context(), teacher, m.ID, change.Educational, true, "")
	r.must(err)
	if m.State != change.Waiting || slices.Equal(r.groups(1), []string{"open"}) {
		t.Fatal("it moved without the leadership")
	}
	m, err = r.ReviewMove(t.Context(), leader, m.ID, change.Leadership, true, "")
	r.must(err)
	if m.State != change.Published {
		t.Errorf("it is %s", m.State)
	}
}

func TestMoveOvertaken(t *testing.T) {
	for what, overtakes := range map[string]func(r *rig, book *rulebook){
		"by other rules":  func(_ *rig, book *rulebook) { *book = rulebook{2, 2} },
		"by another move": func(r *rig, _ *rulebook) { r.must(r.List(r.t.Context(), "it", to(1, "library"))) },
		"by its end":      func(r *rig, _ *rulebook) { r.must(r.Retire(r.t.Context(), "ipad-1", "it")) },
		"by evidence": func(r *rig, _ *rulebook) {
			r.must(r.Quarantine(r.t.Context(), actor("dsl"), "ipad-1", "An allegation was made.", ""))
		},
	} {
		t.Run(what, func(t *testing.T) {
			r, book := newMoves(t)
			m := r.asks(technician, to(1, "open"))
			overtakes(r, book)
			if _, err := r.ReviewMove(t.Context(), teacher, m.ID, change.Educational, true, ""); err == nil || r.MayMove(m) == nil || slices.Contains(r.groups(1), "open") {
				t.Errorf("it was agreed to: %v", err)
			}
			r.must(r.CancelMove(t.Context(), technician, m.ID, "It is overtaken."))
			if !reflect.DeepEqual(r.Moves(), r.again().Moves()) {
				t.Error("a restart finds something else")
			}
		})
	}
}

// Another version by which it does the same stands in nobody's way.
func TestMoveOutlivesWhatDoesNotTouchIt(t *testing.T) {
	r, book := newMoves(t)
	m := r.asks(technician, to(1, "open"))
	book.version++
	_, err := r.AskAgain(t.Context(), technician, m.ID)
	refuses(t, "asked for again without need", err, errs.Conflict)
	m, err = r.ReviewMove(t.Context(), teacher, m.ID, change.Educational, true, "")
	r.must(err)
	if m.State != change.Published || !slices.Equal(r.groups(1), []string{"open"}) {
		t.Errorf("it is %s, and the device in %v", m.State, r.groups(1))
	}
}

// What was overtaken is asked for anew for the same reason, and all are asked again;
// what would not be filtered otherwise any more goes at once, and what is retired not
// at all.
func TestMoveAskedForAgain(t *testing.T) {
	r, book := newMoves(t)
	ctx := t.Context()
	m := r.asks(two, to(1, "open"), to(2, "open"), to(3, "open"))
	*book = rulebook{2, 2}
	r.must(r.List(ctx, "it", to(2, "library")))
	r.must(r.Retire(ctx, "ipad-3", "it"))
	_, err := r.AskAgain(ctx, teacher, m.ID)
	refuses(t, "by a teacher", err, errs.Denied)
	moves, err := r.AskAgain(ctx, technician, m.ID)
	r.must(err)
	if len(moves) != 2 || moves[0].Base != 2 || moves[0].Why != reason || !slices.Equal(moves[0].Devices, []string{"ipad-1"}) || !slices.Equal(moves[1].From, []string{"library"}) {
		t.Fatalf("asked for is %+v", moves)
	}
	if old, _ := r.Move(m.ID); old.State != change.Cancelled || old.Ended.By != "it" {
		t.Errorf("the old one is %s", old.State)
	}
	if !slices.Equal(moves[0].Missing(), []change.Side{change.Educational}) {
		t.Errorf("it misses %v", moves[0].Missing())
	}
	if !reflect.DeepEqual(r.Moves(), r.again().Moves()) {
		t.Error("a restart finds something else")
	}
	_, err = r.AskAgain(ctx, technician, m.ID)
	refuses(t, "a second time", err, errs.NotFound)
	r.must(r.Retire(ctx, "ipad-1", "it"))
	_, err = r.AskAgain(ctx, technician, moves[0].ID)
	refuses(t, "without any device", err, errs.Conflict)
}

func TestMoveRefusedOrCancelled(t *testing.T) {
	r, _ := newMoves(t)
	ctx := t.Context()
	m := r.asks(technician, to(1, "open"))
	_, err := r.ReviewMove(ctx, teacher, m.ID, change.Educational, false, "")
	refuses(t, "without a word", err, errs.Invalid)
	m, err = r.ReviewMove(ctx, teacher, m.ID, change.Educational, false, "Not in this term.")
	r.must(err)
	_, err = r.ReviewMove(ctx, someone("dsl", roles.DSL), m.ID, change.Educational, true, "")
	refuses(t, "after it was refused", err, errs.NotFound)
	m = r.asks(technician, to(1, "open"))
	refuses(t, "cancelled by a teacher", r.CancelMove(ctx, teacher, m.ID, "No."), errs.Denied)
	r.must(r.CancelMove(ctx, technician, m.ID, "It was the wrong one."))
	if moves := r.Moves(); moves[0].State != change.Refused || moves[1].State != change.Cancelled || moves[1].Ended.Words != "It was the wrong one." {
		t.Errorf("on record is %+v", moves)
	}
}

// An account that changed within the day neither asks as the technical side nor
// agrees: whoever took it over today moves nothing.
func TestMoveByAFreshAccount(t *testing.T) {
	r, _ := newMoves(t)
	fresh := technician
	fresh.Changed = r.now.Add(-time.Hour)
	m := r.asks(fresh, to(1, "open"))
	m, err := r.ReviewMove(t.Context(), teacher, m.ID, change.Educational, true, "")
	r.must(err)
	if m.State != change.Waiting || !slices.Equal(m.Missing(), []change.Side{change.Technical}) {
		t.Errorf("it is %s and waits for %v", m.State, m.Missing())
	}
}

// A ledger that says devices moved without the agreement of two is not believed.
func TestForgedMoves(t *testing.T) {
	r, _ := newMoves(t)
	m := r.asks(technician, to(1, "open"))
	for what, e := range map[string]struct {
		kind string
		body moved
	}{
		"nobody agreed":       {kindMoved, moved{Move: m.ID, By: "it", Person: "s-it"}},
		"one person for both": {kindMoveReviewed, moved{Move: m.ID, By: "it-two", Person: "s-it", As: change.Educational, Agreed: true}},
		"no such move":        {kindMoved, moved{Move: "m-none", By: "it", Person: "s-it"}},
		"one of the same id":  {kindMoveAsked, moved{Move: m.ID, By: "it", Person: "s-it", Devices: []string{"ipad-2"}, From: []string{"ipads"}, To: []string{"open"}}},
		"a device elsewhere":  {kindMoveAsked, moved{Move: "m-2", By: "it", Person: "s-it", Devices: []string{"ipad-2"}, From: []string{"library"}, To: []string{"open"}}},
	} {
		entry, err := ledger.NewEntry(e.kind, r.Stamp(), e.body)
		r.must(err)
		if err := r.again().Fold(ledger.Record{Entry: entry}); err == nil {
			t.Errorf("%s: it was believed", what)
		}
	}
	if err := r.Fold(ledger.Record{Entry: ledger.Entry{Kind: kindMoved, Body: []byte("{")}}); err == nil {
		t.Error("what cannot be read was believed")
	}
}

func TestSeries(t *testing.T) {
	for want, ids := range map[string]string{"": "", "a": "a", "a and b": "a b", "a, b and c": "a b c", "a, b, c, d, e and 2 more": "a b c d e f g"} {
		if got := Series(strings.Fields(ids)); got != want {
			t.Errorf("%s is %q", ids, got)
		}
	}
}
