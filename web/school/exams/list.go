package exams

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/labstack/echo/v4"
)

// mostPast is how many papers that are over a list shows, newest first.
const mostPast = 30

// paperLine is a paper in the list.
type paperLine struct {
	ID, Title, Series, Day, Span, Rooms string
	Candidates, Incidents               int
	State, Colour                       string
}

type listData struct {
	Today, Ahead, Past []paperLine
	More               int
	MayRun             bool
	Day                string
}

func (p *pages) list(c echo.Context) error {
	d := listData{MayRun: p.mayRun(c), Day: p.day(p.Now())}
	today := school.DateOf(p.Now())
	for _, s := range p.Sittings.Sittings() {
		l := p.paperLine(s)
		switch day := school.DateOf(p.local(s.Start)); {
		case day == today:
			l.State, l.Colour = p.stateOf(s, p.Sittings.Standings(s))
			d.Today = append(d.Today, l)
		case today.Before(day):
			d.Ahead = append(d.Ahead, l)
		default:
			d.Past = append(d.Past, l)
		}
	}
	slices.Reverse(d.Past)
	d.More = max(0, len(d.Past)-mostPast)
	d.Past = d.Past[:len(d.Past)-d.More]
	return p.Page(c, http.StatusOK, "exams", "Exams", d)
}

func (p *pages) paperLine(s exam.Sitting) paperLine {
	l := paperLine{ID: s.ID, Title: title(s), Series: s.Paper.Series, Day: p.day(s.Start), Span: p.span(s), Rooms: joined(s.Paper.Rooms), Incidents: len(s.Incidents)}
	for _, line := range s.Lines {
		if line.Listed() {
			l.Candidates++
		}
	}
	return l
}

// stateOf is how a paper of today stands.
func (p *pages) stateOf(s exam.Sitting, list []exam.Standing) (words, colour string) {
	counts, open := exam.Counted(list)
	writing := counts.Deposited + counts.With + counts.None + open
	switch {
	case len(list) == 0:
		return "Nobody entered", "grey"
	case open > 0:
		return fmt.Sprintf("Not clear: %d missing", open), "red"
	case writing == 0:
		return "Over", "grey"
	case len(s.Cleared) == 0:
		return "Everybody accounted for, not marked clear", "yellow"
	}
	return "Clear since " + p.clock(s.Cleared[len(s.Cleared)-1].At), "green"
}

// Tasks are what the start page says of today's papers. It names nobody, for it may
// hang on a wall. now is school time, in the school's zone.
func (cfg Config) Tasks(now time.Time) []board.Task {
	unclear, unfinished := 0, 0
	for _, s := range cfg.Sittings.Sittings() {
		if school.DateOf(s.Start.In(now.Location())) != school.DateOf(now) {
			continue
		}
		counts, open := exam.Counted(cfg.Sittings.Standings(s))
		if open > 0 && s.Start.Sub(now) < soon {
			unclear++
		}
		if now.After(s.Last()) && counts.Deposited+counts.With+counts.None+open > 0 {
			unfinished++
		}
	}
	var list []board.Task
	if unclear > 0 {
		list = append(list, board.Task{Key: "exams-unclear", What: fmt.Sprintf("Exams with a candidate whose device nobody knows of: %d.", unclear),
			Next: "The exams officer looks at the list of candidates.", Href: "/exams", Link: "Exams", Permission: roles.Invigilate})
	}
	if unfinished > 0 {
		list = append(list, board.Task{Key: "exams-unfinished", What: fmt.Sprintf("Exams that should be over, without a finish on record: %d. Their candidates cannot collect.", unfinished),
			Next: "The exams officer records who has finished.", Href: "/exams", Link: "Exams", Permission: roles.Invigilate})
	}
	return list
}

// soon is how long before a paper the start page tells of a candidate who is missing.
const soon = 30 * time.Minute
