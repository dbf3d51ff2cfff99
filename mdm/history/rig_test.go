package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

var monday = school.Date{Year: 2026, Month: time.November, Day: 23}

// clock is a moment of that Monday.
func clock(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", monday.String()+" "+text)
	if err != nil {
		panic(err)
	}
	return at
}

// exam is a day with registration, an exam and a break.
func exam(now time.Time) []mdm.Period {
	if school.DateOf(now) != monday {
		return nil
	}
	return []mdm.Period{
		{Kind: "registration", Name: "Registration", From: clock("08:40:00"), Until: clock("09:00:00")},
		{Kind: history.Exam, Name: "Maths", From: clock("09:00:00"), Until: clock("10:30:00")},
		{Kind: mdm.Break, Name: "Break", From: clock("10:30:00"), Until: clock("10:50:00")},
	}
}

var (
	off = mdm.Set{mdm.Camera: mdm.Block}
	any = mdm.Set{mdm.Camera: mdm.User}
)

// rig is a store over a board that a test writes.
type rig struct {
	*history.Store
	t     testing.TB
	dir   string
	log   *memlog.Log
	book  *history.Book
	now   time.Time
	years int
	rows  map[string]shadow.Row
	size  uint64
}

func newRig(t testing.TB, devices ...string) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), now: clock("08:30:00"), rows: map[string]shadow.Row{}, years: 1}
	var err error
	r.log, err = memlog.New("school", func() time.Time { return r.now })
	must(t, err)
	r.start()
	for _, d := range devices {
		r.rows[d] = shadow.Row{Device: mdm.Device{ID: d, Groups: []string{"year-11"}, Platform: "ipad"},
			Compliance: mdm.Compliance{Verdict: mdm.Unknown, Rev: 1}, Want: mdm.Stage{Mode: mdm.Home, Set: any}}
	}
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start is the server, started again.
func (r *rig) start() {
	r.t.Helper()
	r.book = history.NewBook(r.log, func() ledger.Stamp { return ledger.Stamp{Wall: r.now, Trusted: true} })
	must(r.t, r.log.Read(context.Background(), 0, r.book.Fold))
	r.Store = history.New(history.Config{Dir: r.dir, Book: r.book, Board: r, Day: exam, Now: func() time.Time { return r.now },
		Years: func() int { return r.years }, Log: slog.New(slog.DiscardHandler)})
}

// Board is the board as the test wrote it.
func (r *rig) Board() shadow.Board {
	b := shadow.Board{Size: r.size, Counts: map[mdm.Verdict]int{}}
	for _, row := range r.rows {
		b.Rows = append(b.Rows, row)
		b.Counts[row.Verdict]++
	}
	return b
}

// at lets the time reach a moment, a second of work at each quarter of a minute on
// the way.
func (r *rig) at(text string) {
	r.t.Helper()
	for to := clock(text); r.now.Before(to); {
		r.now = r.now.Add(15 * time.Second)
		if r.now.After(to) {
			r.now = to
		}
		r.step()
	}
}

func (r *rig) step() {
	r.t.Helper()
	must(r.t, r.Step(context.Background()))
}

// change changes a device, as the shadow would.
func (r *rig) change(device string, how func(*shadow.Row)) {
	row := r.rows[device]
	how(&row)
	r.rows[device] = row
	r.size++
	r.Watch(row)
}

func (r *rig) link(device string, up bool, v mdm.Verdict) {
	r.change(device, func(row *shadow.Row) {
		row.Link, row.Verdict = mdm.Link{Known: true, Online: up, Since: r.now}, v
	})
}

// want is a bell: another revision for every device.
func (r *rig) want(mode mdm.Mode, set mdm.Set) {
	for id, row := range r.rows {
		r.change(id, func(row *shadow.Row) {
			row.Rev++
			row.Want = mdm.Stage{Mode: mode, Set: set}
			if row.Link.Online {
				row.Verdict = mdm.Pending
			}
		})
		_ = row
	}
}

// say is a report about the revision wanted.
func (r *rig) say(device string, state mdm.State, v mdm.Value) {
	r.change(device, func(row *shadow.Row) {
		report := mdm.NewReported(row.Rev, row.Want.Mode, "s", r.now)
		report.Set[mdm.Camera] = mdm.Outcome{State: state, Value: v}
		row.Said, row.Heard, row.Verdict = &report, r.now, mdm.Violating
		switch {
		case state == mdm.Assumed:
			row.Verdict = mdm.OnlyAssumed
		case state == mdm.Applied && v == row.Want.Set[mdm.Camera]:
			row.Verdict = mdm.InForce
		}
	})
}

func (r *rig) read() *history.Day {
	r.t.Helper()
	d, err := r.Read(monday)
	must(r.t, err)
	return d
}

// tell is the camera of a device in the exam, a span a line.
func (r *rig) tell(device string) string {
	r.t.Helper()
	return spans(r.read().Of(device, mdm.Camera, clock("09:00:00"), clock("10:30:00")))
}

func spans(list []history.Span) (text string) {
	for _, s := range list {
		text += fmt.Sprintf("%s-%s %s %s", s.From.Format("15:04:05"), s.Until.Format("15:04:05"), s.Knowing, s.Value)
		text += "\n"
	}
	return text
}

func (r *rig) file() []byte {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, monday.String()+".jsonl"))
	must(r.t, err)
	return b
}

func (r *rig) rewrite(b []byte) {
	r.t.Helper()
	must(r.t, os.WriteFile(filepath.Join(r.dir, monday.String()+".jsonl"), b, 0o600))
}

// records are the bodies of a kind on the ledger.
func (r *rig) records(kind string) (list []string) {
	r.t.Helper()
	must(r.t, r.log.Read(context.Background(), 0, func(rec ledger.Record) error {
		if rec.Kind == kind {
			var b bytes.Buffer
			must(r.t, json.Compact(&b, rec.Body))
			list = append(list, b.String())
		}
		return nil
	}))
	return list
}

// examOf plays the exam with one device that is offline for two minutes.
func examOf(t testing.TB) *rig {
	t.Helper()
	r := newRig(t, "ipad-7")
	r.step()
	r.link("ipad-7", true, mdm.Pending)
	r.say("ipad-7", mdm.Applied, mdm.User)
	r.at("08:40:00")
	r.at("09:00:00")
	r.want(history.Exam, off)
	r.at("09:00:04")
	r.say("ipad-7", mdm.Applied, mdm.Block)
	r.at("09:41:00")
	r.link("ipad-7", false, mdm.Offline)
	r.at("09:43:00")
	r.link("ipad-7", true, mdm.Pending)
	r.at("09:43:01")
	r.say("ipad-7", mdm.Applied, mdm.Block)
	r.at("10:30:00")
	r.want(mdm.Break, any)
	r.at("10:30:02")
	r.say("ipad-7", mdm.Applied, mdm.User)
	r.at("10:32:00")
	return r
}
