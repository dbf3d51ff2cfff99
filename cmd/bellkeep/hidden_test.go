package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
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
	{regexp.MustCompile(`[0-9]+ of [0-9]+ records are here`), `records`},
	{regexp.MustCompile(`"heard":"[^"]*","records":[0-9]+`), `"heard"`},
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
	everyone := []string{"head", "dsl", "it", "office", "teacher", "chair", asEverybody}
	var staff register.Changes
	for _, who := range everyone {
		staff.New = append(staff.New, register.Entry{ID: "s-" + who, Kind: register.Staff, Details: register.Details{MIS: "S-" + who, Given: who, Family: "Example"}})
	}
	if err := s.People.Apply(t.Context(), "it", staff, register.Stated{}); err != nil {
		t.Fatal(err)
	}
	readers := append(slices.Clone(everyone), asProgram) // with a token that one of them may have
	before := map[string]map[string]string{}
	for _, who := range readers {
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
	select {
	case text := <-followed:
		if !strings.Contains(text, "event: end") || strings.Contains(text, "confiscated device") {
			t.Errorf("what a page that was open said at last: %s", text)
		}
	case <-time.After(time.Minute): // a stream looks twice a second
		t.Error("a page that was open goes on")
	}
	bars := s.Desk.Standing()
	bar := bars[len(bars)-1].ID
	for _, who := range readers {
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
	w.guess(t, asEverybody, f.ID, f.Cases[0], f.Items[0], bar)
}

// guess sends every form and request that names a device, a case, a hold or a file,
// with the id of one that must not be known and with that of none: both get the same
// answer.
func (w *wholeSite) guess(t *testing.T, who string, file, confiscation, item, bar string) {
	t.Helper()
	tried := 0
	for _, r := range w.Kit.Routes() {
		id := map[string]string{"safeguarding": file, "cases": confiscation, "confiscated": confiscation, "item": item, "items": item, "desk": item, "handover": item,
			"visitors": item, "bar": bar, "bars": bar}[strings.Split(strings.TrimPrefix(r.Path, "/api/v1")+"/", "/")[1]]
		if id == "" || !strings.Contains(r.Path, ":") || strings.HasPrefix(r.Path, ui.ProgramsPath) && r.Method != http.MethodGet { // which no key is old enough for yet
			continue
		}
		tried++
		try := func(id string) (int, string) {
			parts := strings.Split(r.Path, "/")
			for i, part := range parts {
				if strings.HasPrefix(part, ":") {
					parts[i] = id
				}
			}
			answer := w.do(r.Method, strings.Join(parts, "/"), who, url.Values{"once": {"1"}, "to": {"owner"}, "why": {"why"}, "text": {"text"}}.Encode())
			return answer.Code, strings.ReplaceAll(steady(answer.Body.String()+answer.Header().Get("Location")), id, "ID")
		}
		code, said := try(id)
		if none, nothing := try(id[:2] + "none"); code != none || said != nothing {
			t.Errorf("%s sends %s %s about %s: %d, and about nothing %d: %s", who, r.Method, r.Path, id, code, none, difference(nothing, said))
		}
	}
	if tried < 30 {
		t.Errorf("only %d addresses were tried", tried)
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

// Whom a quarantine of a school device concerns finds no trace of it: not who may
// look after all devices, nor a program. Others see it.
func TestAQuarantineIsInvisibleToItsSubject(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.fill(t)
	s, ctx := w.server, t.Context()
	var staff register.Changes
	everyone := []string{"head", "it", "dsl"}
	for _, who := range everyone {
		staff.New = append(staff.New, register.Entry{ID: "s-" + who, Kind: register.Staff, Details: register.Details{MIS: "S-" + who, Given: who, Family: "Example"}})
	}
	rules := errors.Join(s.People.Apply(ctx, "it", staff, register.Stated{}),
		s.Fleet.List(ctx, "maker", mdm.Device{ID: "ipad-1", Platform: "ipad", Label: "One"}, mdm.Device{ID: "ipad-2", Platform: "ipad", Label: "Two"}))
	if rules != nil {
		t.Fatal(rules)
	}
	for _, of := range w.objects {
		for _, word := range []string{"device", "devices", "phones", "device-history"} {
			of[word] = "ipad-1"
		}
	}
	quarantined := func(is bool) {
		t.Helper()
		for range 500 {
			rows := s.Devices.Board().Rows
			if n := slices.IndexFunc(rows, func(r shadow.Row) bool { return r.Device.ID == "ipad-1" && r.Device.Quarantined == is }); n >= 0 {
				return
			}
			time.Sleep(10 * time.Millisecond) // for the server's own goroutines
		}
		t.Fatal("the devices' board does not follow")
	}
	quarantined(false)
	today := school.DateOf(s.Now().Wall.In(s.School.Calendar.Zone))
	kept := func() bool {
		day, err := s.History.Read(today)
		has := func(device string) bool {
			return slices.ContainsFunc(day.Entries, func(e history.Entry) bool { return e.Device == device })
		}
		return err == nil && has("ipad-1") && has("ipad-2")
	}
	for end := time.Now().Add(time.Minute); !kept() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond) // for the server's own goroutines
	}
	readers := []string{"it", asProgram}
	before := map[string]map[string]string{}
	for _, who := range readers {
		before[who] = w.read(who)
	}
	maker := school.Actor{Account: "maker", Person: "s-maker"}
	if err := s.Fleet.Quarantine(ctx, maker, "ipad-1", "zebra", "s-it"); err != nil {
		t.Fatal(err)
	}
	if err := s.Fleet.Advise(ctx, maker, "ipad-1", "Keep it."); err != nil {
		t.Fatal(err)
	}
	quarantined(true)
	if answer := w.do(http.MethodGet, "/fleet/device/ipad-1", "head", ""); !strings.Contains(answer.Body.String(), "zebra") {
		t.Error("the head sees no quarantine: the test compares nothing")
	}
	for _, who := range readers {
		after := w.read(who)
		for address, was := range before[who] {
			if is := after[address]; is != was {
				t.Errorf("%s finds a trace at %s: %s", who, address, difference(was, is))
			}
		}
	}
	own := s.Without("s-it").Fleet
	for what, err := range map[string]error{"retires it": own.Retire(ctx, "ipad-1", "it"), "ends it": func() error {
		_, err := own.EndQuarantine(ctx, school.Actor{Account: "it", Person: "s-it"}, nil, "ipad-1")
		return err
	}()} {
		if err == nil || strings.Contains(err.Error()+errs.HintOf(err), "quarantine since") {
			t.Errorf("who %s is told %v", what, err)
		}
	}
}
