package board

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// setting is everything these pages can show, and who looks.
type setting struct {
	Config
	Demo  func() kit.Demo
	Log   *slog.Logger
	Gate  *kittest.Gate
	Clock func() time.Time // school time
}

// settingFor is a school over s.
func settingFor(s *academy, change ...func(*setting)) setting {
	c := newCards()
	set := setting{Config: Config{Banks: s, Rules: s, Force: s, Orders: s, People: s, Desk: s, Devices: newFleet(false), History: diary{},
		Badges: c, BadgeDesk: c, Cards: c, Machine: time.Now}, Gate: kittest.People(), Clock: func() time.Time { return now }}
	for _, f := range change {
		f(&set)
	}
	return set
}

func (set setting) kit() *kit.Kit { return kittest.Kit(set.Gate, set.People, set.Clock, set.Demo) }

// handlerFor is the board over s; change may alter its setting.
func handlerFor(t testing.TB, s *academy, change ...func(*setting)) http.Handler {
	t.Helper()
	set := settingFor(s, change...)
	k := set.kit()
	pages, err := Pages(k, set.Config)
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, pages)
}

// sceneOf is s as a page sees it.
func sceneOf(s *academy, change ...func(*setting)) *scene {
	set := settingFor(s, change...)
	o := &pages{Config: set.Config, Kit: set.kit()}
	return o.scene(0)
}

// visitor is a browser without scripts, against a test server.
type visitor struct {
	*http.Client
	base string
	t    *testing.T
}

func visit(t *testing.T, h http.Handler) *visitor {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return visitAt(t, srv.URL)
}

func visitAt(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}, base, t}
}

// signedIn is a visitor who is office.
func signedIn(t *testing.T, h http.Handler) *visitor {
	t.Helper()
	v := visit(t, h)
	v.signIn("office")
	return v
}

func (v *visitor) get(path string) *http.Response {
	v.t.Helper()
	r, err := v.Get(v.base + path)
	return v.keep(r, err)
}

func (v *visitor) post(path string, form url.Values) *http.Response {
	v.t.Helper()
	r, err := v.PostForm(v.base+path, form)
	return v.keep(r, err)
}

func (v *visitor) keep(r *http.Response, err error) *http.Response {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { r.Body.Close() })
	return r
}

func (v *visitor) signIn(user string) {
	v.t.Helper()
	r := v.post("/sign-in", url.Values{"user": {user}, "password": {"open sesame"}})
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/" {
		v.t.Fatalf("signing in: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
}

// says fails unless a page has every one of texts; one that begins with a minus
// it must not have.
func (v *visitor) says(path string, texts ...string) string {
	v.t.Helper()
	r := v.get(path)
	text := body(v.t, r)
	if r.StatusCode != http.StatusOK {
		v.t.Errorf("%s: %d", path, r.StatusCode)
	}
	has(v.t, path, text, texts...)
	return text
}

func has(t *testing.T, where, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if want, not := strings.CutPrefix(want, "-"); strings.Contains(text, want) == not {
			t.Errorf("%s: says %q: %t", where, want, not)
		}
	}
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
