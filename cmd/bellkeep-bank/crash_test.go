package main

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	killsEach = 12                     // while everybody hands in, and while everybody collects
	mostKills = 120                    // for a slow machine
	crashGap  = 550 * time.Millisecond // between two pupils
)

// The bank's program is killed at random moments of a rush and started again.
// What its ledger says must be what happened, and every frame a board saw must
// be an opening on the ledger.
func TestKilledInARush(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	r := newRig(t, 24*time.Hour)
	r.startWorld(1, crashGap)
	// Nothing comes out until everybody has handed in: a pupil whose hand-in was cut
	// short is then asked to put the phone in again, as in a morning. A phone put in
	// while a door is opened to take one out is the one thing a bank without item
	// sensors cannot know of.
	kills, more := 0, killsEach
	for collecting := false; more > 0 || !collecting; kills, more = kills+1, more-1 {
		if !collecting && more <= 0 && strings.Contains(r.worldOut.String(), "everybody has handed in") {
			collecting, more = true, killsEach
			r.collect(2, time.Now())
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
	r.stop()
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
}
