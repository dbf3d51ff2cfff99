package office

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/view"
)

var today23 = school.DateOf(morning)

func (v *villa) mark(t *testing.T, marks map[string]attendance.Mark) {
	t.Helper()
	if _, err := v.book.Mark(t.Context(), "office", today23, attendance.ByHand, marks); err != nil {
		t.Fatal(err)
	}
}

// The list of 08:55: who is on it, who is not and why.
func TestMissing(t *testing.T) {
	v := newVilla(t)
	v.mark(t, map[string]attendance.Mark{"p-1": attendance.Present, "p-2": attendance.Late, "p-3": attendance.Present, "p-4": attendance.Present,
		"p-5": attendance.Present, "p-6": attendance.Absent, "p-7": attendance.Present, "p-21": attendance.Present})
	v.mark(t, map[string]attendance.Mark{"p-5": attendance.NoPhone})
	v.stand(view.In, "p-3", "p-6")
	v.stand(view.Exempt, "p-4")
	v.drawer.devices = []Device{{ID: "i-1", What: "phone", Why: GivenIn, Whose: "p-7", Place: Place{Spot: "safe"}, Since: morning}}
	office := v.visit(t, "office")
	has(t, "missing", office.get("/missing", 200), "Present, not handed in: 3", "Ada Byron", "Bilal Byron (late)", "7B (1)",
		"-Chloé Byron", "-Dylan Byron", "-Ewa Byron", "-Bilal Khan",
		"Marked absent, but something was handed in", "Ada Khan (handed in)", "32 pupils are not marked yet", "Handing in is not an attendance mark")
	office.as("teacher") // of 7A
	has(t, "a teacher's", office.get("/missing", 200), "Present, not handed in: 2", "Ada Byron", "Your forms only.", "-Ada Clarke", "-7B")
	now := v.Day(func() time.Time { return v.now }).Now(v.standings())
	if now.Missing != 3 || now.Desk != 1 || now.Waiting != 0 || now.Marked != 8 {
		t.Errorf("the figures are %+v", now)
	}
}

func TestMarkOnePupil(t *testing.T) {
	v := newVilla(t)
	office := v.visit(t, "office")
	if to := office.sent("/person/p-1/today", url.Values{"mark": {"late"}, "none": {"yes"}}, 303); to != "/person/p-1" {
		t.Errorf("it leads to %s", to)
	}
	s := v.book.Day(today23).Of("p-1")
	if s.Register != attendance.Late || !s.NoPhone || s.By != "office" {
		t.Errorf("marked %+v", s)
	}
	if words := strings.Join(v.Day(func() time.Time { return v.now }).Pupil("p-1"), ", "); words != "Late, No phone with them" {
		t.Errorf("the pupil's page says %s", words)
	}
	office.sent("/person/p-1/today", url.Values{"mark": {"late"}}, 303)
	if v.book.Day(today23).Of("p-1").NoPhone {
		t.Error("the tick taken away changes nothing")
	}
	page := office.sent("/person/p-1/today", url.Values{"mark": {""}, "none": {"yes"}}, 422)
	has(t, "unmarked", page, "They are marked already: choose what is right.")
	if !strings.Contains(page, `value="yes" checked`) {
		t.Error("what was typed is lost")
	}
	size := v.log.Size()
	office.sent("/person/p-1/today", url.Values{"mark": {"late"}}, 303)
	if v.log.Size() != size {
		t.Error("what counts already was recorded again")
	}
	office.get("/person/p-404/today", 404)
}

// A form is ticked once: everybody present but those who are changed, and sent
// twice it is done once.
func TestTickAForm(t *testing.T) {
	v := newVilla(t)
	v.mark(t, map[string]attendance.Mark{"p-2": attendance.Late})
	teacher := v.visit(t, "teacher")
	page := teacher.get("/attendance/form/7A", 200)
	has(t, "the form", page, "7A, Monday 23 November 2026", "Ada Byron", "Not handed in", "-7B")
	fields := url.Values{"once": {onceOf(page)}}
	for n := range 20 {
		fields.Set("mark-"+v.people[n].ID, "present")
	}
	fields.Set("mark-p-2", "late")
	fields.Set("mark-p-3", "absent")
	fields.Set("none-p-4", "yes")
	fields.Set("mark-p-21", "absent") // of another form: none of theirs
	for range 2 {
		teacher.post("/attendance/form/7A", fields, 303)
	}
	d := v.book.Day(today23)
	if m := d.Marked(); m[attendance.Present] != 18 || m[attendance.Late] != 1 || m[attendance.Absent] != 1 || !d.Of("p-4").NoPhone {
		t.Errorf("marked %v, %+v", m, d.Of("p-4"))
	}
	if n := len(d.Batches()); n != 3 {
		t.Errorf("%d batches, want the first, the register and the phone", n)
	}
	teacher.get("/attendance/form/7B", 403)
	teacher.post("/attendance/form/7B", fields, 403)
	fields.Set("mark-p-3", "dancing")
	fields.Set("once", "another")
	has(t, "a wrong mark", teacher.post("/attendance/form/7A", fields, 422), "Choose one of the marks shown.")
	office := v.visit(t, "office")
	office.get("/attendance/form/9Z", 404)
	has(t, "the day", office.get("/attendance", 200), "teacher: 19 pupils, a form ticked", "Undo", "Fri 20 November")
	batch := d.Batches()[1].ID
	for range 2 {
		office.post("/attendance/undo/"+batch, url.Values{"day": {"2026-11-23"}}, 303)
	}
	if m := v.book.Day(today23).Marked(); m[attendance.Present] != 0 || m[attendance.Late] != 1 {
		t.Errorf("after undoing: %v", m)
	}
	has(t, "undone", office.get("/attendance", 200), "(undone by office)")
	teacher.post("/attendance/undo/"+batch, url.Values{}, 403)
	for _, day := range []string{"2026-11-24", "2025-11-24", "yesterday"} {
		office.get("/attendance?day="+day, 404)
	}
	has(t, "an earlier day", office.get("/attendance?day=2026-11-20", 200), "Friday 20 November 2026")
}

func TestLeaveEarly(t *testing.T) {
	v := newVilla(t)
	v.stand(view.In, "p-1")
	office := v.visit(t, "office")
	page := office.sent("/person/p-1/leave", url.Values{"collects": {" "}, "mark": {"yes"}}, 422)
	has(t, "nothing said", page, "Choose why they leave early.", "Enter who comes for them, or that they go alone.")
	fields := url.Values{"reason": {"appointment"}, "collects": {`Her mother "><script>`}, "mark": {"yes"}}
	to := office.sent("/person/p-1/leave", fields, 303)
	again := office.post("/person/p-1/leave", fields, 303)
	grants := v.desk.Grants(v.now)
	if to != again || len(grants) != 1 || grants[0].Uses != 1 || !grants[0].Until.Equal(time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)) {
		t.Fatalf("%s, %s: %+v", to, again, grants)
	}
	if v.book.Day(today23).Of("p-1").Register != attendance.Left {
		t.Error("they are not marked as left early")
	}
	page = office.get(to, 200)
	has(t, "the permission", page, "Ada Byron (7A) may collect once", "16:30", "Appointment", "Handed in", "In force at Bank A since 08:55:02", "office at 08:55")
	if strings.Contains(page, `"><script>`) {
		t.Error("what was typed is not escaped")
	}
	v.online = false
	has(t, "offline", office.get(to, 200), "Not yet at Bank A (offline): use the bank’s keypad or key")
	for range 2 {
		office.post(to+"/end", url.Values{}, 303)
	}
	has(t, "taken back", office.get(to, 200), "may not collect early any more", "-Take it back")
	if len(v.desk.Grants(v.now)) != 0 {
		t.Error("the permission is still given out")
	}
	v.now = v.now.Add(9 * time.Hour)
	has(t, "in the evening", office.get("/person/p-1/leave", http.StatusConflict), "School is over for today.")
	office.get("/leave/g-none", 404)
}

// A lost badge: one scan on one page.
func TestSpareBadge(t *testing.T) {
	v := newVilla(t)
	old, err := v.badges.IssueTo(t.Context(), "it", "p-1")
	if err != nil {
		t.Fatal(err)
	}
	spares, err := v.badges.Spares(t.Context(), "it", 2)
	if err != nil {
		t.Fatal(err)
	}
	office := v.visit(t, "office")
	has(t, "the form", office.get("/person/p-1/spare", 200), "Badge No. 1 stops working", "Scan the spare")
	for text, says := range map[string]string{
		"":                   "That is not the code of a badge.",
		"BK1NONSENSE":        "That is not the code of a badge.",
		old[0].Token.Badge(): "Badge 1 belongs to somebody.",
	} {
		page := office.sent("/person/p-1/spare", url.Values{"why": {"lost"}, "badge": {text}}, status(says))
		has(t, text, page, says)
		if text != "" && strings.Contains(page, text) {
			t.Errorf("the page sends back what was scanned: %q", text)
		}
	}
	if to := office.sent("/person/p-1/spare", url.Values{"why": {"lost"}, "badge": {strings.ToLower(spares[0].Token.Badge())}}, 303); to != "/person/p-1#badge-title" {
		t.Errorf("it leads to %s", to)
	}
	if live, err := v.badges.Live("p-1"); err != nil || live.Serial != spares[0].Serial || !v.badges.Entries()[old[0].Token.Hash()].Revoked {
		t.Errorf("live is %+v, %v", live, err)
	}
	has(t, "who has none", office.get("/person/p-2/spare", 200), "They have no badge that works.", "-The old badge")
	office.sent("/person/p-2/spare", url.Values{"why": {"lost"}, "badge": {spares[1].Code.Text()}}, 303) // asked when they still had one
	if live, err := v.badges.Live("p-2"); err != nil || live.Serial != spares[1].Serial {
		t.Errorf("live is %+v, %v", live, err)
	}
	office.as("teacher")
	office.get("/person/p-1/spare", 403)
}

func status(says string) int {
	if strings.Contains(says, "belongs") {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// A device taken in by hand: what, where, its condition, and back again.
func TestDesk(t *testing.T) {
	v := newVilla(t)
	office := v.visit(t, "office")
	has(t, "nothing", office.get("/desk", 200), "Kept by the office (0)", "Waiting for a parent (0)")
	page := office.sent("/person/p-1/desk", url.Values{"what": {"toaster"}, "spot": {"roof"}, "condition": {strings.Repeat("é", 501)}}, 422)
	has(t, "all wrong", page, "Choose what it is.", "Choose where you put it.", "500 characters or fewer", "ééé")
	to := office.sent("/person/p-1/desk", url.Values{"what": {"phone"}, "spot": {"envelope-1"}, "condition": {"<b>cracked</b>"}}, 303)
	page = office.get(to, 200)
	has(t, "taken in", page, "Phone: Ada Byron (7A)", "Envelope 1", "Given in, taken in 08:55 by office", "&lt;b&gt;cracked")
	if strings.Contains(page, `name="condition"`) {
		t.Error("the condition may be edited")
	}
	has(t, "the place is taken", office.get("/person/p-2/desk", 200), "Envelope 1 (1 device in it)")
	has(t, "nobody chosen", office.sent(to, url.Values{}, 405), "-Given back")
	has(t, "no receiver", office.post(to+"/back", url.Values{"once": {"x"}}, 422), "Choose who gets it.")
	office.post(to+"/back", url.Values{"once": {"y"}, "to": {"owner"}}, 303)
	has(t, "back", office.get(to, 200), "given back to its owner", "Given back by office", "-Who gets it")
	has(t, "empty again", office.get("/desk", 200), "Kept by the office (0)")
	office.get("/desk/i-none", 404)
	v.people[40].Left = v.now.AddDate(0, 0, -7)
	to = office.sent("/person/p-99/desk", url.Values{"what": {"phone"}, "spot": {"safe"}}, 303)
	has(t, "a leaver's", office.get(to, 200), "Left over, taken in")
	office.as("teacher")
	for _, path := range []string{"/desk", to, "/found", "/person/p-1/desk", "/left"} {
		office.get(path, 403)
	}
}

// A phone without an owner waits, and is matched later.
func TestFound(t *testing.T) {
	v := newVilla(t)
	office := v.visit(t, "office")
	to := office.sent("/found", url.Values{"what": {"phone"}, "spot": {"safe"}, "condition": {"blue, in the yard"}}, 303)
	has(t, "found", office.get(to, 200), "Phone: Owner not known", "Found, taken in 08:55", "never thrown away", "-Give it back")
	has(t, "in the list", office.get("/desk", 200), "Owner not known", "Phone (Found)")
	has(t, "nobody", office.get(to+"?q=zzz", 200), "Nobody. Try the beginning")
	has(t, "matches", office.get(to+"?q=byron", 200), "It is Ada Byron (7A)’s")
	has(t, "a stranger", office.post(to+"/owner", url.Values{"once": {"x"}, "person": {"p-404"}}, 422), "Nobody of that number")
	office.post(to+"/owner", url.Values{"once": {"y"}, "person": {"p-1"}}, 303)
	has(t, "matched", office.get(to, 200), "Phone: Ada Byron (7A)", "Give it back")
}

// Who may keep their phone is not missing, at a school without lockers for pupils
// either.
func TestExemptIsNotMissing(t *testing.T) {
	v := newVilla(t)
	v.mark(t, map[string]attendance.Mark{"p-1": attendance.Present, "p-2": attendance.Present})
	v.Exempt = exempt{"p-2"}
	has(t, "missing", v.visit(t, "office").get("/missing", 200), "Present, not handed in: 1", "Ada Byron", "-Bilal Byron")
}

type exempt []string

func (e exempt) ExemptNow() []string { return e }

// What may hold an indecent image is on the office's lists without its owner.
func TestRestrictedDevice(t *testing.T) {
	v := newVilla(t)
	v.people[1].Left = v.now.AddDate(0, 0, -1)
	v.drawer.devices = []Device{
		{ID: "i-1", What: "phone", Why: Confiscated, Whose: "p-2", Case: "c-image", Place: Place{Bank: "a", Door: 9}, Since: morning.AddDate(0, 0, -4)},
		{ID: "i-2", What: "phone", Why: Confiscated, Whose: "p-1", Case: "c-plain", Place: Place{Spot: "safe"}, Since: morning.AddDate(0, 0, -4)},
	}
	v.drawer.notes = map[string]string{"i-1": "his name on the back"}
	office := v.visit(t, "office")
	for _, page := range []string{"/desk", "/left", "/desk/i-1"} {
		text := office.get(page, 200)
		has(t, page, text, "Restricted device", "-Bilal Byron", "-p-2", "-his name", "-has left")
		if page != "/desk/i-1" {
			has(t, page, text, "Ada Byron")
		}
	}
	office.as("head")
	has(t, "the head's", office.get("/desk/i-1", 200), "Bilal Byron", "his name on the back")
}

// What stayed over a night, a weekend and the half-term is told by school days.
func TestLeftOver(t *testing.T) {
	v := newVilla(t)
	at := func(id string, days int) {
		v.stand(view.StillIn, id)
		for i, p := range v.bank.People {
			if p.ID == id {
				v.bank.People[i].Since = morning.AddDate(0, 0, -days)
			}
		}
	}
	at("p-1", 0)
	at("p-2", 3)  // since Friday
	at("p-3", 31) // since before the half-term
	v.drawer.devices = []Device{{ID: "i-1", What: "watch", Why: Found, Place: Place{Spot: "safe"}, Since: morning.AddDate(0, 0, -4)}}
	office := v.visit(t, "office")
	page := office.get("/left", 200)
	has(t, "left over", page, "Left over: 3", "Chloé Byron (7A) Phone Bank A, door 3 Friday 23 October, 08:55 16",
		"Not known Watch Office safe Thursday 19 November, 08:55 2", "Bilal Byron (7A) Phone Bank A, door 2 Friday 20 November, 08:55 1", "-Ada Byron", "Nothing is ever thrown away")
	if days := v.schoolDays(morning.AddDate(0, 0, -400), morning); days != 55 {
		t.Errorf("%d school days in more than a year of one term", days)
	}
}
