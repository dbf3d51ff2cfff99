package signin

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"
)

// ceremony is what a page hands to the browser for a passkey, and the key under
// which the answer is expected. A passkey alone signs in: it must verify who
// holds it.
type ceremony struct {
	Key     string
	Options string // JSON for navigator.credentials
}

// party is the site that passkeys are for, by the name in a request: nil where
// there can be none, as at an address of figures.
func (s *Sessions) party(r *http.Request) *webauthn.WebAuthn {
	host := ui.Host(r)
	origin := "https://" + r.Host
	if s.Plain {
		origin = "http://" + r.Host
	}
	if !slices.Contains(s.Hosts, host) {
		return nil
	}
	party, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "Bellkeep", RPOrigins: []string{origin}})
	if err != nil {
		return nil // a configured name that can have no passkeys
	}
	return party
}

// holder is an account as WebAuthn sees it.
type holder struct {
	accounts.Account
	keys []accounts.Credential
}

// handle names an account to a passkey without saying who it is.
func handle(account string) []byte {
	h := sha256.Sum256([]byte("bellkeep account " + account))
	return h[:]
}

func (h holder) WebAuthnID() []byte          { return handle(h.ID) }
func (h holder) WebAuthnName() string        { return h.ID }
func (h holder) WebAuthnDisplayName() string { return h.Name }

func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var list []webauthn.Credential
	for _, k := range h.keys {
		var c webauthn.Credential
		if json.Unmarshal(k.Data, &c) == nil { // what cannot be read is no passkey
			c.Authenticator.SignCount = k.Used
			list = append(list, c)
		}
	}
	return list
}

func (s *Sessions) holder(a accounts.Account) holder {
	return holder{a, s.Accounts.Credentials(a.ID)}
}

// begin keeps what is asked until it is answered.
func (s *Sessions) beginCeremony(options any, asked *webauthn.SessionData) (*ceremony, error) {
	shown, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	return &ceremony{s.ceremonies.add(data), string(shown)}, nil
}

// asked finds what a form answers.
func (s *Sessions) asked(c echo.Context) (webauthn.SessionData, bool) {
	var asked webauthn.SessionData
	data, ok := s.ceremonies.take(c.FormValue("ceremony"))
	return asked, ok && json.Unmarshal(data, &asked) == nil
}

// beginAdd is what a browser needs to add a passkey.
func (s *Sessions) beginAdd(c echo.Context, a accounts.Account) (*ceremony, error) {
	party := s.party(c.Request())
	if party == nil || a.Pass || !a.Seal.Sealed.IsZero() {
		return nil, nil
	}
	h := s.holder(a)
	options, asked, err := party.BeginRegistration(h,
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		}),
		webauthn.WithExclusions(webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	return s.beginCeremony(options.Response, asked)
}

var errPasskey = errs.At("passkey", "The passkey did not work", "Try again, or use another way to sign in.")

func (s *Sessions) addPasskey(c echo.Context) error {
	f, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	who := s.kit.Who(c)
	a, _ := s.Accounts.Get(who.Account)
	party := s.party(c.Request())
	asked, ok := s.asked(c)
	answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(c.FormValue("passkey")))
	if party == nil || !ok || err != nil {
		return s.again(c, f, errPasskey)
	}
	made, err := party.CreateCredential(s.holder(a), asked, answer)
	if err != nil {
		return s.again(c, f, errPasskey)
	}
	data, err := json.Marshal(made)
	if err != nil {
		return err
	}
	label := f.Get("label")
	if label == "" {
		label = browser(c.Request().UserAgent())
	}
	if err := s.Accounts.AddPasskey(c.Request().Context(), who.Account, label, data); err != nil {
		return s.again(c, f, err)
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}

func (s *Sessions) removePasskey(c echo.Context) error {
	account := s.kit.Who(c).Account
	if err := s.Accounts.RemovePasskey(c.Request().Context(), account, account, c.FormValue("key")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}

// beginUse is what a browser needs to show a passkey; nil where there is none.
func (s *Sessions) beginUse(c echo.Context) (*ceremony, error) {
	party := s.party(c.Request())
	if party == nil {
		return nil, nil
	}
	options, asked, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	return s.beginCeremony(options.Response, asked)
}

// shown checks a passkey that a browser has shown, and tells whose it is.
func (s *Sessions) shown(c echo.Context) (account string, p accounts.Proof, ok bool) {
	party := s.party(c.Request())
	asked, ok := s.asked(c)
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(c.FormValue("passkey")))
	if party == nil || !ok || err != nil {
		return "", p, false
	}
	var whose holder
	used, err := party.ValidateDiscoverableLogin(func(_, userHandle []byte) (webauthn.User, error) {
		for _, a := range s.Accounts.List() {
			if bytes.Equal(handle(a.ID), userHandle) {
				whose = s.holder(a)
				return whose, nil
			}
		}
		return nil, errPasskey
	}, asked, answer)
	if err != nil || used.Authenticator.CloneWarning {
		return "", p, false
	}
	for _, k := range whose.keys {
		var c webauthn.Credential
		if json.Unmarshal(k.Data, &c) == nil && bytes.Equal(c.ID, used.ID) {
			return whose.ID, accounts.Proof{How: accounts.ByPasskey, Passkey: k.ID, Count: used.Authenticator.SignCount}, true
		}
	}
	return "", p, false
}

// signInByPasskey signs in whoever the passkey is of.
func (s *Sessions) signInByPasskey(c echo.Context) error {
	if !s.tries.address.Allow(c.RealIP()) {
		return s.refuse(c, http.StatusTooManyRequests, fields{Fault: tooMany, Field: "user"})
	}
	account, p, ok := s.shown(c)
	if ok {
		ok = s.Accounts.SignIn(c.Request().Context(), account, p) == nil
	}
	if !ok {
		s.refused(c, "", accounts.ByPasskey)
		return s.refuse(c, http.StatusUnauthorized, fields{Fault: "That passkey signs nobody in here", Field: "user"})
	}
	return s.arrive(c, account, p, c.FormValue("shared") != "")
}
