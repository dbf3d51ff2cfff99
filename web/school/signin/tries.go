package signin

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// tries are the attempts allowed, for each account and for each address. A
// school often has one address, so an address is allowed more.
type tries struct {
	account, address *ui.Limiter
	session          *ui.Limiter // of who is signed in: strangers do not use these up
}

func newTries(now func() time.Time) tries {
	return tries{
		account: ui.NewLimiter(5, 30*time.Second, 2000, now),
		address: ui.NewLimiter(20, 5*time.Second, 2000, now),
		session: ui.NewLimiter(5, 30*time.Second, 2000, now),
	}
}

func (t tries) allow(c echo.Context, account string) bool {
	return t.address.Allow(c.RealIP()) && t.account.Allow(account)
}

// refused notes a failed attempt at an account, "" where that is not known. What
// was typed is not noted: people type their passwords into the wrong field.
func (s *Sessions) refused(c echo.Context, account string, how accounts.How) {
	s.Accounts.Refused(account)
	s.kit.Log.Warn("sign-in refused", "how", how, "peer", c.RealIP())
}
