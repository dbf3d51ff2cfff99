package policy

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/labstack/echo/v4"
)

// clausesData is the written policy, clause by clause.
type clausesData struct {
	Policy   string
	Only     clauses.How
	Ways     []way
	Sections []section
}

// way counts the clauses that are met in one way.
type way struct {
	How   clauses.How
	Words string
	Count int
}

// section is a part of the policy under its own heading.
type section struct {
	Number, Title string
	Lines         []metLine
}

// metLine is a clause and how it is met.
type metLine struct {
	ID, Meaning, How, By string
}

func (o *pages) clauses(c echo.Context) error {
	d := clausesData{Policy: o.Policy, Only: clauses.How(c.QueryParam("how"))}
	count := map[clauses.How]int{}
	for _, cl := range o.Clauses {
		count[cl.How]++
		if d.Only != "" && cl.How != d.Only {
			continue
		}
		if n := len(d.Sections); n == 0 || d.Sections[n-1].Number != cl.Section || d.Sections[n-1].Title != cl.Title {
			d.Sections = append(d.Sections, section{Number: cl.Section, Title: cl.Title})
		}
		last := &d.Sections[len(d.Sections)-1]
		last.Lines = append(last.Lines, metLine{cl.ID, cl.Meaning, cl.How.Words(), met(cl)})
	}
	for _, h := range clauses.Ways {
		d.Ways = append(d.Ways, way{h, h.Words(), count[h]})
	}
	return o.Page(c, http.StatusOK, "policy-clauses", "The policy, clause by clause", d)
}

// met says by what a clause is met, or why not.
func met(c clauses.Clause) string {
	switch c.How {
	case clauses.Enforced:
		return c.Rule + ", tested by " + c.Proof + note(c)
	case clauses.Recorded:
		return "as " + c.Event + note(c)
	}
	return c.Note
}

func note(c clauses.Clause) string {
	if c.Note == "" {
		return ""
	}
	return "; " + c.Note
}
