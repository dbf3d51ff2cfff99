package scenario

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	shipped = "../../testdata/scenarios"
	folders = "../../testdata/schools"
)

func load(t *testing.T, path string) Script {
	t.Helper()
	s, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openSchool(t *testing.T, id string, s Script) School {
	t.Helper()
	sch, err := OpenSchool(filepath.Join(folders, id), s.Day)
	if err != nil {
		t.Fatal(err)
	}
	sch.Phone = cmp.Or(sch.Phone, "01632 960001") // no notice goes out without
	return sch
}

// Every scenario that comes with the product holds at every school it names. And
// every single expectation of it counts: changed, it is missed.
func TestShippedScenarios(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shipped, "*.yaml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d scenarios were found: %v", len(files), err)
	}
	for _, file := range files {
		s := load(t, file)
		if s.Name != strings.TrimSuffix(filepath.Base(file), ".yaml") {
			t.Errorf("%s is called %s", file, s.Name)
		}
		for _, id := range s.Schools {
			t.Run(s.Name+"/"+id, func(t *testing.T) {
				t.Parallel()
				tried := 0
				report, err := play(t.Context(), s, openSchool(t, id, s), func(w *world, step Step, e Expect, f found) {
					for _, c := range changed(e) {
						tried++
						if len(w.compare(c.Expect, f)) == 0 {
							t.Errorf("line %d: nobody notices %s", step.Line, c.what)
						}
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				if report.Differs() {
					var b strings.Builder
					report.Print(&b, true)
					t.Error(b.String())
				}
				if tried < len(report.Steps) {
					t.Errorf("only %d expectations were changed", tried)
				}
			})
		}
	}
}

type change struct {
	what string
	Expect
}

// changed gives e with one of its expectations changed, in every way.
func changed(e Expect) []change {
	var all []change
	add := func(what string, do func(*Expect)) {
		c := change{what, e}
		do(&c.Expect)
		all = append(all, c)
	}
	for ledger, kinds := range e.Records {
		for kind := range kinds {
			add("one more "+kind, func(c *Expect) {
				c.Records = maps.Clone(e.Records)
				c.Records[ledger] = maps.Clone(kinds)
				c.Records[ledger][kind]++
			})
			add("no "+kind, func(c *Expect) {
				c.Records = maps.Clone(e.Records)
				c.Records[ledger] = maps.Clone(kinds)
				delete(c.Records[ledger], kind)
			})
		}
	}
	if e.Records != nil {
		add("a record that is not there", func(c *Expect) {
			c.Records = maps.Clone(e.Records)
			c.Records["school"] = maps.Clone(e.Records["school"])
			if c.Records["school"] == nil {
				c.Records["school"] = map[string]int{}
			}
			c.Records["school"]["bar-placed elsewhere"]++
		})
	}
	if e.Screen != "" {
		add("another screen", func(c *Expect) { c.Screen = "full" })
	}
	lists := func(what string, list []string, into func(*Expect, []string)) {
		if list == nil {
			return
		}
		add("one more in "+what, func(c *Expect) { into(c, append(slices.Clone(list), "z/999")) })
		if len(list) > 0 {
			add("one less in "+what, func(c *Expect) { into(c, slices.Clone(list)[1:]) })
		}
	}
	lists("opened", e.Opened, func(c *Expect, l []string) { c.Opened = l })
	lists("open", e.Open, func(c *Expect, l []string) { c.Open = l })
	lists("problems", e.Problems, func(c *Expect, l []string) { c.Problems = l })
	lists("in-force", e.InForce, func(c *Expect, l []string) { c.InForce = l })
	lists("behind", e.Behind, func(c *Expect, l []string) { c.Behind = l })
	lists("missing-are", e.MissingAre, func(c *Expect, l []string) { c.MissingAre = l })
	texts := func(what string, m map[string]string, into func(*Expect, map[string]string)) {
		for key := range m {
			add("another "+what+" of "+key, func(c *Expect) {
				other := maps.Clone(m)
				other[key] = "nowhere"
				into(c, other)
			})
		}
	}
	texts("place", e.Place, func(c *Expect, m map[string]string) { c.Place = m })
	texts("notice", e.Notices, func(c *Expect, m map[string]string) { c.Notices = m })
	texts("paper", e.Papers, func(c *Expect, m map[string]string) { c.Papers = m })
	texts("exception", e.Exceptions, func(c *Expect, m map[string]string) { c.Exceptions = m })
	for key := range e.Counts {
		add("one more "+key, func(c *Expect) {
			c.Counts = maps.Clone(e.Counts)
			c.Counts[key]++
		})
	}
	if e.Missing != nil {
		add("one more missing", func(c *Expect) { n := *e.Missing + 1; c.Missing = &n })
	}
	if e.Refused != nil {
		add("no refusal", func(c *Expect) { c.Refused = nil })
		add("a refusal for another reason", func(c *Expect) { c.Refused = &Refusal{Code: "internal"} })
		add("other words of a refusal", func(c *Expect) { c.Refused = &Refusal{Code: e.Refused.Code, Says: "gone fishing"} })
	} else {
		add("a refusal", func(c *Expect) { c.Refused = &Refusal{Code: "denied"} })
	}
	return all
}
