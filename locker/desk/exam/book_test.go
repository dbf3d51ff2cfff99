package exam

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A sitting with a candidate nobody knows about is not marked clear, by anybody.
func TestClearWantsEveryLine(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	h.at(8, 50)
	refused(t, h.Clear(t.Context(), officer, id, true), errs.Conflict, "3 candidates are missing")
	h.hands("p-1", desk.Phone)
	h.hands("p-3", desk.Watch)
	ok(t, h.Say(t.Context(), teacher, id, 2, SaidNone, "s-witness"))
	refused(t, h.Clear(t.Context(), officer, id, true), errs.Conflict, "1 candidate is missing") // a watch is no phone
	refused(t, h.Clear(t.Context(), head, id, true), errs.Conflict, "1 candidate is missing")
	h.hands("p-3", desk.Phone)
	refused(t, h.Clear(t.Context(), teacher, id, true), errs.Denied, "may not")
	refused(t, h.Clear(t.Context(), officer, id, false), errs.Invalid, "everybody was asked")
	h.at(8, 55)
	ok(t, h.Clear(t.Context(), officer, id, true))
	s := h.sitting(t, id)
	if c := s.Cleared; len(c) != 1 || c[0].Person != "s-exams" || !c[0].At.Equal(h.now.Wall) || c[0].Counts != (Counts{Deposited: 2, None: 1}) {
		t.Errorf("cleared as %+v", c)
	}
	refused(t, h.Clear(t.Context(), officer, id, true), errs.Conflict, "already")
	delete(h.kept, "p-1")
	if s.IsClear(h.Standings(s)) {
		t.Error("a device is gone, and the sitting stays clear")
	}
}

func TestClearOnlyShortlyBefore(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	h.at(7, 59)
	refused(t, h.Clear(t.Context(), officer, id, true), errs.NotNow, "too early")
	refused(t, h.Say(t.Context(), officer, id, 1, SaidAbsent, ""), errs.NotNow, "too early")
}

// Whoever says that they have no device says so before two people.
func TestNoDeviceBeforeAWitness(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	for _, witness := range []string{"", "s-exams", "p-1", "x-nobody"} {
		refused(t, h.Say(t.Context(), officer, id, 1, SaidNone, witness), errs.Invalid, "must be the witness")
	}
	ok(t, h.Say(t.Context(), officer, id, 1, SaidNone, "s-teacher"))
	l, _ := h.sitting(t, id).Line(1)
	if l.None.Other != "s-teacher" || l.None.Person != "s-exams" || l.State(nil) != NoDevice {
		t.Errorf("%+v", l.None)
	}
	ok(t, h.Say(t.Context(), officer, id, 1, SaidAgain, ""))
	if l, _ := h.sitting(t, id).Line(1); l.State(nil) != Missing {
		t.Errorf("taken back, and %s", l.State(nil))
	}
}

// Only a device that somebody needs for their health stays in the room, with a named
// person, and goes back after the paper.
func TestDeviceWithTheInvigilator(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	refused(t, h.Say(t.Context(), officer, id, 1, SaidWith, "s-teacher"), errs.Denied, "Nobody has approved")
	h.needs["p-1"] = true
	refused(t, h.Say(t.Context(), officer, id, 1, SaidWith, "p-2"), errs.Invalid, "who of the staff")
	ok(t, h.Say(t.Context(), officer, id, 1, SaidWith, "s-teacher"))
	h.at(9, 30)
	ok(t, h.Say(t.Context(), teacher, id, 1, SaidWith, "s-second")) // who takes over
	refused(t, h.Say(t.Context(), teacher, id, 1, SaidBack, ""), errs.NotNow, "still in the paper")
	h.at(10, 30)
	ok(t, h.Finish(t.Context(), teacher, id, []int{1}, h.now.Wall, ""))
	ok(t, h.Say(t.Context(), teacher, id, 1, SaidBack, ""))
	refused(t, h.Say(t.Context(), teacher, id, 1, SaidBack, ""), errs.Conflict, "no device of theirs")
	l, _ := h.sitting(t, id).Line(1)
	if l.With.Other != "s-second" || !l.Back.At.Equal(h.now.Wall) {
		t.Errorf("with %+v, back %+v", l.With, l.Back)
	}
}

// Who comes late opens their own line again and no other.
func TestLateArrival(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	h.hands("p-1", desk.Phone)
	h.hands("p-2", desk.Phone)
	h.at(8, 50)
	refused(t, h.Say(t.Context(), officer, id, 3, SaidLate, ""), errs.Conflict, "not marked absent")
	ok(t, h.Say(t.Context(), officer, id, 3, SaidAbsent, ""))
	ok(t, h.Clear(t.Context(), officer, id, true))
	h.at(9, 10)
	refused(t, h.Say(t.Context(), officer, id, 1, SaidAbsent, ""), errs.Conflict, "they are here")
	ok(t, h.Say(t.Context(), officer, id, 3, SaidLate, ""))
	s := h.sitting(t, id)
	if counts, open := Counted(h.Standings(s)); open != 1 || counts.Deposited != 2 || s.IsClear(h.Standings(s)) {
		t.Errorf("%+v and %d open", counts, open)
	}
	refused(t, h.Say(t.Context(), officer, id, 3, SaidAdmitted, ""), errs.Conflict, "1 candidate is missing")
	if n := len(h.Bars(school.Instant(h.now))); n != 2 {
		t.Errorf("%d bars: who is late has to hand in first", n)
	}
	h.hands("p-3", desk.Phone)
	if n := len(h.Bars(school.Instant(h.now))); n != 3 {
		t.Errorf("handed in, and %d bars", n)
	}
	ok(t, h.Say(t.Context(), officer, id, 3, SaidAdmitted, ""))
	ok(t, h.Clear(t.Context(), officer, id, true))
}

// Nobody lets a candidate out of their paper but by saying that it has ended.
func TestFinish(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	h.hands("p-1", desk.Phone)
	h.at(9, 30)
	for what, err := range map[string]error{
		"cancelled": h.Cancel(t.Context(), head, id), "moved": h.Move(t.Context(), head, id, nine.Add(5*time.Hour), 90), "taken off": h.Say(t.Context(), head, id, 1, SaidOff, ""),
	} {
		if errs.CodeOf(err) != errs.Conflict {
			t.Errorf("%s while it is written: %v", what, err)
		}
	}
	refused(t, h.Finish(t.Context(), officer, id, []int{1}, h.now.Wall, ""), errs.Invalid, "say why")
	ok(t, h.Finish(t.Context(), officer, id, []int{1}, h.now.Wall, "withdrawn"))
	h.at(10, 31)
	refused(t, h.Finish(t.Context(), officer, id, []int{2, 3}, h.now.Wall, ""), errs.Invalid, "say why") // p-2 has 25 % more
	ok(t, h.Finish(t.Context(), officer, id, []int{3}, h.now.Wall, ""))
	refused(t, h.Finish(t.Context(), officer, id, []int{3}, h.now.Wall, ""), errs.Conflict, "already")
	if h.Writing("p-1") || !h.Writing("p-2") || h.Writing("p-3") {
		t.Error("the wrong ones are still writing")
	}
	h.at(10, 53)
	refused(t, h.Finish(t.Context(), officer, id, []int{2}, h.now.Wall.Add(time.Hour), ""), errs.Invalid, "and now")
	ok(t, h.Finish(t.Context(), officer, id, []int{2}, h.now.Wall, ""))
}

// Time goes by as it does, whatever clocks on walls do: 90 minutes and a quarter more
// and two breaks.
func TestEnds(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	s := Sitting{Start: time.Date(2026, 10, 25, 0, 30, 0, 0, london), Minutes: 90}
	for _, c := range []struct {
		candidate Candidate
		want      time.Duration
	}{{Candidate{}, 90 * time.Minute}, {Candidate{Extra: 25}, 112*time.Minute + 30*time.Second}, {Candidate{Extra: 50, Rest: 10}, 145 * time.Minute}} {
		if got := s.Ends(c.candidate).Sub(s.Start); got != c.want {
			t.Errorf("%+v takes %s, want %s", c.candidate, got, c.want)
		}
	}
}

// A paper that runs past the end of the school day holds; the day's end frees nobody.
func TestBarsHoldUntilTheFinish(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	h.hands("p-1", desk.Phone)
	h.at(8, 40)
	if n := len(h.Bars(school.Instant(h.now))); n != 0 {
		t.Errorf("%d bars long before", n)
	}
	h.at(17, 30)
	if n := len(h.Bars(school.Instant(h.now))); n != 3 {
		t.Errorf("%d bars after school, and nobody has finished", n)
	}
	ok(t, h.Finish(t.Context(), officer, id, []int{1, 2, 3}, h.now.Wall, ""))
	if n := len(h.Bars(school.Instant(h.now))); n != 0 {
		t.Errorf("%d bars after the finish", n)
	}
}

// Marked clear, it holds at once; and a clock that may be wrong ends nothing.
func TestBarsAndTheClock(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	for _, p := range []string{"p-1", "p-2", "p-3"} {
		h.hands(p, desk.Phone)
	}
	h.at(8, 20)
	ok(t, h.Clear(t.Context(), officer, id, true))
	bars := h.Bars(school.Instant(h.now))
	if len(bars) != 3 || !bars[0].From.Equal(h.now.Wall) || !bars[0].Until.Equal(time.Date(2027, 5, 11, 0, 0, 0, 0, time.UTC)) || bars[0].Subject.Person != "p-1" {
		t.Errorf("%+v", bars)
	}
	for _, wall := range []time.Time{{}, eight.AddDate(1, 0, 0)} {
		if n := len(h.Bars(school.Instant{Wall: wall})); n != 3 {
			t.Errorf("a clock that shows %s leaves %d bars", wall, n)
		}
	}
	h.now.Wall = eight.AddDate(0, 0, 1)
	if n := len(h.Bars(school.Instant(h.now))); n != 0 {
		t.Errorf("%d bars on the day after", n)
	}
	ok(t, h.Fold(ledger.Record{Entry: ledger.Entry{Stamp: h.now}}))
	if n := len(h.Bars(school.Instant{})); n != 0 {
		t.Errorf("it is known to be over, and there are %d bars", n)
	}
}

func TestGrantsAfterTheFinish(t *testing.T) {
	h := newHall(t)
	s, err := h.Set(t.Context(), officer, Draft{Paper: Paper{Title: "French", Rooms: []string{"4"}}, Start: nine, Minutes: 30, Leave: true, Candidates: []Candidate{{Person: "p-1"}, {Person: "p-2"}}})
	ok(t, err)
	h.at(9, 30)
	ok(t, h.Finish(t.Context(), officer, s.ID, []int{1}, h.now.Wall, ""))
	g := h.Grants(h.now.Wall)
	if len(g) != 1 || g[0].Person != "p-1" || g[0].Uses != 1 || !g[0].From.Equal(h.now.Wall) {
		t.Errorf("%+v", g)
	}
}

// An incident takes the device away with the exam as its reason, and nothing else.
func TestIncident(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	h.at(8, 54)
	ok(t, h.Say(t.Context(), officer, id, 1, SaidNone, "s-teacher"))
	found := Found{At: nine.Add(40 * time.Minute), What: desk.Phone, Active: true, Happened: "It rang in a pocket."}
	_, err := h.Report(t.Context(), teacher, id, 1, found)
	refused(t, err, errs.NotNow, "not begun")
	h.at(9, 41)
	_, err = h.Report(t.Context(), teacher, id, 1, Found{At: found.At, What: "pager", Happened: " "})
	if len(errs.All(err)) != 2 || len(h.taken) != 0 {
		t.Errorf("%v, and %d were taken", err, len(h.taken))
	}
	i, err := h.Report(t.Context(), teacher, id, 1, found)
	ok(t, err)
	if in := h.taken; len(in) != 1 || in[0].Reason != desk.Exam || in[0].Zone != desk.ExamRoom || in[0].Whose != "p-1" || in[0].Account.Happened != found.Happened || in[0].Account.Room != "Hall" {
		t.Errorf("taken as %+v", in)
	}
	s := h.sitting(t, id)
	l, _ := s.Line(1)
	if i.Case != "c-1" || !i.Active || i.Happened != found.Happened || l.None == nil { // what was said before stays on record
		t.Errorf("%+v, and the line says %+v", i, l.None)
	}
}

func TestSetChecksWhatItIsTold(t *testing.T) {
	h := newHall(t)
	good := func() Draft {
		return Draft{Paper: Paper{Title: "Physics", Rooms: []string{"Hall"}}, Start: nine, Minutes: 60, Candidates: []Candidate{{Person: "p-1"}}}
	}
	for field, spoil := range map[string]func(*Draft){
		"title": func(d *Draft) { d.Paper.Title = " " }, "rooms": func(d *Draft) { d.Paper.Rooms = nil }, "start": func(d *Draft) { d.Start = eight.Add(-time.Minute) },
		"minutes": func(d *Draft) { d.Minutes = 0 }, "extra": func(d *Draft) { d.Candidates[0].Extra = 300 }, "rest": func(d *Draft) { d.Candidates[0].Rest = -1 },
		"candidates": func(d *Draft) { d.Candidates = append(d.Candidates, d.Candidates[0]) }, "number": func(d *Draft) { d.Candidates[0].Number = "1\n2" },
		"series": func(d *Draft) { d.Paper.Series = string(bytes.Repeat([]byte("x"), 81)) },
	} {
		d := good()
		spoil(&d)
		_, err := h.Set(t.Context(), officer, d)
		if list := errs.All(err); len(list) != 1 || list[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	d := good()
	d.Start, d.Minutes, d.Candidates[0].Extra = time.Date(2027, 5, 10, 20, 0, 0, 0, time.UTC), 180, 50
	if _, err := h.Set(t.Context(), officer, d); err == nil {
		t.Error("a paper may run past midnight")
	}
	if _, err := h.Set(t.Context(), teacher, good()); errs.CodeOf(err) != errs.Denied {
		t.Errorf("a teacher sets a paper: %v", err)
	}
}

// The ledger has no name, paper or extra time, and tells the same story again.
func TestAnewAndWithoutNames(t *testing.T) {
	h := newHall(t)
	id := h.maths(t).ID
	h.needs["p-2"] = true
	h.hands("p-1", desk.Phone)
	ok(t, h.Add(t.Context(), officer, id, []Candidate{{Person: "p-4", Extra: 10}}))
	ok(t, h.Adjust(t.Context(), officer, id, 4, Candidate{Extra: 15, Room: "Gym"}))
	ok(t, h.Say(t.Context(), officer, id, 2, SaidWith, "s-teacher"))
	ok(t, h.Say(t.Context(), officer, id, 3, SaidNone, "s-teacher"))
	ok(t, h.Say(t.Context(), officer, id, 4, SaidAbsent, ""))
	ok(t, h.Clear(t.Context(), officer, id, true))
	h.at(9, 41)
	_, err := h.Report(t.Context(), officer, id, 3, Found{At: h.now.Wall, What: desk.Watch, Happened: "A watch that lit up."})
	ok(t, err)
	ok(t, h.Finish(t.Context(), officer, id, []int{3}, h.now.Wall, "taken ill"))
	other, err := h.Set(t.Context(), officer, Draft{Paper: Paper{Title: "Art", Rooms: []string{"4"}}, Start: nine.Add(3 * time.Hour), Minutes: 30})
	ok(t, err)
	ok(t, h.Move(t.Context(), officer, other.ID, nine.Add(4*time.Hour), 45))
	if again := h.again(t); !reflect.DeepEqual(again.Sittings(), h.Sittings()) {
		t.Errorf("a restart has\n%+v\nnot\n%+v", again.Sittings(), h.Sittings())
	}
	ok(t, h.Cancel(t.Context(), officer, other.ID))
	if n := len(h.Sittings()); n != 1 {
		t.Errorf("%d sittings with one cancelled", n)
	}
	ok(t, h.log.Read(t.Context(), 0, func(r ledger.Record) error {
		for _, secret := range []string{"p-1", "p-2", "Mathematics", "extra", "Gym", "taken ill", "lit up"} {
			if bytes.Contains(r.Body, []byte(secret)) {
				t.Errorf("%s says %s: %s", r.Kind, secret, r.Body)
			}
		}
		return nil
	}))
	clear(h.vault)
	if again := h.again(t); len(again.Sittings()[0].Lines) != 4 {
		t.Error("with its texts erased the book has other lines")
	}
}
