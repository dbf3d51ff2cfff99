package sim

import (
	"math"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// weather is what goes wrong on a day.
type weather struct {
	calm       bool
	noTime     bool    // nothing tells the bank the time
	lostPolls  float64 // share of polls without an answer
	falseReads float64 // share of door reports that are false
	badOrders  float64 // share of orders that are late, lost or reported wrongly
}

// planDay plans a school day.
func (s *sim) planDay(day school.Date) {
	s.weather = weather{calm: s.chance(0.4), noTime: s.chance(0.25)}
	s.tell("", 0, "A school day begins; calm: %t.", s.weather.calm)
	for _, p := range s.pupils {
		s.plan(p, day)
	}
	s.officeHours(day)
	s.ordersOf(day)
	s.staffHours(day)
	s.alarms(day)
	if s.weather.noTime {
		s.at(s.oclock(day, 7, 0), s.loseTime)
	}
	for range 3 {
		s.at(s.oclock(day, 8, 0)+s.between(0, 8*time.Hour), s.stranger)
	}
	if !s.weather.calm {
		s.storm(day)
	}
	s.at(s.oclock(day, 10, 15), s.checkIn)
	s.at(s.oclock(day, 12, 30), s.checkReplay)
	s.at(s.oclock(day, 16, 50), s.checkOut)
	s.at(s.oclock(day, 17, 0), s.caretaker)
	s.at(s.oclock(day, 18, 0), s.nightfall)
}

// plan is one pupil's day: nearly all arrive between 8:15 and 8:40, most of
// them at 8:34.
func (s *sim) plan(p *pupil, day school.Date) {
	p.errand++
	p.wants, p.excuse, p.absent = nothing, s.leftover(p), s.chance(0.05)
	switch {
	case p.absent:
		return
	case p.bank != bankName:
		s.at(s.arrival(day), func() { s.sets(p, handIn) })
		p.excuses("another bank is theirs")
		return
	case s.chance(0.05):
		s.at(s.oclock(day, 8, 45)+s.between(0, 45*time.Minute), func() { s.sets(p, handIn) })
	default:
		s.at(s.arrival(day), func() { s.sets(p, handIn) })
	}
	if s.chance(0.1) {
		s.at(s.oclock(day, 9, 0)+s.between(0, 6*time.Hour), func() { s.curious(p) })
	}
	if s.chance(0.06) {
		s.leavesEarly(p, day)
	}
	s.at(s.oclock(day, 15, 9)+s.between(0, 20*time.Minute), func() {
		if p.phone != 0 {
			s.sets(p, takeOut)
		}
	})
}

// arrival draws from a triangle between 8:15 and 8:40 that peaks at 8:34.
func (s *sim) arrival(day school.Date) time.Duration {
	const span, peak = 25.0, 19.0
	x := s.rand.Float64()
	minutes := span - math.Sqrt((1-x)*span*(span-peak))
	if x < peak/span {
		minutes = math.Sqrt(x * span * peak)
	}
	return s.oclock(day, 8, 15) + time.Duration(minutes*float64(time.Minute))
}

// curious is a pupil who scans to see what happens.
func (s *sim) curious(p *pupil) {
	if p.wants == nothing && p.phone != 0 {
		p.errand++
		s.queueUp(p)
	}
}

// leftover is why yesterday is not over for somebody, or "".
func (s *sim) leftover(p *pupil) string {
	switch {
	case !s.lit || !s.bank.State().Ready:
		return "the bank is down at six"
	case s.held(p) != nil || p.phone != 0 || s.bank.State().Visits[p.id].UnderWay():
		return "something is left from yesterday"
	case p.mayKeep(s.instant()):
		return "may keep the phone"
	case len(p.bars) > 0:
		return "barred"
	}
	return ""
}

func (s *sim) excuseDoor(n int) {
	for _, p := range s.pupils {
		if p.own == n || p.phone == n {
			p.excuses("their door is out of use")
		}
	}
}

// storm plans what goes wrong: mostly when most people are at the kiosks.
func (s *sim) storm(day school.Date) {
	s.weather.lostPolls = []float64{0, 0.01, 0.1, 0.3}[s.rand.IntN(4)]
	s.weather.falseReads = []float64{0, 0.001, 0.01}[s.rand.IntN(3)]
	s.weather.badOrders = []float64{0, 0.05, 0.3}[s.rand.IntN(3)]
	s.strikes(day, 3, func() { s.cut = cut(s.rand.IntN(4)); s.cutAtLast() })
	s.strikes(day, 2, s.crash)
	s.strikes(day, 2, s.stepClock)
	s.strikes(day, 4, func() {
		s.silence(s.boards[s.rand.IntN(len(s.boards))], s.between(100*time.Millisecond, 20*time.Second))
	})
	s.strikes(day, 20, func() { s.glitch(s.doors[s.rand.IntN(len(s.doors))]) })
	s.strikes(day, 20, s.replay)
	s.strikes(day, 3, func() { s.jam(s.doors[s.rand.IntN(len(s.doors))]) })
}

// strikes plans up to n strokes of bad luck, two in three of them in a rush.
func (s *sim) strikes(day school.Date, n int, stroke func()) {
	for range s.rand.IntN(n + 1) {
		at := s.oclock(day, 8, 15) + s.between(0, 25*time.Minute)
		switch s.rand.IntN(3) {
		case 0:
			at = s.oclock(day, 15, 9) + s.between(0, 25*time.Minute)
		case 1:
			at = s.oclock(day, 8, 15) + s.between(0, 8*time.Hour)
		}
		s.at(at, stroke)
	}
}

// cutAtLast cuts the power here and now if there is no better moment.
func (s *sim) cutAtLast() {
	if s.cut == nowhere {
		s.powerCut()
	}
}

func (s *sim) glitch(d *door) {
	d.lie = !d.lied
	s.attend(d, 0)
}

// jam makes a latch stick once, or not move for some hours.
func (s *sim) jam(d *door) {
	s.count.Jams++
	if s.chance(0.5) {
		d.sticky = true
		return
	}
	d.jammed = true
	s.after(s.between(time.Minute, 30*time.Hour), func() { d.jammed = false })
}

// caretaker waits for the noise to end, goes round at five, shuts doors, and turns the key for pupils who
// have not got their phones.
func (s *sim) caretaker() {
	s.weather, s.cut = weather{calm: s.weather.calm}, nowhere
	for _, d := range s.doors {
		if d.open && s.chance(0.9) {
			s.shut(d)
		}
	}
	for _, p := range s.pupils {
		if p.phone != 0 && !p.absent && s.chance(0.8) {
			s.after(s.between(10*time.Second, 30*time.Minute), func() { s.turnsKey(p) })
		}
	}
}

// turnsKey opens a door with the mechanical key while the bank looks.
func (s *sim) turnsKey(p *pupil) {
	d := s.byDoor[p.phone]
	if d == nil || d.open || !s.lit || !s.bank.State().Ready || d.board.silent {
		return
	}
	s.tell(p.id, d.number, "The caretaker opens door %d with the key.", d.number)
	s.opens(d, "", nil)
	s.after(s.between(4*time.Second, 8*time.Second), func() {
		for _, other := range s.pupils {
			if other.phone == d.number {
				s.tell(other.id, d.number, "%s gets the phone from door %d.", other.id, d.number)
				s.takes(other, d)
			}
		}
		s.shut(d)
	})
}

// nightfall closes the day's books.
func (s *sim) nightfall() {
	s.checkReplay()
	s.checkConserved()
	if s.chance(0.2) {
		s.after(s.between(time.Hour, 11*time.Hour), s.powerCut)
	}
}

// weekend is a cleaner's plug.
func (s *sim) weekend() {
	s.tell("", 0, "The weekend begins.")
	if s.chance(0.5) {
		s.powerCut()
	}
	s.after(s.between(time.Hour, 20*time.Hour), s.tick)
	s.after(20*time.Hour, s.checkReplay)
}
