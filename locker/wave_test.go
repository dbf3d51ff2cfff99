package locker_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	. "github.com/bellkeep/bellkeep/locker"
)

// Ann's wave collects ten minutes before everybody; Bob's has no window of its
// own, as the last; Cy has no wave.
func TestDecideCollectsInWaves(t *testing.T) {
	b := newBank(t, Fixed)
	for id, wave := range map[string]string{"ann": "early", "bob": "late"} {
		place := b.rules.Directory.People[id]
		place.Wave = wave
		b.rules.Directory.People[id] = place
	}
	opens := morning.Add(405 * time.Minute)
	b.rules.Plan.Windows = append(b.rules.Plan.Windows[:1:1],
		school.Window{Use: school.Collection, Wave: "early", From: opens, Until: opens.Add(10 * time.Minute)},
		school.Window{Use: school.Collection, From: opens.Add(10 * time.Minute), Until: opens.Add(time.Hour)})
	for n := byte(1); n <= 3; n++ {
		b.use(badge(n))
	}
	b.pass(opens.Sub(b.now.Wall) - time.Second)
	b.want(b.scan(badge(1)), AlreadyIn, 0, AlreadyHeld)
	b.pass(10 * time.Second)
	b.want(b.use(badge(1)), TakeOut, 1, "")
	b.want(b.scan(badge(2)), AlreadyIn, 0, AlreadyHeld)
	b.want(b.scan(badge(3)), AlreadyIn, 0, AlreadyHeld)
	b.pass(10 * time.Minute)
	b.want(b.use(badge(2)), TakeOut, 2, "")
	b.want(b.use(badge(3)), TakeOut, 3, "")
}

// Who missed their wave collects with everybody.
func TestDecideAfterAMissedWave(t *testing.T) {
	b := newBank(t, Fixed)
	b.rules.Directory.People["ann"] = Place{Bank: "a", Door: 1, Wave: "early"}
	b.use(badge(1))
	b.afternoon()
	b.want(b.use(badge(1)), TakeOut, 1, "")
}

// An untrusted clock in somebody's wave is said to be the reason.
func TestDecideWithoutTimeInAWave(t *testing.T) {
	b := newBank(t, Fixed)
	b.rules.Directory.People["ann"] = Place{Bank: "a", Door: 1, Wave: "early"}
	b.rules.Plan.Windows[1].Wave = "early"
	b.use(badge(1))
	b.use(badge(2))
	b.afternoon()
	b.now.Trusted = false
	b.want(b.scan(badge(1)), Office, 0, NoTime)
	b.want(b.scan(badge(2)), AlreadyIn, 0, AlreadyHeld)
}

func TestPlaceWithoutWaveIsAsBefore(t *testing.T) {
	data, err := json.Marshal(Place{Bank: "a", Door: 7})
	if err != nil || strings.Contains(string(data), "wave") {
		t.Errorf("%s, %v", data, err)
	}
}
