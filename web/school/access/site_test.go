package access_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/access"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/signin"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// site is the pages about accounts, with the real sign-in, at a school of an
// owner, a head, IT, the office, a teacher and a visitor whom the register does not know.
type site struct {
	http.Handler
	*accountstest.School
}

// roll is the register as the pages list it.
type roll struct{ *accountstest.School }

func (r roll) People() []register.Person {
	var list []register.Person
	for _, id := range []string{"s-1", "s-2", "s-3", "s-4", "s-5", "s-6", "p-1"} {
		if p, ok := r.Person(id); ok && p.OnRoll() {
			list = append(list, p)
		}
	}
	return list
}

func open(t *testing.T, loose bool) site {
	t.Helper()
	s := accountstest.Open(t, t.TempDir())
	t.Cleanup(func() { s.Close() })
	s.Hire(t, "owner", "s-1", roles.Owner)
	s.Hire(t, "head", "s-2", roles.Head)
	s.Hire(t, "it", "s-3", roles.IT)
	s.Hire(t, "office", "s-5", roles.Office)
	s.Hire(t, "teacher", "s-4", roles.Teacher, "7A")
	s.Hire(t, "visitor", "", roles.Exams)
	sessions := signin.New(signin.Config{Accounts: s.Book, Now: time.Now, Plain: true, Hosts: []string{"localhost"}, Loose: loose})
	k := kit.New(kit.Config{School: "Elmfield Academy", Gate: sessions, People: s, Now: s.Now, Log: slog.New(slog.DiscardHandler)})
	cfg := access.Config{Accounts: s.Book, People: roll{s}, Base: "http://localhost:8080", Visitors: func() []kit.Option { return []kit.Option{{Value: accountstest.Visitor, Text: "Sue Supply"}} }, Loose: loose, Zone: time.UTC, DayEnds: func(t time.Time) time.Time { return t.Add(7 * time.Hour) }}
	in, err := sessions.Pages(k)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := access.Pages(k, cfg)
	if err != nil {
		t.Fatal(err)
	}
	home := kit.Get("/", roles.OwnAccount, func(c echo.Context) error { return c.HTML(http.StatusOK, "<h1>Home</h1>") }).About(kit.Anything)
	form := kit.Get("/form/:name", roles.SeeForm, func(c echo.Context) error { return c.HTML(http.StatusOK, "<h1>Form</h1>") }).
		About(func(c echo.Context) roles.Target { return roles.Target{Form: c.Param("name")} })
	e, err := k.Serve(in, pages, kit.Feature{Routes: []kit.Route{home, form}})
	if err != nil {
		t.Fatal(err)
	}
	return site{ui.OnlyLoopback(ui.Protect(sessions.Wrap(e), k.Failures), k.Failures), s}
}
