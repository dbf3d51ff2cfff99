package roster

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
)

func TestRollOfAFile(t *testing.T) {
	s := School{Pupils: []Pupil{{ID: "p-1", Name: "Ana Sofía Quigley", Form: "7A"}, {ID: "p-2", Name: "Ben"}}}
	roll := s.Roll()
	for i, want := range []register.Details{
		{MIS: "p-1", Given: "Ana Sofía", Family: "Quigley", Form: "7A"},
		{MIS: "p-2", Given: "Ben"},
	} {
		e := roll.People[i]
		if e.ID != s.Pupils[i].ID || e.Kind != register.Pupil || e.MIS != want.MIS || e.Given != want.Given || e.Family != want.Family || e.Form != want.Form {
			t.Errorf("entry %+v, want %+v", e, want)
		}
	}
}
