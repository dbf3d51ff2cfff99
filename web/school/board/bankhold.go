package board

import "github.com/bellkeep/bellkeep/internal/school/roles"

// bankHold is a hold of the bank's own, as a door's page shows it.
type bankHold struct {
	Door   int
	By     string // who placed it, at the kiosk
	Placed string
	For    string // the two who end it, by the school's rules
	May    bool   // the reader may be one of them
}

// bankHold is nil where a door has none.
func (o *pages) bankHold(s *scene, at place, who reader) *bankHold {
	held := at.Door.Hold
	if held == nil {
		return nil
	}
	h := &bankHold{Door: at.Door.Number, By: s.who(held.By), Placed: s.at(held.Since.Wall)}
	if o.Desk != nil {
		next := o.nextWord(o.Desk.Ending(), false, who)
		h.For, h.May = next.For, next.May && who.may(roles.Sign, "")
	}
	return h
}

// heldDoor is a door with a hold of its bank's own, as a list of holds shows it.
type heldDoor struct {
	place
	Hold *bankHold
	Link bool // the reader may see the door's page
}

func (o *pages) heldAtBanks(s *scene, who reader) []heldDoor {
	var list []heldDoor
	for _, b := range s.banks {
		for _, d := range b.Board.Doors {
			if at := (place{b, d}); d.Hold != nil {
				list = append(list, heldDoor{at, o.bankHold(s, at, who), who.may(roles.SeeBoard, "")})
			}
		}
	}
	return list
}
