package commission

import "slices"

// Level says which bit of a contact means open.
type Level string

// The levels. The zero value is not known yet.
const (
	SetIsOpen   Level = "set"
	ClearIsOpen Level = "clear"
)

func levelOf(openBit bool) Level {
	if openBit {
		return SetIsOpen
	}
	return ClearIsOpen
}

// Fact is what has been found out of one outlet.
type Fact struct {
	Open    Level  `json:"open,omitempty"`
	Closed  Level  `json:"closed,omitempty"`  // what its bit was before the first pulse, with the door shut by the person's word
	Tries   int    `json:"tries,omitempty"`   // pulses in a row that moved nothing
	Numbers [2]int `json:"numbers,omitzero"`  // given to it in each pass, 0 for none yet
	Typed   bool   `json:"typed,omitempty"`   // the number was typed
	Nothing bool   `json:"nothing,omitempty"` // a person saw that no door moves
}

// Facts is all that must outlive a power cut, one Fact for each outlet of the
// plan, in its order.
type Facts struct {
	Outlets []Fact `json:"outlets"`
	Typing  bool   `json:"typing,omitempty"` // the person types the numbers of doors whose contact does not move
	Redone  int    `json:"redone,omitempty"` // how often the passes disagreed
}

func (f Facts) clone() Facts {
	f.Outlets = slices.Clone(f.Outlets)
	return f
}

// numbered finds the outlet with a number in a pass, -1 for none.
func (f Facts) numbered(pass, number int) int {
	return slices.IndexFunc(f.Outlets, func(o Fact) bool { return o.Numbers[pass] == number })
}

// fits reports whether facts can be about a plan: every number is that of a door on
// the outlet's bus and stands once in a pass, the first before the second.
func (f Facts) fits(p Plan) bool {
	if len(f.Outlets) != len(p.Outlets) {
		return false
	}
	seen := map[[2]int]bool{} // pass and number
	for i, o := range f.Outlets {
		if o.Numbers[0] == 0 && o.Numbers[1] != 0 {
			return false
		}
		for pass, n := range o.Numbers {
			if d, known := p.door(n); n != 0 && (!known || d.Bus != p.Outlets[i].Bus || seen[[2]int{pass, n}]) {
				return false
			}
			seen[[2]int{pass, n}] = true
		}
	}
	return true
}
