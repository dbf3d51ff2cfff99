package school

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// now is the school time of the pretend board.
var now = time.Date(2027, 6, 7, 8, 41, 7, 0, time.UTC)

// desk is a pretend bank, roll and account list.
type desk struct {
	mu    sync.Mutex
	board view.Board
	news  chan struct{}
}

// newDesk has sixty pupils, p-1 to p-60, with doors of their number: a rush
// half over, and one of each problem when asked for.
func newDesk(problems bool) *desk {
	b := view.Board{Bank: "A", AsOf: now, Size: 100}
	for i := 1; i <= 60; i++ {
		p := view.Person{ID: fmt.Sprintf("p-%d", i), Door: i, State: view.NotYet}
		d := view.Door{Number: i, Contact: locker.Closed, State: view.DoorFree}
		switch {
		case i <= 28:
			p.State, p.Since = view.In, now.Add(-time.Duration(i)*time.Minute)
			d.State, d.Person = view.DoorKeeping, p.ID
		case i == 29:
			p.State, p.Since = view.AtDoor, now
			d.State, d.Contact, d.Person = view.DoorOpen, locker.Open, p.ID
		case i == 30:
			p.State, p.Door = view.Exempt, 0
		case i <= 33:
			p.State, p.Since, p.Late = view.Out, now.Add(-10*time.Minute), true
		}
		b.People, b.Doors = append(b.People, p), append(b.Doors, d)
	}
	if problems {
		addProblems(&b)
	}
	b.Counts = view.Counts{In: 29, NotYet: 27, Out: 3, Exempt: 1, Problems: len(b.Problems)}
	return &desk{board: b, news: make(chan struct{})}
}

func addProblems(b *view.Board) {
	b.Doors[39].State = view.DoorOut
	b.Doors[40].State, b.Doors[40].Contact = view.DoorUnasked, locker.Unknown
	b.Doors[4].State, b.Doors[4].Contact = view.DoorTrouble, locker.Open
	for i, code := range []view.ProblemCode{view.Forced, view.Unverified, view.NoReply, view.Jammed,
		view.LeftOpen, view.HelpAsked, view.NoDoor, view.NotEmptied, view.Overdue} {
		p := view.Problem{Code: code, Door: 5 + i, Person: fmt.Sprintf("p-%d", 5+i), Since: now.Add(-4 * time.Minute)}
		if code == view.HelpAsked {
			p.Door, p.Person = 0, ""
		}
		b.Problems = append(b.Problems, p)
	}
}

func (d *desk) Board() view.Board {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.board
	b.People = append([]view.Person(nil), b.People...)
	return b
}

// change makes one change and tells whoever waits.
func (d *desk) change(f func(*view.Board)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.board)
	d.board.Size++
	close(d.news)
	d.news = make(chan struct{})
}

func (d *desk) Wait(ctx context.Context, size uint64) error {
	for {
		d.mu.Lock()
		have, news := d.board.Size, d.news
		d.mu.Unlock()
		if have > size {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-news:
		}
	}
}

var (
	firstNames = []string{"Ada", "Bilal", "Chloé", "Dylan", "Ewa", "Farah", "Gethin", "Hana", "Idris", "Jia"}
	lastNames  = []string{"Byron", "Khan", "Martin", "Price", "Nowak", "Hussain"}
)

// Name makes up a name for p-1 to p-60 only.
func (d *desk) Name(id string) (name, form string, ok bool) {
	var n int
	if _, err := fmt.Sscanf(id, "p-%d", &n); err != nil || n < 1 || n > 60 {
		return "", "", false
	}
	n--
	return firstNames[n%10] + " " + lastNames[n/10], []string{"7A", "7B", "10C"}[n%3], true
}

func (d *desk) Check(user, password string) (string, bool) {
	return "office", user == "office" && password == "open sesame"
}

// handlerFor is the office over d; change may alter its configuration.
func handlerFor(t *testing.T, d *desk, change ...func(*Config)) http.Handler {
	t.Helper()
	cfg := Config{School: "Elmfield School", Boards: d, Names: d, Accounts: d, Now: time.Now,
		Plain: true, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&cfg)
	}
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
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
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}, srv.URL, t}
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

func (v *visitor) signIn() {
	v.t.Helper()
	r := v.post("/sign-in", url.Values{"user": {"office"}, "password": {"open sesame"}})
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/" {
		v.t.Fatalf("signing in: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
}
