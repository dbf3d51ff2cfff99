// Package historytest is a school with an exam on a Monday, whose devices a test
// plays by hand, for tests of the history and of its pages.
package historytest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Monday is the day of the exam.
var Monday = school.Date{Year: 2026, Month: time.November, Day: 23}

// Clock is a moment of that Monday, such as 09:41:00.
func Clock(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", Monday.String()+" "+text)
	if err != nil {
		panic(err)
	}
	return at
}

// Day has registration, an exam and a break; no other day has anything.
func Day(now time.Time) []mdm.Period {
	if school.DateOf(now) != Monday {
		return nil
	}
	return []mdm.Period{
		{Kind: "registration", Name: "Registration", From: Clock("08:40:00"), Until: Clock("09:00:00")},
		{Kind: history.Exam, Name: "Maths exam", From: Clock("09:00:00"), Until: Clock("10:30:00")},
		{Kind: mdm.Break, Name: "Break", From: Clock("10:30:00"), Until: Clock("10:50:00")},
	}
}

// What is wanted of the camera in the exam, and else.
var (
	Off = mdm.Set{mdm.Camera: mdm.Block}
	Any = mdm.Set{mdm.Camera: mdm.User}
)

// School is a store over a board that a test writes, from half past eight on.
type School struct {
	*history.Store
	T     testing.TB
	Dir   string
	Log   *memlog.Log
	Book  *history.Book
	Now   time.Time
	Years int // how long days are kept
	Rows  map[string]shadow.Row

	size uint64 // changes of the board
}

// New is a school with devices of year 11 that nobody has heard of yet.
func New(t testing.TB, devices ...string) *School {
	t.Helper()
	s := &School{T: t, Dir: t.TempDir(), Now: Clock("08:30:00"), Rows: map[string]shadow.Row{}, Years: 1}
	var err error
	s.Log, err = memlog.New("school", func() time.Time { return s.Now })
	s.must(err)
	s.Start()
	for _, d := range devices {
		s.Rows[d] = shadow.Row{Device: mdm.Device{ID: d, Groups: []string{"year-11"}, Platform: "ipad"},
			Compliance: mdm.Compliance{Verdict: mdm.Unknown, Rev: 1}, Want: mdm.Stage{Mode: mdm.Home, Set: Any}}
	}
	return s
}

func (s *School) must(err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}

// Start is the server, started again.
func (s *School) Start() {
	s.T.Helper()
	s.Book = history.NewBook(s.Log, func() ledger.Stamp { return ledger.Stamp{Wall: s.Now, Trusted: true} })
	s.must(s.Log.Read(context.Background(), 0, s.Book.Fold))
	s.Store = history.New(history.Config{Dir: s.Dir, Book: s.Book, Board: s, Day: Day, Now: func() time.Time { return s.Now },
		Years: func() int { return s.Years }, Log: slog.New(slog.DiscardHandler)})
}

// Board is the board as the test wrote it.
func (s *School) Board() shadow.Board {
	b := shadow.Board{Size: s.size, Counts: map[mdm.Verdict]int{}}
	for _, row := range s.Rows {
		b.Rows = append(b.Rows, row)
		b.Counts[row.Verdict]++
	}
	return b
}

// At lets the time reach a moment of Monday, a second of work at each quarter of a
// minute on the way.
func (s *School) At(clock string) {
	s.T.Helper()
	for to := Clock(clock); s.Now.Before(to); {
		s.Now = s.Now.Add(15 * time.Second)
		if s.Now.After(to) {
			s.Now = to
		}
		s.Work()
	}
}

// Work is a second of the history's.
func (s *School) Work() {
	s.T.Helper()
	s.must(s.Step(context.Background()))
}

// Change changes a device, as the shadow would.
func (s *School) Change(device string, how func(*shadow.Row)) {
	row := s.Rows[device]
	how(&row)
	s.Rows[device] = row
	s.size++
	s.Watch(row)
}

// Link has a device come or go.
func (s *School) Link(device string, up bool, v mdm.Verdict) {
	s.Change(device, func(row *shadow.Row) {
		row.Link, row.Verdict = mdm.Link{Known: true, Online: up, Since: s.Now}, v
	})
}

// Want is a bell: another revision for every device.
func (s *School) Want(mode mdm.Mode, set mdm.Set) {
	for id := range s.Rows {
		s.Change(id, func(row *shadow.Row) {
			row.Rev++
			row.Want = mdm.Stage{Mode: mode, Set: set}
			if row.Link.Online {
				row.Verdict = mdm.Pending
			}
		})
	}
}

// Say is a report of the camera about the revision wanted.
func (s *School) Say(device string, state mdm.State, v mdm.Value) {
	s.Change(device, func(row *shadow.Row) {
		report := mdm.NewReported(row.Rev, row.Want.Mode, "s", s.Now)
		report.Set[mdm.Camera] = mdm.Outcome{State: state, Value: v}
		row.Said, row.Heard, row.Verdict = &report, s.Now, mdm.Violating
		switch {
		case state == mdm.Assumed:
			row.Verdict = mdm.OnlyAssumed
		case state == mdm.Applied && v == row.Want.Set[mdm.Camera]:
			row.Verdict = mdm.InForce
		}
	})
}
