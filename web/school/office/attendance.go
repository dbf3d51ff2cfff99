package office

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// formMarks is one form of a day in figures.
type formMarks struct {
	Name                                                string
	Unmarked, Present, Late, Absent, LeftEarly, NoPhone int
}

// batchLine is what somebody said at once, in words.
type batchLine struct {
	attendance.Batch
	Time, Words string
	Undo        bool // the reader may take it back
}

// attendanceData is the attendance of one day.
type attendanceData struct {
	Date    string // 2026-11-23
	Day     time.Time
	Forms   []formMarks
	Batches []batchLine // newest first
	Earlier []dayLink
	All     bool // the reader may mark the whole school
}

// dayLink leads to another day.
type dayLink struct{ Date, Text string }

func (o *pages) attendance(c echo.Context) error {
	date, err := o.date(c.QueryParam("day"))
	if err != nil {
		return err
	}
	t := o.Register.Day(date)
	d := attendanceData{Date: date.String(), Day: noon(date), Earlier: o.earlier(), All: o.Kit.May(c, roles.MarkAttendance, roles.Target{})}
	_, forms := o.Reach(c, roles.MarkAttendance)
	place := map[string]int{}
	for _, p := range o.pupils() {
		if p.Form == "" || !d.All && !slices.Contains(forms, p.Form) {
			continue
		}
		i, known := place[p.Form]
		if !known {
			i = len(d.Forms)
			place[p.Form], d.Forms = i, append(d.Forms, formMarks{Name: p.Form})
		}
		d.Forms[i].count(t.Of(p.ID))
	}
	slices.SortFunc(d.Forms, func(a, b formMarks) int { return compareForms(a.Name, b.Name) })
	for _, b := range t.Batches() {
		d.Batches = append(d.Batches, batchLine{b, o.clock(b.At), howWords(b.How), d.All && b.Undone == ""})
	}
	slices.Reverse(d.Batches)
	return o.Page(c, http.StatusOK, "attendance", "Attendance", d)
}

func (f *formMarks) count(s attendance.Standing) {
	switch s.Register {
	case attendance.Present:
		f.Present++
	case attendance.Late:
		f.Late++
	case attendance.Absent:
		f.Absent++
	case attendance.Left:
		f.LeftEarly++
	default:
		f.Unmarked++
	}
	if s.NoPhone {
		f.NoPhone++
	}
}

func howWords(h attendance.How) string {
	switch h {
	case attendance.ByFile:
		return "from a file"
	case attendance.ByForm:
		return "a form ticked"
	}
	return "by hand"
}

// date reads a day of the address; "" is today. Errors: not_found.
func (o *pages) date(text string) (school.Date, error) {
	today := school.DateOf(o.Now())
	if text == "" {
		return today, nil
	}
	d, err := school.ParseDate(text)
	if err != nil || today.Before(d) || d.Before(today.Add(-60)) {
		return d, errs.New(errs.NotFound, "There is no attendance of that day here.", "Look at today's.")
	}
	return d, nil
}

// earlier are the school days before today that can still be marked.
func (o *pages) earlier() []dayLink {
	var list []dayLink
	today := school.DateOf(o.Now())
	for i := 1; i <= 60 && len(list) < attendance.Days-1; i++ {
		if o.Calendar.SchoolDay(today.Add(-i)) {
			list = append(list, dayLink{today.Add(-i).String(), noon(today.Add(-i)).Format("Mon 2 January")})
		}
	}
	return list
}

func noon(d school.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
}

func (o *pages) undo(c echo.Context) error {
	err := o.Register.Undo(c.Request().Context(), o.Who(c).Account, c.Param("batch"))
	if err != nil && errs.CodeOf(err) != errs.Conflict { // sent twice, it is undone all the same
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, attendancePath(f.Get("day")))
}

func attendancePath(day string) string { return "/attendance?" + url.Values{"day": {day}}.Encode() }

// formData is a form to tick.
type formData struct {
	*kit.Form
	Name, Date string
	Day        time.Time
	Pupils     []tick
}

// tick is one line of it.
type tick struct{ ID, Name, Phone, Mark, None string }

func (o *pages) formData(f *kit.Form, name string, date school.Date) (formData, error) {
	d := formData{Form: f, Name: name, Date: date.String(), Day: noon(date)}
	phone := func(string) string { return "" }
	if date == school.DateOf(o.Now()) {
		t := o.now()
		phone = func(id string) string { return phoneWords(t, id) }
	}
	for _, p := range o.pupils() {
		if p.Form == name {
			d.Pupils = append(d.Pupils, tick{p.ID, p.Name(), phone(p.ID), "mark-" + p.ID, "none-" + p.ID})
		}
	}
	if len(d.Pupils) == 0 {
		return d, errs.New(errs.NotFound, "There is nobody in a form of that name.", "Look at the list of forms.")
	}
	return d, nil
}

// Marks are the choices for a line.
func (formData) Marks() []kit.Option { return registerMarks() }

// Line is the field of a line.
func (d formData) Line(name string) kit.Field { return kit.Field{Form: d.Form, Name: name} }

func (o *pages) formPage(c echo.Context) error {
	date, err := o.date(c.QueryParam("day"))
	if err != nil {
		return err
	}
	start, day := url.Values{}, o.Register.Day(date)
	for _, p := range o.pupils() {
		if p.Form != c.Param("name") {
			continue
		}
		s := day.Of(p.ID)
		if s.Register == "" {
			s.Register = attendance.Present // most are: whoever ticks changes the others
		}
		start.Set("mark-"+p.ID, string(s.Register))
		if s.NoPhone {
			start.Set("none-"+p.ID, "yes")
		}
	}
	d, err := o.formData(o.NewForm(c, start), c.Param("name"), date)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "attendance-form", "Attendance of "+d.Name, d)
}

func (o *pages) markForm(c echo.Context) error {
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	date, err := o.date(f.Get("day"))
	if err != nil {
		return err
	}
	d, err := o.formData(f, c.Param("name"), date)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) {
		say, now := saying{date: date, how: attendance.ByForm}, o.Register.Day(date)
		for _, p := range d.Pupils {
			if err := say.add(now, p.ID, attendance.Mark(f.Get(p.Mark)), f.Get(p.None) == "yes"); err != nil {
				return "", beside(p.Mark, err)
			}
		}
		return attendancePath(d.Date), o.say(c, say)
	})
	if err != nil {
		return o.Refuse(c, f, err, "attendance-form", "Attendance of "+d.Name, d)
	}
	return nil
}
