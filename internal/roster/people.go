package roster

import (
	"strings"

	"github.com/bellkeep/bellkeep/internal/register"
)

// Roll is the pupils of roll.csv as the register takes them. The file gives
// out ids itself; they stand for those of an information system too. A name's
// last word is its family name.
func (s School) Roll() register.Roll {
	var roll register.Roll
	for _, p := range s.Pupils {
		given, family := p.Name, ""
		if i := strings.LastIndex(p.Name, " "); i >= 0 {
			given, family = p.Name[:i], p.Name[i+1:]
		}
		roll.People = append(roll.People, register.Entry{ID: p.ID, Kind: register.Pupil,
			Details: register.Details{MIS: p.ID, Given: given, Family: family, Form: p.Form}})
	}
	return roll
}
