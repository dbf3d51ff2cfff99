package kit_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Whoever is refused a page keeps their menu, reads as whom they were refused, and
// finds the way back to where they came from.
func TestARefusedPageLeadsBack(t *testing.T) {
	_, gate, as := open(t)
	gate.Set("exams", func(w *kit.Who) { w.Roles = append(w.Roles, roles.Assignment{Role: roles.IT}) })
	ask := func(who, method, path, from string) (int, string) {
		t.Helper()
		b := as(who)
		r, _ := http.NewRequest(method, b.base+path, nil)
		if from != "" && !strings.HasPrefix(from, "http") {
			from = b.base + from
		}
		r.Header.Set("Referer", from)
		status, _, text := b.done(b.Do(r))
		return status, text
	}
	const came = "Go back to the page you came from"
	for what, c := range map[string]struct {
		who, method, path, from string
		status                  int
		has, lacks              []string
	}{
		"a page": {"office", "GET", "/nowhere", "/wall", 404, []string{`<a href="/wall">Wall</a>`, `href="/wall">` + came, "There is no page"}, []string{"signed in as"}},
		"a page of others": {"teacher", "GET", "/wall", "/person/p-1/note", 403,
			[]string{"You may not do that.", "with the role Teacher, which does not allow it. Ask somebody whose work it is", `href="/person/p-1/note">` + came, `action="/sign-out"`, "Go to the start page"}, []string{`<a href="/wall">Wall</a>`}},
		"somebody else's pupil": {"teacher", "GET", "/person/p-2/note", "", 403, []string{"with the role Teacher"}, []string{came}},
		"a form":                {"teacher", "POST", "/person/p-2/note", "/person/p-1/note", 403, []string{`href="/person/p-1/note">` + came}, nil},
		"from itself":           {"teacher", "GET", "/wall", "/wall", 403, []string{"You may not do that."}, []string{came}},
		"from another site":     {"teacher", "GET", "/wall", "https://elsewhere.example/wall", 403, []string{"You may not do that."}, []string{came, "elsewhere"}},
		"two roles":             {"exams", "GET", "/person/p-1/note", "", 403, []string{"with the roles Exams officer, IT, which do not allow it."}, nil},
		"nobody":                {"", "GET", "/nowhere", "", 404, []string{"There is no page"}, []string{"bk-menu", "sign-out", "signed in as"}},
	} {
		status, text := ask(c.who, c.method, c.path, c.from)
		if status != c.status {
			t.Errorf("%s: %d, want %d", what, status, c.status)
		}
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q: %s", what, want, text)
			}
		}
		for _, not := range c.lacks {
			if strings.Contains(text, not) {
				t.Errorf("%s has %q", what, not)
			}
		}
	}
}
