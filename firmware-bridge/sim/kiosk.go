package sim

import (
	"strings"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/locker"
)

// kiosk is a scanner with a screen; the zero screen is a dark one.
type kiosk struct {
	name   string
	free   time.Duration // when the next one may scan
	user   *pupil        // who scanned last; nil for a stranger
	seat   seat          // the staff member whose badge was last
	screen locker.Screen
}

// scan is one badge held to a scanner.
type scan struct {
	kiosk *kiosk
	pupil *pupil // nil for a stranger
	line  string
}

// queueUp has a pupil wait for the next free kiosk and scan there. Some leave
// the badge under the scanner, and it is read twice.
func (s *sim) queueUp(p *pupil) {
	k := s.kiosks[0]
	for _, other := range s.kiosks {
		if other.free < k.free {
			k = other
		}
	}
	turn := max(s.now, k.free)
	k.free = turn + s.between(1500*time.Millisecond, 3*time.Second)
	twice := s.chance(0.12)
	again := s.between(100*time.Millisecond, locker.SecondScan+500*time.Millisecond)
	if twice {
		k.free = max(k.free, turn+again+time.Second)
	}
	s.later(p, turn-s.now, func() {
		line := s.badgeInHand(p)
		s.present(scan{k, p, line})
		s.later(p, s.between(200*time.Millisecond, 900*time.Millisecond), func() { s.reads(p, k) })
		if twice {
			s.after(again, func() { s.present(scan{k, p, line}) })
		}
	})
}

// badgeInHand is what the scanner makes of the badge a pupil holds up: now and
// then it misreads, and who lost a badge may still hold up the old one.
func (s *sim) badgeInHand(p *pupil) string {
	switch {
	case p.lost != nil && s.chance(0.2):
		return p.lost.Badge()
	case s.chance(0.02):
		badge := []byte(p.token.Badge())
		badge[3+s.rand.IntN(26)] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[s.rand.IntN(32)]
		return string(badge)
	case s.chance(0.01):
		return p.token.Badge()[:s.rand.IntN(20)]
	}
	return p.token.Badge()
}

// stranger holds something to a scanner that is no pupil's badge.
func (s *sim) stranger() {
	line := s.newToken().Badge()
	if s.chance(0.5) {
		line = []string{"", "HELLO", "BK1", strings.Repeat("9", 400), "bk1\x00\xff"}[s.rand.IntN(5)]
	}
	times := 1
	if s.chance(0.2) {
		times = 40 // with a torch and a photocopy
	}
	k := s.kiosks[s.rand.IntN(len(s.kiosks))]
	start := max(s.now, k.free)
	k.free = start + time.Duration(times)*100*time.Millisecond
	for i := range times {
		s.at(start+time.Duration(i)*100*time.Millisecond, func() { s.present(scan{k, nil, line}) })
	}
}

// present is a badge under a scanner. Scans of the same moment may reach the
// bank together.
func (s *sim) present(next scan) {
	s.count.Scans++
	if !s.lit {
		return
	}
	who := next.pupil.name()
	if next.pupil == nil {
		who = "a stranger"
	}
	s.tell(who, 0, "%s scans at the %s kiosk: %.40q.", who, next.kiosk.name, next.line)
	s.waiting = append(s.waiting, next)
	if len(s.waiting) == 1 && s.chance(0.2) {
		s.after(90*time.Millisecond, s.flush)
		return
	}
	s.flush()
}

func (s *sim) flush() {
	scans := s.waiting
	s.waiting = nil
	var inputs []bridge.Input
	for _, scan := range scans {
		scan.kiosk.user = scan.pupil
		s.sits(scan.kiosk, scan.line)
		inputs = append(inputs, bridge.Scanned{Kiosk: scan.kiosk.name, Line: scan.line})
	}
	if len(inputs) > 0 {
		s.handle(scans, inputs...)
	}
}
