package access

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// entry is one line of the register of access: who had what, since when and
// until when, by whose word. Lines are ended, never taken out.
type entry struct {
	accounts.Grant
	Account, Name, What string
	Until               time.Time // ended, or to end
	EndedBy             string
}

func (p *pages) entries() []entry {
	var list []entry
	for _, a := range p.Accounts.List() {
		for _, g := range a.Grants {
			e := entry{Grant: g, Account: a.ID, Name: a.Name, What: kit.RoleName(g.Role), Until: g.Until, EndedBy: g.EndedBy}
			switch {
			case !g.Ended.IsZero():
				e.Until = g.Ended
			case !a.Ended.IsZero() && (e.Until.IsZero() || a.Ended.Before(e.Until)):
				e.Until = a.Ended
			}
			list = append(list, e)
		}
		if len(a.Grants) == 0 {
			list = append(list, entry{Grant: accounts.Grant{By: a.By, Given: a.Made}, Account: a.ID, Name: a.Name, What: "No role yet", Until: a.Ended})
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int { return a.Given.Compare(b.Given) })
	return list
}

func (p *pages) register(c echo.Context) error {
	return p.kit.Page(c, http.StatusOK, "access-register", "Register of access", struct {
		At      time.Time
		Entries []entry
	}{p.kit.Now(), p.entries()})
}

// csv is the register for a spreadsheet.
func (p *pages) csv(c echo.Context) error {
	rows := [][]string{{"Account", "Name", "Access", "Forms", "Given", "From", "By", "Until", "Ended by"}}
	for _, e := range p.entries() {
		rows = append(rows, []string{e.Account, e.Name, e.What, strings.Join(e.Forms, " "), p.day(e.Given), p.day(e.From), e.By, p.until(e.Until), e.EndedBy})
	}
	return kit.CSV(c, "register-of-access.csv", rows)
}
