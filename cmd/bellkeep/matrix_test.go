package main

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

var update = flag.Bool("update", false, "write testdata/matrix.txt anew, to be read in review")

const matrixFile = "testdata/matrix.txt"

// TestMatrix drives every route of the product as everybody, about a pupil or
// form of their own class, of another and of nobody, and compares who gets
// through with a file that is read in review like a contract.
func TestMatrix(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.fill(t)
	var lines []string
	for _, r := range w.Kit.Routes() {
		if r.Permission != kit.Open {
			lines = append(lines, w.matrixLine(t, r))
		}
	}
	slices.Sort(lines)
	got := matrixHead() + strings.Join(lines, "")
	if *update {
		if err := os.WriteFile(matrixFile, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range missing(got, string(want)) {
		t.Errorf("is now, and is not in %s: %s", matrixFile, line)
	}
	for _, line := range missing(string(want), got) {
		t.Errorf("is in %s, and is not so now: %s", matrixFile, line)
	}
}

// missing are the lines of one text that the other lacks.
func missing(in, from string) (list []string) {
	lines := strings.Split(from, "\n")
	for line := range strings.SplitSeq(in, "\n") {
		if !slices.Contains(lines, line) {
			list = append(list, line)
		}
	}
	return list
}

// callers are everybody who asks: nobody, each role, a program.
func callers() []string {
	list := []string{""}
	for _, r := range roles.All {
		list = append(list, string(r))
	}
	return append(list, asProgram)
}

const routeWidth = 58

func matrixHead() string {
	var b strings.Builder
	b.WriteString("# Who gets through to what. S: whatever it is about, or a page of what its reader may see;\n" +
		"# c: about their own class only; -: never. A star: only after the credential was asked for again.\n")
	fmt.Fprintf(&b, "%-*s", routeWidth, "")
	for _, who := range callers() {
		if who == "" {
			who = "nobody"
		}
		fmt.Fprintf(&b, " %-10s", who)
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}

func (w *wholeSite) matrixLine(t *testing.T, r kit.Route) string {
	star := ""
	if roles.Table[r.Permission].StepUp {
		star = "*"
	}
	line := fmt.Sprintf("%-*s", routeWidth, fmt.Sprintf("%-5s %s %s%s", r.Method, r.Path, r.Permission, star))
	for _, who := range callers() {
		cell := w.reach(r, who)
		if want := w.byTable(r, who); cell != want {
			t.Errorf("%s %s as %q: %s, and by the table of roles %s", r.Method, r.Path, who, cell, want)
		}
		line += fmt.Sprintf(" %-10s", cell)
		if star == "" {
			continue
		}
		w.gate.proved = time.Now().Add(-kit.ProofLasts - time.Minute)
		if through(w.do(r.Method, w.address(r, ownPupil, ownForm), who, "")) {
			t.Errorf("%s %s as %q without proof", r.Method, r.Path, who)
		}
		w.gate.proved = time.Now()
	}
	return strings.TrimRight(line, " ") + "\n"
}

// reach tells how far somebody gets with a route.
func (w *wholeSite) reach(r kit.Route, who string) string {
	gets := func(pupil, form string) bool {
		answer := w.do(r.Method, w.address(r, pupil, form), who, "")
		elsewhere := r.Path == "/" && answer.Code == http.StatusSeeOther // to the page they begin with
		return through(answer) && !elsewhere
	}
	own, other, nobody := gets(ownPupil, ownForm), gets(otherPupil, otherForm), gets(nobodyID, noForm)
	switch {
	case own && other && nobody:
		return "S"
	case own && !other && !nobody:
		return "c"
	case !own && !other && !nobody:
		return "-"
	}
	return fmt.Sprintf("?%v,%v,%v", own, other, nobody) // nothing in the table is like that
}

// byTable is how far somebody must get, by the table of roles and by what the
// route says it is about.
func (w *wholeSite) byTable(r kit.Route, who string) string {
	row := roles.Table[r.Permission]
	switch {
	case who == asProgram && r.Program && r.For != kit.ForPeople && slices.Contains(tokens.Scopes(), r.Permission):
		return "S"
	case who == asProgram || r.For == kit.ForPrograms:
		return "-"
	}
	anything := r.On != nil && r.On(w.Echo.NewContext(httptest.NewRequest(r.Method, "/", nil), nil)) == kit.Anything(nil)
	switch scope := row.Roles[roles.Role(who)]; {
	case scope == roles.School, scope != roles.Nothing && anything:
		return "S"
	case scope == roles.Self && r.On != nil:
		return "S" // about whoever asks
	case scope == roles.OwnClass && r.On != nil:
		return "c"
	}
	return "-"
}

// through tells whether a request reached what it asked for. There may be no
// such thing, or nothing to be done about it: that is an answer.
func through(answer *httptest.ResponseRecorder) bool {
	to := answer.Header().Get("Location") + answer.Header().Get("Hx-Redirect")
	led := strings.HasPrefix(to, kit.SignInPath) || strings.HasPrefix(to, kit.ProvePath)
	return !led && answer.Code != 401 && answer.Code != 403
}

// TestEveryRouteNamesItsPermission: what is served without a route of the kit is
// served without anybody's leave.
func TestEveryRouteNamesItsPermission(t *testing.T) {
	w := openSite(t)
	listed := map[string]bool{"GET /assets/*": true} // the same for everybody: styles and scripts
	for _, r := range w.Kit.Routes() {
		listed[r.Method+" "+r.Path] = true
	}
	for _, r := range w.Echo.Routes() {
		if !listed[r.Method+" "+r.Path] {
			t.Errorf("%s %s is served past the kit", r.Method, r.Path)
		}
	}
	var open []string
	for _, r := range w.Kit.Routes() {
		if r.Permission == kit.Open {
			open = append(open, r.Method+" "+r.Path)
		}
	}
	want := []string{
		"GET /sign-in", "POST /sign-in", "POST /sign-in/passkey", "POST /sign-in/with", "GET /sign-in/back", "POST /sign-out", "POST /lock", "POST /unlock",
		"GET /sign-in/code", "POST /sign-in/code", // by a day's code
		"GET /link", "POST /link", // by a link that works once
		"GET /healthz", "GET /api/v1/openapi.json", // which say nothing of the school's people
		"GET /help", "GET /help/notice", // whom to tell, and what is monitored: nobody's name
		"GET /trays/worker.js", // a script of the browser's own, which must be below its pages
		"GET /events",          // which asks for each page's own permission
	}
	if slices.Sort(open); !slices.Equal(open, slices.Sorted(slices.Values(want))) {
		t.Errorf("open to everybody: %q, want %q", open, want)
	}
}
