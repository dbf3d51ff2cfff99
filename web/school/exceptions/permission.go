package exceptions

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/labstack/echo/v4"
)

// permissionData is what a member of staff may, in writing: its text, and when it was
// asked for and given.
type permissionData struct {
	line
	Title, Text, Asked, Given, AskedBy, GivenBy string
	Countersigned                               bool // another than the head gave it
}

// maySeePermission reports whether somebody may read the permission of a member of
// staff: its holder, whoever asked for it, and those who see reasons.
func (p *pages) maySeePermission(c echo.Context, e exception.Exception) bool {
	me := p.Who(c).Person
	return e.Kind == exception.Staff && !e.Approved.At.IsZero() && e.Why != "" && (me == e.Person || me == e.Asked.Person || p.sight(c).Reasons)
}

// permission is a page to print and to keep: the school's rules may ask for it in
// writing.
func (p *pages) permission(c echo.Context) error {
	e, ok := p.Book.Exception(c.Param("id"))
	if !ok || !p.maySeePermission(c, e) {
		return errNone
	}
	d := permissionData{line: p.line(c, p.sight(c), e), Title: "Permission", Text: e.Why, Asked: p.moment(e.Asked.At), Given: p.moment(e.Approved.At), Countersigned: e.Asked.Head}
	if p.Rules().StaffLessonUse == policy.WrittenByHead {
		d.Title = "Written permission"
	}
	d.AskedBy, d.GivenBy = p.person(e.Asked.Person), p.person(e.Approved.Person)
	return p.Page(c, http.StatusOK, "exception-permission", d.Title, d)
}

// person names a member of staff.
func (p *pages) person(id string) string {
	if name, _, ok := p.Kit.People.Name(id); ok {
		return name
	}
	return "Name not known (" + id + ")"
}
