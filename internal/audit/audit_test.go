package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

var start = time.Date(2026, 11, 23, 8, 20, 0, 0, time.UTC)

// day is one deposit and one collection of ann at door 4, as both sides tell it.
func day() ([]locker.Event, []world.Line) {
	at := func(s int) school.Instant { return school.Instant{Wall: start.Add(time.Duration(s) * time.Second)} }
	ann := func(s int, kind locker.Kind, purpose locker.Purpose, body locker.Body) locker.Event {
		body.Person = "ann"
		return locker.Event{Kind: kind, At: at(s), Door: 4, Purpose: purpose, Body: body}
	}
	events := []locker.Event{ // record 0 opens the epoch
		{Kind: locker.Surveyed, At: at(0)},
		ann(1, locker.Intent, locker.Deposit, locker.Body{Attempt: 1}),
		ann(2, locker.Outcome, "", locker.Body{Of: 2, Result: locker.Opened}),
		ann(9, locker.Deposited, "", locker.Body{Of: 2}),
		ann(100, locker.Intent, locker.Collection, locker.Body{Attempt: 1}),
		ann(101, locker.Outcome, "", locker.Body{Of: 5, Result: locker.Opened}),
		ann(109, locker.Collected, "", locker.Body{Of: 5}),
	}
	line := func(s int, what world.What) world.Line {
		l := world.Line{T: at(s).Wall, What: what, Door: 4}
		switch what {
		case world.Frame, world.Opened, world.Jammed:
			l.Bus, l.Lock = "left", 3
		case world.Put, world.Took:
			l.Pupil, l.Phone = "ann", "phone"
		}
		return l
	}
	truth := []world.Line{
		line(1, world.Frame), line(2, world.Opened), line(6, world.Put), line(8, world.Shut),
		line(100, world.Frame), line(101, world.Opened), line(105, world.Took), line(108, world.Shut),
	}
	return events, truth
}

// itemDay is one phone put in and taken out of door 3 by order, as both sides
// tell it.
func itemDay() ([]locker.Event, []world.Line) {
	at := func(s int) school.Instant { return school.Instant{Wall: start.Add(time.Duration(s) * time.Second)} }
	item := func(s int, kind locker.Kind, purpose locker.Purpose, body locker.Body) locker.Event {
		body.Item = "i-1"
		return locker.Event{Kind: kind, At: at(s), Door: 3, Purpose: purpose, Body: body}
	}
	line := func(s int, what world.What) world.Line {
		l := world.Line{T: at(s).Wall, What: what, Door: 3}
		switch what {
		case world.Frame, world.Opened:
			l.Bus, l.Lock = "left", 2
		case world.Put, world.Took:
			l.Phone = "i-1"
		}
		return l
	}
	return []locker.Event{
			{Kind: locker.Surveyed, At: at(0)},
			item(1, locker.Intent, locker.PutItem, locker.Body{Attempt: 1}),
			item(2, locker.Outcome, "", locker.Body{Of: 2, Result: locker.Opened}),
			item(9, locker.Deposited, "", locker.Body{Of: 2}),
			item(100, locker.Intent, locker.TakeItem, locker.Body{Attempt: 1}),
			item(101, locker.Outcome, "", locker.Body{Of: 5, Result: locker.Opened}),
			item(109, locker.Collected, "", locker.Body{Of: 5}),
		}, []world.Line{
			line(1, world.Frame), line(2, world.Opened), line(6, world.Put), line(8, world.Shut),
			line(100, world.Frame), line(101, world.Opened), line(105, world.Took), line(108, world.Shut),
		}
}

func TestCompareItems(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line)
		want  string
	}{
		"as it was":    {func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) { return e, l }, ""},
		"never put in": {func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) { return e, append(l[:2:2], l[3]) }, "i-1: deposited at door 3"},
		"left in":      {func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) { return e, append(l[:6:6], l[7]) }, "i-1: collected at door 3"},
		"in, and not by then": {func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e[:4], append(l[:4:4], l[6])
		}, "i-1: held in door 3; phone in door 0"},
		"in unknown to all": {func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) { return e[:1], l[2:3] }, "i-1: nothing held; phone in door 3"},
	} {
		events, truth := c.spoil(itemDay())
		var found []string
		for _, row := range compare(t, events, truth).Differences() {
			found = append(found, row.Text)
		}
		if all := strings.Join(found, "\n"); (c.want == "") != (all == "") || !strings.Contains(all, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}

func compare(t *testing.T, events []locker.Event, truth []world.Line) Report {
	t.Helper()
	log, err := memlog.New("a", func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		entry, err := record.Entry(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Append(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
	for i := range truth {
		truth[i].N = uint64(i + 1)
	}
	report, err := Compare(t.Context(), locker.Setup{Bank: "a", Doors: []int{3, 4}}, truth, log)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestCompareAgrees(t *testing.T) {
	events, truth := day()
	r := compare(t, events, truth)
	if len(r.Differences()) != 0 || r.Frames != 2 || r.Openings != 2 || !r.Balanced() {
		t.Errorf("%d frames, %d openings, differences %v", r.Frames, r.Openings, r.Differences())
	}
}

// Whatever is wrong on either side must be found.
// The frame after an order that was not sent is that of the next order for the
// door: on a busy bus the one dies while the other waits.
func TestAnUnsentOrderTakesNoFrame(t *testing.T) {
	events, truth := day()
	again := func(s int, kind locker.Kind, body locker.Body) {
		e := locker.Event{Kind: kind, At: events[0].At, Door: 4, Body: body}
		e.At.Wall = e.At.Wall.Add(time.Duration(s) * time.Second)
		if kind == locker.Intent {
			e.Purpose = locker.Deposit
		}
		e.Person = "ann"
		events = append(events, e)
	}
	again(120, locker.Intent, locker.Body{Attempt: 1})
	again(126, locker.Outcome, locker.Body{Of: 8, Result: locker.NotSent})
	again(130, locker.Intent, locker.Body{Attempt: 1})
	again(137, locker.Outcome, locker.Body{Of: 10, Result: locker.Unverified})
	frame := truth[0]
	frame.T = frame.T.Add(130 * time.Second)
	report := compare(t, events, append(truth, frame))
	if differ := report.Differences(); len(differ) != 0 || !report.Balanced() || report.Sent != 1 {
		t.Errorf("%+v differ, %+v", differ, report)
	}
}

func TestCompareFindsWhatDiffers(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(events []locker.Event, truth []world.Line) ([]locker.Event, []world.Line)
		want  string
	}{
		{"a frame without an intent", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e, append(l, world.Line{T: start.Add(200 * time.Second), What: world.Frame, Bus: "left", Lock: 3, Door: 4})
		}, "without an intent"},
		{"a frame for no door", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e, append(l, world.Line{T: start, What: world.Frame, Bus: "left", Lock: 9})
		}, "no door"},
		{"an opening no board saw", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e, append(l[:4:4], l[6:]...)
		}, "no board saw a frame"},
		{"a frame before its intent", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			l[0].T = start
			return e, l
		}, "no board saw a frame"},
		{"another result", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			l[1].What = world.Jammed
			return e, l
		}, "latch: jammed"},
		{"an order said to be unsent", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			e[2].Result = locker.NotSent
			return e, l
		}, "not sent"},
		{"a phone in another door", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			l[2].Door = 3
			return e, l
		}, "ann: deposited at door 4"},
		{"a deposit with nothing in", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e, append(l[:2:2], l[3])
		}, "ann: deposited at door 4"},
		{"a phone put in after its deposit", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			l[2].T = start.Add(20 * time.Second)
			return e, l
		}, "ann: deposited at door 4"},
		{"a collection that left it in", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e, append(l[:6:6], l[7])
		}, "ann: collected at door 4"},
		{"a phone nobody knows of", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e, append(l, world.Line{T: start.Add(300 * time.Second), What: world.Put, Door: 3, Pupil: "bob"})
		}, "bob: nothing held; phone in door 3"},
		{"a holding that is gone", func(e []locker.Event, l []world.Line) ([]locker.Event, []world.Line) {
			return e[:4], append(l[:4:4], l[6])
		}, "ann: held in door 4; phone in door 0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			events, truth := c.spoil(day())
			var found []string
			for _, row := range compare(t, events, truth).Differences() {
				found = append(found, row.Text)
			}
			if !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}

// What a dead machine recorded and nobody copied is no lie of the one in its place,
// which says how much it knows; a phone that it should know of and does not is.
func TestRecordsLostWithAMachine(t *testing.T) {
	events, truth := day()
	events, truth = events[:4], truth[:4] // ann's phone lies behind door 4
	for _, c := range []struct {
		known   uint64 // of the five records there are with the opening
		carried bool
		differ  int
	}{{2, false, 0}, {5, false, 1}, {5, true, 0}} {
		legacy := locker.Legacy{}
		if c.carried {
			legacy = locker.Legacy{{Kind: locker.Carried, Door: 4, Body: locker.Body{Person: "ann"}}}
		}
		next := legacy.Events(c.known, school.Instant{Wall: start.Add(time.Hour)})
		report, err := Compare(t.Context(), locker.Setup{Bank: "a", Doors: []int{4}}, truth, logOf(t, events), logOf(t, next))
		if err != nil {
			t.Fatal(err)
		}
		if differ := report.Differences(); len(differ) != c.differ || !report.Balanced() {
			t.Errorf("%+v: %v", c, differ)
		}
	}
}

// logOf is a ledger with these events.
func logOf(t *testing.T, events []locker.Event) *memlog.Log {
	t.Helper()
	log, err := memlog.New("a", func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		entry, err := record.Entry(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Append(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
	return log
}
