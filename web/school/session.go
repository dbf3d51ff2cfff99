package school

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// How long a session lasts, in machine time.
const (
	idleFor = 20 * time.Minute
	lifeFor = 10 * time.Hour
)

// The keys of a session.
const (
	userKey = "user"
	roleKey = "role"
)

// sessions are kept in memory: a restart signs everybody out.
type sessions struct {
	*scs.SessionManager
}

func newSessions(plain bool, idle time.Duration, f ui.Failures) *sessions {
	if idle <= 0 {
		idle = idleFor
	}
	// A literal and not scs.New, which starts a store that sweeps for ever.
	m := &scs.SessionManager{
		IdleTimeout:      idle,
		Lifetime:         lifeFor,
		Store:            &store{kept: map[string]kept{}},
		Codec:            scs.GobCodec{},
		ErrorFunc:        f.Render,
		HashTokenInStore: true,
		Cookie: scs.SessionCookie{
			Name:     "__Host-bellkeep", // browsers then insist on Secure, Path=/ and no Domain
			Path:     "/",
			HttpOnly: true,
			SameSite: http.SameSiteLaxMode,
			Secure:   true,
		},
	}
	if plain {
		m.Cookie.Name, m.Cookie.Secure = "bellkeep", false
	}
	return &sessions{m}
}

// wrap loads the session of each request and saves what changed. The live
// stream only reads: a page left open must not keep its session alive.
func (s *sessions) wrap(next http.Handler) http.Handler {
	saved := s.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			next.ServeHTTP(w, r)
			return
		}
		saved.ServeHTTP(w, r)
	})
}

// who gives the account r's session is signed in with now, without prolonging
// it.
func (s *sessions) who(r *http.Request) (user string, ok bool) {
	cookie, err := r.Cookie(s.Cookie.Name)
	if err != nil {
		return "", false
	}
	ctx, err := s.Load(context.Background(), cookie.Value)
	if err != nil {
		return "", false
	}
	return s.GetString(ctx, userKey), s.Exists(ctx, userKey)
}

// signedIn lets only signed-in people through, and sends others to sign in.
func (o *office) signedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if o.sessions.Exists(c.Request().Context(), userKey) {
			return next(c)
		}
		if c.Request().Header.Get("HX-Request") != "" {
			c.Response().Header().Set("HX-Redirect", "/sign-in")
			return c.NoContent(http.StatusOK)
		}
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
}
