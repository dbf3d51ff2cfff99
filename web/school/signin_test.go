package school

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestNothingWithoutSigningIn: a page that forgot to ask fails here.
func TestNothingWithoutSigningIn(t *testing.T) {
	s := newAcademy(true)
	v := visit(t, handlerFor(t, s))
	for _, path := range []string{"/", "/?q=Ada", "/bank/a", "/form/7A", "/person/p-1", "/person/p-1/stop", "/person/p-1/hold",
		"/person/p-1/open", "/person/p-1/badge", "/door/1", "/bars", "/bar/b-1", "/opened/x", "/devices", "/device/ipad-1", "/print", "/badges"} {
		r := v.get(path)
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/sign-in" || strings.Contains(body(t, r), "Byron") {
			t.Errorf("%s: %d to %q", path, r.StatusCode, r.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/person/p-1/stop", "/person/p-1/hold", "/person/p-1/open", "/person/p-1/badge", "/bar/b-1/end", "/badges"} {
		if r := v.post(path, url.Values{"on": {"person"}, "for": {"all"}, "why": {"lost"}}); r.Header.Get("Location") != "/sign-in" {
			t.Errorf("POST %s: %d to %q", path, r.StatusCode, r.Header.Get("Location"))
		}
	}
	if len(s.bars)+len(s.orders) != 0 {
		t.Error("somebody not signed in changed something")
	}
	r := v.get("/events?page=day")
	if text := body(t, r); strings.Contains(text, "Door") || !strings.Contains(text, "event: end") {
		t.Errorf("the stream says %q", text)
	}
	if r := v.get("/healthz"); r.StatusCode != http.StatusOK || body(t, r) != "ok\n" {
		t.Errorf("healthz: %d", r.StatusCode)
	}
}

func TestSignIn(t *testing.T) {
	for _, c := range []struct {
		user, password string
		status         int
		says           string
	}{
		{"", "x", 422, "Enter your account name"},
		{"office", "", 422, "Enter your password"},
		{"office", "wrong", 401, wrongSignIn},
		{"nobody", "open sesame", 401, wrongSignIn},
		{strings.Repeat("x", 65), "x", 401, wrongSignIn},
		{"office", "open sesame", 303, ""},
		{" OFFice ", "open sesame", 303, ""},
		{"office", "Open Sesame", 401, wrongSignIn},
	} {
		r := visit(t, handlerFor(t, newAcademy(false))).post("/sign-in", url.Values{"user": {c.user}, "password": {c.password}})
		if text := body(t, r); r.StatusCode != c.status || !strings.Contains(text, c.says) || c.password != "" && strings.Contains(text, `"`+c.password+`"`) {
			t.Errorf("%q: %d", c.user, r.StatusCode)
		}
	}
}

// TestPlainIsThisComputerOnly: without https, a page elsewhere must not reach in
// under a name of its own, nor a neighbour over the network.
func TestPlainIsThisComputerOnly(t *testing.T) {
	h := handlerFor(t, newAcademy(false))
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
	v := visit(t, handlerFor(t, newAcademy(false)))
	var last int
	for range 6 {
		last = v.post("/sign-in", url.Values{"user": {"Office"}, "password": {"guess"}}).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the sixth guess: %d", last)
	}
	r := v.post("/sign-in", url.Values{"user": {"office"}, "password": {"open sesame"}})
	if r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right password after six guesses: %d", r.StatusCode)
	}
}

func TestCookie(t *testing.T) {
	for _, plain := range []bool{true, false} {
		h := handlerFor(t, newAcademy(false), func(c *Config) { c.Plain = plain })
		r := visit(t, h).post("/sign-in", url.Values{"user": {"office"}, "password": {"open sesame"}})
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
	v := visit(t, handlerFor(t, newAcademy(false)))
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
