package bridge

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

func TestBeacons(t *testing.T) {
	wall := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	now := school.Instant{Wall: wall, Boot: "one", Mono: time.Hour}
	b := NewBeacons(func() school.Instant { return now })
	trusted := func(want bool, when string) {
		t.Helper()
		if got := b.Now(); got.Trusted != want || !got.Wall.Equal(now.Wall) {
			t.Errorf("%s: trusted is %v at %s", when, got.Trusted, got.Wall)
		}
	}
	trusted(false, "before any beacon")
	b.Hear(wall.Add(2*time.Minute + time.Second))
	trusted(false, "after one that disagrees")
	b.Hear(wall.Add(-2 * time.Minute))
	trusted(true, "after one that agrees")
	now.Wall, now.Mono = wall.Add(12*time.Hour), 13*time.Hour
	trusted(true, "12 hours later")
	now.Mono += time.Second
	trusted(false, "more than 12 hours later")
	b.Hear(now.Wall)
	trusted(true, "after the next that agrees")
	now.Wall = wall.Add(-time.Hour) // somebody set the clock back
	b.Hear(wall.Add(12 * time.Hour))
	trusted(false, "after one that no longer agrees")
	now.Wall = wall
	b.Hear(wall)
	now.Boot, now.Mono = "two", time.Minute
	trusted(false, "after a restart of the machine")
}
