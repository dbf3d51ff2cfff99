package roster

import (
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/registers"
)

// Every clause that a register answers is claimed by that register, and by no other;
// and a register claims no clause that is met elsewhere.
func TestRegistersAnswerTheirClauses(t *testing.T) {
	for _, name := range []string{"ash-cartwright-kelsey", "northbourne"} {
		s, err := Load("../../testdata/schools/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Clauses {
			var claim []string
			for _, k := range s.Registers {
				if slices.Contains(k.Clauses, c.ID) {
					claim = append(claim, k.Title)
				}
			}
			title, is := strings.CutPrefix(c.Note, "in the register ")
			switch {
			case is != strings.HasPrefix(c.Event, "entry-"):
				t.Errorf("%s is recorded as %s, %q", c.ID, c.Event, c.Note)
			case is && !slices.Equal(claim, []string{title}):
				t.Errorf("%s is to be in the register %s, and claimed by %q", c.ID, title, claim)
			case !is && len(claim) > 0 && c.Rule != "told-of-breaches":
				t.Errorf("%s is claimed by %q, and is %s", c.ID, claim, c.How)
			}
		}
		for _, k := range s.Registers {
			for _, id := range k.Clauses {
				if _, ok := clauses.Find(s.Clauses, id); !ok {
					t.Errorf("%s: the register %s names %s, which is no clause", name, k.ID, id)
				}
			}
		}
	}
}

// A school that says nothing keeps the registers that come with the product.
func TestRegistersOfASchoolThatSaysNothing(t *testing.T) {
	s, err := Load("../../testdata/schools/elmfield")
	if err != nil || len(s.Registers) != len(registers.Builtin()) {
		t.Errorf("%d registers, %v", len(s.Registers), err)
	}
}
