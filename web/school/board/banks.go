package board

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// bankNow is one bank of a scene.
type bankNow struct {
	banks.Status
	ID    string
	Heard time.Time // when it last said anything, school time; zero for never
	Came  time.Time // when it came or went, school time; zero for never
	Last  string    // Heard in words, to the second
	Since string    // Came in words
	Rules rulesNow
}

// rulesNow is how a bank stands to the rules that were last given out.
type rulesNow struct {
	Behind bool
	Since  string // when those it goes by came into force; "" for never
}

// ForPupils reports whether pupils hand in here. Others keep what staff put in.
func (b bankNow) ForPupils() bool { return b.Setup.Classes().Pupil || b.Setup.Size() == 0 }

// Items is how many doors keep a device that staff put in.
func (b bankNow) Items() int { return len(b.Board.Items) }

// Short names the bank as people say it; Label adds what the school calls it.
func (b bankNow) Short() string { return kit.BankName(b.ID) }

// Title is the whole name of the bank.
func (b bankNow) Title() string { return kit.BankTitle(b.ID, b.Label) }

func (s *scene) bankNow(status banks.Status) bankNow {
	b := bankNow{Status: status, ID: status.Setup.Bank, Heard: status.Board.Heard, Came: s.schoolTime(status.Since)}
	if status.State.At.After(b.Heard) {
		b.Heard = status.State.At
	}
	b.Last, b.Since = s.seconds(b.Heard), s.clock(b.Came)
	board := status.Board
	b.Rules.Behind = board.Plan.Version < s.rules.Plan.Version
	if s.rules.Directory != nil && board.Directory.Version < s.rules.Directory.Version {
		b.Rules.Behind = true
	}
	newest := board.Directory.Since
	if board.Plan.Since.After(newest) {
		newest = board.Plan.Since
	}
	b.Rules.Since = s.seconds(newest)
	return b
}

// bank finds one bank.
func (s *scene) bank(id string) (bankNow, bool) {
	for _, b := range s.banks {
		if b.ID == id {
			return b, true
		}
	}
	return bankNow{}, false
}

// door finds a door: its number names it in the whole school.
func (s *scene) door(n int) (bankNow, view.Door, bool) {
	for _, b := range s.banks {
		for _, d := range b.Board.Doors {
			if d.Number == n {
				return b, d, true
			}
		}
	}
	return bankNow{}, view.Door{}, false
}

// heldAt finds the doors, of all banks, behind which a person's device is. One
// that nobody saw put in or taken out to the end is among them.
func (s *scene) heldAt(person string) []place {
	var list []place
	for _, at := range s.held[person] {
		list = append(list, place{Bank: s.banks[at.bank], Door: s.banks[at.bank].Board.Doors[at.door]})
	}
	return list
}

// spot is a door of a scene, by its places in the lists.
type spot struct{ bank, door int }

// drawHeld finds every door with somebody's device once.
func (s *scene) drawHeld() {
	s.held = map[string][]spot{}
	for i, b := range s.banks {
		for n, d := range b.Board.Doors {
			if d.Person != "" {
				s.held[d.Person] = append(s.held[d.Person], spot{i, n})
			}
		}
	}
}

// place is a door of a bank.
type place struct {
	Bank bankNow
	Door view.Door
}
