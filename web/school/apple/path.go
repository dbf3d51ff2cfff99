package apple

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// cell is what a way comes to in one respect.
type cell struct{ Way, Text, Color string }

type tableRow struct {
	What  string
	Cells []cell
}

type pathData struct {
	Form    *kit.Form
	Ways    []string
	Rows    []tableRow
	Options []kit.Option
}

// besides are what the ways come to beyond settings.
var besides = []struct {
	what string
	says map[enrol.Path]cell
}{
	{"Locked as lost, and located", map[enrol.Path]cell{
		enrol.Automated: {Text: "Yes", Color: "green"}, enrol.Configurator: {Text: "Yes", Color: "green"}, enrol.Plain: {Text: "No: only locked with its own passcode", Color: "red"}}},
	{"Its user can remove the management", map[enrol.Path]cell{
		enrol.Automated: {Text: "No", Color: "green"}, enrol.Configurator: {Text: "Yes, and the school is told", Color: "yellow"}, enrol.Plain: {Text: "Yes, and the school is told", Color: "yellow"}}},
	{"What it takes", map[enrol.Path]cell{
		enrol.Automated: {Text: "iPads bought for the school; each is reset"}, enrol.Configurator: {Text: "A Mac and a cable; each is erased"}, enrol.Plain: {Text: "Two minutes at each; nothing is lost"}}},
}

func (p *pages) pathData(f *kit.Form) pathData {
	d := pathData{Form: f}
	for _, way := range enrol.Paths {
		d.Ways = append(d.Ways, pathName(way))
	}
	for _, line := range enrol.Table() {
		d.Rows = append(d.Rows, settingRow(line.Setting, line.Why))
	}
	for _, b := range besides {
		row := tableRow{What: b.what}
		for _, way := range enrol.Paths {
			said := b.says[way]
			said.Way = pathName(way)
			row.Cells = append(row.Cells, said)
		}
		d.Rows = append(d.Rows, row)
	}
	d.Options = []kit.Option{
		{Value: string(enrol.Automated), Text: pathName(enrol.Automated), Hint: "The school has an account there, or can get one: it is free for schools."},
		{Value: string(enrol.Configurator), Text: pathName(enrol.Configurator), Hint: "No account: a cart of iPads, one by one, at a Mac."},
		{Value: string(enrol.Plain), Text: pathName(enrol.Plain), Hint: "For a few iPads that must not be erased. Half of the rules cannot be enforced."},
	}
	return d
}

func settingRow(s mdm.Setting, why map[enrol.Path]string) tableRow {
	row := tableRow{What: settingWords(s)}
	for _, way := range enrol.Paths {
		c := cell{Way: pathName(way), Text: "Yes", Color: "green"}
		if why[way] != "" {
			said, _, _ := strings.Cut(why[way], ";") // what follows is about one device
			c.Text, c.Color = "No: "+said, "red"
		}
		row.Cells = append(row.Cells, c)
	}
	return row
}

func (p *pages) path(c echo.Context) error {
	return p.Page(c, http.StatusOK, "ipads-path", "Which way", p.pathData(p.NewForm(c, url.Values{"path": {string(p.Office.Path())}})))
}

func (p *pages) choosePath(c echo.Context) error {
	return p.done(c, "ipads-path", "Which way", func(f *kit.Form) (any, error) { return p.pathData(f), nil }, func(f *kit.Form) (string, error) {
		way := enrol.Path(f.Get("path"))
		next := map[enrol.Path]string{enrol.Automated: "/ipads/asm", enrol.Configurator: "/ipads/list", enrol.Plain: "/ipads/list"}[way]
		return next, p.Office.Choose(way)
	})
}
