package kiosk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	return askWithin(context.Background(), h, method, path)
}

func askWithin(ctx context.Context, h http.Handler, method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:9", "127.0.0.1"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestWords: a child reads at most six words a line, of every screen, and no
// two screens look alike without their colour.
func TestWords(t *testing.T) {
	alike := map[string]locker.Word{}
	for _, s := range slices.Concat(pupilScreens, staffScreens, itemScreens, joiningScreens, keypads[:3]) {
		f := faceOf(s)
		for _, line := range append(f.Lines, f.Hint) {
			if n := len(strings.Fields(line)); n > 6 && !f.Prose {
				t.Errorf("%s: %q has %d words", s.Word, line, n)
			}
		}
		if _, err := icon(f.Icon); err != nil && f.Form == "" || len(f.Lines) == 0 {
			t.Errorf("%s has no drawing or no words: %v", s.Word, err)
		}
		text := strings.Join(f.Lines, " ")
		if other, taken := alike[text]; taken {
			t.Errorf("%s reads like %s", s.Word, other)
		}
		alike[text] = s.Word
	}
	if f := faceOf(locker.Screen{Word: "of tomorrow"}); f.Icon != "wait" {
		t.Errorf("an unknown word shows %+v", f)
	}
}

func TestScreenForPrograms(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.Scan})
	b.show(locker.Screen{Word: locker.PutIn, Door: 12})
	h := handler(t, b)
	for path, want := range map[string]string{
		"/screen":          `{"n":2,"word":"put-in","door":12}`,
		"/screen?after=1":  `{"n":2,"word":"put-in","door":12}`,
		"/screen?after=99": `{"n":2,"word":"put-in","door":12}`, // the bank was started again
	} {
		if w := ask(h, "GET", path); w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := ask(h, "GET", "/screen?after=x"); w.Code != http.StatusBadRequest {
		t.Errorf("after=x: %d", w.Code)
	}
}

func TestScreenWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBank(locker.Screen{Word: locker.Scan})
		h := handler(t, b)
		start := time.Now()
		if w := ask(h, "GET", "/screen?after=1"); w.Code != http.StatusNoContent {
			t.Errorf("nothing newer: %d %s", w.Code, w.Body)
		}
		if waited := time.Since(start); waited != 25*time.Second {
			t.Errorf("waited %v", waited)
		}
		go func() {
			time.Sleep(3 * time.Second)
			b.show(locker.Screen{Word: locker.Office})
		}()
		w := ask(h, "GET", "/screen?after=1")
		var got shown
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Word != locker.Office || got.N != 2 {
			t.Errorf("%v %+v", err, got)
		}
	})
}

// TestGoneClientIsNoFailure: whoever closes the page, or the long poll, leaves
// nothing in the log.
func TestGoneClientIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, path := range []string{"/screen?after=1", "/events"} {
			for _, stays := range []time.Duration{0, 2 * time.Second} {
				var log bytes.Buffer
				h := logged(t, newBank(locker.Screen{Word: locker.Scan}), slog.NewTextHandler(&log, nil))
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(stays, cancel)
				if stays == 0 {
					cancel()
				}
				askWithin(ctx, h, "GET", path)
				if log.Len() > 0 {
					t.Errorf("%s left after %v: %s", path, stays, &log)
				}
			}
		}
	})
}

// TestOnlyThisComputer: nobody on the network may read the screen or call help.
func TestOnlyThisComputer(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.Scan})
	r := httptest.NewRequest("POST", "/help", nil) // comes from 192.0.2.1
	w := httptest.NewRecorder()
	if handler(t, b).ServeHTTP(w, r); w.Code != http.StatusForbidden || b.asked() != 0 {
		t.Errorf("%d, help asked %d times", w.Code, b.asked())
	}
}

func TestHelpIsOneCall(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.Scan})
	h := handler(t, b)
	for range 50 {
		if w := ask(h, "POST", "/help"); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if b.asked() != helpBurst {
		t.Errorf("a pupil leaning on the button called %d times", b.asked())
	}
	b.fail = errBroken
	if w := ask(handler(t, b), "POST", "/help"); w.Code != http.StatusInternalServerError {
		t.Errorf("help that cannot be called: %d", w.Code)
	}
}

// TestStreamBegins: what a page shows first depends on what it last saw.
func TestStreamBegins(t *testing.T) {
	for _, c := range []struct {
		name, last, want string
		now              locker.Screen
	}{
		{"a fresh page shows nobody's answer", "", "scan", locker.Screen{Word: locker.PutIn, Door: 3}},
		{"a page that was away gets what it missed", "1", "put-in", locker.Screen{Word: locker.PutIn, Door: 3}},
		{"a page that saw it does not see it twice", "2", "scan", locker.Screen{Word: locker.PutIn, Door: 3}},
		{"a bank started again is not ahead", "57", "scan", locker.Screen{Word: locker.PutIn, Door: 3}},
		{"a bank that waits for its joining code says so", "", "joining", locker.Screen{Word: locker.Joining}},
		{"a starting bank says so", "", "starting", locker.Screen{Word: locker.Starting}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBank(locker.Screen{Word: locker.Scan})
			b.show(c.now)
			srv := httptest.NewServer(handler(t, b))
			defer srv.Close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/events", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Last-Event-ID", c.last)
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
				if _, rest, ok := strings.Cut(lines.Text(), `data-word="`); ok {
					if word, _, _ := strings.Cut(rest, `"`); word != c.want {
						t.Errorf("shows %q first, want %q", word, c.want)
					}
					return
				}
			}
			t.Error("the stream ended without a screen")
		})
	}
}
