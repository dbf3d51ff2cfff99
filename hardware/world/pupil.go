package world

// Pupil is a person of the pretend school. Badges stay out of the truth file.
type Pupil struct {
	ID       string
	Badge    string   // the text of the badge in use
	OldBadge string   // of LostBadge: the one that was lost and replaced
	Phones   []string // ids; empty for a pupil without a phone
	OwnDoor  int      // the door that is always theirs, 0 for none
	Habit    Habit
}

// Habit is what a pupil does differently. The zero value does as told.
type Habit string

// The habits.
const (
	Ordinary    Habit = ""
	AbsentToday Habit = "absent"
	Late        Habit = "late"
	Exempt      Habit = "exempt"     // may keep the phone; the bank must know
	LostBadge   Habit = "lost-badge" // comes with the new one; somebody tries the old one later
	DoubleScan  Habit = "double-scan"
	Forgetful   Habit = "forgetful"    // goes home without the phone
	LeavesOpen  Habit = "leaves-open"  // never shuts the door in the morning
	ShutsEarly  Habit = "shuts-early"  // shuts the door in the afternoon with the phone inside
	DamagedCode Habit = "damaged-code" // the first reading of the badge is wrong
	Scribbler   Habit = "scribbler"    // makes the scanner read nonsense first
	NoPhone     Habit = "no-phone"
)

// Habits lists every habit but the ordinary one.
var Habits = []Habit{
	AbsentToday, Late, Exempt, LostBadge, DoubleScan, Forgetful,
	LeavesOpen, ShutsEarly, DamagedCode, Scribbler, NoPhone,
}

// Cast gives each habit named to one ordinary pupil, chosen by the seed, and
// leaves the others as they are. Exempt, LostBadge and NoPhone should be set
// by whoever also tells the bank.
func Cast(seed uint64, pupils []Pupil, habits ...Habit) []Pupil {
	cast := append([]Pupil(nil), pupils...)
	order := dice(seed, "cast").Perm(len(cast))
	for _, i := range order {
		if len(habits) == 0 {
			break
		}
		if cast[i].Habit == Ordinary {
			cast[i].Habit, habits = habits[0], habits[1:]
		}
	}
	return cast
}

// hand gives the phones of a pupil that lie in no door.
func (w *World) hand(p Pupil) []string {
	away := w.doorsOf(p)
	var held []string
	for _, phone := range p.Phones {
		if _, inside := away[phone]; !inside {
			held = append(held, phone)
		}
	}
	return held
}

// doorsOf says in which door each phone of a pupil lies.
func (w *World) doorsOf(p Pupil) map[string]int {
	at := map[string]int{}
	for door, phones := range w.cab.inside() {
		for _, phone := range phones {
			for _, own := range p.Phones {
				if phone == own {
					at[phone] = door
				}
			}
		}
	}
	return at
}
