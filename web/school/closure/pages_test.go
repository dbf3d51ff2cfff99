package closure

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

func form(pairs ...string) url.Values {
	f := url.Values{}
	for p := range slices.Chunk(pairs, 2) {
		f.Add(p[0], p[1])
	}
	return f
}

// The office begins a drill, the page says where it is in force and where not, the
// head gives the all-clear, and the report counts what opened.
func TestDrill(t *testing.T) {
	a := newAcademy(t)
	h := a.handler(t)
	office, head := kittest.Visit(t, h, "office"), kittest.Visit(t, h, "head")
	for _, who := range []string{"teacher", "it", "governor"} {
		kittest.Visit(t, h, who).Page(http.StatusForbidden, "/closure/evacuate")
	}
	if text := office.Answer(http.StatusUnprocessableEntity, "/closure/evacuate", form("once", "one")); !strings.Contains(text, "an alarm or a drill") {
		t.Errorf("neither alarm nor drill:\n%s", text)
	}
	office.Sent("/closure/evacuate", form("once", "two", "what", "drill"))
	a.leaves(view.Evacuation{Cause: locker.BySchool, Began: a.now, Open: []int{3}, Opening: []int{2}}, locker.BySchool)
	office.Says("/closure", "Fire drill: the building is being left", "Olive Office", "Bank A", "since 11:00:00 by its clock", "Not yet: it is offline", "does not say who is in the building")
	kittest.Visit(t, h, "dsl").Says("/closure", "Give the all-clear", "-When the lockers cannot be used") // nothing that they could do there
	if alarm := a.config().Alarm(time.UTC); !strings.Contains(alarm, "Fire drill") {
		t.Errorf("everybody is told %q", alarm)
	}
	if tasks := a.config().Tasks(); len(tasks) != 1 || !tasks[0].Grave {
		t.Errorf("%+v", tasks)
	}
	a.pass(14 * time.Minute)
	report := head.Sent("/closure/all-clear", form("once", "three"))
	a.leaves(view.Evacuation{Began: a.now.Add(-time.Hour), Ended: a.now.Add(-20 * time.Minute), Openings: 7})
	before := a.status[0].Board.Evacuations
	a.leaves(view.Evacuation{Cause: locker.BySchool, Began: a.now.Add(-14 * time.Minute), Ended: a.now, Open: []int{3}, Opening: []int{2}, Scans: 5, Refused: 1})
	a.status[0].Board.Evacuations = append(before, a.status[0].Board.Evacuations...) // another one, before
	head.Says(report, "Fire drill", "All clear 11:14:00 on 23 November 2026 by Hugh Head", "Doors told to open in that time: <strong>0</strong>",
		"Being opened as it began: 2", "Stood open as it began: 3", "Nothing was heard of it from Bank B", `id="print"`)
	head.Says("/closure", "Report", "-being left")
	if len(a.orders) > 0 {
		t.Errorf("orders without need: %v", a.orders)
	}
}

// What a bank began itself ends with the all-clear too, and can be ended there alone.
func TestAllClearAtABank(t *testing.T) {
	a := newAcademy(t)
	head := kittest.Visit(t, a.handler(t), "head")
	a.leaves(view.Evacuation{Cause: locker.ByStaff, Began: a.now}, locker.ByStaff)
	head.Says("/closure", "Give the all-clear at the banks")
	head.Sent("/closure/all-clear", form("once", "one"))
	if !slices.Equal(a.orders, []string{"a all-clear by head"}) {
		t.Errorf("%v", a.orders)
	}
	a.leaves(view.Evacuation{})
	head.Answer(http.StatusConflict, "/closure/all-clear", form("once", "two"))
}

// What is behind the doors is frozen, printed and saved; nothing goes to parents by
// itself; and access comes back with a name.
func TestAccessLost(t *testing.T) {
	a := newAcademy(t)
	h := a.handler(t)
	head, office := kittest.Visit(t, h, "head"), kittest.Visit(t, h, "office")
	office.Page(http.StatusForbidden, "/closure/lost")
	head.Says("/closure/lost", "4 devices", "last word 10:59:00", "offline")
	page := head.Sent("/closure/lost", form("once", "one"))
	for i := range a.status {
		a.status[i].Board.Doors = nil // the banks burn
	}
	office.Says(page, "Ada Byron", "A device that staff put in", "unverified", "4 devices", "Nothing is sent by itself", "-We can get at the lockers again")
	if text := office.Page(http.StatusOK, page+"/list.csv"); !strings.Contains(text, "Bank A,1,7A,Ada Byron,in,09:00:00") {
		t.Errorf("the CSV:\n%s", text)
	}
	office.Page(http.StatusOK, page+"/list.pdf")
	if len(a.lines) != 4 || a.lines[0] != (DoorLine{"Bank A", 1, "Ada Byron", "7A"}) {
		t.Errorf("the PDF has %+v", a.lines)
	}
	head.Answer(http.StatusUnprocessableEntity, page+"/told", form("once", "two"))
	head.Says(head.Sent(page+"/told", form("once", "three", "how", "Text message to all parents")), "Told 11:00:00 on 23 November 2026 by Hugh Head: Text message")
	a.pass(time.Hour)
	head.Sent("/closure/back", form("once", "four"))
	head.Says(page, "It was regained 12:00:00", "-We can get at the lockers again")
}

// Two people stand for a key.
func TestKeys(t *testing.T) {
	a := newAcademy(t)
	office := kittest.Visit(t, a.handler(t), "office")
	office.Says("/closure/keys", "You give it out: Olive Office", "-<option value=\"s-office\"")
	for why, f := range map[string]url.Values{
		"who gives it out and who takes it": form("once", "1", "bank", "a", "taker", "s-office", "why", "no-power"),
		"That bank has no door 9":           form("once", "2", "bank", "a", "taker", "s-head", "why", "no-power", "doors", "1, 9"),
	} {
		if text := office.Answer(http.StatusUnprocessableEntity, "/closure/keys", f); !strings.Contains(text, why) {
			t.Errorf("not refused with %q", why)
		}
	}
	office.Says(office.Sent("/closure/keys", form("once", "3", "bank", "a", "taker", "s-head", "why", "no-power", "doors", "1 2")), "Hugh Head has it", "doors 1, 2", "The bank has no power")
	key := a.book.Keys()[0]
	if tasks := a.config().Tasks(); len(tasks) != 1 || !strings.Contains(tasks[0].What, "key of Bank A is out") {
		t.Errorf("%+v", tasks)
	}
	office.Sent("/closure/keys/"+key.ID+"/back", form("once", "4"))
	office.Says("/closure/keys", "Hugh Head had it", "Doors to look at", "-Out now")
}

// A line from paper names pupil, door, time and who ticked it; a doubled one is
// refused, one against the record says so.
func TestPaperMode(t *testing.T) {
	a := newAcademy(t)
	office := kittest.Visit(t, a.handler(t), "office")
	office.Page(http.StatusOK, "/closure/list.pdf?by=form&bank=b")
	if len(a.lines) != 2 || a.lines[0].Bank != "Bank B" || a.lines[0].Name != "A device that staff put in (unverified)" {
		t.Errorf("the list has %+v", a.lines)
	}
	line := func(once, name, door string, more ...string) url.Values {
		return form(append([]string{"once", once, "name", name, "what", "out", "bank", "a", "door", door, "at", "2026-11-23T10:30", "witness", "s-head"}, more...)...)
	}
	if text := office.Answer(http.StatusUnprocessableEntity, "/closure/paper", line("1", "Byron", "1")); !strings.Contains(text, "Several pupils") || !strings.Contains(text, "Al Byron (7A)") {
		t.Errorf("two of a name:\n%s", text)
	}
	office.Says(office.Sent("/closure/paper", line("2", "Byron", "1", "person", "p-ada")), "Ada Byron: Bank A, door 1", "ticked by Hugh Head", "Typed in 11:00:00 on 23 November 2026 by Olive Office", "-Contradicts the record:")
	if text := office.Answer(http.StatusConflict, "/closure/paper", line("3", "Ada", "1")); !strings.Contains(text, "typed in already") {
		t.Errorf("twice:\n%s", text)
	}
	if text := office.Answer(http.StatusUnprocessableEntity, "/closure/paper", line("4", "Ada", "2")); !strings.Contains(text, "nothing of theirs was behind a door then") || !strings.Contains(text, "The paper is right") {
		t.Errorf("against the record:\n%s", text)
	}
	office.Says(office.Sent("/closure/paper", line("5", "Ada", "2", "despite", "yes")), "Contradicts the record: nothing of theirs")
}

// What is frozen is whole, whoever does it; and nobody sees in it what is about them.
func TestFrozenListIsWhole(t *testing.T) {
	a := newAcademy(t)
	head := kittest.Visit(t, a.handler(t), "head")
	a.whole = []banks.Status{a.status[0], a.status[1]}
	a.hidden = "i-1"
	for i := range a.status {
		a.status[i].Board = a.status[i].Board.Without(func(item string) bool { return item == a.hidden })
	}
	head.Says("/closure/lost", "2 devices")
	page := head.Sent("/closure/lost", form("once", "one"))
	head.Says(page, "2 devices", "-A device that staff put in")
	if text := head.Page(http.StatusOK, page+"/list.csv"); strings.Contains(text, "staff put in") {
		t.Errorf("the CSV tells of it:\n%s", text)
	}
	a.hidden = ""
	head.Says(page, "4 devices", "A device that staff put in")
}
