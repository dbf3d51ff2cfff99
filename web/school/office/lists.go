package office

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// formList is some pupils of one form.
type formList struct {
	Name   string
	Pupils []listed
}

// listed is one pupil of a list.
type listed struct {
	ID, Name, Note string
	Linked         bool // the reader may see their page
}

// byForm sorts pupils into forms as a school does: 7A before 10B. note adds a
// word to each.
func (o *pages) byForm(c echo.Context, pupils []register.Person, note func(id string) string) []formList {
	var list []formList
	place := map[string]int{}
	for _, p := range pupils {
		form := cmp.Or(p.Form, "No form")
		i, known := place[form]
		if !known {
			i = len(list)
			place[form], list = i, append(list, formList{Name: form})
		}
		list[i].Pupils = append(list[i].Pupils, listed{p.ID, p.Name(), note(p.ID), o.Kit.May(c, roles.SeePerson, roles.Target{Person: p.ID, Form: p.Form})})
	}
	slices.SortFunc(list, func(a, b formList) int { return compareForms(a.Name, b.Name) })
	return list
}

func compareForms(a, b string) int {
	year := func(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }
	return cmp.Or(cmp.Compare(year(a), year(b)), strings.Compare(a, b))
}

// missingData is who is present and has not handed in.
type missingData struct {
	At       time.Time
	Missing  []formList
	Count    int
	Absent   []formList // marked absent, and handed in all the same
	Unmarked int        // pupils nobody has marked today
	All      bool       // the whole school, not the reader's own forms
	May      bool       // the reader marks attendance
}

func (o *pages) missing(c echo.Context) error {
	t := o.now()
	scope, forms := o.Reach(c, roles.SeeForm)
	d := missingData{At: o.Now(), All: scope == roles.School}
	var mine []register.Person
	for _, p := range o.pupils() {
		if d.All || slices.Contains(forms, p.Form) {
			mine = append(mine, p)
			if t.Of(p.ID).Register == "" {
				d.Unmarked++
			}
		}
	}
	late := func(id string) string {
		if s := t.Of(id); s.Register != "" && s.Register != "present" {
			return strings.ToLower(markWords(s.Register))
		}
		return ""
	}
	missing := t.missing()
	d.Missing, d.Count = o.byForm(c, among(mine, missing), late), len(among(mine, missing))
	d.Absent = o.byForm(c, among(mine, t.Absentees(t.handedIn)), func(id string) string { return strings.ToLower(phoneWords(t, id)) })
	d.May = o.Kit.May(c, roles.MarkAttendance, roles.Target{})
	return o.Page(c, http.StatusOK, "missing", "Present, not handed in", d)
}

// among are those of a list whose id is in a sorted one.
func among(list []register.Person, ids []string) []register.Person {
	return slices.DeleteFunc(slices.Clone(list), func(p register.Person) bool {
		_, found := slices.BinarySearch(ids, p.ID)
		return !found
	})
}

// leftLine is one device that stayed here.
type leftLine struct {
	Who       string // the pupil, or a word for one nobody knows
	What      string
	Where     string
	Since     string
	Days      int // school days that have begun since
	Left      bool
	since     time.Time
	HrefOwner string
}

// leftData is every device that was not taken home.
type leftData struct {
	At    time.Time
	Lines []leftLine
}

// left lists what has stayed here since an earlier day, behind doors and at the
// desk, what has lain longest first.
func (o *pages) left(c echo.Context) error {
	d := leftData{At: o.Now()}
	for _, b := range o.Banks.Banks() {
		for _, p := range b.Board.People {
			if p.State == view.StillIn || p.State == view.Unsure || p.State == view.In {
				l := o.leftLine(o.called(p.ID), personPath(p.ID), "Phone", kit.BankName(b.Bank.Setup.Bank)+", door "+number(p.Door), p.Since)
				l.Left = o.gone(p.ID)
				d.add(l)
			}
		}
	}
	for _, i := range o.devices() {
		who, href := o.owner(c, i, "Not known")
		l := o.leftLine(who, href, whatWords(i.What), o.where(i.Place), i.Since)
		l.Left = href != "" && o.gone(i.Whose)
		d.add(l)
	}
	slices.SortStableFunc(d.Lines, func(a, b leftLine) int { return a.since.Compare(b.since) })
	return o.Page(c, http.StatusOK, "left", "Left over", d)
}

func (d *leftData) add(l leftLine) {
	y, m, day := d.At.Date()
	if l.since.Before(time.Date(y, m, day, 0, 0, 0, 0, d.At.Location())) {
		d.Lines = append(d.Lines, l)
	}
}

func (o *pages) leftLine(who, href, what, where string, since time.Time) leftLine {
	since = since.In(o.Calendar.Zone)
	return leftLine{Who: who, HrefOwner: href, What: what, Where: where, since: since, Since: since.Format("Monday 2 January, 15:04"), Days: o.schoolDays(since, o.Now())}
}

// gone reports whether somebody has left the school.
func (o *pages) gone(person string) bool {
	p, known := o.People.Person(person)
	return known && !p.OnRoll()
}
