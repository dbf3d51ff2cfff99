package figures

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker/desk"
)

var (
	autumn = school.Date{Year: 2026, Month: time.September, Day: 2}
	spring = school.Date{Year: 2027, Month: time.January, Day: 4}
	monday = school.Date{Year: 2026, Month: time.November, Day: 23}
)

// house is a school with what is counted of it.
type house struct {
	days       []Day
	cases      []desk.Case
	exceptions []exception.Exception
}

func (h *house) sources() Sources {
	span := func(from, until school.Date) school.Term {
		return school.Term{Span: school.Span{From: from, Until: until}}
	}
	return Sources{
		Calendar: school.Calendar{Zone: time.UTC, Terms: []school.Term{span(autumn, autumn.Add(100)), span(spring, spring.Add(80)), span(spring.Add(100), spring.Add(200))}},
		Days:     func() []Day { return h.days }, Cases: func() []desk.Case { return h.cases }, Exceptions: func() []exception.Exception { return h.exceptions },
		Person: func(id string) (register.Person, bool) {
			p := register.Person{ID: id}
			p.Year = strings.TrimPrefix(id, "p-")
			return p, true
		},
	}
}

func (h *house) report(until school.Date) Report {
	s := h.sources()
	return s.Of(Terms(s.Calendar, monday)[0], until, "")
}

func at(d school.Date) time.Time { return d.At(school.Clock{Hour: 9}, time.UTC) }

func TestRates(t *testing.T) {
	h := &house{}
	for i := range 10 {
		h.days = append(h.days, Day{autumn.Add(i), map[string]Tally{
			"7": {Expected: 100, In: 95, Late: 3, Exempt: 1}, "8": {Expected: 100, In: 100}, "9": {Expected: 60, In: 60}, "R": {Expected: 4, In: 3},
		}})
	}
	h.days = append(h.days, Day{spring, map[string]Tally{"7": {Expected: 100}}}, Day{autumn.Add(11), map[string]Tally{"8": {Expected: 100, In: 98}}})
	r := h.report(monday)
	var years []string
	for _, y := range r.Years {
		years = append(years, y.Name+" "+y.Told)
	}
	if got := strings.Join(years, "; "); r.Days != 11 || r.Rate.Told != "97%" || got != "Year 7 95%; Year 8 more than 99%; Year 9 not shown; Reception not shown" {
		t.Errorf("%d days,%s:%s", r.Days, r.Rate.Told, got)
	}
	if r.Late.String() != "30" || r.Missing.String() != "62" || r.Exempt.String() != "10" {
		t.Errorf("%s late,%s missing,%s exempt", r.Late, r.Missing, r.Exempt)
	}
	if r := h.report(autumn); r.Rate.Told != "no figures yet" || r.Days != 0 {
		t.Errorf("before the first day %+v", r.Rate)
	}
}

// Only what was in the term, and before the figures end, is counted.
func TestTables(t *testing.T) {
	h := &house{}
	open := func(d school.Date, reason desk.Reason, outcome desk.Outcome) {
		c := desk.Case{Whose: "p-9", Opened: at(d), Facts: desk.Facts{Reason: reason}, Outcome: outcome}
		if outcome != "" {
			c.Closed = at(d).Add(6 * time.Hour)
		}
		h.cases = append(h.cases, c)
	}
	for i := range 12 {
		open(autumn.Add(i), desk.Breach, desk.ReleasedToAdult)
	}
	for i := range 6 {
		open(autumn.Add(i), desk.Behaviour, desk.ReleasedToAdult)
	}
	open(autumn, desk.PossibleImage, "")
	open(autumn.Add(-1), desk.Breach, desk.ReleasedToAdult)
	open(monday, desk.Breach, desk.ReleasedToAdult)
	approved := func(kind exception.Kind, from, until school.Date) {
		h.exceptions = append(h.exceptions, exception.Exception{Terms: exception.Terms{Kind: kind, From: at(from), Until: at(until), Review: at(until)}, Approved: school.Approval{At: at(from)}})
	}
	for range 7 {
		approved(exception.Travel, autumn.Add(3), autumn.Add(5))
	}
	approved(exception.Medical, autumn.Add(-300), autumn.Add(-10)) // goes on
	approved(exception.Travel, autumn.Add(-30), autumn.Add(-10))
	for range 5 {
		approved(exception.Curriculum, autumn.Add(3), autumn.Add(4))
	}
	h.exceptions = append(h.exceptions, exception.Exception{Terms: exception.Terms{Kind: exception.Travel, From: at(autumn)}})
	var got []string
	r := h.report(monday)
	for _, table := range r.Tables {
		line := table.Title + " " + table.Total.String() + ":"
		for _, row := range table.Rows {
			if row.Cell.N > 0 || row.Cell.Told != Whole {
				line += " " + row.Name + " " + row.Cell.String() + ";"
			}
		}
		got = append(got, line)
	}
	want := []string{
		"Confiscations, by reason 19: Breach of the phone policy 12; Behaviour not shown; Safeguarding fewer than 5;",
		"Confiscations, by outcome 19: Released to a parent or carer not shown; Not ended yet fewer than 5;",
		"Confiscations, by year group 19: Year 9 19;",
		"Exceptions, by category 13: Medical fewer than 5; Travel not shown; A class, in one lesson not shown;",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Departure.String() != "not shown" {
		t.Errorf("departures:%s, and the table withholds them", r.Departure)
	}
}

func TestTerms(t *testing.T) {
	h := &house{}
	var names []string
	for _, term := range Terms(h.sources().Calendar, spring.Add(150)) {
		names = append(names, term.Name)
	}
	if got := strings.Join(names, ", "); got != "Summer term 2027, Spring term 2027, Autumn term 2026" {
		t.Error(got)
	}
	if list := Terms(h.sources().Calendar, autumn.Add(-1)); len(list) != 0 {
		t.Errorf("before the first term%v", list)
	}
}

// A day is counted once, a restart knows it, and what cannot be is refused.
func TestDaysAreCountedOnce(t *testing.T) {
	log, err := memlog.New("school", func() time.Time { return at(monday) })
	if err != nil {
		t.Fatal(err)
	}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: at(monday)} }
	b, ctx := NewBook(log, stamp), t.Context()
	first := Day{monday, map[string]Tally{"7": {Expected: 10, In: 9, Late: 1}}}
	for _, d := range []Day{first, {monday, map[string]Tally{"7": {Expected: 1}}}} {
		if err := b.Count(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	if log.Size() != 2 { // the first opens the ledger
		t.Errorf("%d records of one day", log.Size()-1)
	}
	for _, bad := range []Tally{{In: 1}, {Expected: 1, Late: 1}, {Expected: -1, In: -1}} {
		if err := b.Count(ctx, Day{autumn, map[string]Tally{"7": bad}}); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%+v:%v", bad, err)
		}
	}
	again := NewBook(log, stamp)
	if err := log.Read(ctx, 0, again.Fold); err != nil || fmt.Sprint(again.Days()) != fmt.Sprint([]Day{first}) || !again.Counted(monday) || again.Counted(autumn) {
		t.Errorf("a restart finds%v,%v", again.Days(), err)
	}
	if err := b.Fold(ledger.Record{Entry: ledger.Entry{Kind: KindCounted, Body: []byte(`{"day":"soon"}`)}}); errs.CodeOf(err) != errs.Invalid {
		t.Error(err)
	}
}

// Every way a case ends is told as what it is.
func TestEveryOutcomeIsTold(t *testing.T) {
	for outcome, want := range map[desk.Outcome]string{
		desk.ReleasedToAdult: "Released to a parent or carer", desk.ReleasedToPupil: "Released to the pupil",
		desk.Returned: "Returned: taken by mistake", desk.HandedToPolice: "Handed to the police",
	} {
		h := &house{}
		for i := range Least {
			h.cases = append(h.cases, desk.Case{Whose: "p-9", Opened: at(autumn.Add(i)), Closed: at(autumn.Add(i + 1)), Facts: desk.Facts{Reason: desk.Breach}, Outcome: outcome})
		}
		for _, row := range h.report(monday).Tables[1].Rows {
			if row.Cell.N > 0 && row.Name != want {
				t.Errorf("%s is told as %q", outcome, row.Name)
			}
		}
	}
}
