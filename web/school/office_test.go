package school

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/locker/view"
)

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestNothingWithoutSigningIn: a page that forgot to ask fails here.
func TestNothingWithoutSigningIn(t *testing.T) {
	v := visit(t, handlerFor(t, newDesk(true)))
	for _, path := range []string{"/", "/?q=Ada", "/person/p-1", "/door/1", "/print"} {
		r := v.get(path)
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/sign-in" || strings.Contains(body(t, r), "Byron") {
			t.Errorf("%s: %d to %q", path, r.StatusCode, r.Header.Get("Location"))
		}
	}
	r := v.get("/events?page=board")
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
		r := visit(t, handlerFor(t, newDesk(false))).post("/sign-in", url.Values{"user": {c.user}, "password": {c.password}})
		if text := body(t, r); r.StatusCode != c.status || !strings.Contains(text, c.says) || c.password != "" && strings.Contains(text, `"`+c.password+`"`) {
			t.Errorf("%q: %d", c.user, r.StatusCode)
		}
	}
}

// TestPlainIsThisComputerOnly: without https, a page elsewhere must not reach in
// under a name of its own, nor a neighbour over the network.
func TestPlainIsThisComputerOnly(t *testing.T) {
	h := handlerFor(t, newDesk(false))
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
	v := visit(t, handlerFor(t, newDesk(false)))
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
		h := handlerFor(t, newDesk(false), func(c *Config) { c.Plain = plain })
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
	v := visit(t, handlerFor(t, newDesk(false)))
	v.signIn()
	base, _ := url.Parse(v.base)
	before := v.Jar.Cookies(base)[0]
	v.signIn()
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

func TestPages(t *testing.T) {
	v := visit(t, handlerFor(t, newDesk(true)))
	v.signIn()
	for _, c := range []struct {
		path   string
		status int
		says   []string
	}{
		{"/", 200, []string{"Phones today", "As of <strong>08:41:07", "Problems (9)", "Door 8 does not open.", "Jia Hussain"}},
		{"/?show=in", 200, []string{"Ada Byron", "At the door now"}},
		{"/?show=out", 200, []string{"Collected", "08:31 late"}},
		{"/?show=nonsense", 200, []string{"Who has not"}},
		{"/?q=CHLOE+m", 200, []string{"Chloé Martin"}},
		{"/?q=12", 200, []string{`href="/door/12">Door 12</a>: Keeping a phone`, "Bilal Khan"}},
		{"/?q=+7a", 200, []string{"Ada Byron", "Dylan Byron", "Hana Hussain"}},
		{"/?q=%3Cscript%3E", 200, []string{"&lt;script&gt;", "Nobody."}},
		{"/person/p-5", 200, []string{"Ewa Byron", "Door 5 came open at 08:37"}},
		{"/person/p-61", 404, []string{"Nobody of that number"}},
		{"/door/41", 200, []string{"Does not answer", "Not known"}},
		{"/door/61", 404, []string{"no door of that number"}},
		{"/door/x", 404, []string{"no door of that number"}},
		{"/print", 200, []string{"<caption", "7A", "10C", "Not handed in"}},
		{"/nowhere", 404, []string{"There is no page"}},
	} {
		r := v.get(c.path)
		text := body(t, r)
		if r.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.path, r.StatusCode, c.status)
		}
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", c.path, want)
			}
		}
		if r.Header.Get("Cache-Control") == "" || !strings.Contains(strings.Join(r.Header.Values("Cache-Control"), ","), "no-store") {
			t.Errorf("%s may be stored: %v", c.path, r.Header.Values("Cache-Control"))
		}
	}
}

func TestFormsInOrder(t *testing.T) {
	var got []string
	s := &snapshot{board: newDesk(false).board, names: newDesk(false)}
	for _, f := range byForm(s.roll(func(view.Person) bool { return true })) {
		got = append(got, f.Name)
	}
	if strings.Join(got, " ") != "7A 7B 10C" {
		t.Errorf("forms in the order %v", got)
	}
}

// TestNoNameIsLogged: not of a pupil, and not what somebody typed.
func TestNoNameIsLogged(t *testing.T) {
	var log bytes.Buffer
	h := handlerFor(t, newDesk(true), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	v := visit(t, h)
	v.post("/sign-in", url.Values{"user": {"Ada Byron"}, "password": {"open sesame"}})
	v.signIn()
	v.get("/?q=Byron")
	v.get("/person/p-61")
	for _, name := range []string{"Ada", "Byron", "sesame"} {
		if strings.Contains(log.String(), name) {
			t.Errorf("the log has %q:\n%s", name, &log)
		}
	}
}

// sink is a response that a stream can be written to in a bubble of fake time.
type sink struct {
	mu     sync.Mutex
	header http.Header
	text   strings.Builder
}

func (s *sink) Header() http.Header              { return s.header }
func (s *sink) WriteHeader(int)                  {}
func (s *sink) Flush()                           {}
func (s *sink) SetWriteDeadline(time.Time) error { return nil }
func (s *sink) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// follow runs f while a signed-in stream of the board is open, and gives the
// stream.
func follow(t *testing.T, d *desk, f func(h http.Handler, cookie *http.Cookie)) string {
	ctx, cancel := context.WithCancel(t.Context())
	h, err := New(Config{School: "Elmfield", Boards: d, Names: d, Accounts: d, Now: time.Now,
		Plain: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	in := here(ctx, "POST", "/sign-in", strings.NewReader("user=office&password=open+sesame"))
	in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, in)
	cookie := w.Result().Cookies()[0]

	out, done := open(ctx, h, cookie)
	f(h, cookie)
	cancel()
	<-done
	synctest.Wait()
	return out.String()
}

// here is a request from this computer.
func here(ctx context.Context, method, path string, body io.Reader) *http.Request {
	r := httptest.NewRequestWithContext(ctx, method, path, body)
	r.RemoteAddr, r.Host = "127.0.0.1:9", "127.0.0.1:8080"
	return r
}

// open opens a stream of the board until ctx ends; done tells when it has.
func open(ctx context.Context, h http.Handler, cookie *http.Cookie) (out *sink, done chan struct{}) {
	r := here(ctx, "GET", "/events?page=board", nil)
	r.AddCookie(cookie)
	out, done = &sink{header: http.Header{}}, make(chan struct{})
	go func() { defer close(done); h.ServeHTTP(out, r) }()
	return out, done
}

func signOut(h http.Handler, cookie *http.Cookie) {
	r := here(context.Background(), "POST", "/sign-out", nil)
	r.AddCookie(cookie)
	h.ServeHTTP(httptest.NewRecorder(), r)
}

// TestStreamIsCoalesced: a rush of changes is at most four pushes a second, and
// the last of them arrives.
func TestStreamIsCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(false)
		d.news = make(chan struct{})
		stream := follow(t, d, func(http.Handler, *http.Cookie) {
			for i := range 100 {
				time.Sleep(10 * time.Millisecond)
				d.change(func(b *view.Board) { b.Counts.In = 1000 + i })
			}
			time.Sleep(pushEvery)
		})
		if pushes := strings.Count(stream, "event: figures"); pushes < 4 || pushes > 6 {
			t.Errorf("%d pushes in a second and a quarter", pushes)
		}
		if !strings.Contains(stream, "<dd>1099</dd>") {
			t.Error("the last change never came")
		}
	})
}

// TestStreamBeatsAndLetsGo: with nothing new the stream beats every second, and
// it does not keep its session alive.
func TestStreamBeatsAndLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(false)
		d.news = make(chan struct{})
		stream := follow(t, d, func(http.Handler, *http.Cookie) { time.Sleep(21 * time.Minute) })
		if beats := strings.Count(stream, "event: beat"); beats < 1150 || beats > 1250 {
			t.Errorf("%d beats in twenty minutes", beats)
		}
		if !strings.HasSuffix(stream, "event: end\ndata: \n\n") {
			t.Error("the session outlived twenty idle minutes")
		}
		if strings.Count(stream, "event: plan") != 1 {
			t.Error("what did not change was sent again")
		}
	})
}

// TestStreamEndsAtSignOut: a board left open elsewhere stops at once.
func TestStreamEndsAtSignOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(false)
		d.news = make(chan struct{})
		stream := follow(t, d, func(h http.Handler, cookie *http.Cookie) {
			time.Sleep(time.Second)
			signOut(h, cookie)
			time.Sleep(2 * time.Second)
		})
		if !strings.Contains(stream, "event: end") {
			t.Error("the stream goes on after signing out")
		}
	})
}

// TestReconnectingKeepsNobodySignedIn: a board that nobody looks at reconnects by
// itself, and that is no sign of life.
func TestReconnectingKeepsNobodySignedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(false)
		d.news = make(chan struct{})
		follow(t, d, func(h http.Handler, cookie *http.Cookie) {
			time.Sleep(15 * time.Minute)
			again, done := open(t.Context(), h, cookie)
			time.Sleep(6 * time.Minute)
			if !strings.Contains(again.String(), "event: end") {
				t.Error("a reconnection prolonged the session")
			}
			signOut(h, cookie) // so that this test ends even when the promise is broken
			<-done
		})
	})
}
