package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/tokens"
	website "github.com/bellkeep/bellkeep/web/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

// The people of the school that the whole site is tried on: a pupil of the form
// that class roles reach, one of another, and nobody.
const (
	ownForm, otherForm, noForm     = "7A", "8A", "12Z"
	ownPupil, otherPupil, nobodyID = "p-0000", "p-0001", "p-nobody"
)

// wholeSite is every page and the API over a running server of a small school,
// with a gate that lets in whoever a request says it is.
type wholeSite struct {
	*website.Site
	gate    *saysSo
	server  *server.Server
	objects map[string]objects // by pupil
}

func openSite(t *testing.T) *wholeSite {
	t.Helper()
	b, err := newBenchSchool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.settle(t.Context(), 12, 2); err != nil {
		t.Fatal(err)
	}
	s, err := b.open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := ended(ctx, <-done); err != nil {
			t.Error(err)
		}
	})
	p, err := openPages(s, webOptions{listen: "127.0.0.1:0", idle: demoIdle}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.close() })
	if _, err := whole(ctx, s); err != nil {
		t.Fatal(err)
	}
	w := &wholeSite{Site: p.site, gate: &saysSo{proved: time.Now()}, server: s}
	w.Kit.Gate, w.Kit.Log = w.gate, slog.New(slog.DiscardHandler)
	w.awaitPeople(t)
	return w
}

// awaitPeople waits until the boards show who is at the school.
func (w *wholeSite) awaitPeople(t *testing.T) {
	t.Helper()
	for range 200 {
		if w.do("GET", "/form/"+ownForm, asEverybody, "").Code == http.StatusOK {
			return
		}
		time.Sleep(20 * time.Millisecond) // for the server's own goroutines
	}
	t.Fatal("the boards stay empty")
}

// saysSo believes what a request says of who sent it: a role, all of them, or a
// program with every permission a program may have.
type saysSo struct{ proved time.Time }

const (
	whoHeader   = "X-Who"
	asEverybody = "everybody"
	asProgram   = "program"
)

func (g *saysSo) Who(r *http.Request) (kit.Who, bool) {
	name := r.Header.Get(whoHeader)
	who := kit.Who{Actor: school.Actor{Account: name, Person: "s-" + name}, Name: name, Session: name, Proved: g.proved}
	switch name {
	case "":
		return kit.Who{}, false
	case asProgram:
		if !strings.HasPrefix(r.URL.Path, ui.ProgramsPath) {
			return kit.Who{}, false // as the product reads tokens
		}
		who.Program, who.Proved, who.Person = true, time.Time{}, school.Unlisted+name
		who.Roles = tokens.Token{Scopes: tokens.Scopes()}.Roles()
	case asEverybody:
		for _, role := range roles.All {
			who.Roles = append(who.Roles, roles.Assignment{Role: role, Forms: []string{ownForm}})
		}
	default:
		who.Roles = []roles.Assignment{{Role: roles.Role(name), Forms: []string{ownForm}}}
	}
	return who, true
}

// do sends a request as somebody. A body is a form, or JSON to the API.
func (w *wholeSite) do(method, address, who, body string, headers ...string) *httptest.ResponseRecorder {
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "http://127.0.0.1"+address, content)
	r.RemoteAddr = "127.0.0.1:9"
	r.Header.Set(whoHeader, who)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(address, "/api/") {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer
}

// address fills the blanks of a route's path with what is of a pupil, a form, or
// nothing there is.
func address(path, person, form string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, ":") {
			continue
		}
		switch parts[i-1] {
		case "person", "people", "pupil":
			parts[i] = person
		case "form", "forms", "trays":
			parts[i] = form
		default:
			parts[i] = "x"
		}
	}
	return strings.Join(parts, "/")
}
