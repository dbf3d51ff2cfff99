package fleet

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/mdm/fleet"
)

// entry is a line of the register for people.
type entry struct {
	fleet.Issue
	Label, Who, From, Until, Passcode string
}

// entries are the lines, the newest first.
func (p *pages) entries() []entry {
	labels := map[string]string{}
	for _, l := range p.Book.Listings() {
		labels[l.Device.ID] = l.Device.Label
	}
	var list []entry
	for _, i := range slices.Backward(p.Book.Register()) {
		list = append(list, p.entry(i, labels[i.Device]))
	}
	return list
}

func (p *pages) entry(i fleet.Issue, label string) entry {
	return entry{i, label, p.called(i.To), p.when(i.From), p.when(i.Until), passcodeWords(i.Passcode)}
}

// mostLines is how many lines of the register a page has; the file has all.
const mostLines = 500

func (p *pages) register(c echo.Context) error {
	all := p.entries()
	more := max(0, len(all)-mostLines)
	return p.Page(c, http.StatusOK, "fleet-register", "Register of devices", struct {
		At    string
		Lines []entry
		More  int
	}{p.when(p.Now()), all[:len(all)-more], more})
}

// registerCSV is the register for a spreadsheet.
func (p *pages) registerCSV(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="register-of-devices.csv"`)
	rows := [][]string{{"Device", "Label", "Name", "Person", "From", "By", "Passcode", "Until", "Ended by"}}
	for _, e := range p.entries() {
		rows = append(rows, []string{e.Device, cell(e.Label), cell(e.Who), e.To, e.From, e.By, e.Passcode, e.Until, e.EndedBy})
	}
	return csv.NewWriter(c.Response()).WriteAll(rows)
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
