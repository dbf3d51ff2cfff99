package audit

import (
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// csv is what a query finds as a file, newest first. A file that had to stop
// says so in its last line.
func (o *pages) csv(c echo.Context) error {
	list, next, err := o.find(c.Request().Context(), o.readQuery(c.QueryParams()), mostCSV, 10*budget)
	if err != nil {
		return err
	}
	rows := [][]string{{"ledger", "sequence", "time", "clock trusted", "kind", "what", "detail", "by", "about", "where", "why", "corrections"}}
	for _, f := range list {
		rows = append(rows, o.row(c, f))
	}
	if next != "" {
		rows = append(rows, []string{"", "", "", "", "", "There is more: ask for fewer days."})
	}
	return kit.CSV(c, "record.csv", rows)
}

func (o *pages) row(c echo.Context, f found) []string {
	l := o.line(c, f)
	var about, corrected []string
	for _, n := range l.About {
		if n.Text == theCase {
			n.Text = "case " + f.Case
		}
		about = append(about, n.Text)
	}
	for _, by := range l.Corrections {
		corrected = append(corrected, by.By+": "+by.Text)
	}
	trusted := map[bool]string{true: "no", false: "yes"}[l.Doubt]
	return []string{f.ID, number(f.Seq), f.Stamp.Wall.Format(time.RFC3339Nano), trusted, f.Kind, l.What, l.Detail, l.Who,
		strings.Join(about, "; "), l.Where, l.Why, strings.Join(corrected, "; ")}
}
