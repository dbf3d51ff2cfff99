package exams

import (
	"net/http"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// acting does something about a whole sitting, from its page.
func (p *pages) acting(c echo.Context, do func(f *kit.Form, s exam.Sitting, list []exam.Standing) error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	s, list, err := p.sitting(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return "/exam/" + s.ID, do(f, s, list) })
	if err != nil {
		d := p.sittingData(c, f, s, list)
		return p.Refuse(c, f, err, "exam", d.Title, d)
	}
	return nil
}

func (p *pages) clear(c echo.Context) error {
	return p.acting(c, func(f *kit.Form, s exam.Sitting, _ []exam.Standing) error {
		return p.Room.Clear(c.Request().Context(), p.by(c), s.ID, f.Get("asked") == "yes")
	})
}

// finish records that the paper has ended for all whose own time was over at a
// moment.
func (p *pages) finish(c echo.Context) error {
	return p.acting(c, func(f *kit.Form, s exam.Sitting, list []exam.Standing) error {
		at, err := p.Moment(f, "at", "when it ended")
		if err != nil {
			return err
		}
		var over []int
		for _, l := range list {
			if l.State != exam.Done && l.State != exam.Away && l.State != exam.Missing && !at.Before(s.Ends(l.Candidate)) {
				over = append(over, l.N)
			}
		}
		if len(over) == 0 {
			return errs.At("at", "Nobody’s time was over then", "For somebody who ends early, open their line.")
		}
		return p.Room.Finish(c.Request().Context(), p.by(c), s.ID, over, at, "")
	})
}

// lineData is the page of one candidate.
type lineData struct {
	Form                             *kit.Form
	Title, ID                        string
	Row                              row
	Staff, Witnesses                 []kit.Option
	Needs, MayRun, Begun, Ahead, Was bool
	Incidents                        []incidentLine
	Timing                           string
}

// find is the line that a request is about.
func (p *pages) find(c echo.Context) (exam.Sitting, exam.Standing, error) {
	s, list, err := p.sitting(c)
	if err != nil {
		return s, exam.Standing{}, err
	}
	n, _ := strconv.Atoi(c.Param("n")) // what is no number is no line
	for _, l := range list {
		if l.N == n {
			return s, l, nil
		}
	}
	return s, exam.Standing{}, errs.New(errs.NotFound, "There is no such candidate in this paper.", "Look at the list of candidates.")
}

func (p *pages) lineData(c echo.Context, f *kit.Form, s exam.Sitting, l exam.Standing) lineData {
	now := p.Now()
	d := lineData{Form: f, Title: title(s), ID: s.ID, Row: p.row(s, l), Needs: p.Needs(l.Person), MayRun: p.mayRun(c), Ahead: now.Before(s.Start.Add(-exam.ClearAhead)),
		Begun: !now.Before(s.Start) || len(s.Cleared) > 0, Was: l.State == exam.Done}
	d.Staff, d.Witnesses = p.staff(""), p.staff(p.Who(c).Person)
	for _, i := range p.incidents(s) {
		if s.Incidents[i.N-1].Line == l.N {
			d.Incidents = append(d.Incidents, i)
		}
	}
	return d
}

func (p *pages) line(c echo.Context) error {
	s, l, err := p.find(c)
	if err != nil {
		return err
	}
	f := p.NewForm(c, nil)
	f.Values.Set("at", p.Now().Format(kit.DateTime))
	f.Values.Set("room", l.Room)
	f.Values.Set("number", l.Number)
	f.Values.Set("extra", strconv.Itoa(l.Extra))
	f.Values.Set("rest", strconv.Itoa(l.Rest))
	d := p.lineData(c, f, s, l)
	return p.Page(c, http.StatusOK, "exam-line", d.Row.Name, d)
}

// onLine does something about one candidate, from their page.
func (p *pages) onLine(c echo.Context, do func(f *kit.Form, s exam.Sitting, l exam.Standing) error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	s, l, err := p.find(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return "/exam/" + s.ID, do(f, s, l) })
	if err != nil {
		d := p.lineData(c, f, s, l)
		return p.Refuse(c, f, err, "exam-line", d.Row.Name, d)
	}
	return nil
}

// other are the fields of a form that name another member of staff, by what is said.
var other = map[exam.How]string{exam.SaidNone: "witness", exam.SaidWith: "holder"}

func (p *pages) say(c echo.Context) error {
	return p.onLine(c, func(f *kit.Form, s exam.Sitting, l exam.Standing) error {
		how := exam.How(f.Get("how"))
		err := p.Room.Say(c.Request().Context(), p.by(c), s.ID, l.N, how, f.Get(other[how]))
		for _, e := range errs.All(err) {
			if e.Field == "other" {
				return errs.At(other[how], e.Message, e.Hint)
			}
		}
		return err
	})
}

func (p *pages) end(c echo.Context) error {
	return p.onLine(c, func(f *kit.Form, s exam.Sitting, l exam.Standing) error {
		at, err := p.Moment(f, "at", "when it ended for them")
		if err != nil {
			return err
		}
		return p.Room.Finish(c.Request().Context(), p.by(c), s.ID, []int{l.N}, at, f.Get("why"))
	})
}

func (p *pages) adjust(c echo.Context) error {
	return p.onLine(c, func(f *kit.Form, s exam.Sitting, l exam.Standing) error {
		to := exam.Candidate{Room: f.Get("room"), Number: f.Get("number")}
		for field, value := range map[string]*int{"extra": &to.Extra, "rest": &to.Rest} {
			n, err := strconv.Atoi(f.Get(field))
			if err != nil && f.Get(field) != "" {
				return errs.At(field, "Enter a number", "")
			}
			*value = n
		}
		return p.Setting.Adjust(c.Request().Context(), p.by(c), s.ID, l.N, to)
	})
}
