package locker

import (
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
)

// What must not open just to see which it is: a door with a device, with one on its
// way, under a hold or a bar.
func TestKept(t *testing.T) {
	now := school.Instant{Boot: "one"}
	s := NewState(Setup{Bank: "a", Doors: []int{1, 2, 3, 4, 5, 6, 7}})
	dir := &Directory{Bars: []Bar{{ID: "b", Subject: Subject{Bank: "a", Door: 6}}, {ID: "c", Subject: Subject{Bank: "b", Door: 7}}}}
	if kept := s.Kept(&Directory{}, now); len(kept) != 0 {
		t.Errorf("of an empty bank %v", kept)
	}
	s.Holdings["ann"] = &Holding{Person: "ann", Door: 5}
	s.Items["i-1"] = &Holding{Item: "i-1", Door: 2}
	s.Visits["bob"] = &Visit{Person: "bob", Door: 3, Phase: Opening}
	s.Visits["cat"] = &Visit{Person: "cat", Door: 1, Phase: Finished}
	s.Holds[4] = Hold{By: "s-1"}
	if kept := s.Kept(dir, now); !slices.Equal(kept, []int{2, 3, 4, 5, 6}) {
		t.Errorf("kept %v", kept)
	}
	if kept := s.Kept(dir, now, 1, 3, 7); !slices.Equal(kept, []int{3}) {
		t.Errorf("of some %v", kept)
	}
}

// A technician has the doors of an empty bank mapped, and nobody else does.
func TestOnlyATechnicianHasAnEmptyBankMapped(t *testing.T) {
	now := school.Instant{Boot: "one"}
	rules := Rules{Directory: &Directory{Staff: map[string]StaffEntry{"s-1": {Technician: true}, "s-2": {}}}}
	for _, c := range []struct {
		who  string
		held bool
		want Word
	}{{"s-1", false, Mapping}, {"s-1", true, StillHeld}, {"s-2", false, Office}} {
		s := NewState(Setup{Bank: "a", Doors: []int{1}})
		if c.held {
			s.Holdings["ann"] = &Holding{Person: "ann", Door: 1}
		}
		d := DecideStaff(s, rules, c.who, Wish{Kind: WishMap}, now)
		if d.Screen.Word != c.want || (d.Event.Kind == CommissionBegun) != (c.want == Mapping) || d.Event.By != c.who {
			t.Errorf("%+v: %+v", c, d)
		}
	}
}
