package takeover

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// IT is told what may be missing before it lets another computer take a bank's
// place, and gets one code for it. A bank that is online is replaced only by
// somebody who says so.
func TestReplace(t *testing.T) {
	a := newAcademy()
	h, _ := a.handler(t)
	it := kittest.Visit(t, h, "it")
	it.Says("/banks", "Bank B, East gate", "812 of 815 records", "31 devices", "60 doors to look at")
	it.Says("/banks/b/replace", "At least 3 records are only on the dead computer", "11:00:07 on 7 June 2027", "Bank B, East gate is online")
	it.Page(http.StatusNotFound, "/banks/z/replace")
	for _, who := range []string{"office", "head", "teacher"} {
		kittest.Visit(t, h, who).Page(http.StatusForbidden, "/banks/b/replace")
	}
	if text := it.Answer(http.StatusUnprocessableEntity, "/banks/b/replace", url.Values{"once": {"one"}}); !strings.Contains(text, "its computer is not dead") || len(a.codes) > 0 {
		t.Errorf("a code of a bank that is online: %v", a.codes)
	}
	sure := url.Values{"once": {"two"}, "sure": {"yes"}}
	text := it.Answer(http.StatusOK, "/banks/b/replace", sure)
	if !strings.Contains(text, "<svg") || !strings.Contains(text, "BKJ1") {
		t.Errorf("there is no code on the page:\n%s", text)
	}
	it.Answer(http.StatusOK, "/banks/b/replace", sure) // reloaded
	if !slices.Equal(a.codes, []string{"it b"}) {
		t.Errorf("codes were made for %v", a.codes)
	}
	a.status.Online, a.loss.Recorded = false, a.loss.Copied
	it.Says("/banks/b/replace", "nothing is missing here", "-only on the dead computer", "-take its place all the same")
}

// The desk has the list of doors with names, to print; ticks what it has seen; and
// the sensors have a word in it.
func TestDoors(t *testing.T) {
	a := newAcademy()
	h, gate := a.handler(t)
	office := kittest.Visit(t, h, "office")
	office.Says("/doors/b", "0 of 60 doors", "With a device behind them (31)", "Empty (29)", "Pupil Number-3", "<strong>open</strong>",
		"A pupil who is not on the roll", "A device that staff put in", "<strong>shut, nothing in it</strong>", "<strong>shut; at its turn the sensor of door 42 spoke</strong>", "7 June, 08:20")
	kittest.Visit(t, h, "it").Page(http.StatusForbidden, "/doors/b")
	next := office.Sent("/doors/b", url.Values{"once": {"one"}, "door": {"1", "2", "3", "40"}})
	if o := a.orders[0]; o.Kind != locker.OrderLook || o.By != "office" || !slices.Equal(o.Doors, []int{1, 2, 3, 40}) {
		t.Errorf("ordered %+v", o)
	}
	office.Says(next, "3 of 60 doors", "-Pupil Number-1<", "Pupil Number-3")
	for why, form := range map[string]url.Values{
		"Tick the doors you have looked at": {"once": {"two"}},
		"That is no door":                   {"once": {"three"}, "door": {"x"}},
	} {
		if text := office.Answer(http.StatusUnprocessableEntity, "/doors/b", form); !strings.Contains(text, why) {
			t.Errorf("%v is not refused with %q", form, why)
		}
	}
	a.refused = locker.Disagrees
	if text := office.Answer(http.StatusUnprocessableEntity, "/doors/b", url.Values{"once": {"four"}, "door": {"3"}}); !strings.Contains(text, "sensors of these doors say otherwise") {
		t.Errorf("the sensors' word is not passed on:\n%s", text)
	}
	a.refused = ""
	gate.Set("office", func(w *kit.Who) { w.Person = "" })
	before := len(a.orders)
	if text := office.Answer(http.StatusForbidden, "/doors/b", url.Values{"once": {"five"}, "door": {"4"}}); !strings.Contains(text, "nobody of the register") || len(a.orders) != before {
		t.Errorf("an account that is nobody looks at doors:\n%s", text)
	}
}

// Two people look at an evidence door, each with an account of their own; the bank is
// told of both.
func TestTwoLookAtEvidence(t *testing.T) {
	a := newAcademy()
	a.status.Board.Doors[59].Class = locker.ClassEvidence // door 60
	h, _ := a.handler(t)
	office := kittest.Visit(t, h, "office")
	office.Says("/doors/b", "Two people look at an evidence door")
	both := url.Values{"once": {"one"}, "door": {"1", "60"}}
	next := office.Sent("/doors/b", both)
	if len(a.orders) != 1 || !slices.Equal(a.orders[0].Doors, []int{1}) {
		t.Errorf("one person tells the bank of evidence: %+v", a.orders)
	}
	office.Says(next, "Looked at by office", "another person has to as well")
	office.Sent("/doors/b", url.Values{"once": {"two"}, "door": {"60"}}) // the same person again
	if len(a.orders) != 1 {
		t.Errorf("the same person counts twice: %+v", a.orders)
	}
	a.status.Board.Doors[59].Asked = now.Add(time.Hour) // the key went out once more
	head := kittest.Visit(t, h, "head")
	head.Says("/doors/b", "-Looked at by office")
	a.status.Board.Doors[59].Asked = now.Add(-time.Hour)
	head.Sent("/doors/b", url.Values{"once": {"one"}, "door": {"60"}})
	if o := a.orders[len(a.orders)-1]; len(a.orders) != 2 || o.Looked != [2]string{"s-office", "s-head"} || !slices.Equal(o.Doors, []int{60}) {
		t.Errorf("ordered %+v", a.orders)
	}
}
