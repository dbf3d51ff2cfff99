package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

func TestReads(t *testing.T) {
	s := newSetting(t)
	token := s.all()
	b, err := s.desk.Place(t.Context(), "office", desk.Hold, locker.Subject{Person: "p-1"})
	if err != nil {
		t.Fatal(err)
	}
	x := s.exception("p-2")
	for path, says := range map[string]string{
		"/school":                `"in":1`,
		"/problems":              `"forced"`,
		"/banks":                 `"hall"`,
		"/banks/a":               `"trouble"`,
		"/doors/1":               `"p-1"`,
		"/people":                `"Chloé Byron"`,
		"/people?q=ada":          `"state":"in"`,
		"/people?limit=2":        `"next":"p-1"`,
		"/people?after=p-1":      `"p-3"`,
		"/people/p-2":            `"not-yet"`,
		"/people/p-1/events":     `"deposited"`,
		"/people/p-1/badges":     `"revoked"`,
		"/forms/8B":              `"p-3"`,
		"/bars":                  `"hold"`,
		"/bars/" + b.ID:          `"in_force":[{"bank":"a"`,
		"/devices?limit=1":       `"violating"`,
		"/devices/pad-1":         `"camera"`,
		"/people?q=nobody":       `"items":[]`,
		"/people?after=p-3&q=by": `"items":[]`,
		"/attendance/2027-06-07": `"no_phone":false`,
		"/policy":                `"deposit_point"`,
		"/device-rules":          `"missing":["technical","educational"]`,
		"/exceptions":            `"in-force"`,
		"/exceptions/" + x:       `"kind":"medical"`,
		"/audit?limit=2":         `"next":"1"`,
		"/audit?after=1":         `"bar-placed"`,
		"/audit?after=9999":      `"items":[]`,
	} {
		w := s.ask(http.MethodGet, base+path, token, "")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %d, no %s in %s", path, w.Code, says, w.Body)
		}
		s.valid(w, http.MethodGet, base+path)
	}
}

func TestChanges(t *testing.T) {
	s := newSetting(t)
	token := s.all()
	key := s.key()
	first := s.ask(http.MethodPost, base+"/people/p-1/stop", token, "{}", keyHeader, key)
	again := s.ask(http.MethodPost, base+"/people/p-1/stop", token, "{}", keyHeader, key)
	if first.Code != http.StatusCreated || again.Code != first.Code || again.Body.String() != first.Body.String() || again.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("once %d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	s.valid(first, http.MethodPost, base+"/people/p-1/stop")
	standing := s.desk.Standing()
	if len(standing) != 1 || standing[0].By != "token-all" {
		t.Fatalf("on record: %+v", standing)
	}
	if w := s.send(base+"/people/p-1/stop", token, "{}"); problem(t, w).Code != errs.Conflict {
		t.Errorf("under another key: %d", w.Code)
	}
	end := s.send(base+"/bars/"+standing[0].ID+"/end", token, "{}")
	if s.valid(end, http.MethodPost, base+"/bars/"+standing[0].ID+"/end"); end.Code != http.StatusOK || len(s.desk.Standing()) != 0 {
		t.Errorf("ended: %d", end.Code)
	}
	if w := s.send(base+"/people/p-2/hold", token, "{}"); w.Code != http.StatusCreated {
		t.Fatalf("a hold: %d %s", w.Code, w.Body)
	}
	if w := s.send(base+"/bars/"+s.desk.Standing()[0].ID+"/end", token, "{}"); w.Code != http.StatusForbidden || s.desk.Standing()[0].EndBy != "" {
		t.Errorf("a program asked for the end of a hold: %d", w.Code)
	}
}

// What a day brings, through the books that the pages use.
func TestDay(t *testing.T) {
	s := newSetting(t)
	token := s.all()
	for _, c := range []struct {
		path, body string
		status     int
		says       string // a field at fault, or what is answered
	}{
		{"/attendance/2027-06-07", `{"marks":[{"person":"p-1","mark":"present"},{"person":"p-3","mark":"no-phone"}]}`, 201, `"count":2`},
		{"/attendance/2027-06-07", `{"marks":[{"person":"p-9","mark":"present"}]}`, 422, "marks.0.person"},
		{"/attendance/2027-06-07", `{"marks":[{"person":"s-1","mark":"present"}]}`, 422, "marks.0.person"},
		{"/attendance/2027-06-07", `{"marks":[{"person":"p-1","mark":"present"},{"person":"p-1","mark":"absent"}]}`, 422, "marks.1.person"},
		{"/attendance/2027-06-07", `{"marks":[{"person":"p-1","mark":"ill"}]}`, 422, "marks.0.mark"},
		{"/attendance/2027-06-07", `{"marks":[]}`, 400, "1 to"},
		{"/attendance/2027-06-08", `{"marks":[{"person":"p-1","mark":"present"}]}`, 409, "still to come"},
		{"/attendance/today", `{"marks":[]}`, 404, "not a day"},
		{"/people/p-1/leave", `{"reason":"appointment","collects":"Mother"}`, 201, `"until":"2027-06-07T16:30:00Z"`},
		{"/people/p-1/leave", `{"reason":"boredom","collects":""}`, 422, "collects"},
		{"/people/s-1/leave", `{"reason":"ill","collects":"Self"}`, 404, "Nobody"},
		{"/people/p-1/badges", `{"badge":"SPARE","why":"lost"}`, 201, `"live"`},
		{"/people/p-1/badges", `{"badge":"nonsense","why":"lost"}`, 422, `"field":"badge"`},
		{"/people/p-2/badges", `{"badge":"SPARE","why":"lost"}`, 409, "No."},
	} {
		w := s.send(base+c.path, token, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.path, c.body, w.Code, w.Body)
		}
		if c.status == http.StatusCreated {
			s.valid(w, http.MethodPost, base+c.path)
		}
	}
	w := s.ask("GET", base+"/attendance/2027-06-07", token, "")
	if text := w.Body.String(); !strings.Contains(text, `"present"`) || !strings.Contains(text, `"no_phone":true`) || !strings.Contains(text, "token-all") {
		t.Errorf("afterwards: %s", text)
	}
	if grants := s.desk.Grants(now); len(grants) != 1 || grants[0].Person != "p-1" || grants[0].Uses != 1 {
		t.Errorf("given: %+v", grants)
	}
	teacher := s.signIn("teacher")
	if w := s.ask("GET", base+"/attendance/2027-06-07", "", "", "Cookie", teacher); !strings.Contains(w.Body.String(), "p-1") || strings.Contains(w.Body.String(), "p-3") {
		t.Errorf("a teacher reads %s", w.Body)
	}
	s.exception("p-2")
	if w := s.ask("GET", base+"/exceptions", token, ""); strings.Contains(w.Body.String(), "monitor") {
		t.Errorf("reasons are told: %s", w.Body)
	}
}

func TestProblems(t *testing.T) {
	s := newSetting(t)
	token, few := s.all(), s.token("few", roles.SeeDevices)
	stop := base + "/people/p-1/stop"
	for name, c := range map[string]struct {
		got    *httptest.ResponseRecorder
		status int
		field  string
	}{
		"nobody":              {s.ask("GET", base+"/school", "", ""), 401, ""},
		"a token nobody has":  {s.ask("GET", base+"/school", "bkt_x", ""), 401, ""},
		"another scheme":      {s.ask("GET", base+"/school", "", "", "Authorization", "Basic "+token), 401, ""},
		"not its permission":  {s.ask("GET", base+"/school", few, ""), 403, ""},
		"no such path":        {s.ask("GET", base+"/schools", token, ""), 404, ""},
		"no such person":      {s.ask("GET", base+"/people/p-9", token, ""), 404, ""},
		"no such form":        {s.ask("GET", base+"/forms/9Z", token, ""), 404, ""},
		"no such bank":        {s.ask("GET", base+"/banks/z", token, ""), 404, ""},
		"no such door":        {s.ask("GET", base+"/doors/..%2f..%2fetc", token, ""), 404, ""},
		"no such device":      {s.ask("GET", base+"/devices/x", token, ""), 404, ""},
		"no such bar":         {s.ask("GET", base+"/bars/x", token, ""), 404, ""},
		"nobody's events":     {s.ask("GET", base+"/people/p-9/events", token, ""), 404, ""},
		"no such exception":   {s.ask("GET", base+"/exceptions/x", token, ""), 404, ""},
		"after no record":     {s.ask("GET", base+"/audit?after=-1", token, ""), 422, "after"},
		"no such day":         {s.ask("GET", base+"/attendance/2027-06-31", token, ""), 404, ""},
		"nobody's badges":     {s.ask("GET", base+"/people/p-9/badges", token, ""), 404, ""},
		"another method":      {s.ask("DELETE", base+"/school", token, ""), 405, ""},
		"a long page":         {s.ask("GET", base+"/people?limit=201", token, ""), 422, "limit"},
		"no page":             {s.ask("GET", base+"/people?limit=x", token, ""), 422, "limit"},
		"after nobody":        {s.ask("GET", base+"/people?after=p-9", token, ""), 422, "after"},
		"no key":              {s.ask("POST", stop, token, "{}"), 422, keyHeader},
		"not JSON":            {s.ask("POST", stop, token, "x=1", "Content-Type", "application/x-www-form-urlencoded"), 400, ""},
		"broken JSON":         {s.send(stop, token, "{"), 400, ""},
		"two values":          {s.send(stop, token, "{}{}"), 400, ""},
		"no such field":       {s.send(stop, token, `{"why":"x"}`), 422, "why"},
		"a stop of nobody":    {s.send(base+"/people/p-9/stop", token, "{}"), 404, ""},
		"the end of no bar":   {s.send(base+"/bars/x/end", token, "{}"), 404, ""},
		"a body without end":  {s.send(stop, token, `{"why":"`+strings.Repeat("x", ui.MaxBody)+`"}`), 413, ""},
		"a door, by any road": {s.send(base+"/people/p-1/open", token, "{}"), 404, ""},
	} {
		if p := problem(t, c.got); c.got.Code != c.status || (c.field == "") != (len(p.Errors) == 0) || c.field != "" && p.Errors[0].Field != c.field {
			t.Errorf("%s: %d %+v, want %d %s", name, c.got.Code, p, c.status, c.field)
		}
		if (c.status == 401) != (c.got.Header().Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("%s: the challenge is %q", name, c.got.Header().Get("WWW-Authenticate"))
		}
	}
	if len(s.desk.Standing()) != 0 {
		t.Errorf("something was done: %+v", s.desk.Standing())
	}
}

func TestTokenIsLimitedAndEnds(t *testing.T) {
	s := newSetting(t)
	busy, other := s.token("busy", roles.SeeBoard), s.token("other", roles.SeeBoard)
	for n := range burst {
		if w := s.ask("GET", base+"/school", busy, ""); w.Code != http.StatusOK {
			t.Fatalf("request %d: %d", n, w.Code)
		}
	}
	w := s.ask("GET", base+"/school", busy, "")
	if problem(t, w); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("one too many: %d", w.Code)
	}
	if w := s.ask("GET", base+"/school", other, ""); w.Code != http.StatusOK {
		t.Errorf("another program: %d", w.Code)
	}
	s.machine.pass(every)
	if w := s.ask("GET", base+"/school", busy, ""); w.Code != http.StatusOK {
		t.Errorf("a little later: %d", w.Code)
	}
	if err := s.tokens.End(t.Context(), school.Actor{Account: "it", Person: "s-it"}, "other"); err != nil {
		t.Fatal(err)
	}
	if w := s.ask("GET", base+"/school", other, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("an ended token: %d", w.Code)
	}
}

// A person reads by their session, within their reach, and changes nothing; a
// token goes before a session, and counts nowhere but here.
func TestSessions(t *testing.T) {
	s := newSetting(t)
	office, teacher := s.signIn("office"), s.signIn("teacher")
	token := s.token("devices", roles.SeeDevices)
	for name, c := range map[string]struct {
		got    *httptest.ResponseRecorder
		status int
		says   string
	}{
		"office reads":          {s.ask("GET", base+"/people", "", "", "Cookie", office), 200, "p-3"},
		"own class":             {s.ask("GET", base+"/people/p-1", "", "", "Cookie", teacher), 200, "Ada"},
		"another class":         {s.ask("GET", base+"/people/p-3", "", "", "Cookie", teacher), 403, ""},
		"nobody, for a teacher": {s.ask("GET", base+"/people/p-9", "", "", "Cookie", teacher), 403, ""},
		"own classes only":      {s.ask("GET", base+"/people", "", "", "Cookie", teacher), 200, `"items":[{"id":"p-1"`},
		"changes":               {s.ask("POST", base+"/people/p-1/stop", "", "{}", "Cookie", office, keyHeader, s.key()), 403, "Only a program"},
		"a token goes first":    {s.ask("GET", base+"/people", token, "", "Cookie", office), 403, ""},
		"no token on pages":     {s.ask("GET", "/sign-in", token, ""), 200, "Sign in"},
	} {
		if c.got.Code != c.status || !strings.Contains(c.got.Body.String(), c.says) {
			t.Errorf("%s: %d %s", name, c.got.Code, c.got.Body)
		}
	}
	if w := s.ask("GET", base+"/people", "", "", "Cookie", teacher); strings.Contains(w.Body.String(), "p-3") {
		t.Errorf("a teacher sees another class: %s", w.Body)
	}
}

// gate lets one caller in.
type gate kit.Who

func (g gate) Who(*http.Request) (kit.Who, bool) { return kit.Who(g), true }

// What people prove themselves for is refused to a program whatever its token
// says, and not by leading it to a page.
func TestNoProgramProvesItself(t *testing.T) {
	for _, row := range roles.Rows() {
		if !row.StepUp {
			continue
		}
		k := newSetting(t).kit
		k.Gate = gate{Actor: school.Actor{Account: "token-x", Person: "token-x"}, Program: true, Roles: []roles.Assignment{{Permissions: []roles.Permission{row.Permission}}}}
		e, err := k.Serve(kit.Feature{Routes: []kit.Route{{Method: "GET", Path: base + "/x", Permission: row.Permission, Program: true,
			Handle: func(echo.Context) error { t.Errorf("a program may %s", row.Permission); return nil }}}})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if e.ServeHTTP(w, httptest.NewRequest("GET", base+"/x", nil)); w.Code != http.StatusForbidden || !strings.Contains(problem(t, w).Detail, "password") {
			t.Errorf("%s: %d %s", row.Permission, w.Code, w.Body)
		}
	}
}

func TestDescriptionAndRouterAgree(t *testing.T) {
	s := newSetting(t)
	d := s.description()
	routes := map[string]bool{}
	for _, r := range s.kit.Routes() {
		if path, is := strings.CutPrefix(r.Path, base); is && path != "/openapi.json" {
			key := strings.ToLower(r.Method) + " " + described(path)
			routes[key] = true
			a := d.Paths[described(path)][strings.ToLower(r.Method)]
			if a == nil || !strings.Contains(a.About, " "+string(r.Permission)+".") || a.Summary == "" {
				t.Fatalf("%s is described as %+v, and needs %s", key, a, r.Permission)
			}
			token, session := schemesOf(a, r.Permission)
			if token != (r.For != kit.ForPeople && slices.Contains(tokens.Scopes(), r.Permission)) || session != (r.For != kit.ForPrograms) {
				t.Errorf("%s is said to be for %v", key, a.Security)
			}
		}
	}
	ids := map[string]bool{}
	for path, methods := range d.Paths {
		for method, a := range methods {
			if !routes[method+" "+path] {
				t.Errorf("%s %s is described and not there", method, path)
			}
			if ids[a.ID] {
				t.Errorf("two operations are named %s", a.ID)
			}
			ids[a.ID] = true
			if custody := method != "get"; custody != strings.Contains(fmt.Sprint(a.Parameters), keyHeader) {
				t.Errorf("%s %s and its key: %+v", method, path, a.Parameters)
			}
		}
	}
	if len(ids) < 15 || d.OpenAPI != "3.1.0" {
		t.Errorf("%d operations of OpenAPI %s", len(ids), d.OpenAPI)
	}
}

// schemesOf tells by which schemes a permission reaches an operation.
func schemesOf(a *action, p roles.Permission) (token, session bool) {
	for _, one := range a.Security {
		token = token || slices.Equal(one[byToken], []string{string(p)})
		session = session || slices.Equal(one[bySession], []string{string(p)})
	}
	return token, session
}

// Every body that the description gives as an example is one that the operation
// would read, and is as its schema says.
func TestExamples(t *testing.T) {
	s := newSetting(t)
	d := s.description()
	a := &api{Config: s.config, Kit: s.kit, once: newOnce(s.machine.now)}
	for _, o := range a.operations() {
		if o.method == http.MethodGet {
			continue
		}
		given := d.Paths[described(o.path)]["post"].Body.Content["application/json"]
		text, err := json.Marshal(given.Example)
		if err != nil || given.Example == nil {
			t.Errorf("%s has the example %s: %v", o.path, text, err)
			continue
		}
		if err := decode(text, reflect.New(o.in).Interface()); err != nil {
			t.Errorf("%s: %s: %v", o.path, text, err)
		}
		if err := d.Components.Schemas.check(given.Schema, given.Example); err != nil {
			t.Errorf("%s: %s: %v", o.path, text, err)
		}
	}
}

func (s *setting) description() document {
	s.t.Helper()
	w := s.ask("GET", base+"/openapi.json", "", "")
	var d document
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		s.t.Fatalf("%d: %v", w.Code, err)
	}
	return d
}

// valid checks an answer against what the description says of it.
func (s *setting) valid(w *httptest.ResponseRecorder, method, path string) {
	s.t.Helper()
	d := s.description()
	u, err := url.Parse(strings.TrimPrefix(path, base))
	if err != nil {
		s.t.Fatal(err)
	}
	for pattern, methods := range d.Paths {
		a := methods[strings.ToLower(method)]
		if a == nil || !fits(pattern, u.Path) {
			continue
		}
		var answer any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			s.t.Fatal(err)
		}
		described, ok := a.Responses[fmt.Sprint(w.Code)]
		if !ok {
			s.t.Errorf("%s %s: %d is not described", method, path, w.Code)
		} else if err := d.Components.Schemas.check(described.Content["application/json"].Schema, answer); err != nil {
			s.t.Errorf("%s %s: %v\n%s", method, path, err, w.Body)
		}
		return
	}
	s.t.Errorf("%s %s is not described", method, path)
}

func fits(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// check holds a value of JSON against a schema.
func (s schemas) check(want *schema, v any) error {
	if want.Type == "" && want.Ref == "" {
		return nil // anything
	}
	if want.Ref != "" {
		want = s[strings.TrimPrefix(want.Ref, componentRef)]
	}
	switch got := v.(type) {
	case map[string]any:
		return s.checkObject(want, got)
	case []any:
		for _, item := range got {
			if want.Type != "array" {
				return fmt.Errorf("a list, not a %s", want.Type)
			}
			if err := s.check(want.Items, item); err != nil {
				return err
			}
		}
	case string:
		if want.Type != "string" || want.Enum != nil && !strings.Contains(","+strings.Join(want.Enum, ",")+",", ","+got+",") {
			return fmt.Errorf("%q is no %s of %v", got, want.Type, want.Enum)
		}
		if _, err := time.Parse(time.RFC3339, got); want.Format == "date-time" && err != nil {
			return err
		}
	case float64:
		if want.Type != "integer" || got != float64(int64(got)) {
			return fmt.Errorf("%v is no %s", got, want.Type)
		}
	case bool:
		if want.Type != "boolean" {
			return fmt.Errorf("%v is no %s", got, want.Type)
		}
	default:
		return fmt.Errorf("%v", v)
	}
	return nil
}

func (s schemas) checkObject(want *schema, got map[string]any) error {
	for _, name := range want.Required {
		if _, ok := got[name]; !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for name, field := range got {
		if want.Properties[name] == nil {
			return fmt.Errorf("%s is not described", name)
		}
		if err := s.check(want.Properties[name], field); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *setting) signIn(account string) (cookie string) {
	w := s.ask("POST", "/sign-in", "", "user="+account+"&password="+url.QueryEscape(kittest.Password), "Content-Type", "application/x-www-form-urlencoded")
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("signing in: %d", w.Code)
	}
	cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return cookie
}
