// Package teacher is the page a teacher opens in the corridor, on a phone: their
// form now. Who has handed in, who has not, who may keep their phone (a tick and
// no reason), and who has none today. A supply teacher sees the form of the day
// and nothing else.
package teacher

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/ban"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Banks gives every bank as its record has it.
type Banks interface {
	Banks() []banks.Status
}

// People are those of the register, by name.
type People interface {
	People() []register.Person
}

// Exempt are all who may have their phones now, by id.
type Exempt interface {
	ExemptNow() []string
}

// Today is what is marked of the day: who is away, and who has no phone with them.
type Today interface {
	Marks() (away, noPhone func(person string) bool)
}

// Trays tells how pupils stand to their class's trays.
type Trays interface {
	Standings() map[string]tray.Standing
}

// Config is what the page works with.
type Config struct {
	Banks  Banks
	People People
	Exempt Exempt
	Today  Today // or nil
	Trays  Trays // or nil

	Confiscate string // address of the page to confiscate on; "" for none
	Concern    string // address of the page to raise a concern on; "" for none

	Tray func(form string) string // address of a form's tray; "" where the school has none; may be nil

	Ban func(at time.Time) ban.Hours // when phones are banned on the day of a moment
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Path is the page's address.
const Path = "/my-form"

// Pages is the page of one's own form.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: Path, Text: "My form", Permission: roles.SeeForm, OwnClass: true}},
		Routes:    []kit.Route{kit.Get(Path, roles.SeeForm, p.form).About(kit.Anything)},
	}, err
}

// data is what the page shows.
type data struct {
	Form       string
	Others     []string // forms of the reader beside this one
	Now        time.Time
	Pupils     []pupil
	In         int
	Missing    int
	Exempt     int
	None       int
	Away       int
	Offline    bool // a bank of theirs is not heard: the list may be old
	Confiscate string
	Concern    string
	Tray       string
	Lesson     bool // the reader may ask for an exception in a lesson
	Ban        ban.Hours
}

// Banned reports whether a phone seen now is against the rules.
func (d data) Banned() bool { return d.Ban.Holds(d.Now) }

var errNoForm = errs.New(errs.NotFound, "No form of that name is yours today.", "Ask the office which form you have.")

func (p *pages) form(c echo.Context) error {
	scope, forms := p.Reach(c, roles.SeeForm)
	form := c.QueryParam("form")
	if form == "" && len(forms) > 0 {
		form = forms[0]
	}
	if scope != roles.School && !slices.Contains(forms, form) {
		return errNoForm
	}
	d := data{Form: form, Now: p.Now(), Ban: p.Ban(p.Now())}
	for _, other := range forms {
		if other != form {
			d.Others = append(d.Others, other)
		}
	}
	p.draw(&d, c)
	if len(d.Pupils) == 0 {
		return errNoForm
	}
	if p.May(c, roles.Confiscate, roles.Target{}) {
		d.Confiscate = p.Config.Confiscate
	}
	if p.Tray != nil && p.May(c, roles.KeepTray, roles.Target{Form: form}) {
		d.Tray = p.Tray(form)
	}
	if p.May(c, roles.RaiseConcern, roles.Target{}) {
		d.Concern = p.Config.Concern
	}
	d.Lesson = p.May(c, roles.AskException, roles.Target{})
	return p.Page(c, http.StatusOK, "my-form", "Form "+form, d)
}

// draw joins the form's names to what the banks say.
func (p *pages) draw(d *data, c echo.Context) {
	standing, online := p.standing()
	notHere, without := p.marks()
	trays := map[string]tray.Standing{}
	if p.Trays != nil {
		trays = p.Trays.Standings()
	}
	exempt := map[string]bool{}
	for _, id := range p.Exempt.ExemptNow() {
		exempt[id] = true
	}
	for _, person := range p.People.People() {
		if person.Form != d.Form || person.Kind != register.Pupil {
			continue
		}
		one := pupil{Name: person.Name(), State: stateOf(standing[person.ID], exempt[person.ID], without(person.ID), notHere(person.ID))}
		one.State = withTray(one.State, trays[person.ID])
		if p.May(c, roles.SeePerson, roles.Target{Person: person.ID, Form: person.Form}) {
			one.Href = "/person/" + person.ID
		}
		d.Offline = d.Offline || person.Bank != "" && !online[person.Bank]
		d.count(one.State)
		d.Pupils = append(d.Pupils, one)
	}
	slices.SortStableFunc(d.Pupils, func(a, b pupil) int { return a.State.order() - b.State.order() })
}

func (d *data) count(s state) {
	switch s {
	case missing:
		d.Missing++
	case in:
		d.In++
	case exemptNow:
		d.Exempt++
	case noPhone:
		d.None++
	case away:
		d.Away++
	}
}

// marks are those of today, where anybody keeps them.
func (p *pages) marks() (away, noPhone func(person string) bool) {
	if p.Today == nil {
		none := func(string) bool { return false }
		return none, none
	}
	return p.Today.Marks()
}

// standing is how everybody on a bank's list stands, and which banks are heard.
func (p *pages) standing() (of map[string]view.Standing, online map[string]bool) {
	of, online = map[string]view.Standing{}, map[string]bool{}
	for _, b := range p.Banks.Banks() {
		online[b.Setup.Bank] = b.Online
		for _, person := range b.Board.People {
			of[person.ID] = person.State
		}
	}
	return of, online
}
