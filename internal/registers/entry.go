package registers

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Entry is one line of a register.
type Entry struct {
	ID, Register string
	Said                   // as it stands now
	Before       []Earlier // what it said before, oldest first
	By, Person   string    // account, and whose it is
	At           time.Time // written down
	Seen         []Mark    // by those who must
	Ended        *Ending   // nil while it is open
}

// Said is what an entry says.
type Said struct {
	On     school.Date       // when it happened
	Due    school.Date       // zero for none
	About  []string          // people it names, sorted
	Values map[string]string // by field; none once the vault has erased them
}

// Earlier is what an entry said until somebody corrected it.
type Earlier struct {
	Said
	Mark        // whose correction
	Why  string // of the correction
}

// Mark is that somebody did something.
type Mark struct {
	By, Person string
	At         time.Time
}

// Ending is what came of an entry.
type Ending struct {
	Mark
	Outcome string
	Values  map[string]string // of what is asked at the end
}

// Open reports whether an entry of k waits for its outcome.
func (e Entry) Open(k Kind) bool { return k.Closes && e.Ended == nil }

// Unseen reports whether nobody who must has seen it yet.
func (e Entry) Unseen(k Kind) bool { return len(k.Seen) > 0 && len(e.Seen) == 0 }

// Late reports whether the day by which something was due has passed.
func (e Entry) Late(k Kind, today school.Date) bool {
	due := e.ClosesBy(k)
	return e.Open(k) && due != (school.Date{}) && due.Before(today)
}

// ClosesBy is the day by which the outcome is due, zero for none.
func (e Entry) ClosesBy(k Kind) school.Date {
	switch {
	case !k.Closes:
		return school.Date{}
	case e.Due == (school.Date{}) && k.Within > 0:
		return e.On.Add(k.Within)
	}
	return e.Due
}

// people are those whom values name, sorted.
func (k Kind) people(values map[string]string) []string {
	var list []string
	for _, f := range k.Fields {
		if id := values[f.ID]; id != "" && (f.Type == Staff || f.Type == Pupil) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// copied is e with nothing shared that the book may change.
func (e *Entry) copied() Entry {
	out := *e
	out.Before, out.Seen = slices.Clone(e.Before), slices.Clone(e.Seen)
	return out
}
