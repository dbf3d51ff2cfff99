package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

// Tokens finds the working token of a secret. now is school time.
type Tokens interface {
	Check(secret string, now time.Time) (tokens.Token, bool)
}

// Programs tells who sent a request: a program by its token, or a person by the
// gate for people. Tokens count under /api/v1 only.
type Programs struct {
	People kit.Gate
	Tokens Tokens
	Now    func() time.Time // school time
	limit  *ui.Limiter      // of each token
}

// The requests of one token: so many at once, and one more every so often. Wrong
// tokens are not counted, for 130 random bits are not guessed.
const (
	burst, every = 100, 200 * time.Millisecond
	mostCallers  = 2000
)

// NewPrograms puts tokens before people. machine is machine time.
func NewPrograms(people kit.Gate, t Tokens, now, machine func() time.Time) *Programs {
	return &Programs{People: people, Tokens: t, Now: now, limit: ui.NewLimiter(burst, every, mostCallers, machine)}
}

type callerKey struct{}

// Who is the token's program, or whoever is signed in.
func (p *Programs) Who(r *http.Request) (kit.Who, bool) {
	t, ok := r.Context().Value(callerKey{}).(tokens.Token)
	if !ok {
		return p.People.Who(r)
	}
	account := t.Account()
	return kit.Who{Actor: school.Actor{Account: account, Person: school.Unlisted + account, Changed: t.Made}, Name: t.Name, Roles: t.Roles(), Session: account, Program: true}, true
}

var (
	errNoToken = errs.New(errs.Unknown, "That token does not work.", "It may have ended. IT makes tokens, on the page of programs.")
	errTooMany = errs.New(errs.TooOften, "That is too often.", "Wait for as many seconds as Retry-After says.")
)

// Wrap finds the program of each request that names one. A request with a token
// never counts as the person whose browser sent it.
func (p *Programs) Wrap(next http.Handler, f ui.Failures) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Get("Authorization")
		if header == "" || !strings.HasPrefix(r.URL.Path, ui.ProgramsPath) {
			next.ServeHTTP(w, r)
			return
		}
		t, err := p.find(header)
		if err != nil {
			if errs.CodeOf(err) == errs.TooOften {
				w.Header().Set("Retry-After", "1")
			}
			f.Render(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, t)))
	})
}

func (p *Programs) find(header string) (tokens.Token, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	t, ok := p.Tokens.Check(strings.TrimSpace(secret), p.Now())
	switch {
	case !ok || !strings.EqualFold(scheme, "Bearer"):
		return t, errNoToken
	case !p.limit.Allow(t.Name):
		return t, errTooMany
	}
	return t, nil
}
