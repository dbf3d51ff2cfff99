package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/locker"
)

// Elmfield's small banks have no door for pupils, and the pretend cabinets are
// wired for as many doors as there are.
func TestElmfieldsOffices(t *testing.T) {
	dir, _, _ := elmfield(t)
	for id, want := range map[string]locker.Classes{"d": {Confiscation: true}, "e": {Evidence: true}} {
		c, err := cabinet.Load(filepath.Join(dir, "bank-"+id+".yaml"), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		doors := slices.Collect(c.Setup.All())
		if c.Setup.Bank != id || c.Setup.Classes() != want || len(c.Buses) != 1 {
			t.Errorf("bank %s: %+v on %d buses", id, c.Setup, len(c.Buses))
		}
		var wired []int
		for _, w := range wiring["elmfield"][id].doors(doors[0]) {
			wired = append(wired, w.Door)
		}
		if !slices.Equal(wired, doors) {
			t.Errorf("bank %s has doors %v, wired are %v", id, doors, wired)
		}
	}
}
