package kittest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Visitor is a browser without scripts. It follows no redirect by itself.
type Visitor struct {
	client *http.Client
	base   string
	t      testing.TB
}

// Visit serves h and signs somebody in.
func Visit(t testing.TB, h http.Handler, account string) *Visitor {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &Visitor{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}, srv.URL, t}
	v.SignIn(account)
	return v
}

// SignIn makes the visitor somebody else.
func (v *Visitor) SignIn(account string) {
	v.t.Helper()
	if status, _, _ := v.Post("/sign-in", url.Values{"user": {account}, "password": {Password}}); status != http.StatusSeeOther {
		v.t.Fatalf("%s cannot sign in: %d", account, status)
	}
}

// Get gives a page's status, its text, and where it leads.
func (v *Visitor) Get(path string) (status int, text, next string) {
	v.t.Helper()
	return v.read(v.client.Get(v.base + path))
}

// Post sends a form and gives the answer.
func (v *Visitor) Post(path string, form url.Values) (status int, text, next string) {
	v.t.Helper()
	return v.read(v.client.PostForm(v.base+path, form))
}

// PostBody sends what a script sends and gives the answer.
func (v *Visitor) PostBody(path, kind string, body io.Reader) (status int, text, next string) {
	v.t.Helper()
	return v.read(v.client.Post(v.base+path, kind, body))
}

// Header is one header of a page.
func (v *Visitor) Header(path, name string) string {
	v.t.Helper()
	r, err := v.client.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	return r.Header.Get(name)
}

func (v *Visitor) read(r *http.Response, err error) (int, string, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, slip := range []string{"ZgotmplZ", "<no value>"} {
		if strings.Contains(string(text), slip) {
			v.t.Errorf("%s: a template gave %s", r.Request.URL.Path, slip)
		}
	}
	return r.StatusCode, string(text), r.Header.Get("Location")
}

// Page gives a page that must come with a status.
func (v *Visitor) Page(want int, path string) string {
	v.t.Helper()
	status, text, _ := v.Get(path)
	if status != want {
		v.t.Fatalf("%s: %d, want %d\n%s", path, status, want, text)
	}
	return text
}

// Answer posts a form and gives the page it ends at, which must come with a
// status: its answer, or where that leads.
func (v *Visitor) Answer(want int, path string, form url.Values) string {
	v.t.Helper()
	status, text, next := v.Post(path, form)
	if next != "" {
		return v.Page(want, next)
	}
	if status != want {
		v.t.Fatalf("%s: %d, want %d\n%s", path, status, want, text)
	}
	return text
}

// Sent posts a form that is to be accepted, and gives the page it leads to.
func (v *Visitor) Sent(path string, form url.Values) string {
	v.t.Helper()
	status, text, next := v.Post(path, form)
	if status != http.StatusSeeOther {
		v.t.Fatalf("%s: %d\n%s", path, status, text)
	}
	return next
}

// Says fails unless a page has every one of texts; one that begins with a minus it
// must not have.
func (v *Visitor) Says(path string, texts ...string) {
	v.t.Helper()
	status, text, _ := v.Get(path)
	if status != http.StatusOK {
		v.t.Errorf("%s: %d", path, status)
	}
	Has(v.t, path, text, texts...)
}

// Has fails unless text has every one of texts; one that begins with a minus it
// must not have.
func Has(t testing.TB, what, text string, texts ...string) {
	t.Helper()
	for _, want := range texts {
		not := strings.HasPrefix(want, "-")
		if strings.Contains(text, strings.TrimPrefix(want, "-")) == not {
			t.Errorf("%s: found %v: %s", what, not, want)
		}
	}
}
