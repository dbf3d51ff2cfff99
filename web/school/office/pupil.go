package office

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

func number(n int) string { return strconv.Itoa(n) }

var errNobody = errs.New(errs.NotFound, "Nobody of that number is known here.", "Look for the name on the start page.")

// pupil finds the one whose id is in the path.
func (o *pages) pupil(c echo.Context) (register.Person, error) {
	p, ok := o.People.Person(c.Param("id"))
	if !ok {
		return p, errNobody
	}
	return p, nil
}

// called names a person as the office says it: Ada Byron (7A).
func (cfg Config) called(id string) string {
	p, ok := cfg.People.Person(id)
	if !ok || p.Name() == "" {
		return "Name not known (" + id + ")"
	}
	if p.Form == "" {
		return p.Name()
	}
	return p.Name() + " (" + p.Form + ")"
}

func personPath(id string) string { return "/person/" + url.PathEscape(id) }

// pupilData is the form for one pupil's day.
type pupilData struct {
	*kit.Form
	Who   register.Person
	Phone string
	Marks []kit.Option
	None  []kit.Option
}

func (o *pages) pupilData(f *kit.Form, p register.Person) pupilData {
	return pupilData{Form: f, Who: p, Phone: phoneWords(o.now(), p.ID), Marks: registerMarks(),
		None: []kit.Option{{Value: "yes", Text: "They say they have no phone with them today"}}}
}

func (o *pages) pupilPage(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	s := o.Register.Day(school.DateOf(o.Now())).Of(p.ID)
	start := url.Values{"mark": {string(s.Register)}}
	if s.NoPhone {
		start.Set("none", "yes")
	}
	return o.Page(c, http.StatusOK, "pupil-today", "Today: "+p.Name(), o.pupilData(o.NewForm(c, start), p))
}

func (o *pages) markPupil(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) {
		say := saying{date: school.DateOf(o.Now()), how: attendance.ByHand}
		if err := say.add(o.Register.Day(say.date), p.ID, attendance.Mark(f.Get("mark")), f.Get("none") == "yes"); err != nil {
			return "", err
		}
		return personPath(p.ID), o.say(c, say)
	})
	if err != nil {
		return o.Refuse(c, f, err, "pupil-today", "Today: "+p.Name(), o.pupilData(f, p))
	}
	return nil
}

// saying is what a form says of a day, less what counts already.
type saying struct {
	date            school.Date
	how             attendance.How
	register, phone map[string]attendance.Mark
}

// add takes what a form says of one pupil. A pupil once marked stays so: what was
// said wrongly is corrected by another mark, or undone. Errors: invalid.
func (s *saying) add(now attendance.Day, id string, mark attendance.Mark, none bool) error {
	if s.register == nil {
		s.register, s.phone = map[string]attendance.Mark{}, map[string]attendance.Mark{}
	}
	was := now.Of(id)
	switch mark {
	case attendance.Present, attendance.Late, attendance.Absent, attendance.Left:
		if mark != was.Register {
			s.register[id] = mark
		}
	case "":
		if was.Register != "" {
			return errs.At("mark", "They are marked already: choose what is right.", "")
		}
	default:
		return errs.At("mark", "Choose one of the marks shown.", "")
	}
	if none != was.NoPhone {
		s.phone[id] = map[bool]attendance.Mark{true: attendance.NoPhone, false: attendance.Phone}[none]
	}
	return nil
}

// say records what differs, if anything does.
func (o *pages) say(c echo.Context, s saying) error {
	for _, marks := range []map[string]attendance.Mark{s.register, s.phone} {
		if len(marks) == 0 {
			continue
		}
		if _, err := o.Register.Mark(c.Request().Context(), o.Who(c).Account, s.date, s.how, marks); err != nil {
			return err
		}
	}
	return nil
}
