package exceptions

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// mostFound is how many people a search shows.
const mostFound = 20

type chooseData struct {
	Query  string
	Found  []register.Person
	Lesson bool // the school's rules know exceptions for a lesson
	Me     string
}

// choose finds whose exception it is to be.
func (p *pages) choose(c echo.Context) error {
	d := chooseData{Query: c.QueryParam("q"), Lesson: exception.Curriculum.Allowed(p.Rules()), Me: p.Who(c).Person}
	if _, known := p.People.Person(d.Me); !known {
		d.Me = ""
	}
	for _, person := range p.People.Search(d.Query) {
		if person.OnRoll() && len(d.Found) < mostFound && p.maySee(c, person) {
			d.Found = append(d.Found, person)
		}
	}
	return p.Page(c, http.StatusOK, "exception-who", "Ask for an exception", d)
}

// maySee reports whether the reader knows that person anyway: a teacher their own
// class, others the school.
func (p *pages) maySee(c echo.Context, person register.Person) bool {
	on := roles.Target{Person: person.ID, Form: person.Form}
	return p.May(c, roles.SeeForm, on) || p.May(c, roles.SeeBoard, on)
}

type formData struct {
	at
	Form   *kit.Form
	ID     string
	Who    string
	Kinds  []kit.Option
	Scopes []kit.Option
	Allow  []kit.Option
}

var errNoKind = errs.New(errs.Denied, "The school’s rules know no exception for them.", "See the school’s policy.")

func (p *pages) formData(c echo.Context, f *kit.Form) (formData, error) {
	person, ok := p.People.Person(c.Param("id"))
	if !ok || !person.OnRoll() {
		return formData{}, errs.New(errs.NotFound, "Nobody on the roll has that number.", "Look for the name again.")
	}
	d := formData{Form: f, ID: person.ID, Who: p.who(exception.Terms{Person: person.ID}), Allow: settings()}
	kinds := p.kinds(person.Kind == register.Staff)
	if len(kinds) == 0 {
		return formData{}, errNoKind
	}
	for _, k := range kinds {
		d.Kinds = append(d.Kinds, kit.Option{Value: string(k), Text: kindWords(k)})
	}
	if len(kinds) == 1 && f.Get("kind") == "" { // nothing to choose
		f.Values.Set("kind", string(kinds[0]))
	}
	d.Scopes = []kit.Option{
		{Value: string(exception.AllDay), Text: "All day", Hint: "They keep the phone. A phone with a glucose monitor or an insulin pump needs this."},
		{Value: string(exception.Daily), Text: "Every school day, between two times"},
		{Value: string(exception.Once), Text: "Once, between two times"},
	}
	return d, nil
}

func settings() []kit.Option {
	var list []kit.Option
	for _, s := range exception.Settings {
		list = append(list, kit.Option{Value: string(s), Text: settingWords(s)})
	}
	return list
}

func (p *pages) form(c echo.Context) error {
	f := p.NewForm(c, nil)
	d, err := p.formData(c, f)
	if err != nil {
		return err
	}
	steps := kit.StepsOf(c)
	d.at = p.at(d, steps, min(stepOf(steps.Now), p.reached(f, d.ID)))
	for field, usual := range map[string]string{"scope": string(exception.AllDay), "from": p.Now().Format(time.DateOnly)} {
		if f.Get(field) == "" {
			f.Values.Set(field, usual)
		}
	}
	return p.Page(c, http.StatusOK, d.Page, d.Title, d)
}

// ask takes the answers of one step and leads on to the next, or from the last
// sends them all.
func (p *pages) ask(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	steps, back := kit.StepsOf(c), f.Get("back")
	step := stepOf(steps.Now)
	f.Values = merged(p.Answers(c), f.Values, step)
	d, err := p.formData(c, f)
	switch {
	case err != nil:
		return err
	case step == checking:
		return p.send(c, d)
	case back != "":
		return p.leadTo(c, f, min(step, stepOf(back)))
	}
	if err := inStep(p.faults(f, d.ID), step); err != nil {
		d.at = p.at(d, steps, step)
		return p.Refuse(c, f, err, d.Page, d.Title, d)
	}
	return p.leadTo(c, f, p.reached(f, d.ID))
}

func (p *pages) leadTo(c echo.Context, f *kit.Form, step int) error {
	kept, err := p.KeepAnswers(c, answers(f))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, kept.At(stepName(step)))
}

// send asks for the exception. What is wrong all the same is shown in the first
// step that it is about.
func (p *pages) send(c echo.Context, d formData) error {
	f := d.Form
	err := p.Do(c, f, func() (string, error) {
		if err := p.faults(f, d.ID); err != nil {
			return "", err
		}
		terms, _ := p.terms(f, d.ID) // what cannot be read is a fault
		id, err := p.Book.Ask(c.Request().Context(), p.by(c), terms, paper(f))
		if err == nil {
			p.DropAnswers(c)
		}
		return "/exception/" + id, err
	})
	if err == nil {
		return nil
	}
	step := firstWith(err)
	if own := inStep(err, step); own != nil {
		err = own
	}
	kept, broken := p.KeepAnswers(c, answers(f))
	if broken != nil {
		return broken
	}
	d.at = p.at(d, kept, step)
	return p.Refuse(c, f, err, d.Page, d.Title, d)
}
