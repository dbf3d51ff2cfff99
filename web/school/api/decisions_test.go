package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

const wanted = `{"kind":"medical","person":"p-1","scope":"all-day","from":"2027-06-07T00:00:00Z","until":"2027-12-01T00:00:00Z","review":"2027-10-01T00:00:00Z","why":"insulin pump"}`

// asked asks for an exception through the API.
func (s *setting) asked(account, body string) ExceptionFile {
	s.t.Helper()
	w := s.as(account, "/exceptions", body)
	var e ExceptionFile
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != http.StatusCreated {
		s.t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.valid(w, http.MethodPost, base+"/exceptions")
	return e
}

func TestExceptionFromEndToEnd(t *testing.T) {
	s := newSetting(t)
	e := s.asked("teacher", wanted)
	for _, c := range []struct {
		who, what, body string
		status          int
		says            string
	}{
		{"teacher", "approve", "{}", 403, ""},
		{"head", "approve", "{}", 200, `"in-force"`},
		{"head", "approve", "{}", 409, "nothing to decide"},
		{"teacher", "extend", `{"until":"2028-06-01T00:00:00Z","review":"2028-05-01T00:00:00Z","why":"Still needed."}`, 200, `"extension_until"`},
		{"head", "refuse", `{"why":""}`, 422, "why"},
		{"head", "refuse", `{"why":"Too long."}`, 200, `"Too long."`},
		{"head", "end", `{}`, 422, "why"}, // without an end it would go on
		{"office", "end", `{"why":"Gone."}`, 403, ""},
		{"head", "end", `{"why":"Gone."}`, 200, `"ended"`},
		{"teacher", "withdraw", `{}`, 409, "decided"},
	} {
		w := s.as(c.who, "/exceptions/"+e.ID+"/"+c.what, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s by %s: %d %s", c.what, c.who, w.Code, w.Body)
		}
		if w.Code < 300 {
			s.valid(w, http.MethodPost, base+"/exceptions/"+e.ID+"/"+c.what)
		} else {
			problem(t, w)
		}
	}
}

// Nobody decides for themselves: not what they asked for, nor through a second
// account of theirs, nor what is for them.
func TestNobodyApprovesTheirOwn(t *testing.T) {
	s := newSetting(t)
	for account, person := range map[string]string{"head-again": "s-head", "pupil-head": "p-1"} {
		s.gate.Add(account, roles.Head)
		s.gate.Set(account, func(w *kit.Who) { w.Person = person })
	}
	byHead, byOther := s.asked("head", wanted), s.asked("office", strings.ReplaceAll(wanted, "p-1", "p-3"))
	forHead := s.asked("office", wanted)
	for name, c := range map[string]struct{ who, id string }{
		"what they asked for":          {"head", byHead.ID},
		"through a second account":     {"head-again", byHead.ID},
		"what is for themselves":       {"pupil-head", forHead.ID},
		"without being the head":       {"office-two", byOther.ID},
		"as the one who asked, at all": {"office", byOther.ID},
	} {
		for _, what := range []string{"approve", "countersign"} {
			if w := s.as(c.who, "/exceptions/"+c.id+"/"+what, "{}"); w.Code != http.StatusForbidden {
				t.Errorf("%s, %s: %d %s", name, what, w.Code, w.Body)
			}
		}
		if e, _ := s.excepts.Exception(c.id); !e.Approved.At.IsZero() {
			t.Errorf("%s: it is approved", name)
		}
	}
	if w := s.as("head-two", "/exceptions/"+byHead.ID+"/approve", "{}"); w.Code != http.StatusOK {
		t.Errorf("by another head: %d %s", w.Code, w.Body)
	}
}

func TestExceptionsRefuse(t *testing.T) {
	s := newSetting(t)
	for body, want := range map[string]string{
		`{}`: "kind",
		strings.Replace(wanted, `"all-day"`, `"daily","start":"9"`, 1):    "start",
		strings.Replace(wanted, "insulin pump", "", 1):                    "why",
		strings.Replace(wanted, "2027-12-01", "2030-12-01", 1):            "until",
		strings.Replace(wanted, "2027-10-01", "2027-01-01", 1):            "review",
		strings.Replace(wanted, `"why"`, `"allow":["doors"],"why"`, 1):    "allow",
		strings.Replace(wanted, `"until":"2027-12-01T00:00:00Z",`, "", 1): "until",
		strings.Replace(wanted, `"why"`, `"approved":true,"why"`, 1):      "approved",
	} {
		w := s.as("office", "/exceptions", body)
		p := problem(t, w)
		if w.Code != http.StatusUnprocessableEntity || len(p.Errors) == 0 || p.Errors[0].Field != want {
			t.Errorf("%s: %d %+v, want %s", body, w.Code, p, want)
		}
	}
	if w := s.as("office", "/exceptions", strings.Replace(wanted, "p-1", "p-9", 1)); w.Code != http.StatusNotFound {
		t.Errorf("for nobody: %d", w.Code)
	}
	if len(s.excepts.All()) != 0 {
		t.Error("something was asked for")
	}
}

// A teacher sees what they asked for; kinds and reasons only those see who may.
func TestExceptionsAreForTheirReaders(t *testing.T) {
	s := newSetting(t)
	mine, other := s.asked("teacher", wanted), s.asked("office", strings.ReplaceAll(wanted, "p-1", "p-3"))
	if mine.Kind != "" || mine.Why != "" {
		t.Errorf("whoever asked is told %+v", mine)
	}
	if text := s.seenBy("teacher", "/exceptions").Body.String(); !strings.Contains(text, mine.ID) || strings.Contains(text, other.ID) {
		t.Errorf("a teacher's list: %s", text)
	}
	for _, read := range []string{"", "/extend", "/withdraw"} {
		w := s.seenBy("teacher", "/exceptions/"+other.ID)
		if read != "" {
			w = s.as("teacher", "/exceptions/"+other.ID+read, "{}")
		}
		if w.Code != http.StatusNotFound {
			t.Errorf("another's%s: %d", read, w.Code)
		}
	}
	for who, knows := range map[string]bool{"teacher": false, "office": false, "leadership": false, "head": true, "dsl": true} {
		w := s.seenBy(who, "/exceptions/"+mine.ID)
		if text := w.Body.String(); w.Code != 200 || knows != strings.Contains(text, "insulin") || knows != strings.Contains(text, "medical") {
			t.Errorf("%s reads %s", who, text)
		}
	}
	few := s.token("few", roles.AskException)
	if text := s.ask("GET", base+"/exceptions", few, "").Body.String(); strings.Contains(text, "x-") {
		t.Errorf("a program that may see no history reads %s", text)
	}
}
