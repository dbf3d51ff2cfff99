package board

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
)

func TestClock(t *testing.T) {
	s := &scene{now: now} // a Monday, 08:41
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, ""},
		{now, "08:41"},
		{now.In(time.FixedZone("", 3600)), "08:41"},
		{now.Add(-9 * time.Hour), "Sun 23:41"},
		{now.AddDate(0, 0, -3), "Fri 08:41"},
		{now.AddDate(0, 0, -7), "31 May 08:41"}, // a Monday too
	} {
		if got := s.clock(c.at); got != c.want {
			t.Errorf("%v reads %q, want %q", c.at, got, c.want)
		}
	}
	if got := s.at(now.AddDate(0, 0, -3)); got != "on Fri at 08:41" {
		t.Errorf("a problem of Friday came %q", got)
	}
}

func withProblems(problems ...view.Problem) *scene {
	s := newAcademy(false)
	s.change(func(b []banks.Status) { b[0].Board.Problems = problems })
	return sceneOf(s)
}

func TestPressesOfHelpAreOneProblem(t *testing.T) {
	press := func(ago time.Duration) view.Problem { return view.Problem{Code: view.HelpAsked, Since: now.Add(-ago)} }
	got := withProblems(view.Problem{Code: view.Jammed, Door: 3}, press(9*time.Minute), press(5*time.Minute), press(0), view.Problem{Code: view.Overdue, Door: 4}).problems(anybody)
	if len(got) != 3 || got[1].What != "Help at bank A: pressed 3 times, last at 08:41." {
		t.Errorf("%+v", got)
	}
}

// Another computer at a bank is one errand, with the list for it.
func TestTakenOverIsOneErrand(t *testing.T) {
	got := withProblems(view.Problem{Code: view.TakenOver, Doors: 300, Since: now.Add(-20 * time.Minute)}).problems(anybody)
	if len(got) != 1 || got[0].What != "Bank A works on another computer since 08:21. 300 doors are unverified." || got[0].Links[0].Href != "/doors/a" {
		t.Errorf("%+v", got)
	}
}

// TestManyOfAKindAreOneProblem: a dead cabinet is one errand, not three hundred
// lines.
func TestManyOfAKindAreOneProblem(t *testing.T) {
	var dead, overdue []view.Problem
	for n := 1; n <= 48; n++ {
		dead = append(dead, view.Problem{Code: view.NoReply, Door: n, Since: now})
	}
	for n := 100; n < 120; n += 2 {
		overdue = append(overdue, view.Problem{Code: view.Overdue, Door: n, Person: "p-" + number(n), Since: now})
	}
	s := withProblems(append(dead, overdue...)...)
	got := s.problems(anybody)
	if len(got) != 2 || got[0].What != "48 doors of bank A have not answered since 08:41. Doors 1 to 48." || got[1].What != "10 pupils have not collected from bank A." {
		t.Errorf("%+v", got)
	}
	b, _ := s.bank("a")
	if got := s.bankProblems(b, fewOnBank); len(got) != 11 {
		t.Errorf("the bank's own page tells %d problems, want the dead cabinet and each of ten pupils", len(got))
	}
	for _, code := range []view.ProblemCode{view.Forced, view.Unverified, view.NoReply, view.Jammed, view.LeftOpen, view.NoDoor, view.NotEmptied, view.Overdue, "new"} {
		var list []view.Problem
		for n := range 5 {
			list = append(list, view.Problem{Code: code, Door: n + 1})
		}
		if got := withProblems(list...).problems(anybody); len(got) != 1 || !strings.Contains(got[0].What, "5 ") || got[0].Next == "" {
			t.Errorf("%s: %+v", code, got)
		}
	}
}

func TestRanges(t *testing.T) {
	for want, numbers := range map[string][]int{
		"3": {3}, "3, 4": {4, 3, 4}, "1 to 3, 7, 9 to 12": {1, 2, 3, 7, 9, 10, 11, 12},
		"1, 3, 5, 7, 9, 11, 13, 15 and more": {1, 3, 5, 7, 9, 11, 13, 15, 17},
	} {
		if got := ranges(numbers); got != want {
			t.Errorf("%v reads %q", numbers, got)
		}
	}
}

// TestGravestFirst: over all banks, devices and holds.
func TestGravestFirst(t *testing.T) {
	s := newAcademy(true)
	s.bars = []desk.Bar{{ID: "b-1", Kind: desk.Hold, EndBy: "head", EndAsk: now}}
	var keys []string
	for _, a := range sceneOf(s, withTrouble).problems(anybody) {
		keys = append(keys, strings.SplitN(a.Key, "-", 2)[0])
	}
	if got := strings.Join(keys, " "); got != "offline forced unverified no jammed left devices devices help ending no not overdue" {
		t.Errorf("in the order %s", got)
	}
}

// TestNoLinkToThisPage: a problem leads to the other page it is about.
func TestNoLinkToThisPage(t *testing.T) {
	s := sceneOf(newAcademy(true))
	door := s.problemsOf("/door/5", func(p view.Problem) bool { return p.Door == 5 })
	person := s.problemsOf("/person/p-5", func(p view.Problem) bool { return p.Person == "p-5" })
	if len(door) != 1 || len(door[0].Links) != 1 || door[0].Links[0].Href != "/person/p-5" {
		t.Errorf("on the page of door 5: %+v", door)
	}
	if len(person) != 1 || len(person[0].Links) != 1 || person[0].Links[0].Href != "/door/5" {
		t.Errorf("on the page of p-5: %+v", person)
	}
}

// anybody may know of nothing in particular.
var anybody = reader{may: func(roles.Permission, string) bool { return false }}

// What concerns safeguarding comes first, for those alone who may know of it; a
// page drawn for them is not shown to anybody else, nor its number.
func TestTasksOfTheFew(t *testing.T) {
	s := newAcademy(true)
	tasks := []Task{{Key: "all", What: "For all."}, {Key: "image", What: "A device may hold an image.", Permission: roles.SeeReasons, Grave: true, Since: now}}
	h := handlerFor(t, s, withTrouble, func(c *setting) { c.Tasks = func() []Task { return tasks } })
	counts := map[string]string{}
	for _, account := range []string{"dsl", "office", "head", "deputy-dsl", "it", "leadership", "exams"} {
		v := visit(t, h)
		v.signIn(account)
		if slices.Contains([]string{"dsl", "head", "deputy-dsl"}, account) {
			v.says("/", "A device may hold an image.", "For all.")
		} else {
			v.says("/", "-A device may hold an image.", "For all.")
		}
		counts[account] = regexp.MustCompile(`(?s)figure-problems.*?<strong>(\d+)</strong>`).FindStringSubmatch(v.says("/"))[1]
	}
	if counts["dsl"] == counts["office"] || counts["office"] != counts["it"] {
		t.Errorf("the numbers of problems tell: %v", counts)
	}
	lead := reader{may: func(p roles.Permission, _ string) bool { return p == roles.SeeReasons }}
	if first := sceneOf(s, withTrouble, func(c *setting) { c.Tasks = func() []Task { return tasks } }).problems(lead)[0]; first.Key != "image" {
		t.Errorf("first comes %s", first.Key)
	}
}
