package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// oneTime is what differs between two answers though nothing has happened: keys of
// forms, the clock, and how many records a ledger has by now.
var oneTime = []struct {
	is *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`name="once" value="[^"]*"`), `once`},
	{regexp.MustCompile(`\b\d\d:\d\d(:\d\d)?(\.\d+)?Z?\b`), `00:00`},
	{regexp.MustCompile(`"directory":[0-9]+`), `"directory":0`}, // how many lists banks have been given by now
	{regexp.MustCompile(`[0-9]+ records, [0-9]+ of them signed for[^<]*`), `records`},
}

func steady(body string) string {
	for _, o := range oneTime {
		body = o.is.ReplaceAllString(body, o.to)
	}
	return body
}

// read asks for every page and every answer of the API as somebody, about whatever
// there is of a pupil.
func (w *wholeSite) read(who string) map[string]string {
	pages := map[string]string{}
	get := func(address string) {
		answer := w.do(http.MethodGet, address, who, "")
		pages[address] = answer.Result().Status + "\n" + answer.Header().Get("Location") + "\n" + steady(answer.Body.String())
	}
	for _, r := range w.Kit.Routes() {
		if r.Method == http.MethodGet && r.Permission != kit.Open && r.Path != "/account/app" { // which is a new secret each time
			get(w.address(r, ownPupil, ownForm))
		}
	}
	for _, address := range []string{"/audit?kind=confiscation", "/audit?kind=stops", "/audit?kind=machines", "/audit?who=s-teacher", "/audit?kind=safeguarding", "/concern?q=a", "/search?q=a"} {
		get(address)
	}
	return pages
}

// Whoever a file is about finds no trace of it anywhere, whatever their role: every
// page and every answer of the API is byte for byte what it was before there was a
// file. Everybody else of the safeguarding team has it.
func TestAFileIsInvisibleToItsSubject(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.fill(t)
	s := w.server
	everyone := []string{"head", "dsl", "it", "office", "teacher", "chair"}
	var staff register.Changes
	for _, who := range everyone {
		staff.New = append(staff.New, register.Entry{ID: "s-" + who, Kind: register.Staff, Details: register.Details{MIS: "S-" + who, Given: who, Family: "Example"}})
	}
	if err := s.People.Apply(t.Context(), "it", staff, register.Stated{}); err != nil {
		t.Fatal(err)
	}
	before := map[string]map[string]string{}
	for _, who := range everyone {
		before[who] = w.read(who)
	}
	followed := w.follow(t, "/events?page=bars", "head")
	by := desk.By{Actor: school.Actor{Account: "maker", Person: "s-maker"}, Roles: []roles.Assignment{{Role: roles.Teacher}, {Role: roles.DSL}}}
	var about []string
	for _, who := range everyone {
		about = append(about, "s-"+who)
	}
	f, err := s.Concerns.Raise(t.Context(), by, concern.Raised{Category: concern.Indecent, About: about, Text: "zebra",
		Device: concern.Device{In: concern.InHand, What: desk.Phone, Zone: desk.Elsewhere}})
	if err != nil {
		t.Fatal(err)
	}
	seen := w.do(http.MethodGet, "/safeguarding/"+f.ID, "deputy-dsl", "")
	if seen.Code != http.StatusOK || !strings.Contains(seen.Body.String(), "zebra") {
		t.Fatalf("the deputy sees %d", seen.Code)
	}
	if answer := w.do(http.MethodGet, "/bars", "deputy-dsl", ""); !strings.Contains(answer.Body.String(), "confiscated device") {
		t.Error("the deputy sees no hold: the test compares nothing")
	}
	if text := <-followed; !strings.Contains(text, "event: end") || strings.Contains(text, "confiscated device") {
		t.Errorf("a page that was open goes on: %s", text)
	}
	bars := s.Desk.Standing()
	bar := bars[len(bars)-1].ID
	for _, who := range everyone {
		after := w.read(who)
		for address, was := range before[who] {
			if is := after[address]; is != was {
				t.Errorf("%s finds a trace at %s: %s", who, address, difference(was, is))
			}
		}
		for _, address := range []string{"/safeguarding/" + f.ID, "/safeguarding/" + f.ID + "/print", "/cases/" + f.Cases[0], "/item/" + f.Items[0] + "/put", "/confiscated/" + f.Cases[0],
			"/bar/" + bar, "/api/v1/items/" + f.Items[0], "/api/v1/cases/" + f.Cases[0]} {
			none := strings.NewReplacer(f.ID, "f-none", f.Cases[0], "c-none", f.Items[0], "i-none", bar, "b-none")
			nothing := w.do(http.MethodGet, none.Replace(address), who, "")
			if answer := w.do(http.MethodGet, address, who, ""); answer.Code != nothing.Code || steady(none.Replace(answer.Body.String())) != steady(nothing.Body.String()) {
				t.Errorf("%s asks for %s: %d, and for what is not there %d", who, address, answer.Code, nothing.Code)
			}
		}
	}
}

// follow opens a page's stream, and gives all it said once the server has ended it.
func (w *wholeSite) follow(t *testing.T, address, who string) <-chan string {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(whoHeader, who)
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body) // what was said until then counts
		said <- string(text)
	}()
	return said
}

// difference is where two texts begin to differ.
func difference(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	from := max(0, n-60)
	return "…" + a[from:min(len(a), n+80)] + "… and now …" + b[from:min(len(b), n+80)] + "…"
}
