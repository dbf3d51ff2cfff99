// Package kittest serves features to tests the way the product does, with a
// sign-in that knows a few people by name.
package kittest

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Password signs everybody in.
const Password = "open sesame"

// idleFor is how long a session lasts without a request. Following a page does
// not prolong it.
const idleFor = 20 * time.Minute

// Gate knows who is signed in, by the token in a cookie.
type Gate struct {
	mu    sync.Mutex
	known map[string]kit.Who
	in    map[string]session
}

type session struct {
	account string
	last    time.Time
}

// People are one account for each role of the same name, whose class roles
// reach the form 7A, and a second head and office. All proved a moment ago who
// they are, and changed nothing for a week.
func People() *Gate {
	g := &Gate{known: map[string]kit.Who{}, in: map[string]session{}}
	for _, r := range roles.All {
		g.Add(string(r), r)
	}
	g.Add("head-two", roles.Head)
	g.Add("office-two", roles.Office)
	return g
}

// Add makes an account with one role.
func (g *Gate) Add(account string, r roles.Role) {
	g.known[account] = kit.Who{
		Actor: school.Actor{Account: account, Person: "s-" + account}, Name: account, Session: "session-" + account,
		Roles: []roles.Assignment{{Role: r, Forms: []string{"7A"}}}, Proved: time.Now(),
	}
}

const cookie = "who"

// Who is whoever the cookie's session is of.
func (g *Gate) Who(r *http.Request) (kit.Who, bool) {
	c, err := r.Cookie(cookie)
	if err != nil {
		return kit.Who{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s, ok := g.in[c.Value]
	if !ok || time.Since(s.last) > idleFor {
		return kit.Who{}, false
	}
	if !strings.HasSuffix(r.URL.Path, "/events") {
		g.in[c.Value] = session{s.account, time.Now()}
	}
	who, ok := g.known[s.account]
	return who, ok
}

// Set changes what is known of an account: other roles, an older proof.
func (g *Gate) Set(account string, change func(*kit.Who)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who := g.known[account]
	change(&who)
	g.known[account] = who
}

// Kit is a kit over g for a test. now is school time.
func Kit(g *Gate, people kit.People, now func() time.Time, demo func() kit.Demo) *kit.Kit {
	return kit.New(kit.Config{School: "Elmfield Academy", Gate: g, People: people, Now: now, Demo: demo, Log: slog.New(slog.DiscardHandler)})
}

// Serve is features as the product serves them, with a sign-in of its own.
func Serve(tb testing.TB, k *kit.Kit, features ...kit.Feature) http.Handler {
	tb.Helper()
	e, err := k.Serve(append(features, k.Gate.(*Gate).signIn())...)
	if err != nil {
		tb.Fatal(err)
	}
	return ui.OnlyLoopback(ui.Protect(e, k.Failures), k.Failures)
}

func (g *Gate) signIn() kit.Feature {
	const form = `<!doctype html><html lang="en-GB"><title>Sign in</title><main><h1>Sign in</h1><form method="post">` +
		`<label for="user">Account</label><input id="user" name="user"><label for="password">Password</label><input id="password" name="password" type="password"><button>Sign in</button></form></main>`
	return kit.Feature{Routes: []kit.Route{
		kit.Get(kit.SignInPath, kit.Open, func(c echo.Context) error { return c.HTML(http.StatusOK, form) }),
		kit.Post(kit.SignInPath, kit.Open, func(c echo.Context) error {
			if c.FormValue("password") != Password {
				return c.HTML(http.StatusUnauthorized, form)
			}
			token := rand.Text()
			g.mu.Lock()
			g.in[token] = session{c.FormValue("user"), time.Now()}
			g.mu.Unlock()
			c.SetCookie(&http.Cookie{Name: cookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
			return c.Redirect(http.StatusSeeOther, kit.Next(c))
		}),
		kit.Post("/sign-out", kit.Open, func(c echo.Context) error {
			if old, err := c.Cookie(cookie); err == nil {
				g.mu.Lock()
				delete(g.in, old.Value)
				g.mu.Unlock()
			}
			c.SetCookie(&http.Cookie{Name: cookie, Path: "/", MaxAge: -1})
			return c.Redirect(http.StatusSeeOther, kit.SignInPath)
		}),
	}}
}
