package board

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
)

// pad is what an office keeps of the day.
type pad struct {
	DayNow
	days int
}

func (p pad) Now(standing func(string) view.Standing) DayNow {
	if standing("p-1") != view.In || standing("p-142") != view.Exempt || standing("s-1") != "" {
		return DayNow{}
	}
	return p.DayNow
}

func (pad) Pupil(string) []string { return []string{"Late", "No phone with them"} }

func (p pad) SchoolDays(time.Time, time.Time) int { return p.days }

// The day begins with three numbers and who is missing, each with its list.
func TestFigures(t *testing.T) {
	s := newAcademy(true)
	at := func(hour, minute int) time.Time { return time.Date(2027, 6, 7, hour, minute, 0, 0, time.UTC) }
	s.rules.Plan.Windows = []school.Window{
		{Use: school.Deposit, From: at(8, 15), Until: at(8, 50)},
		{Use: school.Collection, Wave: "years-9-10", From: at(15, 5), Until: at(16, 30)},
		{Use: school.Collection, From: at(15, 10), Until: at(16, 30)},
		{Use: school.Deposit, From: at(8, 15).AddDate(0, 0, 1), Until: at(8, 50).AddDate(0, 0, 1)},
	}
	v := signedIn(t, handlerFor(t, s, func(c *setting) { c.Day = pad{DayNow{Waiting: 3, Later: 4, Desk: 2, Missing: 17, Marked: 900}, 0} }))
	v.says("/", `href="#banks-title">In</a>`, "<strong>425</strong>", "2 at the desk", `href="/cases">Waiting for a parent</a>`, "<strong>3</strong>", "4 confiscated, not to go yet",
		`href="#problems-title">Problems</a>`, `href="/missing">Present, not handed in</a>`, "<strong>17</strong>", "-No attendance marked yet",
		`<li class="bk-bells__now">Hand in <span>08:15 to 08:50</span> (now)</li>`, "Collection: Years 9, 10 <span>15:05 to 16:30</span>", "Everybody may collect <span>15:10 to 16:30</span>")
	v.says("/person/p-5", "Late<br>No phone with them")
	v = signedIn(t, handlerFor(t, newAcademy(false), func(c *setting) { c.Day = pad{} }))
	v.says("/", "No attendance marked yet", "-at the desk", "-bk-bells")
	v = signedIn(t, handlerFor(t, newAcademy(false)))
	v.says("/", `id="figure-in"`, `id="figure-problems"`, `-id="figure-missing"`, `-id="figure-waiting"`)
}

// What was not taken home is told by school days.
func TestLeftOverNights(t *testing.T) {
	overdue := func(ago time.Duration) view.Problem {
		return view.Problem{Code: view.Overdue, Door: 4, Person: "p-4", Since: now.Add(-ago)}
	}
	for _, c := range []struct {
		days int
		ago  time.Duration
		says string
	}{
		{0, time.Hour, "has not collected from door 4."},
		{0, 48 * time.Hour, "has not collected from door 4, since Saturday 5 June."},
		{1, 72 * time.Hour, "has not collected from door 4, since the last school day."},
		{6, 14 * 24 * time.Hour, "has not collected from door 4, for 6 school days."},
	} {
		s := withProblems(overdue(c.ago))
		s.kept = pad{days: c.days}
		if got := s.problems(anybody); len(got) != 1 || !strings.HasSuffix(got[0].What, c.says) {
			t.Errorf("%d days: %+v", c.days, got)
		}
	}
}

// alumni are people of whom some have left.
type alumni struct {
	*academy
	left []string
}

func (a alumni) Person(id string) (register.Person, bool) {
	p, ok := a.academy.Person(id)
	if slices.Contains(a.left, id) {
		p.Left = now.AddDate(0, 0, -3)
	}
	return p, ok
}

// A pupil who leaves the roll with a phone inside is a problem with a next step;
// one without is none.
func TestLeaversPhone(t *testing.T) {
	s := newAcademy(false)
	got := sceneOf(s, func(c *setting) { c.People = alumni{s, []string{"p-5", "p-200"}} }).problems(anybody)
	if len(got) != 1 || got[0].What != "Ewa Byron (7A) has left the school, and a phone of theirs is behind door 5 of bank A." ||
		got[0].Next == "" || got[0].Links[0].Href != "/person/p-5" {
		t.Errorf("%+v", got)
	}
}

// A pupil's page offers each reader what they may do, and nothing else: for a lost
// badge one entry, where a spare can be given.
func TestActions(t *testing.T) {
	s := newAcademy(false)
	more := func(c *setting) {
		c.Actions = []Action{
			{Path: "spare", Text: "Give a spare", Permission: roles.ReplaceBadge, When: func(p Pupil) bool { return p.Badge }},
			{Path: "never", Text: "Never offered", Permission: roles.ReplaceBadge, When: func(p Pupil) bool { return !p.OnRoll || !p.Held }},
			{Path: "today", Text: "Mark", Permission: roles.MarkAttendance},
		}
	}
	v := signedIn(t, handlerFor(t, s, more))
	v.says("/person/p-5", `href="/person/p-5/spare">Give a spare`, `href="/person/p-5/today"`, "-Never offered", "/person/p-5/stop", "/person/p-5/open", "The last days", "-Replace badge")
	v.says("/person/p-5/badge", `href="/person/p-5/spare">give a spare`)
	s.bars = append(s.bars, barOn("p-5"))
	s.ring()
	v.says("/person/p-5", `-href="/person/p-5/stop"`, `href="/person/p-5/hold"`)
	v.signIn("teacher") // of 7A
	v.says("/person/p-5", `href="/person/p-5/today"`, "-/spare", `-href="/person/p-5/hold"`, "-/person/p-5/open", "-The last days", "-Replace badge")
}

// ledgerSize is a ledger that grows.
type ledgerSize struct{ n uint64 }

func (l *ledgerSize) Size() uint64 { return l.n }

// Whatever is decided on another page shows on the next look at this one.
func TestDecisionsShowAtOnce(t *testing.T) {
	s, records := newAcademy(false), &ledgerSize{7}
	set := settingFor(s, func(c *setting) { c.Records = records })
	o := &pages{Config: set.Config, Kit: set.kit()}
	first := o.scene(0)
	if o.scene(0) != first {
		t.Error("nothing was decided, and all is drawn anew")
	}
	records.n++
	if o.scene(0) == first {
		t.Error("something was decided, and the old scene is shown")
	}
}

func barOn(person string) desk.Bar {
	return desk.Bar{ID: "b-77", Kind: desk.Stop, On: locker.Subject{Person: person}, From: now, By: "office"}
}
