package registers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
)

func TestBuiltinRegistersAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Builtin() {
		if why := k.wrong(); len(why) > 0 || seen[k.ID] {
			t.Errorf("%s: %q, twice: %v", k.ID, why, seen[k.ID])
		}
		seen[k.ID] = true
		if len(k.Read) == 0 || k.Owner == "" || k.About == "" {
			t.Errorf("%s has no reader, owner or purpose", k.ID)
		}
	}
}

func read(t testing.TB, text string) ([]Kind, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var faults config.Faults
	list := ReadFile(path, &faults)
	return list, faults.Err()
}

// A school's file changes what it names and leaves the rest.
func TestSchoolsOwnRegisters(t *testing.T) {
	list, err := read(t, `registers:
  - {id: filter-checks, per_year: 6, clauses: [A-7.3.1-07]}
  - {id: kettles, title: Kettles, group: Kitchen, about: Tested., read: [head], write: [office], owner: office, every_months: 24,
     fields: [{id: what, title: Which, type: line, required: true}]}
`)
	if err != nil || len(list) != len(Builtin())+1 {
		t.Fatalf("%d registers, %v", len(list), err)
	}
	checks := list[slices.IndexFunc(list, func(k Kind) bool { return k.ID == "filter-checks" })]
	if checks.PerYear != 6 || checks.Title != "Filter checks" || len(checks.Fields) != 3 || checks.Clauses[0] != "A-7.3.1-07" {
		t.Errorf("%+v", checks)
	}
	if own := list[len(list)-1]; own.ID != "kettles" || own.Months != 24 {
		t.Errorf("%+v", own)
	}
}

func TestFaultsOfAFile(t *testing.T) {
	const field = `fields: [{id: a, title: A, type: line, required: true}]`
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":  {"registers:\n  - {id: loans, colour: red}\n", "registers.yaml:2: there is no key colour"},
		"twice":           {"registers:\n  - {id: loans}\n  - {id: loans}\n", "registers.yaml:3: the register loans stands here a second time"},
		"a stranger":      {"registers:\n  - {id: loans, write: [cook]}\n", `there is no role "cook"`},
		"no title":        {"registers:\n  - {id: new}\n", "title: is missing"},
		"no id":           {"registers:\n  - {title: new}\n", "id: needs small letters"},
		"no rule":         {"registers:\n  - {id: loans, advice_by: magic}\n", `there is no rule "magic"`},
		"too often":       {"registers:\n  - {id: loans, per_year: 100}\n", "per_year: 0 to 52"},
		"each of nothing": {"registers:\n  - {id: loans, each: cats, each_field: what}\n", "each: staff, forms"},
		"each unsaid":     {"registers:\n  - {id: loans, each: staff, each_field: dog}\n", "no field that must be filled in"},
		"a field twice":   {"registers:\n  - {id: loans, fields: [{id: a, title: A, type: line}, {id: a, title: A, type: line}]}\n", "a stands here a second time"},
		"a strange field": {"registers:\n  - {id: loans, fields: [{id: a, title: A, type: picture}]}\n", `type "picture"`},
		"an empty choice": {"registers:\n  - {id: loans, fields: [{id: a, title: A, type: choice}]}\n", "a choice, and nothing else"},
		"nothing asked":   {"registers:\n  - {id: new, title: New, group: G, write: [head]}\n", "there is nothing to write"},
		"a wrong type":    {"registers:\n  - {id: loans, per_year: often}\n", "registers.yaml:2"},
		"a wrong need":    {"registers:\n  - {id: loans, due: often, " + field + "}\n", "due: may, must"},
	} {
		if _, err := read(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add("registers:\n  - {id: loans, per_year: 2}\n")
	f.Add("registers: [{}]")
	f.Add("registers: [word, {id: loans}, [a]]")
	f.Add("registers: 1")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := read(t, text)
		if err != nil {
			return
		}
		for _, k := range list {
			if why := k.wrong(); len(why) > 0 {
				t.Errorf("%s was taken: %q", k.ID, why)
			}
		}
	})
}
