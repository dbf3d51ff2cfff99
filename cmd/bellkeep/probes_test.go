package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// probe is markup that ends an attribute or an element and does harm. Where it
// comes out as it went in, somebody's text has become part of the page.
const probe = `"'></textarea></title><script>probe()</script>`

const raw = "<script>probe()"

// everyPage finds the pages that a person with all roles can come to.
func (w *wholeSite) everyPage(t *testing.T) []linked {
	t.Helper()
	start := []string{"/"}
	for _, r := range w.Kit.Routes() {
		if r.Method == http.MethodGet && r.Path != "/events" {
			start = append(start, address(r.Path, ownPupil, ownForm))
		}
	}
	found, err := crawler{each: 3, route: w.Route, get: func(address string) (string, error) {
		return w.do("GET", address, asEverybody, "").Body.String(), nil
	}}.from(start...)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestHeadersOfEveryAnswer: whatever is answered, and to whomever, is kept to
// itself.
func TestHeadersOfEveryAnswer(t *testing.T) {
	w := openSite(t)
	for _, p := range w.everyPage(t) {
		for _, who := range []string{"", "governor", asEverybody} {
			if p.route == "/events" {
				continue
			}
			answer := w.do("GET", p.address, who, "")
			w.kept(t, p.address, answer)
			if answer.Code >= 500 {
				t.Errorf("%s as %q: %d", p.address, who, answer.Code)
			}
		}
	}
	for _, r := range w.Kit.Routes() {
		if r.Method == http.MethodPost {
			at := address(r.Path, ownPupil, ownForm)
			w.kept(t, r.Path, w.do("POST", at, "", ""))
			answer := w.do("POST", at, asEverybody, "x=1", "Sec-Fetch-Site", "cross-site")
			if answer.Code != http.StatusForbidden {
				t.Errorf("%s: another site may send it: %d", r.Path, answer.Code)
			}
		}
	}
}

// kept checks what every answer has in its head.
func (w *wholeSite) kept(t *testing.T, at string, answer *httptest.ResponseRecorder) {
	t.Helper()
	h := answer.Header()
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: the content policy is %q", at, csp)
	}
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("%s: %v", at, h)
	}
	if !strings.HasPrefix(at, "/assets/") && !strings.Contains(strings.Join(h.Values("Cache-Control"), ","), "no-store") {
		t.Errorf("%s may be stored: %v", at, h.Values("Cache-Control"))
	}
	for _, c := range answer.Result().Cookies() {
		if !c.HttpOnly || c.SameSite == http.SameSiteNoneMode || c.SameSite == 0 || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s: the cookie %s is %+v", at, c.Name, c)
		}
	}
}

// TestNoTextBecomesMarkup types the probe into every text field of every form,
// and into every blank of every address; then it looks at every page.
func TestNoTextBecomesMarkup(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	clean := func(what string, answer *httptest.ResponseRecorder) {
		t.Helper()
		if kind := answer.Header().Get("Content-Type"); strings.HasPrefix(kind, "text/html") && strings.Contains(answer.Body.String(), raw) {
			t.Errorf("%s: the probe comes out raw", what)
		}
		if answer.Code >= 500 {
			t.Errorf("%s: %d", what, answer.Code)
		}
	}
	for _, r := range w.Kit.Routes() {
		if r.Path == "/events" {
			continue
		}
		parts := strings.Split(r.Path, "/")
		for i, part := range parts {
			if strings.HasPrefix(part, ":") {
				parts[i] = url.PathEscape(probe)
			}
		}
		clean(r.Method+" "+r.Path, w.do(r.Method, strings.Join(parts, "/")+"?q="+url.QueryEscape(probe)+"&next="+url.QueryEscape(probe), asEverybody, ""))
	}
	sent := 0
	for _, p := range w.everyPage(t) {
		for _, f := range formsIn(w.do("GET", p.address, asEverybody, "").Body.String()) {
			if strings.HasPrefix(f.action, "/sign-out") {
				continue
			}
			if f.method != "post" {
				clean(p.address, w.do("GET", f.at(p.address)+"?"+f.filled(probe).Encode(), asEverybody, ""))
				continue
			}
			sent++
			answer := w.do("POST", f.at(p.address), asEverybody, f.filled(probe).Encode())
			clean("the form of "+p.address, answer)
			if to := answer.Header().Get("Location"); strings.HasPrefix(to, "/") {
				clean(to, w.do("GET", to, asEverybody, ""))
			}
		}
	}
	if sent < 8 {
		t.Errorf("only %d forms were found", sent)
	}
	for _, p := range w.everyPage(t) {
		if p.route != "/events" {
			clean(p.address+" afterwards", w.do("GET", p.address, asEverybody, ""))
		}
	}
}

// TestNobodyIsLedAway: no parameter of any route leads to another site.
func TestNobodyIsLedAway(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	for _, r := range w.Kit.Routes() {
		if r.Path == "/events" {
			continue
		}
		for _, away := range []string{"https://evil.example/", "//evil.example/", `/\evil.example/`, "/%5cevil.example/", "javascript:alert(1)", "\t//evil.example"} {
			values := url.Values{}
			for _, name := range []string{"next", "back", "to", "url", "redirect", "return", "user", "password"} {
				values.Set(name, away)
			}
			at := address(r.Path, ownPupil, ownForm)
			for _, who := range []string{"", asEverybody} {
				answer := w.do(r.Method, at+"?"+values.Encode(), who, values.Encode())
				to := answer.Header().Get("Location")
				if u, err := url.Parse(to); err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
					t.Errorf("%s %s as %q leads to %q", r.Method, r.Path, who, to)
				}
			}
		}
	}
}

// TestNoPathClimbs: no blank of any address reaches a file.
func TestNoPathClimbs(t *testing.T) {
	w := openSite(t)
	paths := []string{"/assets/../../../../etc/passwd", "/assets/..%2f..%2f..%2fetc%2fpasswd", "/..%2f..%2fetc%2fpasswd"}
	for _, r := range w.Kit.Routes() {
		if r.Method == http.MethodGet && strings.Contains(r.Path, ":") {
			for _, up := range []string{"..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e", "..%5c..%5cwindows", "%00"} {
				parts := strings.Split(r.Path, "/")
				for i, part := range parts {
					if strings.HasPrefix(part, ":") {
						parts[i] = up
					}
				}
				paths = append(paths, strings.Join(parts, "/"))
			}
		}
	}
	for _, path := range paths {
		answer := w.do("GET", path, asEverybody, "")
		if answer.Code != http.StatusNotFound && answer.Code != http.StatusForbidden && answer.Code != http.StatusBadRequest && answer.Code != http.StatusConflict ||
			strings.Contains(answer.Body.String(), "root:") {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
}

// formOnPage is a form of a page with what may be sent.
type formOnPage struct {
	method, action string
	fields         url.Values // as the page has them; texts are empty
	texts          []string
}

func (f formOnPage) at(page string) string {
	if f.action == "" {
		return page
	}
	return f.action
}

// filled is what is sent when somebody types the same into every text field.
func (f formOnPage) filled(text string) url.Values {
	values := url.Values{}
	for name, v := range f.fields {
		values[name] = v
	}
	for _, name := range f.texts {
		values.Set(name, text)
	}
	return values
}

func formsIn(page string) []formOnPage {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	var forms []formOnPage
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		f := formOnPage{method: strings.ToLower(attribute(n, "method")), action: attribute(n, "action"), fields: url.Values{}}
		for field := range n.Descendants() {
			f.take(field)
		}
		forms = append(forms, f)
	}
	return forms
}

// take adds a field: of choices the first, of ticks all.
func (f *formOnPage) take(n *html.Node) {
	name := attribute(n, "name")
	if n.Type != html.ElementNode || name == "" {
		return
	}
	switch kind := attribute(n, "type"); {
	case n.Data == "textarea", n.Data == "input" && (kind == "" || kind == "text" || kind == "search" || kind == "email" || kind == "password" || kind == "date" || kind == "datetime-local"):
		f.texts = append(f.texts, name)
	case n.Data == "input" && kind == "checkbox":
		f.fields.Add(name, attribute(n, "value"))
	case n.Data == "input" && (kind != "radio" || !f.fields.Has(name)):
		f.fields.Set(name, attribute(n, "value"))
	case n.Data == "option" || n.Data == "select":
		for option := range n.Descendants() {
			if option.Data == "option" && attribute(option, "value") != "" && !f.fields.Has(name) {
				f.fields.Set(name, attribute(option, "value"))
			}
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
