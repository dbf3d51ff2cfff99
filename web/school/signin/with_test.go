package signin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/accounts/sso"
	"github.com/bellkeep/bellkeep/internal/accounts/sso/ssotest"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// away sends a visitor to the provider and gives what they bring back.
func (v *visitor) away(p *ssotest.Provider, path string) string {
	v.t.Helper()
	r := v.post(path, url.Values{"provider": {"Google"}, "next": {"/door"}})
	_, address, _ := strings.Cut(r.Header.Get("Refresh"), "url=")
	if r.StatusCode != http.StatusOK || !strings.HasPrefix(address, p.URL) {
		v.t.Fatalf("%s: %d, %q", path, r.StatusCode, address)
	}
	return sso.BackPath + "?" + p.Authorize(v.t, address).Encode()
}

// Somebody links the account they have elsewhere, signed in, and signs in by it
// from then on. Nobody else does, and no answer counts in another browser.
func TestSigningInElsewhere(t *testing.T) {
	p := ssotest.New(t)
	p.Claims["hd"] = "school.example"
	s := open(t, true, sso.New(sso.Config{Name: "Google", Issuer: p.URL, ClientID: "bellkeep", Domain: "school.example"}, p.Client()))
	v := visit(t, s)
	if r := v.get(v.away(p, withPath)); r.StatusCode != http.StatusUnauthorized || v.in() {
		t.Errorf("an account that is linked to none: %d", r.StatusCode)
	}
	v.signIn("office")
	if r := v.get(v.away(p, linkLoginPath)); where(r) != kit.AccountPath {
		t.Fatalf("linking: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	v.post("/sign-out", nil)
	back := v.away(p, withPath)
	if r := visit(t, s).get(back); r.StatusCode != http.StatusForbidden {
		t.Errorf("the answer in another browser: %d", r.StatusCode)
	}
	if r := v.get(back); where(r) != "/door" || !v.in() {
		t.Errorf("signing in: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	if r := v.get(back); r.StatusCode != http.StatusForbidden {
		t.Errorf("the same answer again: %d", r.StatusCode)
	}

	// Another service may be open on this computer: that proves nothing where it is
	// asked for again, and opens no lock.
	if r := v.get("/door"); !strings.HasPrefix(where(r), kit.ProvePath) {
		t.Errorf("a login elsewhere counts as proof: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	v.post(lockPath, url.Values{"next": {"/"}})
	if r := v.post(withPath, url.Values{"provider": {"Google"}}); r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(where(r), kit.SignInPath) || v.in() {
		t.Errorf("a login elsewhere opens the lock: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}

	other := visit(t, s)
	other.signIn("head")
	if r := other.get(other.away(p, linkLoginPath)); r.StatusCode != http.StatusConflict {
		t.Errorf("the same login for a second account: %d", r.StatusCode)
	}
	p.Claims["sub"] = "subject-2" // with the same address, perhaps
	stranger := visit(t, s)
	if r := stranger.get(stranger.away(p, withPath)); r.StatusCode != http.StatusUnauthorized || stranger.in() {
		t.Errorf("another subject: %d", r.StatusCode)
	}
	a, _ := s.Get("office")
	if err := s.UnlinkLogin(t.Context(), "office", "office", a.Logins[0].ID); err != nil {
		t.Fatal(err)
	}
	p.Claims["sub"] = "subject-1"
	v.post("/sign-out", nil)
	if r := v.get(v.away(p, withPath)); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a login that was taken away: %d", r.StatusCode)
	}
}

// reset makes a link for the office's password, and use chooses one by it.
func reset(t *testing.T, s site) accounts.Code {
	t.Helper()
	code, err := s.Reset(t.Context(), "head", "office")
	must(t, err)
	return code
}

func use(t *testing.T, s site, c accounts.Code) {
	t.Helper()
	_, err := s.UseLink(t.Context(), c.Text, accounts.NewAccount{}, "nine brown otters swim")
	must(t, err)
}

func endRoles(t *testing.T, s site, id string) {
	t.Helper()
	a, _ := s.Get(id)
	for _, g := range a.Grants {
		must(t, s.EndRole(t.Context(), "head", id, g.ID))
	}
}

// What is done about an account decides whether a login elsewhere still signs in to
// it, and whether who is signed in by one stays so.
func TestWhatCutsALoginElsewhere(t *testing.T) {
	for name, c := range map[string]struct {
		do            func(t *testing.T, s site)
		stays, signIn bool
	}{
		"nothing":        {func(*testing.T, site) {}, true, true},
		"own password":   {func(t *testing.T, s site) { must(t, s.ChangePassword(t.Context(), "office", "nine brown otters swim")) }, false, true},
		"signed out":     {func(t *testing.T, s site) { must(t, s.EndSessions(t.Context(), "head", "office")) }, false, true},
		"a lost phone":   {func(t *testing.T, s site) { must(t, s.Lost(t.Context(), "head", "office")) }, false, false},
		"a link unused":  {func(t *testing.T, s site) { reset(t, s) }, true, true},
		"a reset":        {func(t *testing.T, s site) { use(t, s, reset(t, s)) }, false, false},
		"its last role":  {func(t *testing.T, s site) { endRoles(t, s, "office") }, false, false},
		"its end":        {func(t *testing.T, s site) { must(t, s.End(t.Context(), "head", "office")) }, false, false},
		"holder's leave": {func(_ *testing.T, s site) { s.Leave("s-1") }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := ssotest.New(t)
			p.Claims["hd"] = "school.example"
			s := open(t, true, sso.New(sso.Config{Name: "Google", Issuer: p.URL, ClientID: "bellkeep", Domain: "school.example"}, p.Client()))
			v := visit(t, s)
			v.signIn("office")
			v.get(v.away(p, linkLoginPath))
			v.post("/sign-out", nil)
			if v.get(v.away(p, withPath)); !v.in() {
				t.Fatal("the login does not sign in")
			}
			c.do(t, s)
			if v.in() != c.stays {
				t.Errorf("whoever is signed in stays: %v", v.in())
			}
			again := visit(t, s)
			if again.get(again.away(p, withPath)); again.in() != c.signIn {
				t.Errorf("the login signs in: %v", again.in())
			}
		})
	}
}

// A link of the first start, a reset and a day pass lead to a password, once.
func TestOneTimeLinks(t *testing.T) {
	s := open(t, true)
	code := reset(t, s)
	page := Link("", code)
	v := visit(t, s)
	if text := body(t, v.get(page)); !strings.Contains(text, "office") || !strings.Contains(text, "new-password") {
		t.Error("the link does not lead to a password")
	}
	form := url.Values{"code": {code.Shown()}, "password": {"nine brown otters swim"}, "again": {"nine brown otters sink"}}
	if r := v.post(linkPath, form); r.StatusCode != http.StatusUnprocessableEntity || strings.Contains(body(t, r), "otters") {
		t.Errorf("two passwords that differ: %d, or the page shows them", r.StatusCode)
	}
	form.Set("again", "nine brown otters swim")
	if r := v.post(linkPath, form); where(r) != "/" || !v.in() {
		t.Errorf("the right form: %d", r.StatusCode)
	}
	if r := visit(t, s).post(linkPath, form); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body(t, r), "has been used") {
		t.Errorf("the same link again: %d", r.StatusCode)
	}
	v.post("/sign-out", nil)
	if r := v.post("/sign-in", url.Values{"user": {"office"}, "password": {accountstest.Password}}); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the password of before: %d", r.StatusCode)
	}
}
