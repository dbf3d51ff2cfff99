package view

import (
	"reflect"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// What a bank recorded between the beginning and the end of an evacuation is counted,
// what had been told to open just before is told apart, and a snapshot forgets none of
// it.
func TestEvacuations(t *testing.T) {
	eleven := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	f := NewFold(locker.Setup{Bank: "a", Doors: []int{1, 2, 3, 4}})
	seq := uint64(0)
	event := func(minute int, e locker.Event) {
		e.At = school.Instant{Wall: eleven.Add(time.Duration(minute) * time.Minute), Trusted: true, Boot: "one"}
		f.Apply(seq, e)
		seq++
	}
	turned := func(why locker.Answer, withheld int) locker.Event {
		return locker.Event{Kind: locker.Turned, Body: locker.Body{Answer: why, Withheld: withheld}}
	}
	opening := locker.Event{Kind: locker.Intent, Door: 1, Purpose: locker.Deposit, Body: locker.Body{Person: "ann", Attempt: 1}}
	event(-9, locker.Event{Kind: locker.Surveyed, Body: locker.Body{OpenDoors: []int{3}, Unasked: []int{4}}})
	event(-1, opening)
	event(0, locker.Event{Kind: locker.EvacuationBegan, Body: locker.Body{Cause: locker.ByStaff, By: "s-1"}})
	event(1, locker.Event{Kind: locker.EvacuationBegan, Body: locker.Body{Cause: locker.BySchool}})
	event(1, turned(locker.Evacuated, 0))
	event(2, turned(locker.Flooded, 7))
	event(2, turned(locker.Barred, 0)) // a staff badge that is barred: sent away, but not for this
	event(3, locker.Event{Kind: locker.OrderRefused, Body: locker.Body{Answer: locker.Evacuated}})
	event(4, locker.Event{Kind: locker.Moved, Door: 2, Body: locker.Body{Contact: locker.Open}})
	event(5, locker.Event{Kind: locker.EvacuationEnded, Body: locker.Body{Cause: locker.BySchool}})
	event(6, locker.Event{Kind: locker.EvacuationEnded, Body: locker.Body{Cause: locker.ByStaff, By: "head"}})
	opening.Person, opening.Door = "bob", 2
	event(7, opening)
	want := Evacuation{Cause: locker.ByStaff, By: "s-1", Seq: 2, Began: eleven, Ended: eleven.Add(6 * time.Minute), EndedBy: "head",
		Opening: []int{1}, Open: []int{3}, Unaskable: []int{4}, CameOpen: []int{2}, Scans: 8, Refused: 1}
	data, err := f.Save()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(locker.Setup{Bank: "a", Doors: []int{1, 2, 3, 4}}, data)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*Fold{f, again} {
		if got := f.evacuations.list; len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%+v", got)
		}
	}
	event(10, locker.Event{Kind: locker.EvacuationBegan, Body: locker.Body{Cause: locker.ByInput}})
	event(11, opening) // which no bank does
	if got := f.evacuations.list; len(got) != 2 || got[1].Openings != 1 || !got[1].Ended.IsZero() {
		t.Errorf("an opening is not counted: %+v", got)
	}
}

// A door that is to be looked at like its neighbours is so to somebody who must not
// know what is behind it.
func TestWithoutLeavesADoorToLookAt(t *testing.T) {
	f := NewFold(locker.Setup{Bank: "e", Evidence: []int{1, 2}})
	at := school.Instant{Wall: time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC), Trusted: true, Boot: "one"}
	for seq, e := range []locker.Event{
		{Kind: locker.Surveyed},
		{Kind: locker.Intent, Door: 1, Purpose: locker.PutItem, Body: locker.Body{Item: "i-1", Attempt: 1}},
		{Kind: locker.Outcome, Door: 1, Body: locker.Body{Item: "i-1", Of: 1, Result: locker.Opened}},
		{Kind: locker.Deposited, Door: 1, Body: locker.Body{Item: "i-1", Of: 1}},
		{Kind: locker.ToLook, Body: locker.Body{What: "k-1"}},
	} {
		e.At = at
		f.Apply(uint64(seq), e)
	}
	b := f.Board(locker.Rules{Directory: &locker.Directory{}}, at, time.UTC).Without(func(string) bool { return true })
	for _, d := range b.Doors {
		if !d.InDoubt || d.Item != "" {
			t.Errorf("%+v", d)
		}
	}
}
