package gateway

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
)

// Status is how far a device is with its enrolment, and how it stands. A time that is
// zero has not come.
type Status struct {
	Device  string
	Traits  apple.Traits
	Managed bool
	There   bool // it answers when it is woken
	Behind  bool // it has something to fetch
	Left    bool // it was managed, and is not any more
	Lost    bool // locked as lost

	Wiped time.Time // it said it would wipe itself; school time

	Invited, Expires time.Time // the newest challenge
	Issued           time.Time // the certificate for it
	Authenticated    time.Time
	Enrolled         time.Time // it said how it is woken
	Informed         time.Time // it said what it is; school time
	Obeyed           time.Time // it acknowledged a profile since the gateway was started; school time
	Seen             time.Time // its last word since then

	Refused   string // what was refused last
	RefusedAt time.Time
	Reported  map[mdm.Setting]mdm.Outcome
}

// Status gives that of a device; ok is false for one that is not listed. Errors:
// unavailable.
func (g *Gateway) Status(id string) (s Status, ok bool, err error) {
	g.mu.Lock()
	m := g.members[id]
	if m != nil {
		s = Status{Device: id, There: m.here(time.Now()), Behind: m.behind, Obeyed: m.obeyed, Seen: m.heard, Refused: m.refused, RefusedAt: m.refusedAt}
		s.Reported = maps.Clone(m.report.Set)
	}
	g.mu.Unlock()
	if m == nil {
		return s, false, nil
	}
	invited, err := g.store.LastInvitation(id)
	if err != nil {
		return s, true, err
	}
	e, err := g.store.EnrolmentOf(id)
	if err != nil {
		return s, true, err
	}
	d, err := g.store.View(id)
	s.Invited, s.Expires, s.Issued = invited.Made, invited.Expires, invited.Used
	if e.Last().Before(invited.Made) { // of the enrolment before this invitation
		e.Since, e.OnAt = time.Time{}, time.Time{}
	}
	s.Authenticated, s.Enrolled = e.Since, e.OnAt
	s.Traits, s.Managed = d.Traits, d.Managed
	s.Left, s.Lost, s.Wiped = !d.Managed && !e.OnAt.IsZero(), d.Lost, d.Wiped
	if d.Managed {
		s.Informed = d.Informed()
	}
	return s, true, err
}

// Health is what somebody has to look after.
type Health struct {
	Push   Push      // Topic "" before there is a certificate
	CA     time.Time // until when the devices' authority is good
	Fault  string    // why devices cannot be woken; "" when they can
	Since  time.Time // of the fault
	Panics int       // faults in the gateway itself since it was started

	Listed, Managed int
	Away            []string // enrolled, and without an answer when woken
	Locked          []string // put something off until they are unlocked
	Failing         []string // answered with an error
	Unsupervised    []string
	Unreachable     []string // whose last wake-up could not be sent
	Waiting         []string // never enrolled, or not any more
}

// Health gives it. Errors: unavailable.
func (g *Gateway) Health() (h Health, err error) {
	h.Push, _ = g.Push() // without one the page says so
	h.CA = g.CA.Cert.NotAfter
	all, err := g.store.All()
	if err != nil {
		return h, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	h.Fault, h.Since, h.Panics, h.Listed = g.health.Push, g.health.PushAt, g.health.Panics, len(g.members)
	now := time.Now()
	for _, id := range slices.SortedFunc(maps.Keys(g.members), mdm.CompareIDs) {
		m, d := g.members[id], all[id]
		if !d.Managed {
			h.Waiting = append(h.Waiting, id)
			continue
		}
		h.Managed++
		for list, is := range map[*[]string]bool{
			&h.Away: !m.here(now), &h.Locked: len(d.NotNow) > 0, &h.Failing: len(d.Failed) > 0, &h.Unreachable: m.pushed != nil,
			&h.Unsupervised: d.Traits.Unsupervised(),
		} {
			if is {
				*list = append(*list, id)
			}
		}
	}
	return h, nil
}
