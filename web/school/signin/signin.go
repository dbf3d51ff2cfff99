// Package signin is how people come in, prove who they are once more, and leave:
// the sign-in pages, their sessions, their own account. It asks the book of
// accounts about everything that lasts.
package signin

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/sso"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Config is what signing in needs.
type Config struct {
	Accounts *accounts.Book
	Now      func() time.Time // machine time

	// Plain says that the pages are served over http to this computer itself.
	// Everywhere else the session's cookie needs https.
	Plain bool
	// Idle is how long a session lasts without anybody doing anything; 0 means
	// 20 minutes. A live page does not keep it alive.
	Idle time.Duration
	// Hosts are the names that passkeys may be for: those the pages are reached
	// by. Figures are none.
	Hosts []string
	// PIN checks the PIN by which a person works at the lockers, which also opens
	// a locked page; nil when there are none.
	PIN func(person, pin string) bool
	// Rotation says whether the school wants passwords changed from time to time;
	// nil for a school that does not.
	Rotation func() policy.Rotation
	// Providers are the other services by which people sign in.
	Providers []*sso.Provider
	// Staff are the members of staff in the register, from whom the school's first
	// owner says who they are; nil for none.
	Staff func() []kit.Option
	// Notice is what is said of monitoring to whoever signs in; nil for nothing.
	Notice func() string
	// Loose lets everybody work with a password alone, for demonstrations.
	Loose bool
}

//go:embed templates
var templateFiles embed.FS

// Sessions are who is signed in.
type Sessions struct {
	Config
	*sessions
	kit        *kit.Kit
	tries      tries
	ceremonies ceremonies
}

// New is nobody signed in.
func New(cfg Config) *Sessions {
	return &Sessions{Config: cfg, sessions: newSessions(cfg), tries: newTries(cfg.Now)}
}

// Pages are the pages for signing in and out.
func (s *Sessions) Pages(k *kit.Kit) (kit.Feature, error) {
	s.kit = k
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{Templates: templates, Funcs: s.funcs(), Routes: slices.Concat(s.doors(), s.ownRoutes())}, err
}

// passkeyForm is a button that asks for a passkey.
type passkeyForm struct {
	Key          *ceremony
	Action, Next string
}

// funcs are what the templates call.
func (s *Sessions) funcs() template.FuncMap {
	return template.FuncMap{
		"passkey": func(key *ceremony, action, next string) *passkeyForm {
			if key == nil {
				return nil
			}
			return &passkeyForm{key, action, next}
		},
		"notice": func() string {
			if s.Notice == nil {
				return ""
			}
			return s.Notice()
		},
		"local":   func(t time.Time) string { return t.In(s.kit.Now().Location()).Format("2 Jan 2006, 15:04") },
		"machine": func(t time.Time) string { return t.In(s.kit.Now().Location()).Format("2 Jan, 15:04") },
	}
}

// Wrap gives every request its session.
func (s *Sessions) Wrap(next http.Handler) http.Handler { return s.wrap(next, s.kit.Failures) }
