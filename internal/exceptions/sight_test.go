package exceptions

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

func TestWhoSeesWhat(t *testing.T) {
	theirs := exception.Exception{Asked: exception.Asked{Person: "s-1"}}
	renewed := exception.Exception{Asked: exception.Asked{Person: "s-2"}, Renewal: &exception.Renewal{Asked: exception.Asked{Person: "s-1"}}}
	other := exception.Exception{Asked: exception.Asked{Person: "s-2"}}
	for role, want := range map[roles.Role]Sight{
		roles.Teacher: {}, roles.Exams: {}, roles.IT: {}, roles.Office: {All: true}, roles.Leadership: {All: true},
		roles.Head: {All: true, Reasons: true}, roles.DSL: {All: true, Reasons: true},
	} {
		want.Person = "s-1"
		see := SightOf("s-1", []roles.Assignment{{Role: role}}, monday)
		if see != want {
			t.Errorf("%s: %+v", role, see)
		}
		if !see.Sees(theirs) || !see.Sees(renewed) || see.Sees(other) != see.All {
			t.Errorf("%s sees theirs %v, renewed %v, others' %v", role, see.Sees(theirs), see.Sees(renewed), see.Sees(other))
		}
	}
}

// Bare leaves no word, and does not touch what it was made from.
func TestBare(t *testing.T) {
	whole := exception.Exception{ID: "x-1", Terms: exception.Terms{Kind: exception.Medical, Person: "p-1"}, Paper: exception.Paper{Why: "secret", Evidence: "secret", Departure: "secret"},
		Renewal: &exception.Renewal{Why: "secret"}, Refused: &exception.Note{Why: "secret"}, Gone: &exception.Note{Why: "secret"}}
	text, err := json.Marshal(Bare(whole))
	if err != nil || strings.Contains(string(text), "secret") || strings.Contains(string(text), "medical") || !strings.Contains(string(text), "x-1") {
		t.Errorf("%s %v", text, err)
	}
	if whole.Why == "" || whole.Renewal.Why == "" || whole.Refused.Why == "" || whole.Gone.Why == "" {
		t.Error("the exception itself has lost its words")
	}
}
