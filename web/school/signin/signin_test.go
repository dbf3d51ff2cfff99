package signin

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

	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/accounts/sso"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// handlerFor is a school whose only page says hello to whoever is signed in:
// office, with accountstest's password, and head.
func handlerFor(t *testing.T, plain bool) http.Handler { return open(t, plain).Handler }

// site is a school's pages and its accounts.
type site struct {
	http.Handler
	*accountstest.School
	sessions *Sessions
}

func open(t *testing.T, plain bool, providers ...*sso.Provider) site {
	t.Helper()
	school := accountstest.Open(t, t.TempDir())
	t.Cleanup(func() { school.Close() })
	school.Hire(t, "office", "s-1", roles.Office)
	school.Hire(t, "head", "s-2", roles.Head)
	s := New(Config{Accounts: school.Book, Now: time.Now, Plain: plain, Providers: providers})
	k := kit.New(kit.Config{School: "Elmfield Academy", Gate: s, People: school, Now: school.Now, Log: slog.New(slog.DiscardHandler)})
	pages, err := s.Pages(k)
	if err != nil {
		t.Fatal(err)
	}
	hello := kit.Get("/", roles.SeePolicy, func(c echo.Context) error { return c.String(http.StatusOK, "hello "+k.Who(c).Account) })
	careful := kit.Get("/door", roles.OpenDoor, func(c echo.Context) error { return c.String(http.StatusOK, "open") })
	e, err := k.Serve(pages, kit.Feature{Routes: []kit.Route{hello, careful}})
	if err != nil {
		t.Fatal(err)
	}
	h := ui.Protect(s.Wrap(e), k.Failures)
	if plain {
		h = ui.OnlyLoopback(h, k.Failures)
	}
	return site{h, school, s}
}

// visitor is a browser without scripts.
type visitor struct {
	*http.Client
	base string
	t    *testing.T
}

func visit(t *testing.T, h http.Handler) *visitor {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, srv.URL, t}
}

func (v *visitor) get(path string) *http.Response {
	v.t.Helper()
	return v.keep(v.Get(v.base + path))
}

func (v *visitor) post(path string, form url.Values) *http.Response {
	v.t.Helper()
	return v.keep(v.PostForm(v.base+path, form))
}

func (v *visitor) keep(r *http.Response, err error) *http.Response {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { r.Body.Close() })
	return r
}

func signInForm(user string) url.Values {
	return url.Values{"user": {user}, "password": {accountstest.Password}}
}

func (v *visitor) signIn(user string) {
	v.t.Helper()
	r := v.post("/sign-in", signInForm(user))
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/" {
		v.t.Fatalf("signing in: %d to %q", r.StatusCode, r.Header.Get("Location"))
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

func TestSignIn(t *testing.T) {
	h := handlerFor(t, true)
	for _, c := range []struct {
		user, password string
		status         int
		says           string
	}{
		{"", "x", 422, "Enter your account name"},
		{"office", "", 422, "Enter your password"},
		{"office", "wrong", 401, wrongSignIn},
		{"nobody", accountstest.Password, 401, wrongSignIn},
		{strings.Repeat("x", 65), "x", 401, wrongSignIn},
		{"office", accountstest.Password, 303, ""},
		{" OFFice ", accountstest.Password, 303, ""},
		{"office", "Seven grey herons wade", 401, wrongSignIn},
	} {
		r := visit(t, h).post("/sign-in", url.Values{"user": {c.user}, "password": {c.password}})
		if text := body(t, r); r.StatusCode != c.status || !strings.Contains(text, c.says) || c.password != "" && strings.Contains(text, `"`+c.password+`"`) {
			t.Errorf("%q: %d", c.user, r.StatusCode)
		}
	}
}

// TestPlainIsThisComputerOnly: without https, a page elsewhere must not reach in
// under a name of its own, nor a neighbour over the network.
func TestPlainIsThisComputerOnly(t *testing.T) {
	h := handlerFor(t, true)
	for _, c := range []struct {
		peer, host string
		want       int
	}{
		{"127.0.0.1:9", "127.0.0.1:8080", http.StatusOK},
		{"127.0.0.1:9", "school.example:8080", http.StatusForbidden},
		{"192.0.2.1:9", "127.0.0.1:8080", http.StatusForbidden},
	} {
		r := httptest.NewRequest("GET", "/sign-in", nil)
		r.RemoteAddr, r.Host = c.peer, c.host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%s asking %s: %d, want %d", c.peer, c.host, w.Code, c.want)
		}
	}
}

func TestSignInIsLimited(t *testing.T) {
	v := visit(t, handlerFor(t, true))
	var last int
	for range 6 {
		last = v.post("/sign-in", url.Values{"user": {"Office"}, "password": {"guess"}}).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the sixth guess: %d", last)
	}
	r := v.post("/sign-in", url.Values{"user": {"office"}, "password": {accountstest.Password}})
	if r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right password after six guesses: %d", r.StatusCode)
	}
}

func TestCookie(t *testing.T) {
	for _, plain := range []bool{true, false} {
		h := handlerFor(t, plain)
		r := visit(t, h).post("/sign-in", url.Values{"user": {"office"}, "password": {accountstest.Password}})
		c := r.Cookies()[0]
		if c.Secure == plain || strings.HasPrefix(c.Name, "__Host-") == plain || !c.HttpOnly ||
			c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || len(c.Value) < 32 {
			t.Errorf("plain=%t: %+v", plain, c)
		}
	}
}

// TestTokenChanges: the token of before a sign-in, and of before a sign-out, is
// worth nothing afterwards.
func TestTokenChanges(t *testing.T) {
	v := visit(t, handlerFor(t, true))
	v.signIn("office")
	base, _ := url.Parse(v.base)
	before := v.Jar.Cookies(base)[0]
	v.signIn("office")
	if v.Jar.Cookies(base)[0].Value == before.Value {
		t.Error("signing in kept the token")
	}
	kept := v.Jar.Cookies(base)
	v.post("/sign-out", nil)
	v.Jar.SetCookies(base, kept)
	if r := v.get("/"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("a token from before signing out: %d", r.StatusCode)
	}
}
