package fleet

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/fleet"
)

// entry is a line of the register for people.
type entry struct {
	fleet.Issue
	Label, Who, From, Until, Passcode string
}

// entries are count lines, the newest first, without the first skipped of them.
func (p *pages) entries(lines []fleet.Issue, skipped, count int) []entry {
	labels := map[string]string{}
	for _, l := range p.Book.Listings() {
		labels[l.Device.ID] = l.Device.Label
	}
	end := max(0, len(lines)-skipped)
	var list []entry
	for _, i := range slices.Backward(lines[max(0, end-count):end]) {
		list = append(list, p.entry(i, labels[i.Device]))
	}
	return list
}

func (p *pages) entry(i fleet.Issue, label string) entry {
	return entry{i, label, p.called(i.To), p.when(i.From), p.when(i.Until), passcodeWords(i.Passcode)}
}

// How many lines of the register a page and a file have. All lines are in one
// file after the other.
const (
	mostLines = 500
	filed     = 5000
)

// part is one of the files that the whole register makes.
type part struct{ N, First, Last int }

func (p *pages) register(c echo.Context) error {
	lines := p.Book.Register()
	var parts []part
	for first := 0; first < max(1, len(lines)); first += filed {
		parts = append(parts, part{len(parts) + 1, first + 1, min(first+filed, len(lines))})
	}
	return p.Page(c, http.StatusOK, "fleet-register", "Register of devices", struct {
		At    string
		Lines []entry
		More  int
		Parts []part
	}{p.when(p.Now()), p.entries(lines, 0, mostLines), max(0, len(lines)-mostLines), parts})
}

// registerCSV is a part of the register for a spreadsheet, the newest by default.
func (p *pages) registerCSV(c echo.Context) error {
	n, err := strconv.Atoi(cmp.Or(c.QueryParam("part"), "1"))
	if err != nil || n < 1 || n > 1_000_000 {
		return errs.New(errs.NotFound, "The register has no such part.", "Choose one on the page of the register.")
	}
	rows := [][]string{{"Device", "Label", "Name", "Person", "From", "By", "Passcode", "Until", "Ended by"}}
	for _, e := range p.entries(p.Book.Register(), (n-1)*filed, filed) {
		rows = append(rows, []string{e.Device, e.Label, e.Who, e.To, e.From, e.By, e.Passcode, e.Until, e.EndedBy})
	}
	return kit.CSV(c, fmt.Sprintf("register-of-devices-%d.csv", n), rows)
}
