package sso

import (
	"net/url"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/sso/ssotest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func google(p *ssotest.Provider) *Provider {
	return New(Config{Name: "Google", Issuer: p.URL, ClientID: "bellkeep", ClientSecret: "s", Domain: "school.example", Back: "https://bellkeep.example" + BackPath}, p.Client())
}

func entra(p *ssotest.Provider) *Provider {
	return New(Config{Name: "Microsoft", Issuer: p.URL, ClientID: "bellkeep", Tenant: "tenant-1", Back: "https://bellkeep.example" + BackPath}, p.Client())
}

func begin(t *testing.T, p *Provider) (string, Attempt) {
	t.Helper()
	there, a, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return there, a
}

func TestSigningIn(t *testing.T) {
	for name, c := range map[string]struct {
		of     func(*ssotest.Provider) *Provider
		claims map[string]any
		want   string // subject
	}{
		"Google": {google, map[string]any{"hd": "school.example"}, "subject-1"},
		"Entra":  {entra, map[string]any{"tid": "tenant-1", "oid": "object-1", "sub": "of this program only"}, "tenant-1/object-1"},
	} {
		p := ssotest.New(t)
		p.Claims = c.claims
		ours := c.of(p)
		there, a := begin(t, ours)
		got, err := ours.Finish(t.Context(), a, p.Authorize(t, there))
		if want := (accounts.Login{Issuer: p.URL, Subject: c.want}); err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What another provider, tenant, browser or attempt brings back signs nobody in.
func TestRefused(t *testing.T) {
	school := map[string]any{"hd": "school.example"}
	tenant := map[string]any{"tid": "tenant-1", "oid": "object-1"}
	for name, c := range map[string]struct {
		of     func(*ssotest.Provider) *Provider
		claims map[string]any
		lie    map[string]any
		spoil  func(p *ssotest.Provider, a *Attempt, back url.Values)
	}{
		"another issuer":           {google, school, map[string]any{"iss": "https://evil.example"}, nil},
		"another program's token":  {google, school, map[string]any{"aud": "another"}, nil},
		"a token that is too old":  {google, school, map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}, nil},
		"the nonce of another":     {google, school, map[string]any{"nonce": "another"}, nil},
		"no nonce":                 {google, school, map[string]any{"nonce": nil}, nil},
		"another domain":           {google, map[string]any{"hd": "elsewhere.example"}, nil, nil},
		"a private account":        {google, nil, nil, nil},
		"a domain only by address": {google, map[string]any{"email": "ann@school.example", "email_verified": true}, nil, nil},
		"another tenant":           {entra, map[string]any{"tid": "tenant-2", "oid": "object-1"}, nil, nil},
		"a tenant without object":  {entra, map[string]any{"tid": "tenant-1"}, nil, nil},
		"no tenant":                {entra, nil, nil, nil},
		"a key of somebody else":   {entra, tenant, nil, func(p *ssotest.Provider, _ *Attempt, _ url.Values) { p.Forged = true }},
		"the state of another":     {google, school, nil, func(_ *ssotest.Provider, _ *Attempt, back url.Values) { back.Set("state", "another") }},
		"no state":                 {google, school, nil, func(_ *ssotest.Provider, a *Attempt, back url.Values) { a.State = ""; back.Del("state") }},
		"another verifier":         {google, school, nil, func(_ *ssotest.Provider, a *Attempt, _ url.Values) { a.Verifier = "another" }},
		"no code":                  {google, school, nil, func(_ *ssotest.Provider, _ *Attempt, back url.Values) { back.Del("code") }},
		"a code of nobody's":       {google, school, nil, func(_ *ssotest.Provider, _ *Attempt, back url.Values) { back.Set("code", "made up") }},
	} {
		t.Run(name, func(t *testing.T) {
			p := ssotest.New(t)
			p.Claims = c.claims
			if c.lie != nil {
				p.Lie = c.lie
			}
			ours := c.of(p)
			there, a := begin(t, ours)
			back := p.Authorize(t, there)
			if c.spoil != nil {
				c.spoil(p, &a, back)
			}
			if got, err := ours.Finish(t.Context(), a, back); errs.CodeOf(err) != errs.Denied || errs.HintOf(err) == "" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestACodeWorksOnce(t *testing.T) {
	p := ssotest.New(t)
	p.Claims = map[string]any{"hd": "school.example"}
	ours := google(p)
	there, a := begin(t, ours)
	back := p.Authorize(t, there)
	if _, err := ours.Finish(t.Context(), a, back); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Finish(t.Context(), a, back); errs.CodeOf(err) != errs.Denied {
		t.Errorf("a replayed code: %v", err)
	}
}

// A school without the internet starts all the same, and a provider that comes
// back is found.
func TestAProviderThatIsAway(t *testing.T) {
	p := ssotest.New(t)
	ours := google(p)
	issuer := p.URL
	ours.Issuer = "http://127.0.0.1:1"
	if _, _, err := ours.Begin(t.Context()); errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
	ours.Issuer = issuer
	begin(t, ours)
}
