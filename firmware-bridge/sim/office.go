package sim

import (
	"fmt"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// office is who decides about people: its directory and plan are the rules of
// the bank.
type office struct {
	plan     school.Plan
	rules    locker.Rules
	version  uint64
	grants   int
	doorBars []doorBar
}

type doorBar struct {
	period
	door int
}

// compile turns what the office decided into the next directory.
func (o *office) compile(s *sim) {
	o.version++
	dir := &locker.Directory{Version: o.version, Badges: map[school.BadgeHash]locker.BadgeEntry{}, People: map[string]locker.Place{}, Staff: map[string]locker.StaffEntry{}}
	bar := func(who locker.Subject, p period) {
		dir.Bars = append(dir.Bars, locker.Bar{ID: fmt.Sprintf("bar-%d", len(dir.Bars)), Subject: who, From: p.from, Until: p.until})
	}
	for _, who := range s.staff {
		dir.Badges[who.token.Hash()] = locker.BadgeEntry{Person: who.id}
		dir.Staff[who.id] = locker.StaffEntry{PIN: who.pin}
	}
	for _, p := range s.pupils {
		dir.Badges[p.token.Hash()] = locker.BadgeEntry{Person: p.id}
		if p.lost != nil {
			dir.Badges[p.lost.Hash()] = locker.BadgeEntry{Person: p.id, Revoked: true}
		}
		dir.People[p.id] = locker.Place{Bank: p.bank, Door: p.own}
		if p.keeps != nil {
			dir.Grants = append(dir.Grants, locker.Grant{ID: "keep-" + p.id, Kind: locker.MayKeep, Person: p.id, From: p.keeps.from, Until: p.keeps.until})
		}
		for _, l := range p.leaves {
			dir.Grants = append(dir.Grants, locker.Grant{ID: l.id, Kind: locker.MayCollect, Person: p.id, From: l.from, Until: l.until, Uses: leaveUses})
		}
		for _, b := range p.bars {
			bar(locker.Subject{Person: p.id}, b)
		}
	}
	for _, b := range o.doorBars {
		bar(locker.Subject{Bank: bankName, Door: b.door}, b.period)
	}
	o.rules = locker.Rules{Directory: dir, Plan: o.plan}
	s.handle(nil, bridge.Ruled{Rules: o.rules})
}

func (o *office) doorBarred(door int, at school.Instant) bool {
	for _, b := range o.doorBars {
		if b.door == door && (!at.Trusted || b.covers(at.Wall)) {
			return true
		}
	}
	return false
}

// exempt gives a few pupils leave to keep their phones, for the term or for
// some days of it.
func (s *sim) exempt() {
	for _, p := range s.pupils {
		if !s.chance(0.04) {
			continue
		}
		p.keeps = &period{from: s.midnight.AddDate(0, 0, s.rand.IntN(3)), until: s.midnight.AddDate(0, 0, 3+s.rand.IntN(10))}
	}
}

// officeHours is what the office does to somebody on a day.
func (s *sim) officeHours(day school.Date) {
	for range s.rand.IntN(4) {
		p := s.pupils[s.rand.IntN(len(s.pupils))]
		s.at(s.oclock(day, 7, 30)+s.between(0, 8*time.Hour), func() { s.decides(p) })
	}
	if s.chance(0.1) {
		d := s.doors[s.rand.IntN(len(s.doors))]
		s.at(s.oclock(day, 7, 0), func() {
			s.tell("", d.number, "Door %d is taken out of use until noon.", d.number)
			s.office.doorBars = []doorBar{{period{s.wall(), s.midnight.Add(s.oclock(day, 12, 0))}, d.number}}
			s.excuseDoor(d.number)
			s.office.compile(s)
		})
	}
}

func (s *sim) decides(p *pupil) {
	switch s.rand.IntN(4) {
	case 0:
		s.tell(p.id, 0, "The office bars %s until tomorrow.", p.id)
		p.bars = []period{{s.wall(), s.wall().Add(s.between(time.Hour, 24*time.Hour))}}
		p.excuses("barred")
	case 1:
		s.tell(p.id, 0, "The office bars %s until further notice.", p.id)
		p.bars = []period{{from: s.wall()}}
		p.excuses("barred")
	case 2:
		s.tell(p.id, 0, "The office lifts what bars %s.", p.id)
		p.bars = nil
	case 3:
		s.tell(p.id, 0, "%s gets a new badge; the old one is revoked.", p.id)
		old := p.token
		p.lost, p.token = &old, s.newToken()
	}
	s.office.compile(s)
}

// leavesEarly lets a pupil collect once before the bell. Half of them come back
// and hand in again.
func (s *sim) leavesEarly(p *pupil, day school.Date) {
	from := s.oclock(day, 10, 30) + s.between(0, 2*time.Hour)
	until := from + s.between(20*time.Minute, 2*time.Hour)
	s.at(from-30*time.Minute, func() {
		s.office.grants++
		p.leaves = []leave{{period{s.midnight.Add(from), s.midnight.Add(until)}, fmt.Sprintf("leave-%d", s.office.grants)}}
		s.office.compile(s)
	})
	s.at(from-s.between(0, 10*time.Minute)+s.between(0, 15*time.Minute), func() { s.sets(p, takeOut) })
	if s.chance(0.5) {
		s.at(until+s.between(0, 20*time.Minute), func() {
			if p.phone == 0 {
				s.sets(p, handIn)
			}
		})
		s.at(until+time.Hour, func() { s.curious(p) }) // the grant is used up
	}
}
