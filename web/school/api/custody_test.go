package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// as sends a change as somebody signed in, under a fresh key.
func (s *setting) as(account, path, body string) *httptest.ResponseRecorder {
	return s.ask(http.MethodPost, base+path, "", body, "Cookie", s.signIn(account), keyHeader, s.key())
}

// seenBy reads as somebody signed in.
func (s *setting) seenBy(account, path string) *httptest.ResponseRecorder {
	return s.ask(http.MethodGet, base+path, "", "", "Cookie", s.signIn(account))
}

// taken confiscates a phone through the API and gives the case.
func (s *setting) taken(pupil, reason string) Case {
	s.t.Helper()
	body := fmt.Sprintf(`{"what":"phone","reason":%q,"zone":"corridor","taken":%q,"room":"14","happened":"Rang in a lesson."}`, reason, s.school.now().Format(time.RFC3339))
	w := s.as("teacher", "/people/"+pupil+"/cases", body)
	var file Case
	if err := json.Unmarshal(w.Body.Bytes(), &file); err != nil || w.Code != http.StatusCreated {
		s.t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.valid(w, http.MethodPost, base+"/people/"+pupil+"/cases")
	return file
}

// behind puts a case's device behind a door, as the bank's ledger tells it.
func (s *setting) behind(file Case) {
	s.t.Helper()
	if w := s.as("office", "/cases/"+file.ID+"/put", `{"bank":"a","class":"confiscation"}`); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"opening"`) {
		s.t.Fatalf("%d %s", w.Code, w.Body)
	}
	err := s.custody.Tell(s.t.Context(), desk.Ref{Bank: "a", Epoch: 1, Seq: 5}, locker.Event{Kind: locker.Deposited, Door: 2,
		At: school.Instant{Wall: s.school.now()}, Body: locker.Body{Item: file.Item, By: "office"}})
	if err != nil {
		s.t.Fatal(err)
	}
}

const toMother = `{"to":"parent","contact":"C1","identity":"photo-id","name":"Ruth Byron"}`

// A phone is taken in a corridor, put behind a door, and released after school.
func TestCaseFromEndToEnd(t *testing.T) {
	s := newSetting(t)
	file := s.taken("p-1", "breach")
	path := "/cases/" + file.ID
	if file.Place.Person != "s-teacher" || file.Taker != "s-teacher" || file.Reason != "breach" {
		t.Errorf("taken: %+v", file)
	}
	for _, c := range []struct {
		who, path, body string
		status          int
		says            string
	}{
		{"office", path + "/move", `{"hands":true}`, 200, `"s-office"`},
		{"office", path + "/move", `{"spot":"safe"}`, 200, `"spot":"safe"`},
		{"office", path + "/notes", `{"text":"The mother rang."}`, 201, "The mother rang."},
		{"head", path + "/searches", exampleOf(exampleSearch), 201, `"of":"bag"`},
		{"head", path + "/deletions", exampleOf(exampleDeletion), 201, "recording"},
		{"head", path + "/corrections", `{"corrects":1,"text":"It was room 15."}`, 201, `"corrects":1`},
		{"office", path + "/notices", `{"contact":"C1"}`, 201, `"prepared"`},
		{"office", path + "/notices/n-1/send", `{}`, 200, `"queued"`},
	} {
		s.school.set(time.Date(2027, 6, 7, 11, 0, 0, 0, time.UTC))
		body := strings.ReplaceAll(c.body, "2026-11-23T11", "2027-06-07T10")
		w := s.as(c.who, c.path, body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.path, body, w.Code, w.Body)
		}
		s.valid(w, http.MethodPost, base+c.path)
	}
	s.behind(file)
	s.school.set(time.Date(2027, 6, 7, 15, 10, 0, 0, time.UTC))
	w := s.as("office", path+"/release", toMother)
	s.valid(w, http.MethodPost, base+path+"/release")
	if text := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(text, `"pending":true`) || !strings.Contains(text, `"state":"opening"`) {
		t.Errorf("released: %d %s", w.Code, text)
	}
	if last := s.orders.given[len(s.orders.given)-1]; last.Kind != locker.OrderTake || last.Door != 2 || last.By != "office" {
		t.Errorf("the bank was told %+v", last)
	}
	for _, read := range []string{"/cases", path, "/items", "/items/" + file.Item, "/spots"} {
		w := s.seenBy("office", read)
		if s.valid(w, http.MethodGet, base+read); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", read, w.Code, w.Body)
		}
	}
	if text := s.seenBy("office", path+"/adults").Body.String(); text != `{"items":[{"contact":"C1","name":"Ruth Byron","relationship":"Mother"}]}`+"\n" {
		t.Errorf("whom it may go to: %s", text)
	}
	if w := s.ask("GET", base+path+"/adults", s.all(), ""); w.Code != http.StatusForbidden {
		t.Errorf("a program reads contacts: %d %s", w.Code, w.Body)
	}
	if text := s.seenBy("office", path).Body.String(); !strings.Contains(text, "Rang in a lesson.") || !strings.Contains(text, "Ruth Byron") || !strings.Contains(text, "Mr Webb") {
		t.Errorf("the case says %s", text)
	}
}

func exampleOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// Nothing is released that must not be, whoever asks, and nothing is on record then.
func TestImpossibleReleases(t *testing.T) {
	afterSchool := time.Date(2027, 6, 7, 15, 10, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		who, body string
		at        time.Time
		status    int
		field     string
	}{
		"before the end of the day":  {"office", toMother, afterSchool.Add(-10 * time.Minute), 409, ""},
		"to nobody on the list":      {"office", `{"to":"parent","contact":"C9","identity":"known","name":"X"}`, afterSchool, 422, "contact"},
		"to a no-contact adult":      {"office", `{"to":"parent","contact":"C2","identity":"known","name":"X"}`, afterSchool, 403, ""},
		"without responsibility":     {"office", `{"to":"parent","contact":"C3","identity":"known","name":"X"}`, afterSchool, 422, "contact"},
		"to the pupil":               {"office", `{"to":"owner"}`, afterSchool, 403, ""},
		"to nobody":                  {"office", `{"to":""}`, afterSchool, 422, "to"},
		"without a check":            {"office", `{"to":"parent","contact":"C1","name":"X"}`, afterSchool, 422, "identity"},
		"with a code nobody made":    {"office", `{"to":"parent","identity":"code","code":"BR1X","name":"X"}`, afterSchool, 422, "code"},
		"without a signature":        {"office", `{"to":"parent","contact":"C1","identity":"known"}`, afterSchool, 422, "name"},
		"by a teacher":               {"teacher", toMother, afterSchool, 403, ""},
		"by the safeguarding lead":   {"dsl", toMother, afterSchool, 403, ""},
		"by the head, all the same":  {"head", `{"to":"owner"}`, afterSchool, 403, ""},
		"by IT":                      {"it", toMother, afterSchool, 403, ""},
		"with a field nobody knows":  {"office", `{"to":"parent","now":true}`, afterSchool, 422, "now"},
		"with a contact of two ways": {"office", `{"to":"parent","contact":["C1"]}`, afterSchool, 422, "contact"},
	} {
		s := newSetting(t)
		file := s.taken("p-1", "breach")
		s.behind(file)
		s.school.set(c.at)
		given := len(s.orders.given)
		w := s.as(c.who, "/cases/"+file.ID+"/release", c.body)
		p := problem(t, w)
		if w.Code != c.status || (c.field == "") != (len(p.Errors) == 0) || c.field != "" && p.Errors[0].Field != c.field {
			t.Errorf("%s: %d %+v", name, w.Code, p)
		}
		if now, err := s.custody.Case(file.ID); err != nil || now.Release != nil || !now.Open() || len(s.orders.given) != given {
			t.Errorf("%s: it is on record, or a door was told to open: %+v", name, now)
		}
	}
}

// A one-time code shows who an adult is, once.
func TestReleaseByCode(t *testing.T) {
	s := newSetting(t)
	file := s.taken("p-1", "breach")
	code, err := s.custody.MakeCode(t.Context(), desk.By{Actor: actor("office"), Roles: []roles.Assignment{{Role: roles.Office}}}, file.ID, "C1")
	if err != nil {
		t.Fatal(err)
	}
	s.school.set(time.Date(2027, 6, 7, 15, 10, 0, 0, time.UTC))
	body := `{"to":"parent","identity":"code","code":"` + code + `","name":"Ruth Byron"}`
	if w := s.as("office", "/cases/"+file.ID+"/release", body); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"outcome":"released"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.as("office", "/cases/"+file.ID+"/release", body); problem(t, w).Status < 400 {
		t.Errorf("twice: %d", w.Code)
	}
}

// The same request sent twice under one key acts once, door and all.
func TestCustodyIsChangedOnce(t *testing.T) {
	s := newSetting(t)
	file := s.taken("p-1", "breach")
	cookie, key := s.signIn("office"), s.key()
	put := func(key string) *httptest.ResponseRecorder {
		return s.ask("POST", base+"/cases/"+file.ID+"/put", "", `{"bank":"a","class":"confiscation"}`, "Cookie", cookie, keyHeader, key)
	}
	first, again := put(key), put(key)
	if first.Code != http.StatusOK || again.Body.String() != first.Body.String() || again.Header().Get("Idempotent-Replayed") != "true" || len(s.orders.given) != 1 {
		t.Errorf("once %d, again %d %v; the bank was told %d times", first.Code, again.Code, again.Header(), len(s.orders.given))
	}
	if w := put(""); problem(t, w).Errors[0].Field != keyHeader || len(s.orders.given) != 1 {
		t.Errorf("without a key: %d", w.Code)
	}
}

// What became of an order is told as it is; the order stays on record.
func TestOrders(t *testing.T) {
	for state, answer := range map[string]orders{
		"opening":   {answer: banks.Done{Seq: 3, Door: 2}},
		"refused":   {answer: banks.Done{Seq: 3, Refused: string(locker.NoDoor)}},
		"not-taken": {},
		"unknown":   {err: errs.New(errs.Unavailable, "The bank does not answer.", "")},
	} {
		s := newSetting(t)
		file := s.taken("p-1", "breach")
		s.orders.answer, s.orders.err = answer.answer, answer.err
		w := s.as("office", "/cases/"+file.ID+"/put", `{"bank":"a","class":"confiscation"}`)
		if s.valid(w, "POST", base+"/cases/"+file.ID+"/put"); w.Code != 200 || !strings.Contains(w.Body.String(), `"state":"`+state+`"`) {
			t.Errorf("%s: %d %s", state, w.Code, w.Body)
		}
	}
}

// A door needs its permission, and that somebody proved who they are a moment ago.
func TestDoorsNeedProof(t *testing.T) {
	s := newSetting(t)
	file := s.taken("p-1", "breach")
	for _, account := range []string{"teacher", "supply", "it", "governor", "exams"} {
		if w := s.as(account, "/cases/"+file.ID+"/put", `{"bank":"a","class":"confiscation"}`); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", account, w.Code)
		}
	}
	token := s.all()
	s.gate.Set("office", func(w *kit.Who) { w.Proved = time.Now().Add(-kit.ProofLasts - time.Minute) })
	for _, c := range [][2]string{{"put", `{"bank":"a","class":"confiscation"}`}, {"take-out", "{}"}, {"release", toMother}, {"withdraw", "{}"}} {
		if w := s.as("office", "/cases/"+file.ID+"/"+c[0], c[1]); w.Code != http.StatusForbidden || !strings.Contains(problem(t, w).Detail, "once more") {
			t.Errorf("%s without proof: %d %s", c[0], w.Code, w.Body)
		}
		if w := s.send(base+"/cases/"+file.ID+"/"+c[0], token, c[1]); w.Code != http.StatusForbidden {
			t.Errorf("%s by a program: %d %s", c[0], w.Code, w.Body)
		}
	}
	if len(s.orders.given) != 0 {
		t.Errorf("banks were told %+v", s.orders.given)
	}
}

// What may be an indecent image is for the safeguarding team: others see where it
// is, move it behind an evidence door, and nothing else.
func TestRestrictedCase(t *testing.T) {
	s := newSetting(t)
	file := s.taken("p-1", "possible-image")
	path := "/cases/" + file.ID
	for _, who := range []string{"office", "leadership"} {
		for _, read := range []string{path, "/cases", "/items", "/items/" + file.Item} {
			w := s.seenBy(who, read)
			if text := w.Body.String(); w.Code != 200 || strings.Contains(text, "p-1") || strings.Contains(text, "possible-image") || strings.Contains(text, "Rang") {
				t.Errorf("%s reads %s: %d %s", who, read, w.Code, text)
			}
			s.valid(w, "GET", base+read)
		}
		for _, c := range [][2]string{{"release", toMother}, {"notes", `{"text":"x"}`}, {"notices", `{"contact":"C1"}`}} {
			if w := s.as("office", path+"/"+c[0], c[1]); w.Code != http.StatusForbidden {
				t.Errorf("%s: %d %s", c[0], w.Code, w.Body)
			}
		}
	}
	if w := s.as("office", path+"/put", `{"bank":"a","class":"confiscation"}`); problem(t, w).Errors[0].Field != "class" || len(s.orders.given) != 0 {
		t.Errorf("behind a door that gives it out: %d %s", w.Code, w.Body)
	}
	if text := s.seenBy("dsl", path).Body.String(); !strings.Contains(text, "Rang in a lesson.") || !strings.Contains(text, `"person":"p-1"`) {
		t.Errorf("the safeguarding lead reads %s", text)
	}
	s.school.set(time.Date(2027, 6, 7, 15, 10, 0, 0, time.UTC))
	if w := s.as("head", path+"/release", toMother); w.Code != http.StatusForbidden {
		t.Errorf("released: %d", w.Code)
	}
}

// Refusals are problem documents, and nothing is done.
func TestCustodyRefuses(t *testing.T) {
	s := newSetting(t)
	file := s.taken("p-1", "breach")
	path := "/cases/" + file.ID
	hour := now.Format(time.RFC3339)
	for _, c := range []struct {
		who, path, body string
		status          int
		field           string
	}{
		{"teacher", "/people/p-9/cases", `{}`, 404, ""},
		{"teacher", "/people/s-1/cases", `{}`, 404, ""},
		{"teacher", "/people/p-1/cases", `{"what":"phone","reason":"breach","zone":"corridor","taken":"2027-05-01T10:00:00Z"}`, 422, "taken"},
		{"teacher", "/people/p-2/cases", `{"what":"phone","reason":"breach","zone":"corridor","taken":"` + hour + `"}`, 422, "despite"},
		{"teacher", "/people/p-1/cases", `{"what":"phone","reason":"breach","zone":"corridor","taken":"` + now.Add(-time.Hour).Format(time.RFC3339) + `"}`, 422, "outside"},
		{"governor", "/people/p-1/cases", `{}`, 403, ""},
		{"supply", path + "/return", `{}`, 404, ""}, // somebody else took it
		{"teacher", path + "/return", `{}`, 403, ""},
		{"office", "/cases/c-x/move", `{"hands":true}`, 404, ""},
		{"office", path + "/move", `{}`, 422, "spot"},
		{"office", path + "/move", `{"hands":true,"spot":"safe"}`, 422, "spot"},
		{"office", path + "/move", `{"spot":"moon"}`, 422, "spot"},
		{"teacher", path + "/move", `{"hands":true}`, 403, ""},
		{"office", path + "/put", `{"bank":"z","class":"confiscation"}`, 422, "bank"},
		{"office", path + "/put", `{"bank":"a","class":"pupil"}`, 422, "bank"},
		{"office", path + "/take-out", `{}`, 409, ""},
		{"office", path + "/withdraw", `{}`, 409, ""},
		{"office", path + "/searches", `{}`, 403, ""},
		{"head", path + "/searches", `{"of":"bag"}`, 422, "at"},
		{"head", path + "/deletions", `{}`, 422, "what"},
		{"head", path + "/corrections", `{"corrects":99,"text":"x"}`, 422, "corrects"},
		{"office", path + "/corrections", `{"corrects":1,"text":"x"}`, 403, ""},
		{"office", path + "/notes", `{"text":""}`, 422, "text"},
		{"office", path + "/seen", `{}`, 403, ""},
		{"office", path + "/notices", `{}`, 422, "contact"},
		{"office", path + "/notices", `{"contact":"C2"}`, 403, ""},
		{"office", path + "/notices/n-9/send", `{}`, 404, ""},
		{"office", "/items", `{"what":"phone","spot":"moon"}`, 422, "spot"},
		{"office", "/items", `{"what":"tank","spot":"safe"}`, 422, "what"},
		{"dsl", "/items", `{"what":"phone","spot":"safe"}`, 403, ""},
		{"office", "/people/p-9/items", `{"what":"phone","spot":"safe"}`, 404, ""},
		{"office", "/items/i-x/back", `{"to":"owner"}`, 404, ""},
		{"office", "/items/" + file.Item + "/back", `{"to":"owner"}`, 403, ""},
		{"office", "/items/" + file.Item + "/owner", `{"whose":"p-3"}`, 409, ""},
	} {
		w := s.as(c.who, c.path, c.body)
		if p := problem(t, w); w.Code != c.status || (c.field == "") != (len(p.Errors) == 0) || c.field != "" && p.Errors[0].Field != c.field {
			t.Errorf("%s %s %s: %d %+v", c.who, c.path, c.body, w.Code, p)
		}
	}
	if len(s.custody.Cases()) != 1 || len(s.custody.Items()) != 1 || len(s.orders.given) != 0 {
		t.Errorf("something was done: %+v", s.custody.Items())
	}
}

// A program has no hands, takes nothing from anybody and is not one of two people;
// what it may it does.
func TestProgramsAreNobody(t *testing.T) {
	s := newSetting(t)
	file, token := s.taken("p-1", "breach"), s.all()
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/people/p-3/cases", `{"what":"phone","reason":"breach","zone":"corridor","taken":"` + now.Format(time.RFC3339) + `"}`, 403, "not a program"},
		{"/cases/" + file.ID + "/move", `{"hands":true}`, 422, "no hands"},
		{"/cases/" + file.ID + "/move", `{"spot":"safe"}`, 200, `"spot":"safe"`},
		{"/cases/" + file.ID + "/notices", `{"contact":"C1"}`, 201, `"prepared"`},
		{"/cases/" + file.ID + "/notices/n-1/send", `{}`, 403, "not a program"},
		{"/exceptions", `{}`, 403, "not a program"},
	} {
		if w := s.send(base+c.path, token, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
	if len(s.custody.Cases()) != 1 || len(s.excepts.All()) != 0 {
		t.Error("a program took something, or asked for something")
	}
}

// Devices come to the desk and go back to their owners.
func TestItems(t *testing.T) {
	s := newSetting(t)
	var found Item
	step := func(path, body string, status int, says string) *httptest.ResponseRecorder {
		t.Helper()
		w := s.as("office", path, body)
		if w.Code != status || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s %s: %d %s", path, body, w.Code, w.Body)
		}
		if status < 300 {
			s.valid(w, "POST", base+path)
		}
		return w
	}
	if err := json.Unmarshal(step("/items", `{"what":"phone","spot":"safe","condition":"Wet."}`, 201, `"found"`).Body.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	path := "/items/" + found.ID
	step(path+"/back", `{"to":"owner"}`, 409, "whose")
	step(path+"/owner", `{"whose":"p-9"}`, 422, "whose")
	step(path+"/owner", `{"whose":"p-3"}`, 200, `"whose":"p-3"`)
	step(path+"/back", `{"to":"dog"}`, 422, "to")
	if text := s.seenBy("office", path).Body.String(); !strings.Contains(text, "Wet.") {
		t.Errorf("it came %s", text)
	}
	step(path+"/back", `{"to":"owner"}`, 200, `"gone"`)
	step(path+"/back", `{"to":"owner"}`, 409, "")
	step("/people/p-1/items", `{"what":"watch","spot":"safe"}`, 201, `"given-in"`)
}

func TestLeaveAndMarksAreTakenBack(t *testing.T) {
	s := newSetting(t)
	token := s.all()
	var leave Leave
	var batch Batch
	for path, c := range map[string]struct {
		body string
		out  any
	}{
		"/people/p-1/leave":      {`{"reason":"ill","collects":"Mother"}`, &leave},
		"/attendance/2027-06-07": {`{"marks":[{"person":"p-1","mark":"absent"}]}`, &batch},
	} {
		if err := json.Unmarshal(s.send(base+path, token, c.body).Body.Bytes(), c.out); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/leaves/" + leave.ID + "/end", "/batches/" + batch.ID + "/undo"} {
		if w := s.send(base+path, token, "{}"); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if w := s.send(base+path, token, "{}"); problem(t, w).Status < 400 {
			t.Errorf("%s twice: %d", path, w.Code)
		}
	}
	if w := s.ask("GET", base+"/leaves/"+leave.ID, token, ""); w.Code != 200 || len(s.desk.Grants(now)) != 0 {
		t.Errorf("%d, and given: %+v", w.Code, s.desk.Grants(now))
	}
}
