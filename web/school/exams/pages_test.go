package exams

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// paper is a form as the exams officer fills it in.
func paper() url.Values {
	return url.Values{"title": {"GCSE Mathematics, paper 1"}, "series": {"June 2027"}, "board": {"An awarding body"}, "rooms": {"Sports hall\r\nRoom 12"}, "start": {"2027-05-10T09:00"}, "minutes": {"90"}, "leave": {"yes"}}
}

const list = "id,number,room,extra\np-1,0041,Sports hall,\np-2,0042,Room 12,25%\np-3,0043,Sports hall,\np-9,0099,,\n"

// set sets the paper and enters its candidates, and gives its page.
func (a *academy) set(t *testing.T, v *kittest.Visitor) string {
	t.Helper()
	next := v.Sent("/exams/new", paper())
	_, preview, _ := v.Post(next, url.Values{"candidates": {list}, "form": {"11B"}})
	kittest.Has(t, "the preview", preview, "Check the candidates", "<strong>4</strong>", "1 line is left out", "Line 5: no pupil on the roll", "Sana Iqbal", "Number 0042", "25 % extra time", "Victor Osei")
	if len(a.book.Sittings()[0].Lines) != 0 {
		t.Error("looking at candidates enters them")
	}
	return v.Sent(next, url.Values{"candidates": {list}, "form": {"11B"}, "go": {"enter"}})
}

// The exams officer sets a paper, clears it with everybody accounted for, and records
// the finish of those whose time is over.
func TestOfficer(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "exams")
	v.Says("/exams", "No paper is written today", "Set a paper")
	page := a.set(t, v)
	v.Says("/exams", "GCSE Mathematics, paper 1", "4 candidates", "09:00 to 10:30, the last at 10:53")
	v.Says(page, "Ahead", "Nothing handed in yet (4)", "-Mark as clear")
	a.at(8, 40)
	a.hands("p-1", "p-2")
	v.Says(page, "Missing (2)", "Jia Khan", "Victor Osei", "Handed in (2)", "Bank A, door 40", "25 % extra time, until 10:53", "-Mark as clear", "Not clear: 2 missing")
	_, text, _ := v.Post(page+"/clear", url.Values{"asked": {"yes"}})
	kittest.Has(t, "clearing it all the same", text, "There is a problem", "2 candidates are missing")

	v.Says(page+"/line/3", "The invigilator has it", "approved exception", "-medical", "-Medical")
	v.Says(page+"/line/4", "-The invigilator has it", "No device with them", "-The exams")
	v.Sent(page+"/line/3/say", url.Values{"how": {"with"}, "holder": {"s-teacher"}})
	_, text, _ = v.Post(page+"/line/4/say", url.Values{"how": {"no-device"}, "witness": {"s-exams"}})
	kittest.Has(t, "without a witness", text, "Somebody else of the staff must be the witness", `href="#witness"`)
	v.Sent(page+"/line/4/say", url.Values{"how": {"no-device"}, "witness": {"s-teacher"}})
	v.Says(page, "Everybody accounted for, not marked clear", "The teacher has their device since 08:40", "08:40, The exams; witness The teacher", "Mark as clear")
	_, text, _ = v.Post(page+"/clear", nil)
	kittest.Has(t, "without having asked", text, "every kind of device")
	a.at(8, 55)
	v.Sent(page+"/clear", url.Values{"asked": {"yes"}})
	v.Says(page, "Clear since 08:55", "At 08:55 by The exams", "Bank A since 08:45:00", "Not yet at Bank B", "(offline)", "-Mark as clear", "-Change or cancel")

	a.at(10, 31)
	v.Says(page, "The own time of 3 candidates is over")
	v.Sent(page+"/finish", url.Values{"at": {"2027-05-10T10:30"}})
	v.Says(page, "Finished (3)", "Handed in (1)", "-The own time of")
	v.Sent(page+"/line/3/say", url.Values{"how": {"given-back"}})
	_, text, _ = v.Post(page+"/line/2/end", url.Values{"at": {"2027-05-10T10:31"}})
	kittest.Has(t, "ending early", text, "say why")
	v.Sent(page+"/line/2/end", url.Values{"at": {"2027-05-10T10:31"}, "why": {"handed in early"}})
	v.Says(page, "Finished (4)", "Finished at 10:31: handed in early", "Over")
	v.Says("/exams", "Over")
}

// An invigilator records what is found; nothing is said of a sanction, and the draft
// has what the exams officer has to copy.
func TestIncident(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "exams")
	page := a.set(t, v)
	a.at(8, 50)
	a.hands("p-1", "p-2", "p-3")
	v.Sent(page+"/line/4/say", url.Values{"how": {"no-device"}, "witness": {"s-teacher"}})
	v.Sent(page+"/clear", url.Values{"asked": {"yes"}})
	a.at(9, 41)
	v.SignIn("teacher")
	v.Says(page+"/line/4", "Record a device that was found", "-Extra time, in per cent")
	form := url.Values{"at": {"2027-05-10T09:40"}, "what": {"phone"}, "happened": {"It rang in a pocket."}}
	_, text, _ := v.Post(page+"/line/4/incident", form)
	kittest.Has(t, "half a form", text, "Say whether it was in use")
	form.Set("activity", "active")
	draft := v.Sent(page+"/line/4/incident", form)
	v.Says(draft, "Elmfield Academy", "GCSE Mathematics, paper 1, June 2027", "An awarding body", "Victor Osei", "09:40", "Phone, in use", "It rang in a pocket.", "c-7", "with The teacher",
		"08:50, The exams; witness The teacher", "marked clear at 08:50", "Statement of the candidate", "Nothing is decided by this record", "-disqualif", "-sanction")
	v.Says(page, "Devices found (1)", "09:40: Phone, Victor Osei")
	v.Says(page+"/print", "Sports hall (2)", "Room 12 (1)", "No room given (1)", "0042", "10:53")
}

// A late arrival opens one line; absent and late are one tap each.
func TestLate(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "exams")
	page := a.set(t, v)
	a.hands("p-1", "p-2", "p-3")
	a.at(8, 50)
	v.Sent(page+"/line/4/say", url.Values{"how": {"absent"}})
	v.Sent(page+"/clear", url.Values{"asked": {"yes"}})
	a.at(9, 5)
	v.Says(page+"/line/4", "They came late")
	v.Sent(page+"/line/4/say", url.Values{"how": {"late"}})
	v.Says(page, "Missing (1)", "was marked clear, and these lines are open again", "Not clear: 1 missing")
	a.hands("p-4")
	v.Says(page+"/line/4", "Let them in")
	v.Sent(page+"/line/4/say", url.Values{"how": {"admitted"}})
	v.Says(page, "Mark as clear", "Came late, let in 09:05, The exams")
}

// Who may do what: an invigilator sets no paper and clears none; the office, IT and a
// supply teacher see none.
func TestWhoMay(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "exams")
	page := a.set(t, v)
	for account, want := range map[string]map[string]int{
		"teacher": {"/exams": 200, page: 200, "/exams/new": 403, page + "/candidates": 403, page + "/change": 403},
		"office":  {"/exams": 403, page: 403}, "it": {page: 403}, "supply": {page: 403}, "governor": {"/exams": 403}, "head": {"/exams/new": 200},
	} {
		v.SignIn(account)
		for path, status := range want {
			if got, _, _ := v.Get(path); got != status {
				t.Errorf("%s at %s: %d, want %d", account, path, got, status)
			}
		}
	}
	v.SignIn("teacher")
	if status, _, _ := v.Post(page+"/clear", url.Values{"asked": {"yes"}}); status != http.StatusForbidden {
		t.Errorf("a teacher clears a paper: %d", status)
	}
}

// The start page counts papers, and names nobody.
func TestTasks(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "exams")
	a.set(t, v)
	for _, c := range []struct {
		hour, minute int
		want         string
	}{{8, 0, "[]"}, {8, 45, "[exams-unclear]"}, {11, 0, "[exams-unclear exams-unfinished]"}} {
		a.at(c.hour, c.minute)
		var keys []string
		for _, task := range a.config().Tasks(a.now) {
			keys = append(keys, task.Key)
		}
		if got := fmt.Sprint(keys); got != c.want {
			t.Errorf("at %d:%02d %s, want %s", c.hour, c.minute, got, c.want)
		}
	}
}

// A paper can be moved and cancelled until it is clear.
func TestChange(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "exams")
	page := a.set(t, v)
	v.Sent(page+"/change", url.Values{"start": {"2027-05-10T13:00"}, "minutes": {"60"}})
	v.Says(page, "13:00 to 14:00")
	v.Sent(page+"/line/1/adjust", url.Values{"room": {"Gym"}, "number": {"7"}, "extra": {"50"}, "rest": {"10"}})
	v.Says(page, "50 % extra time, 10 min of rest breaks, until 14:40")
	if status, _, _ := v.Post(page+"/cancel", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("cancelled without a tick: %d", status)
	}
	v.Sent(page+"/cancel", url.Values{"sure": {"yes"}})
	if status, _, _ := v.Get(page); status != http.StatusNotFound {
		t.Errorf("the page of a cancelled paper: %d", status)
	}
}
