package axetest

import (
	_ "embed"
	"encoding/json"
	"strings"
)

//go:embed axe.min.js
var axe string

// Tags are the rules asked for: WCAG 2.2 AA, and the checker's own advice.
var Tags = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}

// Finding is one rule a page breaks, and where.
type Finding struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// Axe runs axe-core over the page and gives what it finds, and how many rules
// passed.
func (tab *Tab) Axe() (found []Finding, passed int) {
	tab.t.Helper()
	tags, err := json.Marshal(Tags)
	if err != nil {
		tab.t.Fatal(err)
	}
	if !Eval[bool](tab, "!!window.axe") {
		Eval[bool](tab, axe+";true")
	}
	type result struct {
		Violations []Finding `json:"violations"`
		Passes     int       `json:"passes"`
	}
	r := Eval[result](tab, `axe.run(document, {runOnly: {type: "tag", values: `+string(tags)+`}})
		.then(r => ({violations: r.violations, passes: r.passes.length}))`)
	return r.Violations, r.Passes
}

// Clean fails the test for everything axe-core finds, and when it looked at
// nothing.
func (tab *Tab) Clean() {
	tab.t.Helper()
	tab.NoFaults() // before axe adds its own
	found, passed := tab.Axe()
	if passed < 10 {
		tab.t.Errorf("axe-core passed only %d rules: it did not look at the page", passed)
	}
	for _, f := range found {
		for _, n := range f.Nodes {
			tab.t.Errorf("%s: %s\n%s\n%s", f.ID, f.Help, strings.TrimSpace(n.HTML), n.Summary)
		}
	}
}
