package exceptions

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
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
	Form   *kit.Form
	ID     string
	Who    string
	Staff  bool
	Kinds  []kit.Option
	Scopes []kit.Option
	Allow  []kit.Option
}

func (p *pages) formData(c echo.Context, f *kit.Form) (formData, error) {
	person, ok := p.People.Person(c.Param("id"))
	if !ok || !person.OnRoll() {
		return formData{}, errs.New(errs.NotFound, "Nobody on the roll has that number.", "Look for the name again.")
	}
	d := formData{Form: f, ID: person.ID, Who: p.who(exception.Terms{Person: person.ID}), Staff: person.Kind == register.Staff, Allow: settings()}
	for _, k := range p.kinds(d.Staff) {
		d.Kinds = append(d.Kinds, kit.Option{Value: string(k), Text: kindWords(k)})
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
	f := p.NewForm(c, url.Values{"from": {p.Now().Format(time.DateOnly)}, "scope": {string(exception.AllDay)}})
	d, err := p.formData(c, f)
	if err != nil {
		return err
	}
	if d.Staff && f.Get("kind") == "" {
		f.Values.Set("kind", string(exception.Staff))
	}
	return p.Page(c, http.StatusOK, "exception-form", "Ask for an exception", d)
}

func (p *pages) ask(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.formData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		terms, err := p.terms(f, d.ID)
		if err != nil {
			return "", err
		}
		id, err := p.Book.Ask(c.Request().Context(), p.by(c), terms, exception.Paper{Why: f.Get("why"), Evidence: f.Get("evidence")})
		return "/exception/" + id, err
	})
	if err != nil {
		return p.Refuse(c, f, err, "exception-form", "Ask for an exception", d)
	}
	return nil
}

// terms reads what was asked for. A field that is empty is left for the book to
// refuse; one that cannot be read is refused here.
func (p *pages) terms(f *kit.Form, person string) (exception.Terms, error) {
	t := exception.Terms{Kind: exception.Kind(f.Get("kind")), Person: person, Scope: exception.Scope(f.Get("scope"))}
	for _, s := range f.Values["allow"] {
		t.Allow = append(t.Allow, exception.Setting(s))
	}
	r := reader{form: f, zone: p.Calendar.Zone}
	from := r.date("from", "when it begins")
	if t.Scope == exception.Daily || t.Scope == exception.Once {
		t.Start, t.End = r.clock("start"), r.clock("end")
	}
	if t.Scope == exception.Once {
		r.once(&t, from)
		return t, r.err()
	}
	t.From, t.Until, t.Review = r.begins(from), r.lastDay("until", "when it ends"), r.lastDay("review", "when it is reviewed")
	return t, r.err()
}

// once makes two times of day on one day the beginning and the end.
func (r *reader) once(t *exception.Terms, day school.Date) {
	if !t.Start.Before(t.End) {
		r.faults = append(r.faults, errs.At("end", "The time until when must be after the time from when", ""))
	}
	if day != (school.Date{}) {
		t.From, t.Until = day.At(t.Start, r.zone), day.At(t.End, r.zone)
	}
	t.Review, t.Start, t.End = t.Until, school.Clock{}, school.Clock{}
}

// reader reads dates and times of a form and gathers its faults.
type reader struct {
	form   *kit.Form
	zone   *time.Location
	faults []error
}

func (r *reader) err() error { return errors.Join(r.faults...) }

func (r *reader) date(field, what string) school.Date {
	text := r.form.Get(field)
	if text == "" {
		return school.Date{}
	}
	d, err := school.ParseDate(text)
	if err != nil {
		r.faults = append(r.faults, errs.At(field, "Enter "+what+" as a date like 2026-11-23", ""))
	}
	return d
}

// begins is the first moment of a day; the zero time for none.
func (r *reader) begins(d school.Date) time.Time {
	if d == (school.Date{}) {
		return time.Time{}
	}
	return d.At(school.Clock{}, r.zone)
}

// lastDay is the end of the day in a field.
func (r *reader) lastDay(field, what string) time.Time {
	d := r.date(field, what)
	if d == (school.Date{}) {
		return time.Time{}
	}
	return r.begins(d.Next())
}

func (r *reader) clock(field string) school.Clock {
	t, err := school.ParseClock(r.form.Get(field))
	if err != nil {
		r.faults = append(r.faults, errs.At(field, "Enter a time of day like 08:40", ""))
	}
	return t
}
