package commission

import (
	"fmt"

	"github.com/bellkeep/bellkeep/hardware"
)

// Outlet is one lock output of a board and the door contact that belongs to it.
type Outlet struct {
	Bus string
	hardware.Channel
}

// String names it as people find it: boards count from 0, locks from 1, as in a
// bank's file.
func (o Outlet) String() string {
	return fmt.Sprintf("lock %d of board %d on bus %s", o.Index+1, o.Board, o.Bus)
}

// Door is a number painted on a door, and the bus it hangs on.
type Door struct {
	Number int
	Bus    string
}

// Plan is what is to be mapped: every outlet that may have a door, and the doors
// in the order in which they are to be shut. An outlet and a door are spoken of
// by their place in these lists and by its number.
type Plan struct {
	Outlets []Outlet
	Doors   []Door
}

// on counts the doors of a bus.
func (p Plan) on(bus string) (n int) {
	for _, d := range p.Doors {
		if d.Bus == bus {
			n++
		}
	}
	return n
}

// door finds a door by its number.
func (p Plan) door(number int) (Door, bool) {
	for _, d := range p.Doors {
		if d.Number == number {
			return d, true
		}
	}
	return Door{}, false
}

// buses are those of the outlets, each once.
func (p Plan) buses() (names []string) {
	seen := map[string]bool{}
	for _, o := range p.Outlets {
		if !seen[o.Bus] {
			seen[o.Bus] = true
			names = append(names, o.Bus)
		}
	}
	return names
}

// Found is the map that comes of it.
type Found struct {
	Polarity map[string]hardware.Polarity // by bus
	Doors    map[int]Place                // by number
}

// Place is where a door hangs.
type Place struct {
	Outlet
	Typed bool // its contact was never seen to move; a person said which door it is
}
