package board

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// maxSpares is the largest box of spares printed at once.
const maxSpares = 500

// badgesData is the form that asks for whom badges are printed.
type badgesData struct {
	Missing []form // those without a badge
	Count   int
	For     string // what was chosen: all, form, person or spares
	Form    string
	Person  string
	Spares  string
	Most    int
	Fault   string
	Next    string
	Field   string
	Sheet   *kit.Form // makes pressing twice print once
}

func (o *pages) badgesData(f *kit.Form) badgesData {
	s := o.scene(0)
	d := badgesData{Spares: "20", Most: maxSpares, Sheet: f}
	var missing []line
	for _, id := range o.Cards.Missing() {
		l, known := s.byID[id]
		if !known {
			l = s.line("", view.Person{ID: id})
		}
		missing = append(missing, l)
	}
	sortRoll(missing)
	d.Missing, d.Count = byForm(missing), len(missing)
	return d
}

func (o *pages) badgesForm(c echo.Context) error {
	d := o.badgesData(o.NewForm(c, nil))
	if d.Person = c.QueryParam("person"); d.Person != "" {
		d.For = "person"
	}
	return o.Page(c, http.StatusOK, "badges", "Print badges", d)
}

// printBadges answers with a PDF to be kept nowhere.
func (o *pages) printBadges(c echo.Context) error {
	form, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	d := o.badgesData(form)
	d.For, d.Form, d.Person, d.Spares = form.Get("for"), form.Get("form"), form.Get("person"), form.Get("spares")
	field := ""
	pdf, err := o.Make(c, form, func() (pdf []byte, err error) {
		pdf, field, err = o.cards(c, d)
		return pdf, err
	})
	if err != nil {
		p := ui.ProblemOf(err)
		if p.Code == errs.Internal {
			return err
		}
		d.Fault, d.Next, d.Field = p.Detail, p.Hint, field
		return o.Page(c, p.Status, "badges", "Error: Print badges", d)
	}
	o.changed()
	return sendPDF(c, "badges.pdf", pdf)
}

// cards prints what was asked for; field is what is at fault when it cannot.
func (o *pages) cards(c echo.Context, d badgesData) (pdf []byte, field string, err error) {
	ctx, by := c.Request().Context(), o.Who(c).Account
	if d.For == "spares" {
		n, err := strconv.Atoi(d.Spares)
		if err != nil || n < 1 || n > maxSpares {
			return nil, "spares", errs.New(errs.Invalid, "Enter how many spares to print, from 1 to "+number(maxSpares)+".", "")
		}
		pdf, err = o.Cards.Spares(ctx, by, n)
		return pdf, "spares", err
	}
	persons, field, err := d.chosen()
	if err == nil {
		pdf, err = o.Cards.Print(ctx, by, persons)
	}
	return pdf, field, err
}

// chosen gives the people to print for: only ever some without a badge.
func (d badgesData) chosen() (persons []string, field string, err error) {
	if !slices.Contains([]string{"all", "form", "person"}, d.For) {
		return nil, "for", errs.New(errs.Invalid, "Choose for whom to print badges.", "")
	}
	for _, f := range d.Missing {
		for _, l := range f.Lines {
			if d.For == "all" || d.For == "form" && f.Name == d.Form || d.For == "person" && l.ID == d.Person {
				persons = append(persons, l.ID)
			}
		}
	}
	if field = d.For; field == "all" {
		field = "for"
	}
	if len(persons) == 0 {
		return nil, field, errs.New(errs.Conflict, "There is nobody without a badge among them.", "A lost badge is replaced on the pupil's page.")
	}
	return persons, field, nil
}

// sendPDF hands over a file that holds secrets: to be saved by the person who
// asked, and by nothing on the way.
func sendPDF(c echo.Context, name string, pdf []byte) error {
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store, private")
	return c.Blob(http.StatusOK, "application/pdf", pdf)
}
