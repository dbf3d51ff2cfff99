package board

import (
	"net/url"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/view"
)

// bankData is what the sections of a bank's page get.
type bankData struct {
	moment
	Bank     bankNow
	Problems []advice
	Show     tab
	Tabs     []tab
	Forms    []form // of the list shown
	Blocks   []block
	Key      []view.DoorState
}

// block is some of the doors of the plan: a push carries only those that
// changed.
type block struct {
	Name  string // of its section
	Doors []doorOnPlan
}

type doorOnPlan struct {
	Number int
	State  view.DoorState
}

// Words says what the door is doing.
func (d doorOnPlan) Words() string { return doorWords(d.State) }

const blockOf = 50 // doors

// bankPage is one bank: show picks the list.
func bankPage(get func(string) string, who reader, s *scene) (livePage, error) {
	id, show := get("id"), get("show")
	b, ok := s.bank(id)
	if !ok {
		return livePage{}, errs.New(errs.NotFound, "This school has no bank of that name.", "Look at the banks on the start page.")
	}
	query := url.Values{"id": {id}}
	if show != "" {
		query.Set("show", show)
	}
	return livePage{name: "bank", title: b.Title(), query: query, reader: who.sight().name(), draw: func(s *scene) (any, []part) {
		d := s.bankData(id, show)
		d.sight = who.sight()
		list := parts(d, "bank", "problems", "figures", "tabs", "list")
		for _, block := range d.Blocks {
			list = append(list, part{name: block.Name, template: "block", data: block})
		}
		return d, list
	}}, nil
}

func (s *scene) bankData(id, show string) bankData {
	b, _ := s.bank(id)
	d := bankData{moment: s.moment(), Bank: b, Problems: s.bankProblems(b, fewOnBank),
		Key: []view.DoorState{view.DoorFree, view.DoorKeeping, view.DoorOpen, view.DoorTrouble, view.DoorOut, view.DoorHeld, view.DoorUnasked}}
	roll := s.linesOf(func(l line) bool { return l.Bank == id })
	d.Tabs, d.Show = choose(roll, show)
	var shown []line
	for _, l := range roll {
		if d.Show.keep(l) {
			shown = append(shown, l)
		}
	}
	d.Forms = byForm(shown)
	for i, door := range b.Board.Doors {
		if i%blockOf == 0 {
			d.Blocks = append(d.Blocks, block{Name: "plan-" + strconv.Itoa(i/blockOf)})
		}
		last := &d.Blocks[len(d.Blocks)-1]
		last.Doors = append(last.Doors, doorOnPlan{door.Number, door.State})
	}
	return d
}
