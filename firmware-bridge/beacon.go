package bridge

import (
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// A clock that nothing else keeps is taken as right while the school server's
// signed time agreed with it closely enough, recently enough, in this boot.
const (
	beaconAgrees = 2 * time.Minute
	beaconHolds  = 12 * time.Hour
)

// Beacons is a clock that the school server's signed time can vouch for.
type Beacons struct {
	clock func() school.Instant

	mu   sync.Mutex
	boot string
	mono time.Duration // of the last beacon that agreed
}

// NewBeacons makes a clock of clock that may be trusted more often.
func NewBeacons(clock func() school.Instant) *Beacons { return &Beacons{clock: clock} }

// Hear takes the server's time. One that disagrees takes back what earlier ones
// said: one of the two clocks is wrong, and nobody here can tell which.
func (b *Beacons) Hear(at time.Time) {
	now := b.clock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Wall.Sub(at).Abs() <= beaconAgrees {
		b.boot, b.mono = now.Boot, now.Mono
	} else {
		b.boot = ""
	}
}

// Now is the moment, trusted by the clock itself or by a beacon.
func (b *Beacons) Now() school.Instant {
	now := b.clock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.boot != "" && b.boot == now.Boot && now.Mono-b.mono <= beaconHolds {
		now.Trusted = true
	}
	return now
}
