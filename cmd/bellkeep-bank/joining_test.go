package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/locker"
)

// A bank with an empty data folder asks for a joining code at its own scanner,
// says why it takes none of the wrong ones, moves no door before it has joined,
// and then works without having been started again. A bank that was away too long
// joins again and still holds what it held.
func TestJoiningAtTheScanner(t *testing.T) {
	t.Parallel()
	r := newRig(t).joinSchool()
	r.must(os.RemoveAll(r.path("data"))) // the bank's computer is new
	s := r.openScene("p-001")
	first := r.code("replace", "a")
	r.runBank("--assume-time-trusted")
	s.awaitScreen(locker.Joining)
	if said := r.check(); !strings.Contains(said, "has not joined a school") {
		t.Errorf("check says %s", said)
	}

	s.hold(s.badgeOf("p-001"), locker.NotReady)
	s.refuses(r.code("add", "b", "--doors", "65-128"), "not for this bank")
	s.refuses(first[:len(first)-1], "not a readable joining code")
	r.kill(r.server)
	s.refuses(first, "cannot be reached")
	if n := s.told("frame"); n != 0 {
		t.Errorf("%d doors were pulsed before the bank had joined", n)
	}
	r.startServer()
	s.hold(first, locker.Joined)
	s.awaitScreen(locker.Scan)
	if said := r.check(); !strings.Contains(said, "as bank a until") {
		t.Errorf("check says %s", said)
	}
	r.must(s.HandIn(t.Context(), 0))
	s.hold(first, locker.Unreadable)
	r.stop()

	r.runBank("--assume-time-trusted", "--join")
	s.awaitScreen(locker.Joining)
	s.refuses(first, "was used before")
	s.hold(r.code("replace", "a"), locker.Joined)
	s.awaitScreen(locker.Scan)
	s.hold(s.badgeOf("p-001"), locker.TakeOut)
	r.stop()
	r.secretOf(first)
}

// code makes a joining code.
func (s *schoolRig) code(word, bank string, more ...string) string {
	s.t.Helper()
	out := s.bellkeep(append([]string{"bank", word, bank, "--data", s.path("server")}, more...)...)
	return regexp.MustCompile(`BKJ1[0-9A-Z]+`).FindString(out)
}

// check runs the bank's own check.
func (s *schoolRig) check() string {
	s.t.Helper()
	out, err := exec.Command(filepath.Join(s.programs, "bellkeep-bank"), "check", "--config", s.path("school", "bank-a.yaml"), "--data", s.path("data")).CombinedOutput()
	if err != nil {
		s.t.Fatalf("check: %v\n%s", err, out)
	}
	return string(out)
}

// refuses holds a code to the scanner that is refused with a sentence, and a next
// step.
func (s *scene) refuses(code, because string) {
	s.t.Helper()
	if now := s.hold(code, locker.JoinRefused); !strings.Contains(now.Says, because) || now.Next == "" {
		s.t.Errorf("the kiosk says %q, %q; want it to say %q", now.Says, now.Next, because)
	}
}

// secretOf fails when the log or the ledger of the bank tells a joining code.
func (s *schoolRig) secretOf(code string) {
	s.t.Helper()
	if strings.Contains(s.bankErr.String(), code) {
		s.t.Errorf("the log tells the joining code:\n%s", s.bankErr)
	}
	for _, leaf := range s.leaves("data", "ledger", "a.1.ledger") {
		if strings.Contains(string(leaf), "BKJ1") {
			s.t.Errorf("the ledger tells a joining code: %s", leaf)
		}
	}
}
