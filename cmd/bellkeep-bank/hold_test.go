package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

const (
	inForceIn      = time.Minute // on any machine; how long it takes is for the bench, which has a bar of 5 s
	officePassword = "correct horse battery staple"
	officeMIS      = "S-OFFICE" // whose account it is
)

// office is somebody at the school's pages.
type office struct {
	*schoolRig
	pages  string
	client http.Client
}

// hireOffice makes an account for the pages, whose holder chooses a password by
// the link that is printed.
func (s *schoolRig) hireOffice() *office {
	s.t.Helper()
	add := exec.Command(filepath.Join(s.programs, "bellkeep"), "user", "add", "office", "--person", officeMIS, "--data", s.path("server"))
	out, err := add.CombinedOutput()
	if err != nil {
		s.t.Fatalf("user add: %v\n%s", err, out)
	}
	o := &office{schoolRig: s, pages: regexp.MustCompile(`http://[0-9.:]+`).FindString(s.serverOut.String())}
	code := regexp.MustCompile(`code=(\w+)`).FindStringSubmatch(string(out))
	o.post("/link", url.Values{"code": {code[1]}, "password": {officePassword}, "again": {officePassword}})
	o.signIn()
	return o
}

// signIn signs in; a server that starts anew has forgotten everybody.
func (o *office) signIn() {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	o.must(err)
	o.client = http.Client{Jar: jar, Timeout: time.Minute}
	o.post("/sign-in", url.Values{"user": {"office"}, "password": {officePassword}})
}

// post sends a form and gives where it leads.
func (o *office) post(path string, form url.Values) (where string) {
	o.t.Helper()
	response, err := o.client.PostForm(o.pages+path, form)
	o.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Request.URL.Path == path {
		o.t.Fatalf("%s: %s", path, response.Status)
	}
	return response.Request.URL.Path
}

// reads tells whether a page has some words.
func (o *office) reads(path, words string) bool {
	o.t.Helper()
	response, err := o.client.Get(o.pages + path)
	o.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	o.must(err)
	return strings.Contains(string(text), words)
}

// A hold placed while a bank is away is shown as not yet in force there, outlives
// the server's death before it could be told, is in force within seconds of the
// bank's return and acknowledged, and outlives the death of both. The pupil's
// badge opens nothing from then on, with the server there or not.
func TestHoldWhileTheBankIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t).joinSchool()
	o, s := r.hireOffice(), r.openScene("p-001", "p-002")
	r.startBank()
	s.awaitScreen(locker.Scan)
	r.must(s.HandIn(t.Context(), 0))
	r.await("the bank on the line", func() bool { return r.bank().Online })
	r.stop()
	r.await("the bank gone", func() bool { return !r.bank().Online })

	hold := o.post("/person/p-001/hold", url.Values{"on": {"person"}})
	if !o.reads(hold, "Not yet at Bank A") || !o.reads(hold, "offline since") || o.reads(hold, "In force at") {
		t.Error("the hold's page does not say that it is not yet in force at bank A")
	}
	r.kill(r.server)
	r.startServer()
	o.signIn()
	if !o.reads(hold, "Not yet at Bank A") {
		t.Error("after a restart the hold's page does not say that it is not yet in force at bank A")
	}

	r.startBank()
	r.await("the bank back", func() bool { return r.bank().Online })
	back := time.Now()
	r.awaitFor(inForceIn, "the hold in force", func() bool { return o.reads(hold, "In force at Bank A since") })
	t.Logf("in force %.1f s after the bank was back", time.Since(back).Seconds())
	if o.reads(hold, "Not yet at") {
		t.Error("the page says both")
	}
	s.awaitScreen(locker.Scan)
	s.hold(s.badgeOf("p-001"), locker.Office)

	r.kill(r.rig.bank)
	r.kill(r.server)
	r.startBank()
	s.awaitScreen(locker.Scan)
	s.hold(s.badgeOf("p-001"), locker.Office) // with nobody to ask
	s.hold(s.badgeOf("p-003"), locker.PutIn)
	r.startServer()
	o.signIn()
	r.await("the bank back", func() bool { return r.bank().Online })
	r.awaitFor(inForceIn, "the hold in force still", func() bool { return o.reads(hold, "In force at Bank A since") })
	s.hold(s.badgeOf("p-001"), locker.Office)
	r.stop()

	barred := 0
	for _, e := range r.visits("a") {
		if e.Person == "p-001" && e.Answer == locker.Barred {
			barred++
		}
	}
	if barred != 3 {
		t.Errorf("p-001 was turned away %d times on record, want 3", barred)
	}
}
