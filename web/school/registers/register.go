package registers

import (
	"net/http"
	"strings"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// oneData is a register with its entries.
type oneData struct {
	Kind     registers.Kind
	At       string
	Advice   string
	Clauses  []clauses.Clause
	Words    []string
	Calm     string
	Lacking  []string // by name
	Entries  []entryLine
	More     int
	Filled   *Filled
	MayWrite bool
	Reads    bool
	Heads    []string
	Writers  string
}

// mostShown are entries on one page; the file has them all.
const mostShown = 200

func (p *pages) one(c echo.Context) error {
	k, err := p.register(c)
	if err != nil {
		return err
	}
	s := p.Book.Standing(k, p.Who(c).Person)
	d := oneData{Kind: k, At: p.Now().Format("2 January 2006, 15:04"), Clauses: p.clausesOf(k), MayWrite: p.mayWrite(c, k), Reads: p.mayRead(c, k), Writers: writers(k)}
	if rule, ok := policy.Find(k.AdviceBy); ok {
		d.Advice = rule.Words(p.Rules())
	}
	if d.Reads {
		d.Words, d.Calm = s.Words(), calm(s)
		for _, id := range s.Lacking {
			if k.Each == registers.EachStaff {
				id = p.name(id)
			}
			d.Lacking = append(d.Lacking, id)
		}
		if fill := p.Filled[k.ID]; fill != nil {
			filled := fill()
			d.Filled = &filled
		}
	}
	for _, f := range k.Fields {
		if f.Type != registers.Text {
			d.Heads = append(d.Heads, f.Title)
		}
	}
	list := p.entries(c, k)
	d.More = max(0, len(list)-mostShown)
	for _, e := range list[:len(list)-d.More] {
		d.Entries = append(d.Entries, p.entryLine(k, e))
	}
	return p.Page(c, http.StatusOK, "register", k.Title, d)
}

// writers are the roles that keep a register, as people say them.
func writers(k registers.Kind) string {
	var names []string
	for _, r := range k.Write {
		names = append(names, kit.RoleName(r))
	}
	return strings.Join(names, ", ")
}

// csv is a register for a spreadsheet, with what other books say of it.
func (p *pages) csv(c echo.Context) error {
	k, err := p.register(c)
	if err != nil {
		return err
	}
	head := []string{"Day"}
	for _, f := range k.Fields {
		head = append(head, f.Title)
	}
	rows := [][]string{append(head, "Due", "Written by", "Written on", "State", "Outcome")}
	for _, e := range p.entries(c, k) {
		row := []string{e.On.String()}
		for _, f := range k.Fields {
			row = append(row, p.value(f, e.Values[f.ID]))
		}
		state, _ := p.state(k, e)
		due, outcome := "", ""
		if e.Due != (school.Date{}) {
			due = e.Due.String()
		}
		if e.Ended != nil {
			outcome = e.Ended.Outcome
		}
		rows = append(rows, append(row, due, e.By, p.day(e.At), state, outcome))
	}
	if fill := p.Filled[k.ID]; fill != nil && p.mayRead(c, k) {
		filled := fill()
		if len(k.Fields) == 0 {
			rows = nil
		}
		rows = append(append(rows, filled.Heads), filled.Rows...)
	}
	return kit.CSV(c, "register-"+k.ID+".csv", rows)
}
