package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Answers to "was this device's camera off?".
const (
	off     = "it was off"
	on      = "it was on"
	unknown = "not known all the time"
)

// told is the history's answer.
func told(spans []history.Span) string {
	answer := off
	for _, s := range spans {
		switch {
		case s.Broke():
			return on
		case !s.Kept():
			answer = unknown
		}
	}
	return answer
}

// answer is the truth's, as far as anybody could know of a device that left.
func (r real) answer() string {
	switch {
	case !r.online:
		return unknown
	case r.set[mdm.Camera] == mdm.Block:
		return off
	}
	return on
}

// Was this device's camera off in Monday's first lesson? The history answers for
// every device as its own account does: for those that obey, that do not, that go
// offline on the way, and whose clocks are up to a day off.
func TestTheHistoryTellsTheTruth(t *testing.T) {
	const devices, leaving = 20, 4
	var ids, codes []string
	for n := range devices {
		ids = append(ids, fmt.Sprint("d-", n+1))
	}
	s := newServer(t, ids...)
	for _, id := range ids {
		codes = append(codes, s.code(id))
	}
	dir, file, path := t.TempDir(), filepath.Join(t.TempDir(), "codes"), filepath.Join(t.TempDir(), "truth.jsonl")
	must(t, os.WriteFile(file, []byte(strings.Join(codes, "\n")+"\n"), 0o600))
	s.turn(eight)
	stop := start(t, "fleet", "--identities", dir, "--codes", file, "-n", fmt.Sprint(devices), "--truth", path, "--demo-clock", "--jitter", "100ms",
		"--refusing", "3", "--disobedient", "2", "--offline", fmt.Sprint(leaving), "--leave", "4s", "--skewed", "4")
	defer stop()
	settled := func(b shadow.Board) bool {
		return b.Counts[mdm.InForce]+b.Counts[mdm.Violating]+b.Counts[mdm.Offline] == devices
	}
	s.await("all to be there", settled)
	lesson, over := eight.Add(time.Hour), eight.Add(2*time.Hour)
	s.turn(lesson)
	s.await("the lesson", settled)
	s.turn(lesson.Add(20 * time.Minute))
	s.await("some to leave", func(b shadow.Board) bool { return settled(b) && b.Counts[mdm.Offline] == leaving })
	truth := truthWith(t, path, devices-leaving)
	s.turn(over)
	s.turn(over.Add(2 * history.Settle))

	day, err := s.history.Read(school.DateOf(lesson))
	must(t, err)
	answers := map[string]int{}
	for _, id := range ids {
		is, spans := truth[id], day.Of(id, mdm.Camera, lesson, over)
		answers[told(spans)]++
		if told(spans) != is.answer() {
			t.Errorf("%s: the history says %s, and in truth %s: %+v, %+v", id, told(spans), is.answer(), spans, is)
		}
		for _, span := range spans {
			if value := is.set[mdm.Camera]; span.Knowing == history.Reported && span.Value != value {
				t.Errorf("%s is told to be %s, and is %s", id, span.Value, value)
			}
		}
	}
	if day.Proof(over) != history.Proved || answers[off] < 9 || answers[on] < 3 || answers[unknown] != leaving {
		t.Errorf("proof %d, answers %v", day.Proof(over), answers)
	}
}

// truthWith is the truth once it has just so many online: that a device is there or
// gone may be on the wire a moment before it is on paper.
func truthWith(t *testing.T, path string, online int) map[string]real {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) { // another program's file: there is no clock to fake
		truth, n := readTruth(t, path), 0
		for _, r := range truth {
			if r.online {
				n++
			}
		}
		if n == online {
			return truth
		}
		if time.Now().After(end) {
			t.Fatalf("by the truth %d are online, not %d", n, online)
		}
	}
}

// turn lets it be a time of the school, for server, fleet and history.
func (s *server) turn(at time.Time) {
	s.t.Helper()
	s.at(at)
	b, err := json.Marshal(wire.Clock{V: wire.V, Now: at, Speed: 0})
	must(s.t, err)
	must(s.t, s.broker.Conn().Publish(s.t.Context(), wire.DefaultRoot.Server(wire.LeafClock), b, true))
	must(s.t, s.shadow.Bell(s.t.Context()))
	must(s.t, s.history.Step(s.t.Context()))
}
