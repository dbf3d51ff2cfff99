package alerts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// The templates of messages about registers.
const (
	weekTemplate  = "registers-week"
	entryTemplate = "register-entry"
)

// entryAge is how long a new entry is worth a message, in school time.
const entryAge = 7 * 24 * time.Hour

// Registers are those of the school; see registers.Book. What somebody must not know
// of is not there for them.
type Registers interface {
	Registers() []registers.Kind
	Entries(k registers.Kind, viewer string) []registers.Entry
	Standing(k registers.Kind, viewer string) registers.Standing
}

// kept is what is due about registers: once a week to whoever owns some that need
// something, and at once to those whom a register says to tell of each entry.
func (t *Teller) kept(all []accounts.Account, now time.Time) (list []notify.Alert) {
	owned := map[string][]string{} // titles by person
	var owners []string
	for _, k := range t.Registers.Registers() {
		for _, person := range holders(all, now, k.Owner) {
			if t.Registers.Standing(k, person).Needs() {
				if owned[person] == nil {
					owners = append(owners, person)
				}
				owned[person] = append(owned[person], k.Title)
			}
		}
		for _, person := range holders(all, now, k.Tell...) {
			list = append(list, t.entries(k, person, now)...)
		}
	}
	year, week := now.ISOWeek()
	for _, person := range owners {
		list = append(list, notify.Alert{About: fmt.Sprintf("registers-%d-w%02d", year, week), Template: weekTemplate, Staff: person, Time: now,
			What: titles(owned[person]), Link: t.Base() + "/registers"})
	}
	return list
}

// entries are an alert about each new entry of a register, with no word of it.
func (t *Teller) entries(k registers.Kind, person string, now time.Time) (list []notify.Alert) {
	for _, e := range t.Registers.Entries(k, person) {
		if age := now.Sub(e.At); age >= 0 && age < entryAge && e.Person != person {
			list = append(list, notify.Alert{About: e.ID, Template: entryTemplate, Staff: person, Time: e.At,
				What: "The register is: " + k.Title + ".", Link: t.Base() + "/entries/" + e.ID})
		}
	}
	return list
}

// titles are those of registers, as many as a message holds.
func titles(list []string) string {
	text := strings.Join(list, ", ") + "."
	for n := len(list) - 1; len(text) > notify.MaxWhat; n-- {
		text = strings.Join(list[:n], ", ") + fmt.Sprintf(" and %d more.", len(list)-n)
	}
	return text
}

// holders are people of the register of people with one of some roles, each once.
func holders(all []accounts.Account, now time.Time, wanted ...roles.Role) (list []string) {
	for _, role := range wanted {
		for _, a := range all {
			if role != "" && a.Live(now) && a.Holds(now, role) && school.Known(a.Person) && !slices.Contains(list, a.Person) {
				list = append(list, a.Person)
			}
		}
	}
	return list
}
