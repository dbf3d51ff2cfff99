package safeguarding

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// exported is a file for another safeguarding system. Times are with their zone.
type exported struct {
	Format       string          `json:"format"` // "bellkeep-safeguarding-file-1"
	File         string          `json:"file"`
	Reference    string          `json:"reference"`
	Category     string          `json:"category"`
	Area         string          `json:"area,omitempty"`
	About        []exportedName  `json:"about"`
	Raised       time.Time       `json:"raised"`
	RaisedBy     string          `json:"raised_by"`
	Seized       concern.Seizure `json:"seized,omitzero"`
	Checklist    []exportedStep  `json:"checklist"`
	Actions      []exportedPlan  `json:"actions,omitempty"`
	Chronology   []exportedEntry `json:"chronology"`
	Outcome      string          `json:"outcome,omitempty"`
	Closed       time.Time       `json:"closed,omitzero"`
	Exported     time.Time       `json:"exported"`
	ExportedByID string          `json:"exported_by"` // account
}

type exportedName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type exportedStep struct {
	Step  string    `json:"step"`
	Text  string    `json:"text"`
	State string    `json:"state"`
	Until time.Time `json:"until,omitzero"`
	Why   string    `json:"because,omitempty"`
	Ref   string    `json:"reference,omitempty"`
}

type exportedPlan struct {
	Text  string    `json:"what"`
	Owner string    `json:"who"`
	Due   time.Time `json:"due"`
	Done  time.Time `json:"done,omitzero"`
	Came  string    `json:"outcome,omitempty"`
}

type exportedEntry struct {
	N        int       `json:"entry"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	What     string    `json:"what"`
	Text     string    `json:"text,omitempty"`
	Ref      string    `json:"reference,omitempty"`
	Corrects int       `json:"corrects,omitempty"`
}

// export gives a file as JSON or its chronology as CSV, and puts on record that
// somebody took it away.
func (o *pages) export(c echo.Context) error {
	format := c.Param("format")
	if format != "json" && format != "csv" {
		return errs.New(errs.NotFound, "There is no such format.", "Choose JSON or CSV on the page of the file.")
	}
	f, err := o.Book.Export(c.Request().Context(), o.by(c), c.Param("file"))
	if err != nil {
		return err
	}
	out := o.exported(f)
	out.ExportedByID = o.Who(c).Account
	name := "safeguarding-" + f.Ref() + "." + format
	if format == "csv" {
		rows := [][]string{{"entry", "time", "by", "what", "text", "reference", "corrects"}}
		for _, e := range out.Chronology {
			corrects := ""
			if e.Corrects > 0 {
				corrects = number(e.Corrects)
			}
			rows = append(rows, []string{number(e.N), e.At.Format(time.RFC3339), e.By, e.What, e.Text, e.Ref, corrects})
		}
		return kit.CSV(c, name, rows)
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return c.JSONPretty(http.StatusOK, out, "  ")
}

func (o *pages) exported(f concern.File) exported {
	zone := o.Now().Location()
	at := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		return t.In(zone)
	}
	out := exported{Format: "bellkeep-safeguarding-file-1", File: f.ID, Reference: f.Ref(), Category: string(f.Category), Area: string(f.Area), About: []exportedName{},
		Raised: at(f.Raised.At), RaisedBy: o.person(f.Raised.Person), Seized: f.Seized, Outcome: string(f.Outcome), Closed: at(f.Closed.At), Exported: o.Now()}
	for _, p := range f.About {
		out.About = append(out.About, exportedName{p, o.person(p)})
	}
	for _, l := range f.Steps {
		out.Checklist = append(out.Checklist, exportedStep{l.ID, l.Text, string(l.State), at(l.Until), l.Why, l.Ref})
	}
	for _, a := range f.Actions {
		out.Actions = append(out.Actions, exportedPlan{a.Text, a.Owner, at(a.Due), at(a.Done.At), a.Came})
	}
	for _, e := range f.Entries {
		out.Chronology = append(out.Chronology, exportedEntry{e.N, at(e.At), o.person(e.Person), recordWords(e), e.Text, e.Ref, e.Corrects})
	}
	return out
}
