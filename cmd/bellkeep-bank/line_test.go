package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

const (
	cutFor  = 400 * time.Millisecond // between two things that break or mend
	lineGap = 300 * time.Millisecond // between two pupils
)

// Broker, server and network fail in every order while everybody hands in and
// collects, and come back in the same order. No scan waits for any of them,
// every one is applied once, and in the end the server's copy of the ledger is
// the bank's own, byte by byte.
func TestLinesCutInEveryOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t).joinSchool()
	faults := map[string]struct{ fail, mend func() }{
		"broker":  {func() { r.control("cut") }, func() { r.control("mend") }},
		"server":  {func() { r.kill(r.server) }, r.startServer},
		"network": {func() { r.line.setCut(true) }, func() { r.line.setCut(false) }},
	}
	r.startWorld(1, lineGap)
	r.startBank()
	for _, order := range [][]string{
		{"broker", "server", "network"}, {"broker", "network", "server"}, {"server", "network"},
		{"network", "broker", "server"}, {"network", "server"}, {"server"}, {"network", "broker"}, {"broker", "network"},
	} {
		for _, name := range order {
			faults[name].fail()
			time.Sleep(cutFor) // other processes: there is no clock to fake
		}
		for _, name := range order {
			if name == "broker" && contains(order, "server") {
				continue // a server that starts anew has its lines up
			}
			faults[name].mend()
			time.Sleep(cutFor)
		}
	}
	r.rushEnds(4 * time.Minute)
	r.awaitFor(30*time.Second, "the last record at the server", r.caughtUp)
	memory := r.memory()
	r.stop()
	r.stopServer()
	report := r.compare()
	if differ := report.Differences(); len(differ) != 0 || !report.Balanced() || report.Frames < 100 {
		t.Errorf("ledger and truth differ (%d frames, %d openings):\n%s", report.Frames, report.Openings, audited(differ))
	}
	r.sameLeaves()
	t.Logf("%d frames, %d openings, %d records, %d truth lines; the bank's memory: %s", report.Frames, report.Openings, report.Records, report.Lines, memory)
}

// memory is what of the bank's process lies in memory, by proc_pid_status(5).
func (r *rig) memory() string {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.bank.Process.Pid))
	r.must(err)
	return strings.Join(regexp.MustCompile(`(?m)^Rss(Anon|File):.*$`).FindAllString(string(text), -1), ", ")
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// caughtUp reports whether the server has every record the bank says it has,
// and the bank has said so lately.
func (s *schoolRig) caughtUp() bool {
	s.t.Helper()
	var list []struct {
		Copied, Recorded uint64
		Said             time.Time
	}
	s.must(json.Unmarshal([]byte(s.bellkeep("bank", "list", "--json", "--data", s.path("server"))), &list))
	return len(list) == 1 && list[0].Copied >= list[0].Recorded && list[0].Recorded > 0 && time.Since(list[0].Said) < 25*time.Second
}

// sameLeaves compares the bank's ledger and the server's copy.
func (s *schoolRig) sameLeaves() {
	s.t.Helper()
	mine, theirs := s.leaves("data", "ledger", "a.1.ledger"), s.leaves("server", "banks", "a", "a.1.ledger")
	if len(mine) != len(theirs) {
		s.t.Errorf("the bank has %d records, the server %d", len(mine), len(theirs))
	}
	for i := range min(len(mine), len(theirs)) {
		if !bytes.Equal(mine[i], theirs[i]) {
			s.t.Fatalf("record %d is %s, copied %s", i, mine[i], theirs[i])
		}
	}
}

func (s *schoolRig) leaves(parts ...string) [][]byte {
	s.t.Helper()
	f, err := boltlog.OpenFile(s.path(parts...))
	s.must(err)
	defer f.Close()
	var list [][]byte
	s.must(f.Read(context.Background(), 0, func(r ledger.Record) error { list = append(list, bytes.Clone(r.Leaf)); return nil }))
	return list
}
