package locker

import (
	"maps"
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// State is the custody of one bank: the fold of its ledger. Only Apply changes
// it.
type State struct {
	Setup
	Doors    map[int]*Door
	Visits   map[string]*Visit   // by person: their newest
	Holdings map[string]*Holding // by person
	Used     map[string]int      // openings by grant id
	Ready    bool                // doors have been read since the last start
	Shuts    int                 // doors seen to shut since another machine took over
	Fresh    bool                // another machine took over and has not read its doors yet

	ItemVisits map[string]*Visit   // by item, while it is here or on its way in or out
	Items      map[string]*Holding // by item
	Holds      map[int]Hold        // by door

	Approvers  Approvers  // by whose passkeys the bank tells that two people agree
	Evacuation Evacuation // whether the building is being left
	Asked      []string   // the newest ids of Asked that were heeded

	Orders []Answered                  // the newest answers to orders, oldest first
	Window Window                      // a collection window that staff opened
	Tries  map[string]Tries            // wrong PINs, by staff id
	Opened map[string][]school.Instant // when they last had doors opened at a kiosk, by staff id
}

// Door is what the bank believes of one door.
type Door struct {
	Number    int
	Contact   Contact
	OpenSince school.Instant // while Contact is Open
	Jammed    bool           // did not open when told to; cleared when it opens
	Forced    bool           // opened without an order; cleared by the next ordered opening
	LeftOpen  bool           // stands open beyond OpenTooLong
	Unproven  bool           // another machine took over and nobody has seen yet that door and record agree
	ToLook    bool           // somebody may have been at it: the key was out, or it changed while the bank was off
	LookSince school.Instant // while ToLook
	Before    Contact        // since the last start and until the doors are read: what it was before
	Shut      int            // while Unproven: when it was last seen to shut, counted in State.Shuts
	Sensed    Sensed         // what its item sensor last said
}

// Visit is one transaction at one door, from intent to shut door: a person's, or
// about an item.
type Visit struct {
	Person  string
	Item    string
	Door    int
	Purpose Purpose
	Intent  uint64 // sequence of the newest intent
	Attempt int
	Began   school.Instant // when the badge was first scanned
	Phase   Phase
	Ended   school.Instant // when a collection's door was shut, or nobody knew any more
	Grant   string         // the grant it uses
	Timing  school.Timing  // of a deposit
	Order   string         // the order it carries out
	By      string         // who asked, where it was not the person's own scan
	Class   Class          // of the door an item is put behind
}

// Phase is how far a visit has come.
type Phase string

// The phases. Opening and AtDoor are under way, the others are over.
const (
	Opening  Phase = "opening"  // told to open, nothing seen yet
	AtDoor   Phase = "at-door"  // the door is open
	Finished Phase = "finished" // the door was seen to shut
	Failed   Phase = "failed"   // nothing came of it: scanning again starts afresh
	Unsure   Phase = "unsure"   // nobody saw how it ended
)

// UnderWay reports whether the visit may still change by itself.
func (v *Visit) UnderWay() bool { return v != nil && (v.Phase == Opening || v.Phase == AtDoor) }

// unsettled is a visit that nobody saw to its end, because of a power cut say,
// or a hand-in done again for that reason that failed.
func (v *Visit) unsettled() bool {
	return v.Phase == Unsure || v.Phase == Failed && v.Purpose == Deposit
}

func (v *Visit) becomeUnsure(at school.Instant) {
	v.Phase = Unsure
	if v.Ended == (school.Instant{}) {
		v.Ended = at
	}
}

// Holding is a device in our custody: a person's, or an item.
type Holding struct {
	Person  string
	Item    string
	Door    int
	Since   school.Instant
	Secured bool // the door was seen to shut on it
	Unsure  bool // it may or may not be there; a person must look
	Carried bool // because another machine took over, as for every door
	Timing  school.Timing
	Class   Class  // of the door an item was put behind, whatever it is called since
	By      string // who had an item put in
}

// Hold keeps a door shut for everybody, whoever asks. Staff place it at the
// bank; only an order that two people have approved ends it.
type Hold struct {
	By    string
	Since school.Instant
}

// NewState is an empty bank whose doors have not been read.
func NewState(setup Setup) *State {
	s := &State{
		Setup:    setup,
		Doors:    make(map[int]*Door, len(setup.Doors)),
		Visits:   map[string]*Visit{},
		Holdings: map[string]*Holding{},
		Used:     map[string]int{},
		Tries:    map[string]Tries{},
		Opened:   map[string][]school.Instant{},

		ItemVisits: map[string]*Visit{},
		Items:      map[string]*Holding{},
		Holds:      map[int]Hold{},
	}
	for n := range setup.All() {
		s.Doors[n] = &Door{Number: n, Contact: Unknown}
	}
	return s
}

// door is the door of that number. History may speak of doors the cabinet has
// lost since; those get a stand-in nobody looks at.
func (s *State) door(n int) *Door {
	if d := s.Doors[n]; d != nil {
		return d
	}
	return &Door{Number: n, Contact: Unknown}
}

// VisitAt is the visit under way at a door, or nil.
func (s *State) VisitAt(door int) *Visit {
	for _, visits := range []map[string]*Visit{s.Visits, s.ItemVisits} {
		for _, v := range visits {
			if v.Door == door && v.UnderWay() {
				return v
			}
		}
	}
	return nil
}

// HoldingAt is the person's holding behind a door, or nil.
func (s *State) HoldingAt(door int) *Holding { return behind(s.Holdings, door) }

// ItemAt is the item behind a door, or nil.
func (s *State) ItemAt(door int) *Holding { return behind(s.Items, door) }

func behind(holdings map[string]*Holding, door int) *Holding {
	for _, h := range holdings {
		if h.Door == door {
			return h
		}
	}
	return nil
}

// UnderWay lists the visits under way by door, in door order.
func (s *State) UnderWay() []*Visit {
	var list []*Visit
	for _, visits := range []map[string]*Visit{s.Visits, s.ItemVisits} {
		for _, v := range visits {
			if v.UnderWay() {
				list = append(list, v)
			}
		}
	}
	slices.SortFunc(list, func(a, b *Visit) int { return a.Door - b.Door })
	return list
}

// Clone is a copy that shares nothing with s.
func (s *State) Clone() *State {
	c := *s
	c.Doors = cloneValues(s.Doors)
	c.Visits = cloneValues(s.Visits)
	c.Holdings = cloneValues(s.Holdings)
	c.ItemVisits = cloneValues(s.ItemVisits)
	c.Items = cloneValues(s.Items)
	c.Holds = maps.Clone(s.Holds)
	c.Approvers.Since = maps.Clone(s.Approvers.Since)
	c.Used = maps.Clone(s.Used)
	c.Orders = slices.Clone(s.Orders)
	c.Tries = maps.Clone(s.Tries)
	c.Opened = maps.Clone(s.Opened)
	for staff, times := range c.Opened {
		c.Opened[staff] = slices.Clone(times)
	}
	return &c
}

func cloneValues[K comparable, V any](m map[K]*V) map[K]*V {
	c := make(map[K]*V, len(m))
	for k, v := range m {
		value := *v
		c[k] = &value
	}
	return c
}
