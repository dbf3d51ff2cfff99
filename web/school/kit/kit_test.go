package kit_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/labstack/echo/v4"
)

// nobody is a register of one pupil, p-1 of 7A, and one of another form.
type nobody struct{}

func (nobody) Name(id string) (name, form string, ok bool) {
	return id, map[string]string{"p-1": "7A", "p-2": "8B"}[id], true
}

// notes is a feature with one form, about a person, and one button.
type notes struct {
	*kit.Kit
	kept  []string
	ended int
	fail  error
}

var noteTemplates = fstest.MapFS{"note.html": {Data: []byte(`{{define "main"}}<h1>Note</h1>{{template "faults" .}}<form method="post">` +
	`{{template "hidden" .}}{{template "area" (field . "text" "What happened" "")}}{{template "input" (field . "where" "Where" "")}}<button>Keep</button></form>{{end}}`)}}

func (n *notes) feature() kit.Feature {
	return kit.Feature{Templates: noteTemplates, Menu: []kit.MenuItem{{Href: "/wall", Text: "Wall", Permission: roles.SeeBoard}}, Routes: []kit.Route{
		kit.Get("/wall", roles.SeeBoard, func(c echo.Context) error { return c.String(http.StatusOK, "wall") }),
		kit.Post("/wall/end", roles.SeeBoard, func(c echo.Context) error { n.ended++; return c.Redirect(http.StatusSeeOther, "/wall") }),
		kit.Get("/person/:id/note", roles.SeeForm, n.ask).About(n.OnPerson("id")),
		kit.Post("/person/:id/note", roles.SeeForm, n.keep).About(n.OnPerson("id")),
		kit.Get("/contacts", roles.SeeContacts, func(c echo.Context) error { return c.String(http.StatusOK, "contacts") }),
	}}
}

func (n *notes) ask(c echo.Context) error {
	return n.Page(c, http.StatusOK, "note", "Note", n.NewForm(c, nil))
}

func (n *notes) keep(c echo.Context) error {
	f, err := n.ReadForm(c)
	if err != nil {
		return err
	}
	err = n.Do(c, f, func() (string, error) {
		if n.fail != nil {
			return "", n.fail
		}
		n.kept = append(n.kept, f.Get("text"))
		return "/wall", nil
	})
	if err != nil {
		return n.Refuse(c, f, err, "note", "Note", f)
	}
	return nil
}

// browser is a visitor without scripts, who follows no redirect.
type browser struct {
	*http.Client
	t    *testing.T
	base string
}

func open(t *testing.T) (*notes, *kittest.Gate, func(user string) *browser) {
	t.Helper()
	gate := kittest.People()
	n := &notes{Kit: kittest.Kit(gate, nobody{}, time.Now, nil)}
	srv := httptest.NewServer(kittest.Serve(t, n.Kit, n.feature()))
	t.Cleanup(srv.Close)
	return n, gate, func(user string) *browser {
		jar, _ := cookiejar.New(nil)
		b := &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, t, srv.URL}
		if user != "" {
			b.post("/sign-in", url.Values{"user": {user}, "password": {kittest.Password}})
		}
		return b
	}
}

func (b *browser) done(r *http.Response, err error) (status int, to, text string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.StatusCode, r.Header.Get("Location"), string(body)
}

func (b *browser) get(path string) (status int, to, text string) {
	b.t.Helper()
	return b.done(b.Get(b.base + path))
}

func (b *browser) post(path string, form url.Values) (status int, to, text string) {
	b.t.Helper()
	return b.done(b.PostForm(b.base+path, form))
}

func TestWhoMayReachWhat(t *testing.T) {
	_, gate, as := open(t)
	gate.Set("dsl", func(w *kit.Who) { w.Proved = time.Now().Add(-kit.ProofLasts - time.Second) })
	gate.Set("exams", func(w *kit.Who) { w.Confined = true })
	for _, c := range []struct {
		who, path string
		status    int
		to        string
	}{
		{"", "/wall?a=b", 303, "/sign-in?next=%2Fwall%3Fa%3Db"},
		{"office", "/wall", 200, ""},
		{"teacher", "/wall", 403, ""},
		{"teacher", "/person/p-1/note", 200, ""},
		{"teacher", "/person/p-2/note", 403, ""},
		{"office", "/person/p-2/note", 200, ""},
		{"office", "/contacts", 200, ""},
		{"dsl", "/contacts", 303, "/prove?next=%2Fcontacts"},
		{"dsl", "/wall", 200, ""},
		{"exams", "/wall", 303, "/account?next=%2Fwall"},
		{"governor", "/wall", 403, ""},
	} {
		if status, to, _ := as(c.who).get(c.path); status != c.status || to != c.to {
			t.Errorf("%s at %s: %d to %q", c.who, c.path, status, to)
		}
	}
	if _, _, text := as("teacher").get("/person/p-1/note"); strings.Contains(text, "Wall") {
		t.Error("the menu shows a page the reader may not see")
	}
}

var asOf = regexp.MustCompile(`name="as" value="([^"]+)"`)

var onceOf = regexp.MustCompile(`name="once" value="([A-Z2-7]+)"`)

// TestSentTwiceIsDoneOnce: double clicks and the back button do not act twice; a
// form that was refused can be corrected and sent.
func TestSentTwiceIsDoneOnce(t *testing.T) {
	n, _, as := open(t)
	office, other := as("office"), as("office-two")
	_, _, page := office.get("/person/p-1/note")
	form := url.Values{"text": {"phone in hand"}, "once": {onceOf.FindStringSubmatch(page)[1]}}
	n.fail = errors.Join(errs.At("text", "Say what happened", ""), errs.At("where", `Say <where>`, ""))
	status, _, text := office.post("/person/p-1/note", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(text, `href="#text">Say what happened`) || !strings.Contains(text, `id="where-error"`) ||
		!strings.Contains(text, "Say &lt;where&gt;") || !strings.Contains(text, ">phone in hand</textarea>") {
		t.Errorf("refused: %d %s", status, text)
	}
	n.fail = nil
	for range 3 {
		if status, to, _ := office.post("/person/p-1/note", form); status != http.StatusSeeOther || to != "/wall" {
			t.Errorf("%d to %q", status, to)
		}
	}
	if len(n.kept) != 1 {
		t.Fatalf("kept %q", n.kept)
	}
	other.post("/person/p-1/note", form) // the key is each person's own
	if len(n.kept) != 2 {
		t.Errorf("kept %q", n.kept)
	}
	n.fail = errors.New("broken inside")
	if status, _, text := office.post("/person/p-1/note", url.Values{"text": {"x"}}); status != http.StatusInternalServerError || strings.Contains(text, "broken inside") {
		t.Errorf("broken inside: %d %s", status, text)
	}
}

// TestNoTextIsLost: what was typed while the session ended waits for its writer,
// and for nobody else.
func TestNoTextIsLost(t *testing.T) {
	n, _, as := open(t)
	office := as("office")
	_, _, page := office.get("/person/p-1/note")
	office.post("/sign-out", nil)
	as14 := asOf.FindStringSubmatch(page)[1]
	form := url.Values{"text": {"taken in room 14 <b>"}, "as": {as14}, "once": {onceOf.FindStringSubmatch(page)[1]}}
	status, to, _ := office.post("/person/p-1/note", form)
	next, _ := url.Parse(to)
	back := next.Query().Get("next")
	if status != http.StatusSeeOther || next.Path != "/sign-in" || !strings.HasPrefix(back, "/person/p-1/note?draft=") || len(n.kept) != 0 {
		t.Fatalf("%d to %q, kept %q", status, to, n.kept)
	}
	if _, to, _ := office.post(to, url.Values{"user": {"office"}, "password": {kittest.Password}}); to != back {
		t.Errorf("signing in leads to %q", to)
	}
	if _, _, text := office.get(back); !strings.Contains(text, "taken in room 14 &lt;b&gt;</textarea>") || !strings.Contains(text, "What you typed is still here") {
		t.Errorf("the form has lost its text: %s", text)
	}
	for who, path := range map[string]string{"office-two": back, "office": strings.Replace(back, "p-1", "p-2", 1)} {
		if _, _, text := as(who).get(path); strings.Contains(text, "room 14") {
			t.Errorf("%s reads it at %s", who, path)
		}
	}
}

// TestNobodyPlantsText: somebody not signed in cannot fill another's forms, nor
// use up the room for them.
func TestNobodyPlantsText(t *testing.T) {
	_, _, as := open(t)
	nobody := as("")
	for _, mark := range []string{"office", "office.", "office.00", "." + strings.Repeat("0", 32), ""} {
		if _, to, _ := nobody.post("/person/p-1/note", url.Values{"text": {"planted"}, "as": {mark}}); strings.Contains(to, "draft") {
			t.Errorf("as %q: kept at %s", mark, to)
		}
	}
	office := as("office")
	_, _, page := office.get("/person/p-1/note")
	mark := asOf.FindStringSubmatch(page)[1]
	if _, to, _ := nobody.post("/person/p-1/note", url.Values{"text": {strings.Repeat("x", 20<<10)}, "as": {mark}}); strings.Contains(to, "draft") {
		t.Error("a form of 20 kB is kept")
	}
	var kept []string
	for range 9 {
		_, to, _ := nobody.post("/person/p-1/note", url.Values{"text": {"mine"}, "as": {mark}})
		u, _ := url.Parse(to)
		kept = append(kept, u.Query().Get("next"))
	}
	if _, _, text := office.get(kept[0]); strings.Contains(text, ">mine<") {
		t.Error("the ninth draft of one person did not take the place of the first")
	}
	if _, _, text := office.get(kept[8]); !strings.Contains(text, ">mine<") {
		t.Error("the newest draft is not there")
	}
}

// TestAButtonLeadsBackToItsPage: it has no page of its own to come back to.
func TestAButtonLeadsBackToItsPage(t *testing.T) {
	n, _, as := open(t)
	nobody := as("")
	for from, want := range map[string]string{
		"/wall?day=1":                    "/sign-in?next=%2Fwall%3Fday%3D1",
		"https://elsewhere.example/wall": "/sign-in?next=%2F",
		"":                               "/sign-in?next=%2F",
	} {
		if strings.HasPrefix(from, "/") {
			from = nobody.base + from
		}
		r, _ := http.NewRequest(http.MethodPost, nobody.base+"/wall/end", nil)
		r.Header.Set("Referer", from)
		if _, to, _ := nobody.done(nobody.Client.Do(r)); to != want {
			t.Errorf("from %q to %q", from, to)
		}
	}
	if n.ended != 0 {
		t.Error("somebody not signed in changed something")
	}
}

// TestNextStaysHere: a link to the sign-in page cannot lead to another site.
func TestNextStaysHere(t *testing.T) {
	_, _, as := open(t)
	for next, want := range map[string]string{
		"/wall": "/wall", "/wall?a=b": "/wall?a=b", "": "/", "wall": "/", "//evil.example": "/", "/\\evil.example": "/",
		"https://evil.example/": "/", "javascript:alert(1)": "/", "/" + strings.Repeat("x", 600): "/", "/\t/evil.example": "/", "\n//evil.example": "/",
	} {
		_, to, _ := as("").post("/sign-in?"+url.Values{"next": {next}}.Encode(), url.Values{"user": {"office"}, "password": {kittest.Password}})
		if to != want {
			t.Errorf("%q leads to %q", next, to)
		}
	}
}

// TestMenu: a menu of many pages is grouped, and folded on narrow screens; one of
// few is neither.
func TestMenu(t *testing.T) {
	k := kittest.Kit(kittest.People(), nobody{}, time.Now, nil)
	item := func(text string, under kit.MenuGroup, p roles.Permission) kit.MenuItem {
		return kit.MenuItem{Href: "/" + text, Text: text, Under: under, Permission: p}
	}
	note := fstest.MapFS{"page.html": {Data: []byte(`{{define "main"}}<h1>Page</h1>{{end}}`)}}
	show := func(c echo.Context) error { return k.Page(c, http.StatusOK, "page", "Page", nil) }
	srv := httptest.NewServer(kittest.Serve(t, k, kit.Feature{Templates: note, Routes: []kit.Route{kit.Get("/badges", roles.OwnAccount, show).About(kit.Anything)}, Menu: []kit.MenuItem{
		item("rules", kit.School, roles.SeePolicy), item("badges", kit.Pupils, roles.PrintBadges), item("today", "", roles.SeeBoard), item("devices", kit.School, roles.SeeDevices),
		item("taken", kit.Kept, roles.SeeCases), item("missing", kit.Pupils, roles.SeeForm), item("exceptions", kit.Pupils, roles.AskException),
	}}))
	t.Cleanup(srv.Close)
	as := func(account string) (words []string, text string) {
		jar, _ := cookiejar.New(nil)
		b := &browser{&http.Client{Jar: jar}, t, srv.URL}
		b.post("/sign-in", url.Values{"user": {account}, "password": {kittest.Password}})
		_, _, text = b.get("/badges")
		for _, m := range regexp.MustCompile(`bk-menu__name">([^<]+)|<a href="/([a-z]+)"(?: aria-current="page")?>`).FindAllStringSubmatch(text, -1) {
			words = append(words, m[1]+m[2])
		}
		return words, text
	}
	all := []string{"today", "Pupils", "badges", "missing", "exceptions", "Devices kept", "taken", "School", "rules", "devices"}
	words, text := as("office")
	if !slices.Equal(words, append(slices.Clone(all), all...)) || strings.Count(text, "<details") != 1 || strings.Count(text, `aria-current="page"`) != 2 {
		t.Errorf("the office's menu is %q", words)
	}
	words, text = as("teacher")
	if slices.Contains(words, "Pupils") || !slices.Contains(words, "missing") || slices.Contains(words, "badges") || strings.Contains(text, "<details") {
		t.Errorf("the teacher's menu is %q", words)
	}
}

// TestUndone: somebody who must first prove who they are is told that what they sent
// was not done.
func TestUndone(t *testing.T) {
	gate := kittest.People()
	k := kittest.Kit(gate, nobody{}, time.Now, nil)
	ended := 0
	end := func(echo.Context) error { ended++; return nil }
	srv := httptest.NewServer(kittest.Serve(t, k, kit.Feature{Routes: []kit.Route{kit.Post("/contacts/end", roles.SeeContacts, end)}}))
	t.Cleanup(srv.Close)
	gate.Set("dsl", func(w *kit.Who) { w.Proved = time.Now().Add(-kit.ProofLasts - time.Second) })
	jar, _ := cookiejar.New(nil)
	b := &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, t, srv.URL}
	b.post("/sign-in", url.Values{"user": {"dsl"}, "password": {kittest.Password}})
	if _, to, _ := b.post("/contacts/end", nil); to != "/prove?next=%2F&undone=yes" || ended != 0 {
		t.Errorf("to %q, done %d times", to, ended)
	}
}

// A route whose permission is in no table is not served at all.
func TestRouteNeedsAKnownPermission(t *testing.T) {
	k := kittest.Kit(kittest.People(), nobody{}, time.Now, nil)
	for _, p := range []roles.Permission{"", "fly"} {
		if _, err := k.Serve(kit.Feature{Routes: []kit.Route{kit.Get("/x", p, nil)}}); err == nil {
			t.Errorf("a route that needs %q is served", p)
		}
	}
}
