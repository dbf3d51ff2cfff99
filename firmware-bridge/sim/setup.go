package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

const bankName = "bank-a"

// The first days to choose from: an ordinary Monday, a Friday, the week-ends
// on which the clocks go back and forward, and a leap day.
var firstDays = []school.Date{
	{Year: 2026, Month: time.September, Day: 7},
	{Year: 2026, Month: time.November, Day: 20},
	{Year: 2026, Month: time.October, Day: 22},
	{Year: 2027, Month: time.March, Day: 25},
	{Year: 2028, Month: time.February, Day: 28},
}

// open builds the school of a seed and plans its days.
func open(cfg Config, n *narrator) *sim {
	s := &sim{rand: rand.New(rand.NewPCG(cfg.Seed, 0)), narrator: n, byDoor: map[int]*door{}, byID: map[string]*pupil{}, server: newServer()}
	s.keepCalendar(cfg.Days)
	s.fitCabinet()
	s.enrol()
	s.auditor = newAuditor(s)
	var err error
	if s.log, err = memlog.New(bankName, s.wall); err != nil {
		panic(err) // a constant is wrong
	}
	s.boot()
	for i, day := range s.days {
		s.at(s.oclock(day, 6, 0), func() { s.planDay(day) })
		if i+1 < len(s.days) && s.days[i+1] != day.Next() {
			s.at(s.oclock(day.Next(), 11, 0), s.weekend)
		}
	}
	return s
}

func (s *sim) keepCalendar(days int) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the command carries the time zones with it
	}
	first := firstDays[s.rand.IntN(len(firstDays))]
	s.calendar = school.Calendar{
		Zone:  zone,
		Terms: []school.Term{{Span: school.Span{From: first, Until: school.Date{Year: first.Year + 10, Month: first.Month, Day: 1}}}},
		Templates: map[string]school.Template{"normal": {Name: "normal",
			Gate: school.Clock{Hour: 8, Minute: 15}, Register: school.Clock{Hour: 8, Minute: 40},
			Collect: school.Clock{Hour: 15, Minute: 10}, CollectUntil: school.Clock{Hour: 16, Minute: 30}}},
		Usual: school.MondayToFriday("normal"),
	}
	s.midnight = time.Date(first.Year, first.Month, first.Day, 0, 0, 0, 0, time.UTC)
	last := first
	for d := first; len(s.days) < days; d = d.Next() {
		if s.calendar.SchoolDay(d) {
			s.days = append(s.days, d)
			last = d
		}
	}
	length := int(s.oclock(last, 12, 0)/(24*time.Hour)) + 1
	s.office.plan = s.calendar.PlanFor("", 1, first, length)
}

// fitCabinet builds 20 to 64 doors, a few of them with something wrong.
func (s *sim) fitCabinet() {
	s.setup = locker.Setup{Bank: bankName, Allotment: locker.Fixed}
	if s.chance(0.4) {
		s.setup.Allotment = locker.Dynamic
	}
	first := 1 + 100*s.rand.IntN(2)
	items := s.chance(0.5)
	for i := range 20 + s.rand.IntN(45) {
		if i%boardDoors == 0 {
			s.boards = append(s.boards, &board{})
		}
		b := s.boards[len(s.boards)-1]
		d := &door{number: first + i, board: b, reaction: s.between(50*time.Millisecond, 901*time.Millisecond)}
		d.sensor.fitted = items
		if items && s.chance(0.01) {
			d.sensor.stuck = []fault{stuckOn, stuckOff}[s.rand.IntN(2)]
		}
		if s.chance(0.002) {
			d.contact = []fault{stuckOn, stuckOff}[s.rand.IntN(2)]
		}
		b.doors = append(b.doors, d)
		s.doors = append(s.doors, d)
		s.byDoor[d.number] = d
		s.setup.Doors = append(s.setup.Doors, d.number)
	}
	s.spares = 2 + s.rand.IntN(3)
}

// enrol gives everyone a badge and a door, two of them at another bank.
func (s *sim) enrol() {
	for _, name := range []string{"front", "side"} {
		s.kiosks = append(s.kiosks, &kiosk{name: name})
	}
	for i := range len(s.doors) - s.spares {
		s.pupils = append(s.pupils, &pupil{id: fmt.Sprintf("p%02d", i+1), bank: bankName, token: s.newToken(), own: s.doors[i].number})
	}
	for i := range 2 {
		s.pupils = append(s.pupils, &pupil{id: fmt.Sprintf("q%02d", i+1), bank: "bank-b", token: s.newToken()})
	}
	for _, p := range s.pupils {
		s.byID[p.id] = p
	}
	s.employ()
	s.exempt()
	s.office.compile(s)
}

func (s *sim) newToken() (t school.Token) {
	binary.LittleEndian.PutUint64(t[:8], s.rand.Uint64())
	binary.LittleEndian.PutUint64(t[8:], s.rand.Uint64())
	return t
}
