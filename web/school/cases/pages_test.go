package cases

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Taken by a teacher at 11:20, behind a door at 11:35, refused to the father at
// 15:12, released to the mother at 15:40.
func TestDayOfAPhone(t *testing.T) {
	a := newAcademy(t)
	teacher := a.visit(t, "teacher")
	_, text, _ := teacher.Get("/confiscate?q=pet+am")
	says(t, text, "Peter Amis")
	if status, _, next := teacher.Post("/confiscate/p-one", taken()); status != http.StatusSeeOther || !strings.HasPrefix(next, "/confiscated/c-") {
		t.Fatalf("%d to %s", status, next)
	}
	id := a.custody.Cases()[0].ID
	_, text, _ = teacher.Get("/confiscated/" + id)
	says(t, text, "Confiscation recorded", "In the hands of teacher", "It is in your hands")
	if status, _, _ := teacher.Get("/cases/" + id); status != http.StatusForbidden {
		t.Errorf("a teacher sees the case: %d", status)
	}

	office := a.visit(t, "office")
	a.at(11, 35)
	_, text, _ = office.Get("/cases")
	says(t, text, "Waiting for a door (1)", "Peter Amis (9B)", "Phone policy", "Phone of Peter Amis (9B) has no safe place: in the hands of teacher since 11:")
	status, _, next := office.Post("/cases/"+id+"/put", url.Values{"bank": {"confiscation d"}})
	if status != http.StatusSeeOther {
		t.Fatalf("%d to %s", status, next)
	}
	_, text, _ = office.Get(next)
	says(t, text, "Door 1003 is shut", "The device is behind it.")
	_, text, _ = office.Get("/cases/" + id)
	says(t, text, "Bank D, door 1003", "Crack at the top left", "Bank D, record 1 of part 1")

	a.at(15, 12)
	release := url.Values{"contact": {"C2"}, "identity": {"photo-id"}, "name": {"G. Amis"}}
	status, text, _ = office.Post("/cases/"+id+"/release", release)
	if says(t, text, "Do not release. See the safeguarding lead."); status != http.StatusForbidden || strings.Contains(text, "court") {
		t.Errorf("%d", status)
	}
	_, text, _ = office.Get("/cases")
	if strings.Contains(text, "restriction asked") {
		t.Error("the office is shown the safeguarding lead's problem")
	}
	_, text, _ = a.visit(t, "dsl").Get("/cases")
	says(t, text, "Somebody with a restriction asked for a device at 15:12")

	release.Set("contact", "C1")
	status, text, _ = office.Post("/cases/"+id+"/release", release)
	if says(t, text, "It is not the end of the school day yet", "Not before 15:15"); status == http.StatusSeeOther {
		t.Error("released at 15:12")
	}
	a.at(15, 40)
	status, text, next = office.Post("/cases/"+id+"/release", release)
	if status != http.StatusSeeOther {
		t.Fatalf("%d: %s", status, text)
	}
	_, text, _ = office.Get(next)
	says(t, text, "Door 1003 is shut", "The device is out.")
	if file, _ := a.custody.Case(id); file.Outcome != desk.ReleasedToAdult {
		t.Errorf("%+v", file)
	}
	_, text, _ = office.Get("/cases/" + id)
	says(t, text, "Released", "Ruth Amis, Mother", "Photo ID seen", "Name typed by staff G. Amis")
}

// Every form says what is wrong beside the field and keeps what was typed.
func TestFormsKeepWhatWasTyped(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	a.at(16, 0)
	probe := `"><script>alert(1)</script>`
	for path, form := range map[string]struct {
		account string
		values  url.Values
		faults  []string
		status  int
	}{
		"/confiscate/p-two":          {"teacher", url.Values{"room": {probe}, "taken": {"nonsense"}}, []string{"reason", "zone", "what", "taken"}, 422},
		"/confiscate/p-exempt":       {"teacher", taken(), []string{"despite"}, 422},
		"/cases/" + id + "/put":      {"office", url.Values{"bank": {probe}}, []string{"bank"}, 422},
		"/cases/" + id + "/move":     {"office", url.Values{"place": {"spot moon"}}, []string{"place"}, 422},
		"/cases/" + id + "/release":  {"office", url.Values{"contact": {"C1"}, "code": {probe}}, []string{"identity", "name"}, 422},
		"/cases/" + id + "/code":     {"office", url.Values{"contact": {"C3"}}, []string{"contact"}, 422},
		"/cases/" + id + "/search":   {"leadership", url.Values{"why": {probe}, "parents_told": {""}}, []string{"of", "at", "where", "witness", "consent"}, 422},
		"/cases/" + id + "/deletion": {"head", url.Values{"what": {probe}}, []string{"at", "witness", "consent"}, 422},
		"/cases/" + id + "/note":     {"office", url.Values{}, []string{"text"}, 422},
		"/cases/" + id + "/correct":  {"dsl", url.Values{"corrects": {"99"}, "text": {probe}}, []string{"corrects"}, 422},
		"/cases/" + id + "/notice":   {"office", url.Values{}, []string{"contact"}, 422},
	} {
		status, text, _ := a.visit(t, form.account).Post(path, form.values)
		if status != form.status || !strings.Contains(text, "There is a problem") {
			t.Errorf("%s: %d %.300s", path, status, text)
		}
		for _, name := range form.faults {
			if !strings.Contains(text, `href="#`+name+`"`) || !strings.Contains(text, `id="`+name+`"`) {
				t.Errorf("%s: nothing is said beside %s", path, name)
			}
		}
		if strings.Contains(text, "<script>alert") {
			t.Errorf("%s gives a script back", path)
		}
		for _, v := range form.values {
			if v[0] == probe && path != "/cases/"+id+"/put" && !strings.Contains(text, "&#34;&gt;&lt;script") {
				t.Errorf("%s forgets what was typed", path)
			}
		}
	}
}

// A double click takes one device.
func TestSentTwice(t *testing.T) {
	a := newAcademy(t)
	v := a.visit(t, "teacher")
	values := maps.Clone(taken())
	values["once"] = []string{"ONCE"}
	_, _, first := v.Post("/confiscate/p-one", values)
	_, _, second := v.Post("/confiscate/p-one", values)
	if first != second || len(a.custody.Cases()) != 1 {
		t.Errorf("%s and %s: %d cases", first, second, len(a.custody.Cases()))
	}
}

// Whoever may not see a case gets no word of it.
func TestOthersCases(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	for account, want := range map[string]int{"supply": http.StatusNotFound, "exams": http.StatusNotFound, "teacher": 200, "office": 200, "it": http.StatusForbidden, "governor": http.StatusForbidden} {
		status, text, _ := a.visit(t, account).Get("/confiscated/" + id)
		if status != want || status != 200 && strings.Contains(text, "Amis") {
			t.Errorf("%s gets %d", account, status)
		}
	}
}

// What may hold an indecent image is shown to the office as restricted, goes to an
// evidence door, and is not released.
func TestPossibleImage(t *testing.T) {
	a := newAcademy(t)
	values := taken()
	values.Set("reason", "possible-image")
	values.Set("happened", "Somebody said there is a picture.")
	id := a.confiscated(t, "p-one", values)
	_, text, _ := a.visit(t, "teacher").Get("/confiscated/" + id)
	says(t, text, "Tell the safeguarding lead now", "evidence door")
	office := a.visit(t, "office")
	for _, path := range []string{"/cases", "/cases/" + id, "/cases/" + id + "/put"} {
		_, text, _ := office.Get(path)
		if strings.Contains(text, "Peter") || strings.Contains(text, "picture") {
			t.Errorf("%s tells the office: %s", path, text)
		}
	}
	_, text, _ = office.Get("/cases/" + id + "/put")
	if says(t, text, "evidence door"); strings.Contains(text, "confiscation d") {
		t.Error("a common door is offered")
	}
	for _, page := range []string{"release", "code", "search", "note", "notice", "slip"} {
		account := map[string]string{"search": "leadership"}[page]
		if account == "" {
			account = "office"
		}
		if status, _, _ := a.visit(t, account).Get("/cases/" + id + "/" + page); status != http.StatusForbidden {
			t.Errorf("%s of a restricted case: %d", page, status)
		}
	}
	_, text, _ = a.visit(t, "dsl").Get("/cases/" + id)
	says(t, text, "Peter Amis", "Somebody said there is a picture")
	if status, _, _ := a.visit(t, "leadership").Get("/cases/" + id); status != 200 {
		t.Errorf("%d", status)
	}
}

// An exempt pupil is announced, and one tap gives the phone back.
func TestExempt(t *testing.T) {
	a := newAcademy(t)
	v := a.visit(t, "teacher")
	_, text, _ := v.Get("/confiscate/p-exempt")
	says(t, text, "This pupil may keep their phone. Return it now.")
	values := taken()
	values.Set("despite", "yes")
	id := a.confiscated(t, "p-exempt", values)
	if status, _, next := v.Post("/confiscated/"+id+"/return", nil); status != http.StatusSeeOther || next != "/confiscated/"+id {
		t.Errorf("%d to %s", status, next)
	}
	_, text, _ = v.Get("/confiscated/" + id)
	says(t, text, "Returned: may keep it")
}

// Before and after the hours of the ban whoever takes a phone is told so, and says
// that they know; what is taken for another reason, or where no phone may ever be,
// is not asked about.
func TestOutsideTheHours(t *testing.T) {
	a := newAcademy(t)
	v := a.visit(t, "teacher")
	_, text, _ := v.Get("/confiscate/p-one")
	says(t, text, "Phones are banned from 08:40 to 15:15.")
	a.at(15, 40)
	_, text, _ = v.Get("/confiscate/p-one")
	says(t, text, "Phones are banned from 08:40 to 15:15. Not at this hour.")
	form := func(reason, zone, at string, more ...string) url.Values {
		return url.Values{"reason": {reason}, "zone": {zone}, "what": {"phone"}, "taken": {"2026-11-23T" + at}, "outside": more}
	}
	status, text, _ := v.Post("/confiscate/p-one", form("breach", "corridor", "15:39"))
	says(t, text, "Phones were not banned at that time.")
	if status != http.StatusUnprocessableEntity || len(a.custody.Cases()) != 0 {
		t.Errorf("a breach outside the hours: %d, %d cases", status, len(a.custody.Cases()))
	}
	for n, sent := range []url.Values{form("breach", "corridor", "14:00"), form("breach", "corridor", "15:39", "yes"), form("breach", "toilets", "15:39"), form("bullying", "corridor", "15:39")} {
		if status, text, _ := v.Post("/confiscate/p-one", sent); status != http.StatusSeeOther || len(a.custody.Cases()) != n+1 {
			t.Errorf("%v: %d %.200s", sent, status, text)
		}
	}
}

// A one-time code is shown once, leads to its case, and identifies the adult.
func TestCodeOnPaper(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	office := a.visit(t, "office")
	_, text, _ := office.Post("/cases/"+id+"/code", url.Values{"contact": {"C1"}})
	says(t, text, "For Ms Ruth Amis, mother", "It can be used once")
	code := regexp.MustCompile(`BR1[A-Z2-7]{26}`).FindString(text)
	if !strings.Contains(text, "bk-qr") || code == "" {
		t.Fatalf("no code: %s", text)
	}
	a.at(15, 40)
	status, _, _ := office.Get("/release-code?code=" + strings.ToLower(code))
	if status != http.StatusSeeOther {
		t.Errorf("the code leads to %d", status)
	}
	_, text, _ = office.Get("/cases/" + id + "/release?code=" + code)
	if !strings.Contains(text, `value="`+code+`"`) {
		t.Error("the code is not filled in")
	}
	status, text, _ = office.Post("/cases/"+id+"/release", url.Values{"contact": {"C1"}, "identity": {"code"}, "code": {code}, "path": {"M10,10L300,150"}})
	if status != http.StatusSeeOther {
		t.Fatalf("%d: %s", status, text)
	}
	_, text, _ = office.Get("/cases/" + id)
	if says(t, text, "One-time code shown"); !strings.Contains(text, `d="M10,10L300,150"`) {
		t.Error("the signature is not shown")
	}
}

// A bank that refuses leaves the release on record, which can be withdrawn.
func TestBankRefuses(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	office := a.visit(t, "office")
	office.Post("/cases/"+id+"/put", url.Values{"bank": {"confiscation d"}})
	a.at(15, 40)
	a.refuse = locker.NoReply
	_, _, next := office.Post("/cases/"+id+"/release", url.Values{"contact": {"C1"}, "identity": {"known"}, "name": {"R. Amis"}})
	_, text, _ := office.Get(next)
	says(t, text, "The door was not opened", "The lock does not answer", "The release is on record")
	_, text, _ = office.Get("/cases")
	says(t, text, "released and still behind its door")
	if status, _, _ := office.Post("/cases/"+id+"/withdraw", nil); status != http.StatusSeeOther {
		t.Errorf("%d", status)
	}
	if file, _ := a.custody.Case(id); file.Release != nil || !file.Open() {
		t.Errorf("%+v", file)
	}
}

// Nothing is sent to a parent but what a person sends, and only to whom it may.
func TestNotice(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	office := a.visit(t, "office")
	_, text, _ := office.Get("/cases/" + id + "/notice")
	if says(t, text, "Ms Ruth Amis"); strings.Contains(text, "Gus") || strings.Contains(text, "Joan") {
		t.Error("a notice is offered to somebody who may not collect")
	}
	if status, text, _ := office.Post("/cases/"+id+"/notice", url.Values{"contact": {"C1"}}); status != http.StatusSeeOther {
		t.Fatalf("%d: %s", status, text)
	}
	_, text, _ = office.Get("/cases/" + id)
	says(t, text, "Ms Ruth Amis, mother : Prepared", "On paper: print it") // there is no address
	paper := "/cases/" + id + "/notice/" + a.notices.Of(id)[0].ID
	_, text, _ = office.Get(paper + "/slip")
	if says(t, text, "please come to the office", "It is printed"); strings.Contains(text, "confiscated") {
		t.Error("the notice says what it is about")
	}
	office.Post(paper+"/printed", nil)
	_, text, _ = office.Get("/cases/" + id)
	says(t, text, "Ms Ruth Amis, mother : Printed")
	if status, _, _ := office.Get("/cases/" + id + "/notice/n-other/slip"); status != http.StatusNotFound {
		t.Errorf("another notice: %d", status)
	}
	_, text, _ = office.Get("/cases/" + id + "/slip")
	if says(t, text, "please contact the school office about your child"); strings.Contains(strings.ToLower(text[strings.Index(text, "<article"):]), "phone") {
		t.Error("the slip says what it is")
	}
}

// Where no bank has an evidence door, nobody is sent to one.
func TestPossibleImageWithoutEvidenceDoors(t *testing.T) {
	a := newAcademy(t)
	values := taken()
	values.Set("reason", "possible-image")
	values.Set("happened", "Somebody said there is a picture.")
	a.confiscated(t, "p-one", values)
	for without, words := range map[bool]string{true: "It is locked away in the safe", false: "It belongs behind an evidence door"} {
		a.noEvidence = without
		if _, text, _ := a.visit(t, "dsl").Get("/cases"); !strings.Contains(text, words) {
			t.Errorf("the list does not say %q", words)
		}
		if tasks := a.config.Tasks(a.now); len(tasks) == 0 || !strings.Contains(tasks[0].Next, words) {
			t.Errorf("%+v", tasks)
		}
	}
}
