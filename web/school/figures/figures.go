// Package figures is the pages of counts and rates: the figures of a term for
// governors, the same as a file, and the evidence that an inspection asks for. No page
// here names anybody, and small numbers are not told.
package figures

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Registers are those of the school; see package internal/registers.
type Registers interface {
	Registers() []registers.Kind
	Standing(k registers.Kind, viewer string) registers.Standing
}

// Config is what the pages work with.
type Config struct {
	Sources   figures.Sources
	Registers Registers
	Rules     func() policy.Rules
	Policy    string           // the written policy's name
	Clauses   []clauses.Clause // of it
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages of figures.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/figures", Text: "Figures", Under: kit.School, Permission: roles.SeeFigures}},
		Routes: []kit.Route{
			kit.Get("/figures", roles.SeeFigures, p.term),
			kit.Get("/figures/csv", roles.SeeFigures, p.csv),
			kit.Get("/figures/pack", roles.SeeFigures, p.pack),
		},
	}, err
}

// reportData is one term, as its reader may see it.
type reportData struct {
	figures.Report
	At, Last  string // when it was made, and the last day counted
	Weekly    bool   // it ends with the last whole week
	Query     string // names the term in addresses
	Terms     []termLink
	Registers []state
	Trend     []figures.Report // this term first
	Guidance  bool             // national guidance asks for no phones in lessons, and the rules allow them
	Empty     bool             // no term has begun
}

// termLink leads to another term.
type termLink struct {
	Name, Query string
	Here        bool
}

// state is how a register stands, without a number that is small.
type state struct {
	Title, Words string
	Needs        bool
}

// mostTerms are compared: two school years.
const mostTerms = 6

// until is the first day that is not counted for whoever asks. Who sees single cases
// sees today as well; who sees figures alone sees whole weeks, so that one day cannot
// be taken from another.
func (p *pages) until(c echo.Context) (until school.Date, weekly bool) {
	today := school.DateOf(p.Now())
	if p.May(c, roles.SeeCases, roles.Target{}) {
		return today.Next(), false
	}
	return today.Add(-(int(today.Weekday()) + 6) % 7), true
}

// report is the term that a request names by the day it began, or else the newest.
func (p *pages) report(c echo.Context) reportData {
	until, weekly := p.until(c)
	viewer := p.Who(c).Person
	d := reportData{At: p.Now().Format("2 January 2006, 15:04"), Weekly: weekly, Registers: p.states(viewer)}
	rules := p.Rules()
	d.Guidance = rules.Jurisdiction == policy.England && rules.Curriculum != policy.NoCurriculum
	terms := figures.Terms(p.Sources.Calendar, school.DateOf(p.Now()))
	if len(terms) == 0 {
		d.Empty = true
		return d
	}
	here := max(0, slices.IndexFunc(terms, func(t figures.Term) bool { return t.From.String() == c.QueryParam("term") }))
	for i, t := range terms[:min(len(terms), mostTerms)] {
		d.Terms = append(d.Terms, termLink{t.Name, t.From.String(), i == here})
	}
	d.Query = terms[here].From.String()
	for _, t := range terms[here:min(len(terms), here+mostTerms)] {
		d.Trend = append(d.Trend, p.Sources.Of(t, until, viewer))
	}
	d.Report = d.Trend[0]
	d.Last = registers.DayWords(d.Until.Add(-1))
	return d
}

// states are how the registers stand.
func (p *pages) states(viewer string) (list []state) {
	for _, k := range p.Registers.Registers() {
		if len(k.Write) > 0 {
			s := p.Registers.Standing(k, viewer)
			list = append(list, state{k.Title, stateWords(s), s.Needs()})
		}
	}
	return list
}

// stateWords say how a register stands, and of how many entries nothing.
func stateWords(s registers.Standing) string {
	var words []string
	say := func(when bool, text string) {
		if when {
			words = append(words, text)
		}
	}
	say(s.Overdue, "Overdue since "+registers.DayWords(s.Next)+".")
	say(s.Unset, "No number a year is set.")
	say(len(s.Lacking) > 0 && s.Kind.Each == registers.EachStaff, "Lacking for "+figures.One(len(s.Lacking)).String()+" of the staff.")
	say(len(s.Lacking) > 0 && s.Kind.Each == registers.EachForm, "Lacking for "+figures.One(len(s.Lacking)).String()+" of the classes.")
	say(len(s.Lacking) > 0 && s.Kind.Each != registers.EachStaff && s.Kind.Each != registers.EachForm, "No entry that counts for: "+strings.Join(s.Lacking, ", ")+".")
	say(s.Late > 0 || s.Unseen > 0, "Something waits.")
	for _, w := range s.Warnings {
		say(true, w.Text)
	}
	say(len(words) == 0, "In order.")
	say(s.Of > 0, strconv.Itoa(s.Done)+" of "+strconv.Itoa(s.Of)+" this school year.")
	return strings.Join(words, " ")
}

func (p *pages) term(c echo.Context) error {
	d := p.report(c)
	return p.Page(c, http.StatusOK, "figures", "Figures", d)
}

// packData is the evidence for an inspection.
type packData struct {
	reportData
	School   string
	Policy   string
	Groups   []ruleGroup
	Ways     []way
	Warnings []policy.Warning
}

// ruleGroup is a part of the rules in words.
type ruleGroup struct {
	Title string
	Rules []ruleLine
}

type ruleLine struct{ Title, Words string }

// way counts the clauses of the written policy that are met in one way.
type way struct {
	Words string
	N     int
}

func (p *pages) pack(c echo.Context) error {
	rules := p.Rules()
	d := packData{reportData: p.report(c), School: p.School, Policy: p.Policy, Warnings: policy.Warnings(rules, school.DateOf(p.Now()))}
	for _, g := range policy.Groups {
		group := ruleGroup{Title: string(g)}
		for _, k := range policy.Keys {
			if k.Group == g && k.Name != "search.statutory" { // ids of people
				group.Rules = append(group.Rules, ruleLine{k.Title, k.Words(rules)})
			}
		}
		d.Groups = append(d.Groups, group)
	}
	for _, how := range clauses.Ways {
		n := 0
		for _, clause := range p.Clauses {
			if clause.How == how {
				n++
			}
		}
		d.Ways = append(d.Ways, way{how.Words(), n})
	}
	return p.Page(c, http.StatusOK, "figures-pack", "Evidence for an inspection", d)
}

// csv is the term as a file.
func (p *pages) csv(c echo.Context) error {
	d := p.report(c)
	rows := [][]string{{"Figure", "Part", "Told"}, {"Term", "", d.Term.Name}, {"Counted up to", "", d.Last}, {"School days counted", "", strconv.Itoa(d.Days)},
		{"Handed in, of those expected", "", d.Rate.Told}}
	for _, y := range d.Years {
		rows = append(rows, []string{"Handed in, of those expected", y.Name, y.Told})
	}
	rows = append(rows, []string{"Hand-ins after the register", "", d.Late.String()}, []string{"Expected and not handed in", "", d.Missing.String()})
	for _, t := range d.Tables {
		rows = append(rows, []string{t.Title, "all", t.Total.String()})
		for _, r := range t.Rows {
			rows = append(rows, []string{t.Title, r.Name, r.Cell.String()})
		}
	}
	for _, s := range d.Registers {
		rows = append(rows, []string{"Register", s.Title, s.Words})
	}
	return kit.CSV(c, "figures-"+p.Now().Format(time.DateOnly)+".csv", rows)
}
