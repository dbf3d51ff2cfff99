package view

import "testing"

func TestHandedIn(t *testing.T) {
	for standing, want := range map[Standing]bool{"": false, NotYet: false, Exempt: false, In: true, Out: true, Unsure: true, AtDoor: true, StillIn: true} {
		if standing.HandedIn() != want {
			t.Errorf("%q counts as handed in: %v", standing, !want)
		}
	}
}
