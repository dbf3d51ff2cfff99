package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/labstack/echo/v4"
)

var discard = Failures{Log: slog.New(slog.DiscardHandler)}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func TestProtectSetsEveryHeader(t *testing.T) {
	w := httptest.NewRecorder()
	Protect(http.HandlerFunc(ok), discard).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	for name, want := range map[string]string{
		"Content-Security-Policy":    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
		"X-Content-Type-Options":     "nosniff",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Referrer-Policy":            "same-origin",
		"Cache-Control":              "no-store",
		"Strict-Transport-Security":  "", // only over TLS
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestProtectRefusesOtherSites(t *testing.T) {
	h := Protect(http.HandlerFunc(ok), discard)
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 204, "none": 204} {
		r := httptest.NewRequest("POST", "/help", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("POST from %s: %d, want %d", site, w.Code, want)
		}
	}
}

func TestProtectBoundsTheBody(t *testing.T) {
	h := Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			discard.Render(w, r, err)
		}
	}), discard)
	r := httptest.NewRequest("POST", "/", strings.NewReader("a="+strings.Repeat("x", MaxBody)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of more than %d bytes: %d", MaxBody, w.Code)
	}
}

func TestFailures(t *testing.T) {
	secret := errors.New("the disk says no")
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{errs.New(errs.Invalid, "Not a number.", "Give a number."), 400, "Not a number."},
		{errs.New(errs.Denied, "Not you.", ""), 403, "Not you."},
		{errs.New(errs.NotFound, "No such door.", ""), 404, "No such door."},
		{errs.New(errs.Conflict, "Taken.", ""), 409, "Taken."},
		{errs.New(errs.NotNow, "Later.", ""), 409, "Later."},
		{errs.New(errs.Unavailable, "Away.", ""), 503, "Away."},
		{errs.Wrap(secret, errs.Internal, "hidden", ""), 500, "Something went wrong here."},
		{secret, 500, "Something went wrong here."},
		{echo.ErrNotFound, 404, "no page"},
		{echo.ErrMethodNotAllowed, 405, "cannot be used"},
	} {
		var log bytes.Buffer
		f := Failures{Log: slog.New(slog.NewTextHandler(&log, nil))}
		r := httptest.NewRequest("GET", "/x?q=Ada", nil)
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		f.Render(w, r, c.err)
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.status || p.Status != c.status || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%v: %d %+v, want %d %q", c.err, w.Code, p, c.status, c.says)
		}
		if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("content type %q", got)
		}
		if strings.Contains(w.Body.String(), "disk") {
			t.Errorf("the cause is shown: %s", w.Body)
		}
		if c.status == 500 && !strings.Contains(log.String(), "the disk says no") {
			t.Errorf("the cause is not logged: %s", &log)
		}
		if strings.Contains(log.String(), "Ada") {
			t.Errorf("a name is logged: %s", &log)
		}
	}
}

// TestGoneClientIsNotLogged: but what breaks while it leaves is.
func TestGoneClientIsNotLogged(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for err, want := range map[error]bool{
		errs.Wrap(ctx.Err(), errs.Unavailable, "Stopping.", ""): false,
		errors.New("the disk says no"):                          true,
	} {
		var log bytes.Buffer
		f := Failures{Log: slog.New(slog.NewTextHandler(&log, nil))}
		f.Render(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil), err)
		if got := log.Len() > 0; got != want {
			t.Errorf("%v: logged %t, want %t", err, got, want)
		}
	}
}

func TestPanicIsOneFailedRequest(t *testing.T) {
	e := NewEcho(discard)
	e.GET("/", func(echo.Context) error { panic("oh") })
	w := httptest.NewRecorder()
	if e.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)); w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
}

func TestAssets(t *testing.T) {
	a, err := NewAssets(Shared(), fstest.MapFS{"a.css": {Data: []byte("a{}")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.URL("none.css"); err == nil {
		t.Error("a missing asset has an address")
	}
	url, err := a.URL("a.css")
	if err != nil {
		t.Fatal(err)
	}
	first := get(a, url, "")
	if first.Code != 200 || !strings.Contains(first.Header().Get("Cache-Control"), "immutable") ||
		!strings.HasPrefix(first.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%d %v", first.Code, first.Header())
	}
	if w := get(a, "/assets/a.css", first.Header().Get("ETag")); w.Code != 304 || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("asked about again: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/assets/../ui.go", "/assets/", "/assets/LICENSES"} {
		if w := get(a, path, ""); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, licence := range []string{"govuk-frontend", "htmx", "htmx-ext-sse"} {
		if w := get(a, "/assets/LICENSES/"+licence+".txt", ""); w.Code != 200 {
			t.Errorf("the licence of %s is not embedded", licence)
		}
	}
}

func get(h http.Handler, path, etag string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("If-None-Match", etag)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLimiter(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	l := NewLimiter(2, time.Minute, 2, func() time.Time { return now })
	for i, c := range []struct {
		wait time.Duration
		key  string
		want bool
	}{
		{0, "a", true}, {0, "a", true}, {0, "a", false},
		{59 * time.Second, "a", false}, {time.Second, "a", true}, {0, "a", false},
		{0, "b", true}, {0, "c", false}, // no room for a third key
		{10 * time.Minute, "a", true}, {0, "a", true}, {0, "a", false}, // nobody saves up more than the burst
		{10 * time.Minute, "c", true}, // the others have been forgotten
	} {
		now = now.Add(c.wait)
		if got := l.Allow(c.key); got != c.want {
			t.Errorf("step %d, %s: %t", i, c.key, got)
		}
	}
}

func TestOnlyLoopback(t *testing.T) {
	h := OnlyLoopback(http.HandlerFunc(ok), discard)
	for _, c := range []struct {
		peer, host string
		want       int
	}{
		{"127.0.0.1:5", "127.0.0.1:8081", 204},
		{"[::1]:5", "[::1]", 204},
		{"127.0.0.1:5", "localhost:8081", 204},
		{"192.168.1.5:5", "127.0.0.1:8081", 403},
		{"127.0.0.1:5", "evil.example:8081", 403},
		{"127.0.0.1:5", "127.0.0.1.evil.example", 403},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Host = c.peer, c.host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%s asking %s: %d, want %d", c.peer, c.host, w.Code, c.want)
		}
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = Listen(l.Addr().String())
	if errs.CodeOf(err) != errs.Conflict || !strings.HasPrefix(err.Error(), "Another program uses "+l.Addr().String()) ||
		!strings.Contains(errs.HintOf(err), "--listen") {
		t.Errorf("a port in use: %v; %s", err, errs.HintOf(err))
	}
	if _, err := Listen("nonsense"); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("no address: %v", err)
	}
}

// TestServeEndsStreams: an open stream does not keep the server from ending.
func TestServeEndsStreams(t *testing.T) {
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	closing := errors.New("closing")
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := OpenStream(w, time.Second)
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Send("news", "7", "one\r\ntwo"); err != nil {
				t.Error(err)
			}
			<-r.Context().Done()
			if cause := context.Cause(r.Context()); cause != closing {
				t.Errorf("the stream was cut off: %v", cause)
			}
		}), slog.New(slog.DiscardHandler))
	}()
	r, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	const want = "retry: 1000\n\nevent: news\nid: 7\ndata: one\ndata: two\n\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r.Body, got); err != nil || string(got) != want {
		t.Errorf("%v; the stream is\n%s", err, got)
	}
	cancel(closing)
	if err := <-done; err != nil {
		t.Errorf("an orderly end: %v", err)
	}
}

func TestStreamRefusesWhatIsTooLarge(t *testing.T) {
	w := httptest.NewRecorder()
	if err := (&Stream{w: w}).Send("x", "", strings.Repeat("x", MaxEvent+1)); err == nil || w.Body.Len() > 0 {
		t.Errorf("%v, %d bytes sent", err, w.Body.Len())
	}
}
