package signin

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

// How long a session lasts, in machine time.
const (
	idleFor = 20 * time.Minute
	lifeFor = 10 * time.Hour
)

// The keys of a session.
const (
	userKey   = "user"
	roleKey   = "role"
	provedKey = "proved"
)

// sessions are kept in memory: a restart signs everybody out.
type sessions struct {
	*scs.SessionManager
}

func newSessions(plain bool, idle time.Duration) *sessions {
	if idle <= 0 {
		idle = idleFor
	}
	// A literal and not scs.New, which starts a store that sweeps for ever.
	m := &scs.SessionManager{
		IdleTimeout:      idle,
		Lifetime:         lifeFor,
		Store:            &store{kept: map[string]kept{}},
		Codec:            scs.GobCodec{},
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
func (s *sessions) wrap(next http.Handler, f ui.Failures) http.Handler {
	s.ErrorFunc = f.Render
	saved := s.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			next.ServeHTTP(w, r)
			return
		}
		saved.ServeHTTP(w, r)
	})
}

// Who tells who sent r, without prolonging their session.
func (s *sessions) Who(r *http.Request) (kit.Who, bool) {
	cookie, err := r.Cookie(s.Cookie.Name)
	if err != nil {
		return kit.Who{}, false
	}
	ctx, err := s.Load(context.Background(), cookie.Value)
	if err != nil || !s.Exists(ctx, userKey) {
		return kit.Who{}, false
	}
	account := s.GetString(ctx, userKey)
	return kit.Who{
		Actor:  school.Actor{Account: account, Person: account},
		Roles:  []roles.Assignment{{Role: roles.Role(s.GetString(ctx, roleKey))}},
		Proved: time.Unix(s.GetInt64(ctx, provedKey), 0),
	}, true
}
