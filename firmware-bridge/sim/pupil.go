package sim

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// pupil is one person with one phone.
type pupil struct {
	id    string
	bank  string
	own   int // their fixed door
	token school.Token
	lost  *school.Token // a badge they lost, revoked

	phone  int // the door it lies behind, 0 while it is with them
	wants  wish
	tries  int
	told   int    // the door they were given for what they want
	absent bool   // not at school today
	excuse string // why a calm day may still go wrong for them
	errand int    // what they are about; anything from an earlier errand is off

	keeps  *period
	bars   []period
	leaves []leave
}

// wish is what somebody came for.
type wish int

const (
	nothing wish = iota
	handIn
	takeOut
)

// period is a span of time; until zero means open-ended.
type period struct{ from, until time.Time }

func (p period) covers(t time.Time) bool {
	return !t.Before(p.from) && (p.until.IsZero() || t.Before(p.until))
}

// leave is a grant to collect early.
type leave struct {
	period
	id string
}

// leaveUses is how often a grant to leave opens a door.
const leaveUses = 1

func (p *pupil) name() string {
	if p == nil {
		return ""
	}
	return p.id
}

// pupil finds a person of the record.
func (s *sim) pupil(id string) *pupil { return s.byID[id] }

// barred is the law on bars: a clock that is not trusted ends none.
func (p *pupil) barred(at school.Instant) bool {
	for _, b := range p.bars {
		if !at.Trusted || b.covers(at.Wall) {
			return true
		}
	}
	return false
}

// mayKeep is the law on exemptions: a clock that is not trusted cannot say that
// one has not begun.
func (p *pupil) mayKeep(at school.Instant) bool {
	return p.keeps != nil && at.Wall.Before(p.keeps.until) && (!at.Trusted || p.keeps.covers(at.Wall))
}

// good reports whether a line is this pupil's badge and this is their bank.
func (p *pupil) good(line string) bool { return p.bank == bankName && line == p.token.Badge() }

// later is what a pupil does next, unless something else comes up.
func (s *sim) later(p *pupil, d time.Duration, do func()) {
	errand := p.errand
	s.after(d, func() {
		if p.errand == errand {
			do()
		}
	})
}

// sets begins an errand at a kiosk.
func (s *sim) sets(p *pupil, w wish) {
	p.errand++
	p.wants, p.tries, p.told = w, 0, 0
	s.queueUp(p)
}

// done ends an errand.
func (p *pupil) done() {
	p.errand++
	p.wants = nothing
}

// givesUp sends a pupil to the office, after which the day is no longer an
// ordinary one for them.
func (s *sim) givesUp(p *pupil, why string) {
	s.tell(p.id, 0, "%s goes to the office: %s.", p.id, why)
	p.errand++
	if !s.weather.calm || p.barred(s.instant()) {
		p.excuse = why
	}
}

// excuses notes why nobody can expect this pupil's day to end well.
func (p *pupil) excuses(why string) {
	if p.excuse == "" {
		p.excuse = why
	}
}
