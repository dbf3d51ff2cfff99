package exceptions

import (
	"net/http"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// lessonDays is how many days ahead lessons may be chosen of.
const lessonDays = 14

type lessonData struct {
	Form    *kit.Form
	Classes []kit.Option
	Lessons []kit.Option
	Allow   []kit.Option
	Groups  []kit.Option
}

func (p *pages) lessonData(c echo.Context, f *kit.Form) (lessonData, error) {
	if !exception.Curriculum.Allowed(p.Rules()) {
		return lessonData{}, errs.New(errs.Denied, "The school’s rules allow no phones in lessons, for no class.", "See the school’s policy.")
	}
	d := lessonData{Form: f, Classes: p.classes(c), Lessons: []kit.Option{{Text: "Choose a lesson"}}, Allow: settings()}
	for _, l := range p.lessons() {
		from, until := l.From.In(p.Calendar.Zone), l.Until.In(p.Calendar.Zone)
		d.Lessons = append(d.Lessons, kit.Option{Value: l.From.UTC().Format(time.RFC3339), Text: from.Format("Mon 2 Jan, ") + l.Name + ", " + from.Format("15:04") + " to " + until.Format("15:04")})
	}
	if p.Devices != nil {
		d.Groups = []kit.Option{{Text: "None"}}
		for _, g := range p.Devices.Groups() {
			d.Groups = append(d.Groups, kit.Option{Value: g, Text: g})
		}
	}
	return d, nil
}

// classes are the reader's own first, then all.
func (p *pages) classes(c echo.Context) []kit.Option {
	list := []kit.Option{{Text: "Choose a class"}}
	_, own := p.Reach(c, roles.SeeForm)
	var all []string
	for _, person := range p.People.People() {
		if person.Kind == register.Pupil && person.Form != "" {
			all = append(all, person.Form)
		}
	}
	slices.Sort(all)
	for _, form := range append(slices.Clone(own), slices.Compact(all)...) {
		if !slices.ContainsFunc(list, func(o kit.Option) bool { return o.Value == form }) {
			list = append(list, kit.Option{Value: form, Text: form})
		}
	}
	return list
}

// lessons are those of the next days that are not over.
func (p *pages) lessons() []school.Period {
	now := p.Now()
	return slices.DeleteFunc(p.Calendar.Periods(school.DateOf(now), lessonDays), func(l school.Period) bool {
		return l.Kind != school.Lesson || !now.Before(l.Until)
	})
}

func (p *pages) lessonForm(c echo.Context) error {
	f := p.NewForm(c, nil)
	if form := c.QueryParam("form"); form != "" && f.Get("form") == "" {
		f.Values.Set("form", form)
	}
	d, err := p.lessonData(c, f)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "exception-lesson", "Phones or devices in a lesson", d)
}

func (p *pages) askLesson(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.lessonData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		t := exception.Terms{Kind: exception.Curriculum, Form: f.Get("form"), Scope: exception.Once, Group: f.Get("group")}
		for _, s := range f.Values["allow"] {
			t.Allow = append(t.Allow, exception.Setting(s))
		}
		for _, l := range p.lessons() {
			if l.From.UTC().Format(time.RFC3339) == f.Get("lesson") {
				t.From, t.Until, t.Review = l.From, l.Until, l.Until
			}
		}
		id, err := p.Book.Ask(c.Request().Context(), p.by(c), t, exception.Paper{Why: f.Get("why"), Departure: f.Get("departure")})
		return "/exception/" + id, err
	})
	if err != nil {
		return p.Refuse(c, f, err, "exception-lesson", "Phones or devices in a lesson", d)
	}
	return nil
}
