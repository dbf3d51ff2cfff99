package locker

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// The limits on guessing a PIN, for each staff member at each bank.
const (
	PINTries = 5
	PINPause = 15 * time.Minute
)

// How long a kiosk waits for a staff member, in machine time. Bank and page
// each give up by themselves.
const (
	PINWithin  = 30 * time.Second // from the badge, or the last PIN, to the next PIN
	MenuWithin = 60 * time.Second // from the PIN to the wish
)

// How many digits a PIN has.
const (
	MinPIN = 6
	MaxPIN = 12
)

// StaffEntry is what a bank knows of a staff member who may act at it: by id,
// beside their badge in Badges.
type StaffEntry struct {
	PIN        string `json:"pin"`                  // what a PIN is checked against; never the PIN
	Technician bool   `json:"technician,omitempty"` // may have the doors mapped
}

// Tries are the wrong PINs of a staff member since the last right one.
type Tries struct {
	Wrong int
	Last  school.Instant
}

// paused reports whether no PIN counts for now. The pause is served by the
// monotonic clock: whoever pulls the plug starts it again.
func (t Tries) paused(now school.Instant) bool {
	return t.Wrong >= PINTries && recently(PINPause, t.Last, now)
}

// recently reports whether something happened no more than d ago. Of what was
// before the last boot nobody can tell how long ago that was, so it counts from
// the boot: this forgets late, and never waits for a clock to be set.
func recently(d time.Duration, then, now school.Instant) bool {
	if then.Boot != now.Boot {
		return now.Mono <= d
	}
	return now.Mono-then.Mono <= d
}

// DecidePIN answers a PIN typed by a staff member whose badge was just scanned.
// It asks right, which weighs the PIN against what the directory knows, only
// when a try is left.
func DecidePIN(s *State, rules Rules, staff string, right func(verifier string) bool, now school.Instant) Decision {
	refuse := func(why Answer, show Word) Decision {
		return Decision{Event{Kind: PINRefused, At: now, Body: Body{By: staff, Answer: why}}, Screen{Word: show}}
	}
	entry, known := rules.Directory.Staff[staff]
	tries := s.Tries[staff]
	switch {
	case !known, rules.Directory.Barred(Subject{Person: staff}, now):
		return refuse(Barred, Office)
	case tries.paused(now):
		return refuse(Paused, PINWait)
	case right(entry.PIN):
		return Decision{Event{Kind: PINAccepted, At: now, Body: Body{By: staff}}, menuFor(s, entry, now)}
	case tries.Wrong+1 == PINTries:
		return refuse(WrongPIN, PINWait)
	}
	return refuse(WrongPIN, PINWrong)
}

func (s *State) applyPIN(e Event) {
	switch {
	case e.Kind == PINAccepted:
		delete(s.Tries, e.By)
	case e.Answer == WrongPIN:
		t := s.Tries[e.By]
		if t.Wrong == PINTries { // the pause is over: a new series
			t.Wrong = 0
		}
		s.Tries[e.By] = Tries{t.Wrong + 1, e.At}
	}
}
