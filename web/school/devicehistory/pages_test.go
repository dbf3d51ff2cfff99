package devicehistory

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/history/historytest"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

func TestWasTheCameraOff(t *testing.T) {
	a := newAcademy(t)
	a.exam()
	v := kittest.Visit(t, a.handler(), "it")
	for _, c := range []struct {
		path string
		says []string
	}{
		{"/device/ipad-7/history", []string{"What iPad 7 did", "Maths exam, Monday 23 November 2026, 09:00 to 10:30",
			"The camera was off from 09:00:04 to 10:30:00, offline 09:41:00 to 09:43:01, then still off. This is by the device&#39;s own report. For the first 4 s it was as the user likes.",
			"It had to be off from 09:00:00 to 10:30:00.", "1 h 27 min, by its own report", "2 min 1 s</dd>", "Verified: all that is told here"}},
		{"/device/ipad-8/history", []string{"off from 09:00:04 to 09:50:00; then as the user likes from 09:50:00 to 09:52:00; then off from 09:52:00 to 10:30:00", "changed on the device", "2 min, by its own report"}},
		{"/device/ipad-9/history", []string{"From 09:00:04 to 10:30:00 it is not known: asked for, and the device cannot say."}},
		{"/device/ipad-7/history?period=Break", []string{"as the user likes", "not on the ledger yet"}},
		{"/device/ipad-7/history?setting=bluetooth", []string{"Not known: the device did not say.", "Nothing was asked of it."}},
		{"/device/ipad-7/history?day=2026-11-22", []string{"Nothing was recorded of that day."}},
		{"/device/ipad-7/history?day=2026-11-24", []string{"That day is still to come."}},
		{"/device/ipad-7/history?day=x&period=%22%3E&setting=y", []string{"Monday 23 November", "Maths exam"}},
		{"/device-history", []string{"By their own reports, 9 of 12 devices were as they had to be all the time. 1 was otherwise", "-ipad-13"}},
		{"/device-history?group=trolley&period=Maths%20exam", []string{"iPad 11", "-iPad 3<", "1 to 2 of 2 devices"}},
	} {
		v.Says(c.path, c.says...)
	}
	v.Page(http.StatusNotFound, "/device/ipad-99/history")
	v.SignIn("teacher")
	v.Page(http.StatusForbidden, "/device/ipad-7/history")
}

// What is assumed is never told as a report, and never counts.
func TestAssumedIsNotReported(t *testing.T) {
	a := newAcademy(t)
	a.exam()
	page := kittest.Visit(t, a.handler(), "it").Page(http.StatusOK, "/device/ipad-9/history")
	kittest.Has(t, "the page", page, "asked for, and the device cannot say", "assumed, not confirmed", "0 s, by its own report", "-The camera was off")
}

func TestTamperedDay(t *testing.T) {
	a := newAcademy(t)
	a.exam()
	path := filepath.Join(a.Dir, historytest.Monday.String()+".jsonl")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept []byte
	for line := range bytes.Lines(b) {
		if !bytes.Contains(line, []byte(`09:50:00Z","dev":"ipad-8"`)) {
			kept = append(kept, line...)
		}
	}
	if len(kept) == len(b) {
		t.Fatal("nothing was taken out")
	}
	if err := os.WriteFile(path, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	v := kittest.Visit(t, a.handler(), "it")
	for _, path := range []string{"/device/ipad-8/history", "/device-history"} {
		v.Says(path, "Do not rely on this: what is kept is not what was recorded at Break.", "-Verified:")
	}
}

// After the time the school keeps such records the ledger still has the counts.
func TestNoLongerKept(t *testing.T) {
	a := newAcademy(t)
	a.exam()
	a.Now = at("08:00:00").AddDate(1, 0, 2)
	if err := a.Store.Step(context.Background()); err != nil {
		t.Fatal(err)
	}
	v := kittest.Visit(t, a.handler(), "it")
	v.Says("/device/ipad-7/history?day=2026-11-23&period=Maths%20exam", "no longer kept", "11 of 12 devices were as they had to be", "-by its own report")
	v.Says("/device-history.csv?day=2026-11-23&period=Maths%20exam", "no longer kept")
}

func TestCSV(t *testing.T) {
	a := newAcademy(t)
	a.exam()
	_, text, _ := kittest.Visit(t, a.handler(), "it").Get("/device-history.csv?period=Maths%20exam")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 13 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if r := rows[7]; r[0] != "ipad-7" || r[6] != "5275" || r[7] != "4" || r[8] != "0" || r[9] != "121" {
		t.Errorf("%q", r)
	}
}

// The start page says of a bell that did not take, until the next.
func TestTask(t *testing.T) {
	a := newAcademy(t)
	cfg := Config{Bells: a.Book}
	if got := cfg.Tasks(); len(got) > 0 {
		t.Errorf("before anything: %+v", got)
	}
	a.At("09:00:00")
	a.Want(history.Exam, historytest.Off)
	a.At("09:00:30")
	for id := range a.Rows {
		a.Say(id, mdm.Applied, mdm.Block)
	}
	a.Say("ipad-8", mdm.Failure, mdm.User)
	a.At("09:05:00")
	got := cfg.Tasks()
	if len(got) != 1 || got[0].What != "The bell for Maths exam did not take. 1 device is not as they must be in an exam." || !got[0].Grave || got[0].Next == "" {
		t.Errorf("%+v", got)
	}
	a.At("10:32:00")
	if got := cfg.Tasks(); len(got) > 0 {
		t.Errorf("after the next bell: %+v", got)
	}
}

// lastBell is the only bell there is.
type lastBell struct{ history.Bell }

func (lastBell) Of(school.Date) []history.Bell { return nil }

func (b lastBell) Last() (history.Bell, bool) { return b.Bell, true }

// A bell of which nobody could be told by e-mail stands before all else.
func TestTaskSaysWhetherAnybodyWasTold(t *testing.T) {
	missed := history.Missed{Bell: "P1", Late: 2, Devices: 40, Groups: []history.Group{{ID: "trolley-1", Late: 2, Violating: 1, Of: 5}}}
	cfg := Config{Bells: lastBell{history.Bell{Bell: "P1", Missed: &missed}}}
	got := cfg.Tasks()[0]
	if !got.Grave || !strings.HasPrefix(got.Next, "Nobody was told by e-mail") || got.What != "The bell for P1 did not take. 2 of 40 devices had not answered a minute later. Worst in trolley-1: 3 of 5." {
		t.Errorf("%+v", got)
	}
	cfg.Told = func(about string) bool { return about == missed.ID() }
	if got := cfg.Tasks()[0]; got.Grave || strings.Contains(got.Next, "Nobody") {
		t.Errorf("%+v", got)
	}
}

func TestSentence(t *testing.T) {
	span := func(from, until string, k history.Knowing, v mdm.Value) history.Span {
		return history.Span{From: at(from), Until: at(until), Knowing: k, Value: v, Want: mdm.Block}
	}
	for _, c := range []struct {
		want  string
		spans []history.Span
	}{
		{"Nothing is known of this time yet.", nil},
		{"The camera was off from 09:00:00 to 10:00:00. This is by the device's own report.", []history.Span{span("09:00:00", "10:00:00", history.Reported, mdm.Block)}},
		{"The camera was off from 09:00:00 to 09:30:00. This is by the device's own report. From 09:30:00 to 10:00:00 it is not known: offline. It had said last: off.",
			[]history.Span{span("09:00:00", "09:30:00", history.Reported, mdm.Block), span("09:30:00", "10:00:00", history.Away, mdm.Block)}},
		{"The camera was off from 09:20:00 to 10:00:00. This is by the device's own report. Until 09:20:00 it is not known: offline.",
			[]history.Span{span("09:00:00", "09:20:00", history.Away, mdm.User), span("09:20:00", "10:00:00", history.Reported, mdm.Block)}},
		{"The camera was off from 09:00:00 to 10:00:00, offline 09:10:00 to 09:20:00 and 09:30:00 to 09:40:00, then still off. This is by the device's own report.",
			[]history.Span{span("09:00:00", "09:10:00", history.Reported, mdm.Block), span("09:10:00", "09:20:00", history.Away, mdm.Block), span("09:20:00", "09:30:00", history.Reported, mdm.Block),
				span("09:30:00", "09:40:00", history.Away, mdm.Block), span("09:40:00", "10:00:00", history.Reported, mdm.Block)}},
		{"Not known: the device was offline; it had said last: off.", []history.Span{span("09:00:00", "10:00:00", history.Away, mdm.Block)}},
		{"Not known: it was told to be off, which is assumed and not confirmed, for the device cannot say.", []history.Span{span("09:00:00", "10:00:00", history.Assumed, mdm.Block)}},
		{"Not known: the server did not watch.", []history.Span{span("09:00:00", "10:00:00", history.Unwatched, "")}},
		{"The camera was off from 09:00:00 to 09:20:00, offline 09:20:00 to 09:30:00; then on from 09:30:00 to 10:00:00. This is by the device's own report.",
			[]history.Span{span("09:00:00", "09:20:00", history.Reported, mdm.Block), span("09:20:00", "09:30:00", history.Away, mdm.Block), span("09:30:00", "10:00:00", history.Reported, mdm.Allow)}},
	} {
		if got := sentence(mdm.Camera, c.spans, time.UTC); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// What a page says of a line is about the setting that was asked about: another that
// is not as it must be does not make this one look so.
func TestALineIsAboutTheSettingAsked(t *testing.T) {
	entry := func(how func(*history.Entry)) history.Entry {
		e := history.Entry{At: at("09:10:00"), Rev: 3, For: 3, Up: true, Fresh: true, Since: at("08:30:00"), Verdict: mdm.Violating,
			Want: mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block},
			Said: map[mdm.Setting]mdm.Outcome{mdm.Camera: {State: mdm.Applied, Value: mdm.Block}, mdm.Share: {State: mdm.Overridden, Value: mdm.Allow}}}
		how(&e)
		return e
	}
	for what, c := range map[string]struct {
		how           func(*history.Entry)
		camera, share string
	}{
		"one of two is wrong":  {func(*history.Entry) {}, "in force", "not as it must be"},
		"nothing is asked":     {func(e *history.Entry) { e.Want = mdm.Set{mdm.Camera: mdm.Block} }, "in force", "nothing asked"},
		"not answered yet":     {func(e *history.Entry) { e.For, e.Verdict = 2, mdm.Pending }, "in force", "being set"},
		"late":                 {func(e *history.Entry) { e.For, e.Verdict = 2, mdm.Late }, "in force", "late to answer"},
		"back, and says no":    {func(e *history.Entry) { e.Fresh, e.Verdict = false, mdm.Pending }, "being set", "being set"},
		"gone offline":         {func(e *history.Entry) { e.Up = false }, "offline", "offline"},
		"more than kept":       {func(e *history.Entry) { e.Cut, e.Said = true, nil }, "not known", "not known"},
		"said the impossible":  {func(e *history.Entry) { e.Verdict = mdm.Rejected }, "said what cannot be true", "said what cannot be true"},
		"one is only assumed":  {func(e *history.Entry) { e.Said[mdm.Camera] = mdm.Outcome{State: mdm.Assumed, Value: mdm.Block} }, "assumed", "not as it must be"},
		"one waits for a hand": {func(e *history.Entry) { e.Said[mdm.Share] = mdm.Outcome{State: mdm.UserAction, Value: mdm.Allow} }, "in force", "waiting for its user"},
		"no longer managed":    {func(e *history.Entry) { e.Gone = true }, "managed no longer", "managed no longer"},
	} {
		e := entry(c.how)
		if camera, share := evidenceOf(e, mdm.Camera, time.UTC).State, evidenceOf(e, mdm.Share, time.UTC).State; camera != c.camera || share != c.share {
			t.Errorf("%s: camera %q, share %q, want %q, %q", what, camera, share, c.camera, c.share)
		}
	}
}

func TestNothingIsToldLongerThanItWas(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"0 s": 0, "under 1 s": 600 * time.Millisecond, "1 s": 1900 * time.Millisecond, "3 min 42 s": 3*time.Minute + 42*time.Second + 700*time.Millisecond,
		"59 min 59 s": time.Hour - time.Millisecond, "1 h 29 min": time.Hour + 29*time.Minute + 59*time.Second,
	} {
		if got := took(d); got != text {
			t.Errorf("%v is told as %s, want %s", d, got, text)
		}
	}
	if got := seconds(1900 * time.Millisecond); got != "1" {
		t.Errorf("in the file it is %s", got)
	}
}

// What was over at once is not told, unless it was wrong.
func TestMomentsAreNotTold(t *testing.T) {
	span := func(from, until float64, k history.Knowing, v mdm.Value, answered bool) history.Span {
		at := func(s float64) time.Time { return at("09:00:00").Add(time.Duration(s * float64(time.Second))) }
		return history.Span{From: at(from), Until: at(until), Knowing: k, Value: v, Want: mdm.Block, Answered: answered}
	}
	for _, c := range []struct {
		says  string
		spans []history.Span
	}{
		{"The camera was off from 09:00:00 to 09:10:00. This is by the device's own report.", []history.Span{span(0, 0.2, history.Reported, mdm.Allow, false),
			span(0.2, 60, history.Reported, mdm.Block, true), span(60, 60.4, history.Away, mdm.Block, true), span(60.4, 600, history.Reported, mdm.Block, true)}},
		{"The camera was off from 09:00:00 to 09:01:00; then on for under 1 s at 09:01:00; then off from 09:01:00 to 09:10:00. This is by the device's own report.",
			[]history.Span{span(0, 60, history.Reported, mdm.Block, true), span(60, 60.4, history.Reported, mdm.Allow, true), span(60.4, 600, history.Reported, mdm.Block, true)}},
		{"The camera was as the user likes for under 1 s at 09:00:00. This is by the device's own report.", []history.Span{span(0, 0.5, history.Reported, mdm.User, false)}},
	} {
		if got := tell(mdm.Camera, c.spans, time.UTC).Says; got != c.says {
			t.Errorf("got  %s\nwant %s", got, c.says)
		}
	}
}
