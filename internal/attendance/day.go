package attendance

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Mark is one thing somebody says of a pupil's day.
type Mark string

// The marks. The first four are of the register, and the newest of them counts;
// the other two are about the phone, and the newest of those counts.
const (
	Present Mark = "present"
	Late    Mark = "late"   // here, and came late
	Absent  Mark = "absent" // not here, whatever the reason
	Left    Mark = "left"   // was here, and has left early

	NoPhone Mark = "no-phone" // says they have none with them today
	Phone   Mark = "phone"    // takes that back
)

// Marks are all of them.
func Marks() []Mark { return []Mark{Present, Late, Absent, Left, NoPhone, Phone} }

// ofRegister tells marks of the register from those about the phone.
func (m Mark) ofRegister() bool { return m != NoPhone && m != Phone }

// How tells where marks came from.
type How string

// The ways.
const (
	ByFile How = "file" // a file of the school's information system
	ByForm How = "form" // a whole form ticked
	ByHand How = "hand" // one pupil, at the office
)

// Batch is what one person said at once.
type Batch struct {
	ID     string
	Day    school.Date
	How    How
	By     string    // account
	At     time.Time // UTC
	Count  int       // pupils
	Undone string    // account of whoever took it back; "" while it counts
}

// Standing is what counts of a pupil's day.
type Standing struct {
	Register Mark // "" while nobody has said anything
	NoPhone  bool
	At       time.Time // of the newer of both, UTC
	By       string
}

// Here reports whether the pupil is at the school.
func (s Standing) Here() bool { return s.Register == Present || s.Register == Late }

// said is a mark and the batch it came with.
type said struct {
	Mark
	*Batch
}

// Day is what was said of one day. It is a value: nothing in it changes.
type Day struct {
	Date    school.Date
	batches []Batch
	pupils  map[string]Standing
}

// Of is what counts of a pupil.
func (d Day) Of(person string) Standing { return d.pupils[person] }

// Batches are what was said, oldest first.
func (d Day) Batches() []Batch { return d.batches }

// Marked counts pupils by their mark of the register.
func (d Day) Marked() map[Mark]int {
	counts := map[Mark]int{}
	for _, s := range d.pupils {
		if s.Register != "" {
			counts[s.Register]++
		}
	}
	return counts
}

// Missing are those present who have not handed in, have no permission to keep
// their phone and have not said that they have none, sorted.
func (d Day) Missing(handedIn, mayKeep func(person string) bool) []string {
	return d.where(func(id string, s Standing) bool {
		return s.Here() && !s.NoPhone && !handedIn(id) && !mayKeep(id)
	})
}

// Absentees are those not here of whom a device was handed in all the same: the
// register is wrong, or somebody used their badge.
func (d Day) Absentees(handedIn func(person string) bool) []string {
	return d.where(func(id string, s Standing) bool { return s.Register == Absent && handedIn(id) })
}

func (d Day) where(keep func(id string, s Standing) bool) []string {
	var list []string
	for id, s := range d.pupils {
		if keep(id, s) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}
