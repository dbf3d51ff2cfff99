package school

import (
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker/view"
)

func TestClock(t *testing.T) {
	s := &snapshot{board: view.Board{AsOf: now}} // a Monday, 08:41
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, ""},
		{now, "08:41"},
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

func TestPressesOfHelpAreOneProblem(t *testing.T) {
	press := func(ago time.Duration) view.Problem { return view.Problem{Code: view.HelpAsked, Since: now.Add(-ago)} }
	s := &snapshot{names: newDesk(false), board: view.Board{Bank: "a", AsOf: now, Problems: []view.Problem{
		{Code: view.Jammed, Door: 3}, press(9 * time.Minute), press(5 * time.Minute), press(0), {Code: view.Overdue, Door: 4}}}}
	got := s.shared(everything).Problems
	if len(got) != 3 || got[1].What != "Help at bank A: pressed 3 times, last at 08:41." {
		t.Errorf("%+v", got)
	}
}

// TestNoLinkToThisPage: a problem leads to the other page it is about.
func TestNoLinkToThisPage(t *testing.T) {
	d := newDesk(true)
	s := &snapshot{board: d.board, names: d}
	door, person := s.of(5, "").Problems, s.of(0, "p-5").Problems
	if len(door) != 1 || door[0].Door != 0 || door[0].Person != "p-5" {
		t.Errorf("on the page of door 5: %+v", door)
	}
	if len(person) != 1 || person[0].Door != 5 || person[0].Person != "" {
		t.Errorf("on the page of p-5: %+v", person)
	}
}

// TestTwoClocksOnlyWhenTheyDiffer: one time said twice only puzzles.
func TestTwoClocksOnlyWhenTheyDiffer(t *testing.T) {
	for ahead, want := range map[time.Duration]bool{0: false, time.Second: false, 2 * time.Second: true} {
		v := visit(t, handlerFor(t, newDesk(false), func(c *Config) {
			c.Demo = func() Demo { return Demo{Now: now.Add(ahead), Speed: 8} }
		}))
		v.signIn()
		if got := strings.Contains(body(t, v.get("/")), "School time is"); got != want {
			t.Errorf("%v ahead: says both clocks: %t, want %t", ahead, got, want)
		}
	}
}
