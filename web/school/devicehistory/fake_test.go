package devicehistory

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var monday = school.Date{Year: 2026, Month: time.November, Day: 23}

func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", monday.String()+" "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// academy is a school of twelve iPads with a maths exam on Monday.
type academy struct {
	t     testing.TB
	dir   string
	store *history.Store
	book  *history.Book
	now   time.Time
	size  uint64
	rows  map[string]shadow.Row
}

func (a *academy) Board() shadow.Board {
	b := shadow.Board{Size: a.size}
	for _, r := range a.rows {
		b.Rows = append(b.Rows, r)
	}
	return b
}

func periods(t time.Time) []mdm.Period {
	if school.DateOf(t) != monday {
		return nil
	}
	return []mdm.Period{
		{Kind: "registration", Name: "Registration", From: at("08:40:00"), Until: at("09:00:00")},
		{Kind: history.Exam, Name: "Maths exam", From: at("09:00:00"), Until: at("10:30:00")},
		{Kind: mdm.Break, Name: "Break", From: at("10:30:00"), Until: at("10:50:00")},
	}
}

func newAcademy(t testing.TB) *academy {
	t.Helper()
	a := &academy{t: t, dir: t.TempDir(), now: at("08:30:00"), rows: map[string]shadow.Row{}}
	log, err := memlog.New("school", func() time.Time { return a.now })
	if err != nil {
		t.Fatal(err)
	}
	a.book = history.NewBook(log, func() ledger.Stamp { return ledger.Stamp{Wall: a.now, Trusted: true} })
	a.store = history.New(history.Config{Dir: a.dir, Book: a.book, Board: a, Day: periods, Now: func() time.Time { return a.now },
		Years: func() int { return 1 }, Log: slog.New(slog.DiscardHandler)})
	for i := range 12 {
		id := fmt.Sprintf("ipad-%d", i+1)
		group := "year-11"
		if i > 9 {
			group = "trolley"
		}
		a.rows[id] = shadow.Row{Device: mdm.Device{ID: id, Groups: []string{group}}, Compliance: mdm.Compliance{Verdict: mdm.Pending, Rev: 1},
			Link: mdm.Link{Known: true, Online: true, Since: a.now}, Want: mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}}}
	}
	return a
}

func (a *academy) change(id string, how func(*shadow.Row)) {
	row := a.rows[id]
	how(&row)
	a.rows[id] = row
	a.size++
	a.store.Watch(row)
}

func (a *academy) link(id string, up bool) {
	a.change(id, func(r *shadow.Row) { r.Link = mdm.Link{Known: true, Online: up, Since: a.now} })
}

func (a *academy) say(id string, state mdm.State, v mdm.Value) {
	a.change(id, func(r *shadow.Row) {
		report := mdm.NewReported(r.Rev, r.Want.Mode, "s", a.now)
		report.Set[mdm.Camera] = mdm.Outcome{State: state, Value: v}
		r.Said, r.Verdict = &report, mdm.Violating
		if state == mdm.Applied && v == r.Want.Set[mdm.Camera] {
			r.Verdict = mdm.InForce
		}
	})
}

func (a *academy) want(m mdm.Mode, v mdm.Value) {
	for id := range a.rows {
		a.change(id, func(r *shadow.Row) {
			r.Rev, r.Verdict, r.Want = r.Rev+1, mdm.Pending, mdm.Stage{Mode: m, Set: mdm.Set{mdm.Camera: v}}
		})
	}
}

func (a *academy) until(clock string) {
	a.t.Helper()
	for to := at(clock); a.now.Before(to); {
		a.now = a.now.Add(20 * time.Second)
		if a.now.After(to) {
			a.now = to
		}
		if err := a.store.Step(context.Background()); err != nil {
			a.t.Fatal(err)
		}
	}
}

// exam plays the day: iPad 7 is offline for two minutes, of iPad 8 somebody turns
// the camera on for a while, iPad 9 can only assume.
func (a *academy) exam() {
	a.t.Helper()
	a.until("08:30:20")
	for id := range a.rows {
		a.say(id, mdm.Applied, mdm.User)
	}
	a.until("09:00:00")
	a.want(history.Exam, mdm.Block)
	a.until("09:00:04")
	for id := range a.rows {
		state := mdm.Applied
		if id == "ipad-9" {
			state = mdm.Assumed
		}
		a.say(id, state, mdm.Block)
	}
	a.until("09:41:00")
	a.link("ipad-7", false)
	a.until("09:43:01")
	a.link("ipad-7", true)
	a.say("ipad-7", mdm.Applied, mdm.Block)
	a.until("09:50:00")
	a.say("ipad-8", mdm.Overridden, mdm.User)
	a.until("09:52:00")
	a.say("ipad-8", mdm.Applied, mdm.Block)
	a.until("10:30:00")
	a.want(mdm.Break, mdm.User)
	a.until("10:35:00")
}

func (a *academy) handler() http.Handler {
	a.t.Helper()
	k := kittest.Kit(kittest.People(), nobody{}, func() time.Time { return a.now }, nil)
	f, err := Pages(k, Config{Days: a.store, Bells: a.book, Periods: periods, Name: func(id string) string {
		if _, ok := a.rows[id]; !ok {
			return ""
		}
		return "iPad " + id[len("ipad-"):]
	}})
	if err != nil {
		a.t.Fatal(err)
	}
	return kittest.Serve(a.t, k, f)
}

type nobody struct{}

func (nobody) Name(string) (string, string, bool) { return "", "", false }
