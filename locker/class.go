package locker

import (
	"iter"
	"slices"
)

// Setup is what a bank is: fixed until somebody changes the cabinet. Doors are
// numbered as painted, ascending, each in one list.
type Setup struct {
	Bank         string
	Doors        []int // the pupil doors
	Confiscation []int // doors for what staff have taken away
	Evidence     []int // doors that let nothing out by an order
	Trays        []int // doors for the trays of classes
	Allotment    Allotment
}

// Class is what a door is for.
type Class string

// The classes of door.
const (
	ClassPupil        Class = "pupil"
	ClassConfiscation Class = "confiscation"
	ClassEvidence     Class = "evidence"
	ClassTray         Class = "tray"
)

var classes = [...]Class{ClassPupil, ClassConfiscation, ClassEvidence, ClassTray}

// All are the doors of every class, one class after the other.
func (s Setup) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, c := range classes {
			for _, n := range s.Of(c) {
				if !yield(n) {
					return
				}
			}
		}
	}
}

// Size is how many doors there are.
func (s Setup) Size() int { return len(s.Doors) + len(s.Confiscation) + len(s.Evidence) + len(s.Trays) }

// Of are the doors of one class.
func (s Setup) Of(c Class) []int {
	switch c {
	case ClassPupil:
		return s.Doors
	case ClassConfiscation:
		return s.Confiscation
	case ClassEvidence:
		return s.Evidence
	case ClassTray:
		return s.Trays
	}
	return nil
}

// Class is that of a door, "" for one that is not there.
func (s Setup) Class(door int) Class {
	for _, c := range classes {
		if _, found := slices.BinarySearch(s.Of(c), door); found {
			return c
		}
	}
	return ""
}

// Classes says which classes of door a bank has.
type Classes struct {
	Pupil        bool `json:"pupil,omitempty"`
	Confiscation bool `json:"confiscation,omitempty"`
	Evidence     bool `json:"evidence,omitempty"`
	Tray         bool `json:"tray,omitempty"`
}

// Classes of the doors there are.
func (s Setup) Classes() Classes {
	return Classes{len(s.Doors) > 0, len(s.Confiscation) > 0, len(s.Evidence) > 0, len(s.Trays) > 0}
}
