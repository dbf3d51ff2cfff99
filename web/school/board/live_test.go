package board

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/locker/view"
)

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

// follow runs f while a signed-in stream of the start page is open, and gives the
// stream.
func follow(t *testing.T, s *academy, f func(h http.Handler, cookie *http.Cookie), change ...func(*setting)) string {
	ctx, cancel := context.WithCancel(t.Context())
	h := handlerFor(t, s, change...)
	in := here(ctx, "POST", "/sign-in", strings.NewReader("user=office&password=open+sesame"))
	in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, in)
	cookie := w.Result().Cookies()[0]

	out, done := open(ctx, h, cookie, "day")
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

// open opens the stream of a page until ctx ends; done tells when it has.
func open(ctx context.Context, h http.Handler, cookie *http.Cookie, page string) (out *sink, done chan struct{}) {
	r := here(ctx, "GET", "/events?page="+page, nil)
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

// TestStreamIsCoalesced: a rush of changes is at most ten pushes a second, and
// the last of them arrives.
func TestStreamIsCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHamlet()
		stream := follow(t, s, func(http.Handler, *http.Cookie) {
			for i := range 100 {
				time.Sleep(10 * time.Millisecond)
				s.changeA(func(b *view.Board) { b.Counts.In = 1000 + i })
			}
			time.Sleep(pushEvery)
		})
		if pushes := strings.Count(stream, "event: banks"); pushes < 9 || pushes > 12 {
			t.Errorf("%d pushes in a second and a tenth", pushes)
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
		s := newHamlet()
		stream := follow(t, s, func(http.Handler, *http.Cookie) { time.Sleep(21 * time.Minute) })
		if beats := strings.Count(stream, "event: beat"); beats < 1150 || beats > 1250 {
			t.Errorf("%d beats in twenty minutes", beats)
		}
		if !strings.HasSuffix(stream, "event: end\ndata: \n\n") {
			t.Error("the session outlived twenty idle minutes")
		}
		if strings.Count(stream, "event: forms") != 1 {
			t.Error("what did not change was sent again")
		}
	})
}

// TestStreamEndsAtSignOut: a page left open elsewhere stops at once.
func TestStreamEndsAtSignOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHamlet()
		stream := follow(t, s, func(h http.Handler, cookie *http.Cookie) {
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
		s := newHamlet()
		follow(t, s, func(h http.Handler, cookie *http.Cookie) {
			time.Sleep(15 * time.Minute)
			again, done := open(t.Context(), h, cookie, "day")
			time.Sleep(6 * time.Minute)
			if !strings.Contains(again.String(), "event: end") {
				t.Error("a reconnection prolonged the session")
			}
			signOut(h, cookie) // so that this test ends even when the promise is broken
			<-done
		})
	})
}

// TestManyReadersCostNoMoreThanOne: two hundred open pages draw the school twenty
// times a second at most, however much happens.
func TestManyReadersCostNoMoreThanOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHamlet()
		follow(t, s, func(h http.Handler, cookie *http.Cookie) {
			ctx, cancel := context.WithCancel(t.Context())
			var streams []chan struct{}
			for range 200 {
				_, done := open(ctx, h, cookie, "day")
				streams = append(streams, done)
				time.Sleep(3 * time.Millisecond)
			}
			before := s.drawn
			for range 100 {
				time.Sleep(10 * time.Millisecond)
				s.changeA(func(b *view.Board) { b.Counts.In++ })
			}
			if n := s.drawn - before; n > 21 {
				t.Errorf("the school was drawn %d times in a second", n)
			}
			cancel()
			for _, done := range streams {
				<-done
			}
		})
	})
}

// TestReconnectingLosesNothing: whoever was away gets every section anew.
func TestReconnectingLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHamlet()
		follow(t, s, func(h http.Handler, cookie *http.Cookie) {
			s.changeA(func(b *view.Board) { b.Counts.In = 4711 })
			ctx, cancel := context.WithCancel(t.Context())
			again, done := open(ctx, h, cookie, "day")
			time.Sleep(time.Second)
			cancel()
			<-done
			has(t, "the second stream", again.String(), "event: banks", "event: forms", "event: problems", "event: found", "<dd>4711</dd>")
		})
	})
}

// TestPushIsAsNarrowAsThePage: a stream tells nothing that its page does not.
func TestPushIsAsNarrowAsThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHamlet()
		stream := follow(t, s, func(http.Handler, *http.Cookie) {
			time.Sleep(time.Second)
			s.changeA(func(b *view.Board) { b.People[5].State = view.Out })
			time.Sleep(time.Second)
		})
		has(t, "the stream of the start page", stream, "-Byron", "-Khan")
	})
}

// TestDevicesWakeThePage: a device's news is shown at once, and not with the
// next beat.
func TestDevicesWakeThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		devices := newFleet(false)
		follow(t, newHamlet(), func(h http.Handler, cookie *http.Cookie) {
			ctx, cancel := context.WithCancel(t.Context())
			stream, done := open(ctx, h, cookie, "devices")
			time.Sleep(1300 * time.Millisecond) // between two beats
			devices.bell("lesson", DevicePending)
			time.Sleep(10 * time.Millisecond)
			has(t, "the stream of the devices", stream.String(), "lesson", "Being set since 08:42:07")
			cancel()
			<-done
		}, func(c *setting) { c.Devices = devices })
	})
}
