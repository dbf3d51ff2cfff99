package signin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

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

// A link of the first start, a reset and a day pass lead to a password, once.
func TestOneTimeLinks(t *testing.T) {
	s := open(t, true)
	code, err := s.Reset(t.Context(), "head", "office")
	must(t, err)
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
