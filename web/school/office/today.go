package office

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// today is the school day at one moment: what the register says beside what was
// handed in at the banks and at the desk.
type today struct {
	attendance.Day
	standing func(person string) view.Standing
	atDesk   map[string]bool
	exempt   map[string]bool
	trays    map[string]tray.Standing
}

// handedIn reports whether something of a person's is at the desk, or was handed in
// at a bank or to the class's teacher today.
func (t today) handedIn(person string) bool {
	return t.standing(person).HandedIn() || t.atDesk[person] || t.trays[person].In
}

func (t today) mayKeep(person string) bool {
	return t.standing(person) == view.Exempt || t.exempt[person]
}

// missing are those present who have not handed in, and have not told the class's
// teacher that they have nothing or are away.
func (t today) missing() []string {
	return t.Missing(t.handedIn, func(person string) bool { return t.mayKeep(person) || t.trays[person].Mark != "" })
}

func (cfg Config) today(date school.Date, standing func(string) view.Standing) today {
	t := today{Day: cfg.Register.Day(date), standing: standing, atDesk: map[string]bool{}, exempt: map[string]bool{}}
	for _, d := range cfg.devices() {
		if d.Whose != "" {
			t.atDesk[d.Whose] = true
		}
	}
	if cfg.Trays != nil {
		t.trays = cfg.Trays.Standings()
	}
	if cfg.Exempt != nil {
		for _, id := range cfg.Exempt.ExemptNow() {
			t.exempt[id] = true
		}
	}
	return t
}

func (cfg Config) devices() []Device {
	if cfg.Desk == nil {
		return nil
	}
	return cfg.Desk.Devices()
}

// standings tells how everybody stands at the banks now.
func (cfg Config) standings() func(person string) view.Standing {
	all := map[string]view.Standing{}
	for _, b := range cfg.Banks.Banks() {
		for _, p := range b.Board.People {
			all[p.ID] = p.State
		}
	}
	return func(person string) view.Standing { return all[person] }
}

// now is today as a page sees it.
func (o *pages) now() today { return o.today(school.DateOf(o.Now()), o.standings()) }

// pupils are those on the roll, by name.
func (cfg Config) pupils() []register.Person {
	return slices.DeleteFunc(cfg.People.People(), func(p register.Person) bool { return p.Kind != register.Pupil })
}

// Day is what the start page and a pupil's page show of the office's day. now is
// school time, in the school's zone.
func (cfg Config) Day(now func() time.Time) board.Day { return day{cfg, now} }

type day struct {
	Config
	now func() time.Time
}

// Now is the day in figures.
func (d day) Now(standing func(person string) view.Standing) board.DayNow {
	t := d.today(school.DateOf(d.now()), standing)
	out := board.DayNow{Missing: len(t.missing())}
	for _, n := range t.Marked() {
		out.Marked += n
	}
	for _, s := range t.trays {
		out.Trays += len(s.Here)
	}
	for _, i := range d.devices() {
		switch {
		case i.Due:
			out.Waiting++
		case i.Why == Confiscated:
			out.Later++
		default:
			out.Desk++
		}
	}
	return out
}

// Pupil is what counts of a pupil's day, in words.
func (d day) Pupil(person string) []string {
	var list []string
	s := d.Register.Day(school.DateOf(d.now())).Of(person)
	if s.Register != "" {
		list = append(list, markWords(s.Register))
	}
	if s.NoPhone {
		list = append(list, "No phone with them")
	}
	if d.Trays != nil {
		if words := trayWords(d.Trays.Standings()[person]); words != "" {
			list = append(list, words)
		}
	}
	for _, i := range d.devices() {
		if i.Whose == person && i.Why != Confiscated { // a confiscation is told by its case
			list = append(list, whatWords(i.What)+" at the desk: "+d.where(i.Place))
		}
	}
	return list
}

// SchoolDays counts the school days that began after from, up to to.
func (d day) SchoolDays(from, to time.Time) int { return d.schoolDays(from, to) }

// mostDays bounds how far back school days are counted.
const mostDays = 400

func (cfg Config) schoolDays(from, to time.Time) (n int) {
	zone := cfg.Calendar.Zone
	first, last := school.DateOf(from.In(zone)), school.DateOf(to.In(zone))
	for i := 1; i <= mostDays; i++ {
		date := first.Add(i)
		if last.Before(date) {
			break
		}
		if cfg.Calendar.SchoolDay(date) {
			n++
		}
	}
	return n
}
