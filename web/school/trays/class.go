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

// thing is one kind of device on a line.
type thing struct {
	What   desk.What
	Text   string
	Ticked bool
}

// line is one pupil.
type line struct {
	ID, Name string
	Exempt   bool // a tick and no reason
	Part     tray.Part
	Things   []thing // the common ones
	More     []thing // the others
	Mark     tray.Mark
	Said     string   // in words, "" for nothing
	Others   []string // what two tablets say, in words
	After    string   // ticks that the next one replaces
	Open     bool     // More is unfolded
}

// box is one thing to tick on a line.
type box struct {
	ID, Name, Value, Text, Whose string
	On                           bool
}

// Tick is a thing of the line as a box.
func (l line) Tick(t thing) box {
	return box{"on-" + l.ID + "-" + string(t.What), "on-" + l.ID, string(t.What), t.Text, l.Name, t.Ticked}
}

// Marks are the boxes of a pupil who hands nothing in.
func (l line) Marks() []box {
	mark := func(m tray.Mark, text string) box {
		return box{"on-" + l.ID + "-" + string(m), "on-" + l.ID, string(m), text, l.Name, l.Mark == m && len(l.Others) == 0}
	}
	return []box{mark(tray.NoPhone, "No phone"), mark(tray.Absent, "Absent")}
}

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

// words are kinds of device, as a label and as what a pupil handed in.
var words = map[desk.What]string{desk.Phone: "Phone", desk.Watch: "Watch", desk.Earbuds: "Earbuds", desk.SecondPhone: "Second phone", desk.Tracker: "Tracker", desk.OtherDevice: "Something else"}

var common = []desk.What{desk.Phone, desk.Watch}

func lineWords(l tray.Line) string {
	switch l.Mark {
	case tray.NoPhone:
		return "No phone"
	case tray.Absent:
		return "Absent"
	}
	var list []string
	for _, what := range desk.Whats {
		if slices.Contains(l.Things, what) {
			list = append(list, words[what])
		}
	}
	if len(list) == 0 {
		return "Nothing"
	}
	return strings.Join(list, " and ")
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

// offer is what can be ticked on a line.
func (l *line) offer(in, said tray.Said) {
	for _, what := range desk.Whats {
		one := thing{what, words[what], slices.Contains(said.Things, what) && len(said.Others) == 0}
		switch {
		case l.Part == tray.Back && slices.Contains(in.Things, what):
			l.Things = append(l.Things, one)
		case l.Part == tray.Back:
		case slices.Contains(common, what):
			l.Things = append(l.Things, one)
		default:
			l.Open = l.Open || one.Ticked
			l.More = append(l.More, one)
		}
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

// classLine is one class in the list of all.
type classLine struct {
	Name, Where, Href string
	Taken, Closed     bool
	Warn              string // "" for nothing
	Phones, Others    int
	Left              int
}

type allData struct {
	Used    bool
	Classes []classLine
	Phones  int
	Others  int
	Open    int // not closed
}

// all lists the classes whose trays the reader may keep.
func (p *pages) all(c echo.Context) error {
	scope, own := p.Reach(c, roles.KeepTray)
	forms := own
	if scope == roles.School {
		forms = p.forms()
	} else if len(forms) == 1 {
		return c.Redirect(http.StatusSeeOther, Path+"/"+url.PathEscape(forms[0]))
	}
	d := allData{Used: p.Used == nil || p.Used()}
	for _, form := range forms {
		l := p.classLine(form)
		d.Phones, d.Others = d.Phones+l.Phones, d.Others+l.Others
		if l.Taken && !l.Closed {
			d.Open++
		}
		d.Classes = append(d.Classes, l)
	}
	return p.Page(c, http.StatusOK, "trays", "Class trays", d)
}

func (p *pages) classLine(form string) classLine {
	l := classLine{Name: form, Href: Path + "/" + url.PathEscape(form)}
	t, taken := p.current(form)
	if l.Taken = taken; !taken {
		return l
	}
	l.Where, l.Closed, l.Left = p.where(t), t.Closed(), len(t.Left)
	l.Phones = t.Count()[desk.Phone]
	l.Others = t.Count().Total() - l.Phones
	switch n := len(t.Conflicts()); {
	case l.Closed:
	case t.Day != school.DateOf(p.Now()):
		l.Warn = "Not closed since " + t.Day.At(school.Clock{}, p.Now().Location()).Format("Monday 2 January")
	case n > 0:
		l.Warn = "Two tablets say different things"
	case t.Recount():
		l.Warn = "Ticks came after it was counted"
	}
	return l
}

// forms are all that have pupils, in order.
func (p *pages) forms() []string {
	var list []string
	for _, q := range p.People.People() {
		if q.Kind == register.Pupil && q.OnRoll() && q.Form != "" {
			list = append(list, q.Form)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
