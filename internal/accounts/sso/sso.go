// Package sso signs people in by an account they have elsewhere: OpenID Connect
// with the authorisation code flow and PKCE (OpenID Connect Core 1.0, RFC 7636).
//
// Somebody is known by issuer and subject alone. An e-mail address says nothing:
// it may be given to somebody else, or be made up by another tenant.
package sso

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// BackPath is where a provider sends people back to.
const BackPath = "/sign-in/back"

// Config is one provider.
type Config struct {
	Name         string // as the button has it: Google
	Issuer       string
	ClientID     string
	ClientSecret string
	Domain       string // Google Workspace: who is of no other is let in
	Tenant       string // Microsoft Entra: likewise, by the tenant's id
	Back         string // address of the pages, with BackPath
}

// within is how long a provider may take to answer.
const within = 10 * time.Second

// maxAnswer bounds what a provider sends back in an address, in bytes.
const maxAnswer = 4096

// Provider is one, asked who it is when it is first needed: a school without the
// internet starts all the same. It is safe for concurrent use.
type Provider struct {
	Config
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider
}

// New makes a provider. client is nil for the usual one.
func New(c Config, client *http.Client) *Provider {
	if client == nil {
		client = &http.Client{Timeout: within}
	}
	return &Provider{Config: c, client: client}
}

// Attempt is what a browser's session remembers while somebody is away at the
// provider. Each is good for one answer.
type Attempt struct {
	Provider string
	State    string
	Nonce    string
	Verifier string // of PKCE
}

func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The provider fetches keys later with this context.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	if err != nil {
		return nil, p.unreachable(err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) unreachable(err error) error {
	return errs.Wrap(err, errs.Unavailable, p.Name+" cannot be reached.", "Sign in with your password or passkey here.")
}

func (p *Provider) oauth(found *oidc.Provider) oauth2.Config {
	return oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.Back, Scopes: []string{oidc.ScopeOpenID}}
}

// Begin gives the address at the provider to send somebody to. Errors:
// unavailable.
func (p *Provider) Begin(ctx context.Context) (string, Attempt, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{Provider: p.Name, State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if p.Domain != "" {
		options = append(options, oauth2.SetAuthURLParam("hd", p.Domain)) // a help to its user; what counts is checked below
	}
	config := p.oauth(found)
	return config.AuthCodeURL(a.State, options...), a, nil
}

// Finish checks what came back and tells who it was. Errors: denied,
// unavailable.
func (p *Provider) Finish(ctx context.Context, a Attempt, answer url.Values) (accounts.Login, error) {
	state, code := answer.Get("state"), answer.Get("code")
	if a.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(a.State)) != 1 || code == "" || len(code) > maxAnswer {
		return accounts.Login{}, denied(nil)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return accounts.Login{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), within)
	defer cancel()
	config := p.oauth(found)
	tokens, err := config.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return accounts.Login{}, denied(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := found.Verifier(&oidc.Config{ClientID: p.ClientID}).Verify(ctx, raw)
	if err != nil {
		return accounts.Login{}, denied(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1 {
		return accounts.Login{}, denied(nil)
	}
	return p.login(token)
}

// login reads who a token is about. Entra gives the same person another subject
// at every program; tenant and object id are theirs everywhere.
func (p *Provider) login(token *oidc.IDToken) (accounts.Login, error) {
	var claims struct {
		Domain string `json:"hd"`
		Tenant string `json:"tid"`
		Object string `json:"oid"`
	}
	if err := token.Claims(&claims); err != nil {
		return accounts.Login{}, denied(err)
	}
	l := accounts.Login{Issuer: token.Issuer, Subject: token.Subject}
	switch {
	case p.Domain != "" && claims.Domain != p.Domain, p.Tenant != "" && (claims.Tenant != p.Tenant || claims.Object == ""):
		return l, errs.New(errs.Denied, "That account is not one of this school's.", "Choose your school account at "+p.Name+".")
	case p.Tenant != "":
		l.Subject = claims.Tenant + "/" + claims.Object
	}
	return l, nil
}

func denied(cause error) error {
	return errs.Wrap(cause, errs.Denied, "Signing in there did not work.", "Try again from the sign-in page.")
}
