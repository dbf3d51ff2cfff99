package apple

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
)

type checkLine struct {
	enrol.Check
	Tag tag
}

type preflightData struct {
	URL  string
	At   string
	Good bool
	List []checkLine
}

func (p *pages) preflight(c echo.Context) error {
	d := preflightData{URL: p.Office.URL, Good: true}
	for _, check := range p.Office.Preflight(c.Request().Context()) {
		d.List = append(d.List, checkLine{check, verdicts[check.Verdict]})
		d.Good = d.Good && check.Verdict != enrol.Bad
	}
	d.At = p.moment(p.Machine())
	return p.Page(c, http.StatusOK, "ipads-preflight", "Preflight", d)
}
