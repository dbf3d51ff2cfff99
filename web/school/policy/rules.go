package policy

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/labstack/echo/v4"
)

// rulesData is the page of all rules.
type rulesData struct {
	Policy   string
	Now      time.Time
	InForce  versionLine // zero without any version
	Warnings []policy.Warning
	Waiting  []versionLine
	Coming   []versionLine
	Past     []versionLine
	Groups   []group
	Change   bool // whoever reads may change the rules
}

// group is some of the rules under one heading.
type group struct {
	Name  policy.Group
	Rules []ruleLine
}

// ruleLine is one rule in words.
type ruleLine struct {
	Key, Title, Words string
	Clauses           []clauses.Clause
	Warned            bool
}

// versionLine is one version of the rules in a list.
type versionLine struct {
	ID, By, Approved, From, At, Why string
	How                             string          // Set, Proposed or Suggested
	Suggested                       bool            // by a program; nobody has proposed it
	Would                           []policy.Change // of one that waits
}

const mostPast = 50 // versions on the page of all rules

func (o *pages) rules(c echo.Context) error {
	now := o.Now()
	v, ok := o.inForce()
	d := rulesData{Policy: o.Policy, Now: now, Change: o.may(c, roles.ChangePolicy), Warnings: policy.Warnings(v.Rules, school.DateOf(now))}
	if ok {
		d.InForce = o.versionLine(v, false)
	}
	for _, w := range o.Versions.Waiting() {
		line := o.versionLine(w, true)
		line.Would = policy.Diff(o.before(w, true), w.Rules)
		d.Waiting = append(d.Waiting, line)
	}
	for _, set := range o.Versions.Versions() {
		switch {
		case set.From.After(now):
			d.Coming = append(d.Coming, o.versionLine(set, false))
		case set.ID != v.ID && len(d.Past) < mostPast:
			d.Past = append(d.Past, o.versionLine(set, false))
		}
	}
	d.Groups = o.groups(v.Rules, d.Warnings)
	return o.Page(c, http.StatusOK, "policy", "Rules", d)
}

func (o *pages) groups(r policy.Rules, warnings []policy.Warning) []group {
	warned := map[string]bool{}
	for _, w := range warnings {
		warned[w.Key] = true
	}
	var list []group
	for _, name := range policy.Groups {
		g := group{Name: name}
		for _, k := range policy.Keys {
			if k.Group == name {
				g.Rules = append(g.Rules, ruleLine{k.Name, k.Title, k.Words(r), o.follows(k.Name), warned[k.Name]})
			}
		}
		list = append(list, g)
	}
	return list
}

// follows are the clauses that a rule follows.
func (o *pages) follows(key string) []clauses.Clause {
	var list []clauses.Clause
	for _, id := range o.Follows[key] {
		if c, ok := clauses.Find(o.Clauses, id); ok {
			list = append(list, c)
		}
	}
	return list
}

func (o *pages) versionLine(v rules.Version, waits bool) versionLine {
	line := versionLine{ID: v.ID, By: v.By, How: "Set", From: o.when(v.From), At: o.when(v.At), Why: v.Why, Suggested: v.Person == "" && v.By != firstStart}
	switch {
	case v.By == firstStart:
		line.By = "the school’s file, at the first start"
	case line.Suggested:
		line.How = "Suggested"
	case waits:
		line.How = "Proposed"
	}
	if v.Approval != nil {
		line.Approved = v.Approval.By
	}
	return line
}

// firstStart is who set the rules that a school began with.
const firstStart = "first-start"
