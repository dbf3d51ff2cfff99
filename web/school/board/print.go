package board

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/labstack/echo/v4"
)

// printData is the list on paper, for when everything else is down.
type printData struct {
	moment
	Title string
	Forms []printForm
	Banks []bankNow
}

// printForm is one page: paper gets separated, so each says how old it is.
type printForm struct {
	form
	Banks []bankNow
}

// print lists everybody by form, of one bank or of all.
func (o *pages) print(c echo.Context) error {
	s, only := o.scene(0), c.QueryParam("bank")
	d := printData{moment: s.moment(), Title: "All banks", Banks: s.banks}
	if only != "" {
		b, ok := s.bank(only)
		if !ok {
			return errs.New(errs.NotFound, "This school has no bank of that name.", "Print the list of all banks.")
		}
		d.Title = b.Title()
	}
	lines := s.linesOf(func(l line) bool { return only == "" || l.Bank == only })
	for _, f := range byForm(lines) {
		d.Forms = append(d.Forms, printForm{f, s.banksOf(f.Lines)})
	}
	return o.Page(c, http.StatusOK, "print", "List by form", d)
}
