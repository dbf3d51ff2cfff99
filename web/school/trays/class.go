package trays

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// tally is a class in figures.
type tally struct{ Phones, Others, None, Absent, Unticked, Here int }

// classData is the page of one class.
type classData struct {
	*kit.Form
	Name    string // of the class
	Brief   bool   // the reader has to read a note first
	Taken   bool
	Tray    string // id
	Mine    bool   // in the reader's hands
	Closed  bool
	Counted bool
	Recount bool
	Part    tray.Part
	Where   string // who has it, or where it is, since when
	Late    string // the day it is of, when that is not today
	Asked   string // of a bank, in words
	Behind  bool   // a door of a bank
	Offer   string // who offers it
	Offers  bool   // the reader does
	Over    bool   // the reader may take it over from its Holder, who offers nothing
	Holder  string
	Lines   []line
	Left    []string
	tally
	Conflicts int
	Until     string // when the tablet forgets, for people
	UntilMs   int64
	Store     string // under which the tablet keeps its ticks
	Path      string
	Trail     []string
}

// pupils are those of a form, by name.
func (p *pages) pupils(form string) []register.Person {
	return slices.DeleteFunc(p.People.People(), func(q register.Person) bool {
		return q.Kind != register.Pupil || q.Form != form || !q.OnRoll()
	})
}

// with adds whoever has something in the tray and is in the class no more.
func (p *pages) with(t tray.Tray, pupils []register.Person) []register.Person {
	for _, id := range t.Pupils() {
		listed := slices.ContainsFunc(pupils, func(q register.Person) bool { return q.ID == id })
		if q, ok := p.People.Person(id); ok && !listed && len(t.In(id).Things) > 0 {
			pupils = append(pupils, q)
		}
	}
	return pupils
}

// part is what is ticked now: what comes in until the tray was put away, then what
// goes back; show asks for the other.
func part(t tray.Tray, show string) tray.Part {
	switch {
	case show == string(tray.In) || t.Counted == nil:
		return tray.In
	case show == string(tray.Back) || t.Held() != "":
		return tray.Back
	}
	return tray.In
}

func (p *pages) classData(c echo.Context, f *kit.Form) (classData, error) {
	form := kit.Param(c, "form")
	d := classData{Form: f, Name: form, Path: Path + "/" + url.PathEscape(form)}
	pupils := p.pupils(form)
	if len(pupils) == 0 {
		return d, errs.New(errs.NotFound, "There is nobody in a class of that name.", "Ask the office which class you have.")
	}
	until := p.until(c, form)
	d.Until, d.UntilMs = until.Format("15:04"), until.UnixMilli()
	if until.Hour() == 0 {
		d.Until = "midnight"
	}
	d.Brief = p.Brief != nil && p.Config.Brief(p.Who(c).Person) != nil
	t, taken := p.current(form)
	if d.Taken = taken; !taken {
		return d, nil
	}
	d.Tray, d.Closed, d.Counted, d.Recount = t.ID, t.Closed(), t.Counted != nil, t.Recount()
	d.Mine, d.Where, d.Part = t.Held() == p.Who(c).Person && t.Held() != "", p.where(t), part(t, c.QueryParam("show"))
	d.Asked, d.Behind = asked(t), t.Place.Kind == desk.Behind
	d.Store = store(p.Who(c), t.ID)
	if t.Day != school.DateOf(p.Now()) {
		d.Late = t.Day.At(school.Clock{}, p.Now().Location()).Format("Monday 2 January")
	}
	if t.Offer != nil {
		d.Offers, d.Offer = t.Offer.Person == p.Who(c).Person, p.name(t.Offer.Person)
	}
	for _, l := range t.Left {
		d.Left = append(d.Left, p.name(l.Pupil)+": "+words[l.What])
	}
	for _, s := range t.Trail {
		d.Trail = append(d.Trail, p.place(s.Place))
	}
	d.Over = t.Held() != "" && !d.Mine && (t.Offer == nil || d.Offers) && p.May(c, roles.KeepTray, roles.Target{})
	d.Holder = p.name(t.Held())
	d.draw(t, p.with(t, pupils), p.exempt())
	d.Conflicts, d.Here = len(t.Conflicts()), t.Count().Total()
	return d, nil
}

// exempt tells who may have their phone.
func (p *pages) exempt() map[string]bool {
	of := map[string]bool{}
	if p.Exempt != nil {
		for _, id := range p.Config.Exempt.ExemptNow() {
			of[id] = true
		}
	}
	return of
}

func (d *classData) draw(t tray.Tray, pupils []register.Person, exempt map[string]bool) {
	for _, q := range pupils {
		in, said := t.In(q.ID), t.In(q.ID)
		if d.Part == tray.Back {
			said = t.Back(q.ID)
		}
		d.count(in, exempt[q.ID])
		if d.Part == tray.Back && len(in.Things) == 0 {
			continue
		}
		l := line{ID: q.ID, Name: q.Name(), Exempt: exempt[q.ID], Part: d.Part, Mark: said.Mark, After: strings.Join(said.Ticks, " "), Said: lineWords(said.Line)}
		for _, other := range said.Others {
			l.Others = append(l.Others, lineWords(other))
		}
		l.offer(in, said)
		d.Lines = append(d.Lines, l)
	}
}

func (d *classData) count(in tray.Said, exempt bool) {
	for _, what := range in.Things {
		if what == desk.Phone {
			d.Phones++
		} else {
			d.Others++
		}
	}
	switch {
	case in.Mark == tray.NoPhone:
		d.None++
	case in.Mark == tray.Absent:
		d.Absent++
	case len(in.Things) == 0 && !exempt:
		d.Unticked++
	}
}

func (p *pages) where(t tray.Tray) string { return p.place(t.Place) }

func (p *pages) place(at desk.Place) string {
	since := at.Since.In(p.Now().Location()).Format("15:04")
	switch at.Kind {
	case desk.Hands:
		return "In the hands of " + p.name(at.Person) + " since " + since
	case desk.Behind:
		return fmt.Sprintf("Behind door %d of %s since %s", at.Door, kit.BankName(at.Bank), since)
	case desk.Gone:
		return "Given back and closed at " + since
	}
	for _, s := range p.Spots {
		if s.Value == at.Spot {
			return "Put away since " + since + ": " + s.Text
		}
	}
	return "Put away since " + since + ": " + at.Spot
}

func (p *pages) class(c echo.Context) error {
	d, err := p.classData(c, p.NewForm(c, nil))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Bellkeep-Until", untilHeader(d))
	return p.Page(c, http.StatusOK, "tray", "Tray of "+d.Name, d)
}
