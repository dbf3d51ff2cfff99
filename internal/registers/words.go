package registers

import (
	"fmt"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Words say what somebody should do about a register, in sentences that name no
// person; none when it is in order.
func (s Standing) Words() (list []string) {
	say := func(when bool, format string, args ...any) {
		if when {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	say(s.Overdue, "The next entry was due by %s.", DayWords(s.Next))
	say(s.Unset, "The rules set no number a year. Agree on one, and enter it in the rules.")
	if n := len(s.Lacking); n > 0 {
		switch s.Kind.Each {
		case EachStaff:
			say(true, "No entry that counts for %d of %d members of staff.", n, s.Needed)
		case EachForm:
			say(true, "No entry that counts for %d of %d classes.", n, s.Needed)
		default:
			say(true, "No entry that counts for: %s.", strings.Join(s.Lacking, ", "))
		}
	}
	say(s.Late > 0, "Past their day, without an outcome: %d.", s.Late)
	say(s.Unseen > 0, "Not yet %s: %d.", lower(s.Kind.SeenWord()), s.Unseen)
	for _, w := range s.Warnings {
		say(true, "%s %s", w.Text, w.Next)
	}
	return list
}

// SeenWord is what having seen an entry is called: Seen, Agreed.
func (k Kind) SeenWord() string {
	if k.SeenWords == "" {
		return "Seen"
	}
	return k.SeenWords
}

// DayWords is a date for people: 23 November 2026.
func DayWords(d school.Date) string {
	if d == (school.Date{}) {
		return ""
	}
	return fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year)
}
