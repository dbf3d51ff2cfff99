package board

import (
	"net/url"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// doorData is what the sections of a door's page get.
type doorData struct {
	moment
	place
	Owner    *line      // whose phone is in it, or who is at it
	Item     *view.Item // that staff put in, or that is on its way; nil for none
	Problems []advice
	Bars     []barLine
	Hold     *bankHold // placed at the bank; nil for none
}

// Sensor says what the door's contact says.
func (d doorData) Sensor() string { return contactWords(d.Door.Contact) }

func (o *pages) doorPage(get func(string) string, who reader, s *scene) (livePage, error) {
	n, err := strconv.Atoi(get("n"))
	if _, _, ok := s.door(n); err != nil || !ok {
		return livePage{}, errs.New(errs.NotFound, "No bank has a door of that number.", "Look at the plan on a bank's page.")
	}
	number := strconv.Itoa(n)
	return livePage{name: "door", title: "Door " + number, query: url.Values{"n": {number}}, reader: who.Account, draw: func(s *scene) (any, []part) {
		d := s.doorData(n)
		d.sight = who.sight()
		d.Hold = o.bankHold(s, d.place, who)
		return d, parts(d, "door", "door-hold", "bars", "problems", "asof")
	}}, nil
}

func (s *scene) doorData(n int) doorData {
	b, door, _ := s.door(n)
	d := doorData{moment: s.moment(), place: place{b, door}}
	if door.Person != "" {
		owner, _ := s.person(door.Person)
		d.Owner = &owner
	}
	for _, i := range b.Board.Items {
		if i.Door == n {
			d.Item = &i
		}
	}
	d.Problems = s.problemsOf("/door/"+strconv.Itoa(n), func(p view.Problem) bool { return p.Door == n })
	d.Bars = s.barLines(func(on locker.Subject) bool { return on.Door == n && on.Bank == b.ID })
	return d
}
