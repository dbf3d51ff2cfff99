package signin

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

// How long a session lasts, in machine time.
const (
	idleFor   = 20 * time.Minute
	lifeFor   = 10 * time.Hour
	lockAfter = 3 * time.Minute // on a computer that several people share
)

// The keys of a session.
const (
	userKey   = "user"
	idKey     = "id"     // names it in lists
	sinceKey  = "since"  // Unix seconds
	provedKey = "proved" // Unix seconds
	lastKey   = "last"   // Unix seconds of the last request, on a shared computer
	peerKey   = "peer"   // address
	agentKey  = "agent"  // browser
	endedKey  = "ended"  // how often all sessions of the account had been ended
	sharedKey = "shared" // several people use this computer
	lockedKey = "locked" // its holder is away
)

// sessions are kept in memory: a restart signs everybody out.
type sessions struct {
	*scs.SessionManager
	store *store
	users *accounts.Book
	loose bool // in a demonstration a password is enough for everybody
}

func newSessions(cfg Config) *sessions {
	idle := cfg.Idle
	if idle <= 0 {
		idle = idleFor
	}
	s := &store{kept: map[string]kept{}}
	// A literal and not scs.New, which starts a store that sweeps for ever.
	m := &scs.SessionManager{
		IdleTimeout:      idle,
		Lifetime:         lifeFor,
		Store:            s,
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
	if cfg.Plain {
		m.Cookie.Name, m.Cookie.Secure = "bellkeep", false
	}
	return &sessions{m, s, cfg.Accounts, cfg.Loose}
}

// wrap loads the session of each request and saves what changed. A live
// stream only reads: a page left open must not keep its session alive.
func (s *sessions) wrap(next http.Handler, f ui.Failures) http.Handler {
	s.ErrorFunc = f.Render
	saved := s.LoadAndSave(s.attend(next, f))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/events") {
			next.ServeHTTP(w, r)
			return
		}
		saved.ServeHTTP(w, r)
	})
}

// attend brings a session up to what its account is now: ended when that may
// not be signed in any more, locked when a shared computer was left alone. Its
// token stays when rights change: they are looked up at each request, and a new
// token whose answer a browser never read would sign somebody out.
func (s *sessions) attend(next http.Handler, f ui.Failures) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.bringUp(r.Context()); err != nil {
			f.Render(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), loaded{}, true)))
	})
}

// loaded marks the context of a request whose session is in it.
type loaded struct{}

func (s *sessions) bringUp(ctx context.Context) error {
	if !s.Exists(ctx, userKey) {
		return nil
	}
	if _, ok := s.standing(ctx); !ok {
		return s.Destroy(ctx)
	}
	if s.GetBool(ctx, sharedKey) {
		if s.idleOnShared(ctx) {
			s.Put(ctx, lockedKey, true)
		}
		s.Put(ctx, lastKey, time.Now().Unix())
	}
	return nil
}

func (s *sessions) idleOnShared(ctx context.Context) bool {
	return s.GetBool(ctx, sharedKey) && time.Since(time.Unix(s.GetInt64(ctx, lastKey), 0)) > lockAfter
}

// standing is that of the session's account; false when the session is over.
func (s *sessions) standing(ctx context.Context) (accounts.Standing, bool) {
	standing, live := s.users.Standing(s.GetString(ctx, userKey))
	return standing, live && uint64(s.GetInt64(ctx, endedKey)) == standing.Ended
}

// begin signs an account in under a new token. shared says that several people
// use this computer.
// how says by what. A link is handed over, and another service may have been left
// signed in: neither proves who somebody is where that is asked for again.
func (s *sessions) begin(r *http.Request, account, peer string, shared bool, how accounts.How) error {
	ctx := r.Context()
	if err := s.Clear(ctx); err != nil {
		return err
	}
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	standing, _ := s.users.Standing(account)
	now := time.Now().Unix()
	s.Put(ctx, userKey, account)
	s.Put(ctx, idKey, rand.Text()[:12])
	s.Put(ctx, peerKey, peer)
	s.Put(ctx, agentKey, browser(r.UserAgent()))
	s.Put(ctx, sharedKey, shared)
	s.Put(ctx, endedKey, int64(standing.Ended))
	s.Put(ctx, sinceKey, now)
	s.Put(ctx, lastKey, now)
	if how != accounts.ByLink && how != accounts.ByLogin {
		s.Put(ctx, provedKey, now)
	}
	return nil
}

// stay keeps the session in front of somebody who has just ended all of theirs.
func (s *sessions) stay(ctx context.Context, account string) error {
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	standing, _ := s.users.Standing(account)
	s.Put(ctx, endedKey, int64(standing.Ended))
	return nil
}

// Who tells who sent r, without prolonging their session. Nobody did while the
// session is locked.
func (s *sessions) Who(r *http.Request) (kit.Who, bool) {
	ctx := r.Context()
	if ctx.Value(loaded{}) == nil {
		cookie, err := r.Cookie(s.Cookie.Name)
		if err != nil {
			return kit.Who{}, false
		}
		if ctx, err = s.Load(context.Background(), cookie.Value); err != nil {
			return kit.Who{}, false
		}
	}
	if !s.Exists(ctx, userKey) || s.GetBool(ctx, lockedKey) || s.idleOnShared(ctx) {
		return kit.Who{}, false
	}
	standing, ok := s.standing(ctx)
	if !ok {
		return kit.Who{}, false
	}
	return kit.Who{
		Actor: standing.Actor, Name: standing.Name, Roles: standing.Roles, Confined: standing.Idle || standing.Second && !s.loose,
		Session: s.GetString(ctx, idKey), Proved: time.Unix(s.GetInt64(ctx, provedKey), 0),
		Shared: s.GetBool(ctx, sharedKey),
	}, true
}
