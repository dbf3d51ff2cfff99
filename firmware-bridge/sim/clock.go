package sim

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// clock is what the bank's computer believes of time.
type clock struct {
	ahead   time.Duration // of the true time
	trusted bool
	boot    string
	booted  time.Duration
}

// A computer without a battery for its clock starts in 1970.
var epoch = time.Unix(0, 0).UTC()

// instant is the moment as the bank's computer knows it.
func (s *sim) instant() school.Instant {
	c := &s.clock
	return school.Instant{Wall: s.wall().Add(c.ahead), Trusted: c.trusted, Boot: c.boot, Mono: s.now - c.booted}
}

// wall is the true time.
func (s *sim) wall() time.Time { return s.midnight.Add(s.now) }

// bootClock starts the clock after the power came back: right, an hour wrong,
// stopped for a while or in 1970, and not trusted until it is set.
func (s *sim) bootClock() {
	s.boots++
	s.clock = clock{boot: fmt.Sprintf("boot-%d", s.boots), booted: s.now}
	switch s.rand.IntN(4) {
	case 0:
		s.clock.ahead = epoch.Sub(s.wall())
	case 1:
		s.clock.ahead = -s.between(time.Minute, 10*time.Hour)
	}
	s.setClockIn(s.between(time.Second, 10*time.Minute))
}

// stepClock makes the clock jump by an hour either way. Whoever does that also
// loses the kernel's word for it, until the time is set from outside again.
func (s *sim) stepClock() {
	s.count.ClockSteps++
	s.clock.trusted = false
	s.clock.ahead += time.Hour
	if s.chance(0.5) {
		s.clock.ahead -= 2 * time.Hour
	}
	s.tell("", 0, "The bank's clock jumps to %s and is not trusted.", s.instant().Wall.Format(time.TimeOnly))
	s.setClockIn(s.between(time.Minute, 20*time.Minute))
}

// clockRetry is how often the bank asks for the time while nobody tells it.
const clockRetry = 10 * time.Minute

func (s *sim) setClockIn(d time.Duration) {
	boot := s.clock.boot
	s.after(d, func() {
		switch {
		case s.clock.boot != boot:
		case s.weather.noTime:
			s.setClockIn(clockRetry)
		default:
			s.clock.ahead, s.clock.trusted = 0, true
			s.tell("", 0, "The bank's clock is set and trusted.")
		}
	})
}
