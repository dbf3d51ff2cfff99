package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A school day is counted once, shortly before anybody collects, and no other day is.
func TestDayIsCounted(t *testing.T) {
	clock := &turned{}
	c := millLane(t)
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 11, day, hour, minute, 0, 0, c.School.Calendar.Zone)
	}
	clock.turn(at(22, 15, 0)) // a Sunday
	c.Now = func() school.Instant { return school.Instant{Wall: clock.now(), Trusted: true, Boot: "test"} }
	s, ctx := run(t, c), t.Context()
	var news []register.Entry
	for n := range 5 {
		d := register.Details{MIS: fmt.Sprint("P", n), Given: "Pat", Family: fmt.Sprint("Pupil", n), Year: "9", Form: "9A"}
		news = append(news, register.Entry{Kind: register.Pupil, Details: d})
	}
	must(t, s.People.Apply(ctx, "it", register.Changes{New: news}, register.Stated{}))
	ids := make([]string, len(news))
	for n := range ids {
		p, _ := s.People.ByMIS(fmt.Sprint("P", n))
		ids[n] = p.ID
	}
	monday := school.DateOf(at(23, 9, 0))
	must(t, s.countDay(ctx, clock.now()))
	clock.turn(at(23, 9, 0))
	mark := func(how attendance.How, marks map[string]attendance.Mark) {
		t.Helper()
		_, err := s.Attendance.Mark(ctx, "office", monday, how, marks)
		must(t, err)
	}
	mark(attendance.ByFile, map[string]attendance.Mark{ids[0]: attendance.Present, ids[1]: attendance.Present, ids[2]: attendance.Late, ids[3]: attendance.Absent})
	mark(attendance.ByHand, map[string]attendance.Mark{ids[1]: attendance.NoPhone})
	_, err := s.Custody.Take(ctx, desk.By{Actor: school.Actor{Account: "office", Person: "s-office"}, Roles: []roles.Assignment{{Role: roles.Office}}}, desk.Intake{What: desk.Phone, Why: desk.GivenIn, Whose: ids[0], Place: desk.At("office-safe")})
	must(t, err)
	if must(t, s.countDay(ctx, clock.now())); len(s.Figures.Days()) > 0 {
		t.Errorf("counted too early, or on a Sunday: %v", s.Figures.Days())
	}
	clock.turn(at(23, 15, 0))
	eventually(t, "the day is counted", func() bool { return s.Figures.Counted(monday) })
	must(t, s.countDay(ctx, clock.now()))
	if days := s.Figures.Days(); len(days) != 1 || days[0].Years["9"] != (figures.Tally{Expected: 2, In: 1}) {
		t.Errorf("counted is %v", days)
	}
}
