package exams

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster/entries"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// maxList is how many bytes the form around a list of candidates has, escaped.
const maxList = 4 * entries.MaxBytes

// entered is a candidate in a preview.
type entered struct{ Name, Form, Number, Room, Timing, Note string }

type candidatesData struct {
	Form     *kit.Form
	ID, Name string
	Forms    []kit.Option
	Preview  bool
	Entered  []entered
	Passed   []entries.Passed
	list     []exam.Candidate
}

func (p *pages) candidatesData(f *kit.Form, s exam.Sitting) candidatesData {
	d := candidatesData{Form: f, ID: s.ID, Name: title(s)}
	counts := map[string]int{}
	for _, person := range p.pupils() {
		counts[person.Form]++
	}
	for form := range counts {
		if form != "" {
			d.Forms = append(d.Forms, kit.Option{Value: form, Text: form})
		}
	}
	slices.SortFunc(d.Forms, func(a, b kit.Option) int {
		return cmp.Or(cmp.Compare(len(a.Value), len(b.Value)), strings.Compare(a.Value, b.Value))
	})
	return d
}

// pupils are those on the roll, by name.
func (p *pages) pupils() []register.Person {
	return slices.DeleteFunc(p.People.People(), func(p register.Person) bool { return p.Kind != register.Pupil })
}

func (p *pages) candidatesForm(c echo.Context) error {
	s, err := p.Sittings.Sitting(c.Param("id"))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "exam-candidates", "Enter candidates", p.candidatesData(p.NewForm(c, nil), s))
}

// candidates shows whom a list or forms would enter, and enters them once that has
// been looked at.
func (p *pages) candidates(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	s, err := p.Sittings.Sitting(c.Param("id"))
	if err != nil {
		return err
	}
	d := p.candidatesData(f, s)
	if err := p.read(&d, s); err != nil {
		return p.Refuse(c, f, err, "exam-candidates", "Enter candidates", d)
	}
	if f.Get("go") != "enter" {
		d.Preview = true
		return p.Page(c, http.StatusOK, "exam-candidates", "Check the candidates", d)
	}
	err = p.Do(c, f, func() (string, error) {
		return "/exam/" + s.ID, p.Setting.Add(c.Request().Context(), p.by(c), s.ID, d.list)
	})
	if err != nil {
		return p.Refuse(c, f, err, "exam-candidates", "Enter candidates", d)
	}
	return nil
}

// read finds everybody that a form names: in its text, and in the forms chosen.
func (p *pages) read(d *candidatesData, s exam.Sitting) error {
	pupils, forms := p.pupils(), d.Form.Values["form"]
	var r entries.Reading
	if text := d.Form.Values.Get("candidates"); len(forms) == 0 || strings.TrimSpace(text) != "" {
		var err error
		if r, err = entries.Read(text, pupils); err != nil {
			return err
		}
	}
	named := map[string]bool{}
	for _, candidate := range r.Candidates {
		named[candidate.Person] = true
	}
	for _, person := range pupils {
		if slices.Contains(forms, person.Form) && !named[person.ID] {
			r.Candidates = append(r.Candidates, exam.Candidate{Person: person.ID})
		}
	}
	for _, candidate := range r.Candidates {
		_, there := s.Of(candidate.Person)
		e := entered{Number: candidate.Number, Room: candidate.Room, Timing: timing(candidate)}
		e.Name, e.Form, _ = p.Kit.People.Name(candidate.Person)
		if there {
			e.Note = "Entered already"
		} else {
			if candidate.Room == "" && len(s.Paper.Rooms) == 1 {
				candidate.Room = s.Paper.Rooms[0]
				e.Room = candidate.Room
			}
			d.list = append(d.list, candidate)
		}
		d.Entered = append(d.Entered, e)
	}
	d.Passed = r.Passed
	if len(d.list) == 0 {
		return errs.At("candidates", "Nobody new is entered by that", "Everybody it names is entered already, or is not on the roll.")
	}
	return nil
}

// New is how many would be entered.
func (d candidatesData) New() int { return len(d.list) }
