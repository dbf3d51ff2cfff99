package signin

import (
	"github.com/bellkeep/bellkeep/internal/accounts/sso"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// doors are the ways in and out.
func (s *Sessions) doors() []kit.Route {
	return []kit.Route{
		kit.Get(kit.SignInPath, kit.Open, s.signInForm),
		kit.Post(kit.SignInPath, kit.Open, s.signIn),
		kit.Get(codePath, kit.Open, s.codeForm),
		kit.Post(codePath, kit.Open, s.code),
		kit.Post(passkeyPath, kit.Open, s.signInByPasskey),
		kit.Post(withPath, kit.Open, s.signInWith),
		kit.Get(sso.BackPath, kit.Open, s.back),
		kit.Get(linkPath, kit.Open, s.linkForm),
		kit.Post(linkPath, kit.Open, s.useLink),
		kit.Post(lockPath, kit.Open, s.lock),
		kit.Post(unlockPath, kit.Open, s.unlock),
		kit.Post("/sign-out", kit.Open, s.signOut),
	}
}

// The pages of one's own account.
const (
	passkeyPath     = "/sign-in/passkey"
	withPath        = "/sign-in/with"
	passwordPath    = kit.AccountPath + "/password"
	appPath         = kit.AccountPath + "/app"
	appEndPath      = appPath + "/remove"
	codesPath       = kit.AccountPath + "/codes"
	addKeyPath      = kit.AccountPath + "/passkey"
	removeKeyPath   = addKeyPath + "/remove"
	linkLoginPath   = kit.AccountPath + "/login"
	unlinkLoginPath = linkLoginPath + "/remove"
	sessionPath     = kit.AccountPath + "/session"
	everywherePath  = kit.AccountPath + "/sessions"
	personPath      = kit.AccountPath + "/person"
)

// ownRoutes are about the reader's own account. Whoever changes what they sign
// in with proves who they are first.
func (s *Sessions) ownRoutes() []kit.Route {
	get := func(path string, h echo.HandlerFunc) kit.Route { return s.own(kit.Get(path, roles.OwnAccount, h)) }
	post := func(path string, h echo.HandlerFunc) kit.Route {
		return s.own(kit.Post(path, roles.OwnAccount, h))
	}
	proved := s.kit.Proved
	return []kit.Route{
		get(kit.AccountPath, s.account),
		get(passwordPath, proved(s.passwordForm)), post(passwordPath, proved(s.changePassword)),
		get(appPath, proved(s.appForm)), post(appPath, proved(s.setApp)), post(appEndPath, proved(s.removeApp)),
		post(codesPath, proved(s.newCodes)),
		post(addKeyPath, proved(s.addPasskey)), post(removeKeyPath, proved(s.removePasskey)),
		post(linkLoginPath, proved(s.linkLogin)), post(unlinkLoginPath, proved(s.unlinkLogin)),
		post(personPath, proved(s.tie)),
		post(sessionPath, s.endSession), post(everywherePath, s.endEverywhere),
		get(kit.ProvePath, s.proveForm), post(kit.ProvePath, s.prove),
	}
}

// own is a route about the reader's own account, whichever that is.
func (s *Sessions) own(r kit.Route) kit.Route { return r.About(kit.Anything) }
