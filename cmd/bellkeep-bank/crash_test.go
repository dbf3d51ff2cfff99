package main

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	killsADay = 24                     // half of them while everybody hands in, half while everybody collects
	mostKills = 120                    // of a day, for a slow machine
	crashGap  = 550 * time.Millisecond // between two pupils
)

var kills = flag.Int("kills", killsADay, "how often at least the bank is killed, over as many days as that takes")

// The bank's program is killed at random moments of a rush and started again, beside
// a server. What its ledger says must be what happened, every frame a board saw must
// be an opening on the ledger, and the server's copy the bank's own.
func TestKilledInARush(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random, done := rand.New(rand.NewPCG(seed, 0)), 0
	for done < *kills && t.Run("a day", func(t *testing.T) { done += killedForADay(t, random) }) {
	}
	t.Logf("%d kills in all", done)
}

func killedForADay(t *testing.T, random *rand.Rand) (kills int) {
	r := newRig(t)
	r.rewrite(r.path("school", "school.yaml"), "from: 2026-10-26, until: 2026-10-31, why: half-term", "from: 2026-09-02, until: 2026-12-19, why: out by permission only")
	r.fillServer()
	s := r.joinServer()
	r.startWorld(1, crashGap)
	// Nothing comes out until everybody has handed in: a pupil whose hand-in was cut
	// short is then asked to put the phone in again, as in a morning. A phone put in
	// while a door is opened to take one out is the one thing a bank without item
	// sensors cannot know of.
	half := killsADay / 2
	more := half
	for collecting := false; more > 0 || !collecting; kills, more = kills+1, more-1 {
		if !collecting && more <= 0 && strings.Contains(r.worldOut.String(), "everybody has handed in") {
			collecting, more = true, half
			s.stopServer()
			r.letCollect()
			s.startServer()
		}
		r.startBank()
		time.Sleep(time.Duration(300+random.IntN(2700)) * time.Millisecond) // the random moment
		if !r.killRunning() {
			t.Fatalf("the bank ended by itself\n%s", r.bankErr)
		}
		if kills == mostKills {
			t.Fatal("they never hand in")
		}
	}
	if strings.Contains(r.worldOut.String(), "played;") {
		t.Fatal("the rush was over before the last kill")
	}
	r.startBank()
	r.rushEnds(4 * time.Minute)
	r.awaitFor(time.Minute, "the last record at the server", s.caughtUp)
	r.stop()
	s.stopServer()
	s.sameLeaves()
	report := r.compare()
	t.Logf("%d kills: %d frames seen by the boards, %d openings on the ledger, %d more unsure (%d of them seen), %d records, %d truth lines",
		kills, report.Frames, report.Openings, report.Unsure, report.Sent, report.Records, report.Lines)
	if differ := report.Differences(); len(differ) != 0 {
		t.Errorf("ledger and truth differ:\n%s", audited(differ))
		if pupil := regexp.MustCompile(`p-\d{3}`).FindString(audited(differ)); pupil != "" {
			t.Log(r.story(pupil))
		}
	}
	if !report.Balanced() || report.Frames < 100 {
		t.Errorf("%d frames, %d openings", report.Frames, report.Openings)
	}
	return kills
}
