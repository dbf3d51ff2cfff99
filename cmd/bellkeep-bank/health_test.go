package main

import (
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/health"
)

// A scanner that is away is told with a next step wherever somebody may look: on
// the bank's own page, by its check, and at the school's server.
func TestALostScannerIsAProblem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.awaitTurn()
	r.rewrite(r.path("school", "bank-a.yaml"), "scanners:\n", "scanners:\n  - {kiosk: front, port: scanner-back}\n")
	h := r.openHouse()
	h.admit(r, "a", 1, 64)
	h.work()
	lost := health.Problem{Code: health.ScannerLost, Part: "scanner-back"}
	r.await("the lost scanner at the server", func() bool {
		problems := h.Banks.Banks()[0].State.Problems
		return len(problems) > 0 && lost.Same(problems[0])
	})

	what, next := lost.Words()
	out, err := exec.Command(filepath.Join(r.programs, "bellkeep-bank"), "check", "--config", r.path("school", "bank-a.yaml"),
		"--data", r.path("data"), "--devices", r.path("devices")).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte(what+"\n  Next step: "+next)) || bytes.Contains(out, []byte("scanner-front")) {
		t.Errorf("check says %s, %v", out, err)
	}
	answer, err := http.Get("http://" + r.kiosk + "/health")
	r.must(err)
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	r.must(err)
	if !strings.Contains(string(page), what) || !strings.Contains(string(page), next) {
		t.Errorf("the bank's own page says %s", page)
	}
}
