package main

import (
	"io"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/hardware/world"
)

func TestWiringOfEveryMake(t *testing.T) {
	read := func(wiring string) ([]world.Bus, error) {
		o, err := parseWorld([]string{"--truth", "t", "--dir", "d", "--badges", "b", "--wire-time", "--wiring", wiring}, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		return o.buses()
	}
	slow := world.Timing{Byte: 2 * world.ByteTime}
	want := []world.Bus{
		{Name: "a", Boards: 2, Timing: world.Timing{Byte: world.ByteTime}, Personality: world.Personality{OneIsOpen: true, HighFirst: true}},
		{Name: "b", Boards: 1, Timing: slow, Personality: world.Personality{Make: world.EightA, Size: 32, HighFirst: true}},
		{Name: "c", Boards: 3, Timing: world.Timing{Byte: world.ByteTime}, Personality: world.Personality{Make: world.CU48, LockFirst: true, ItemSensors: true}},
		{Name: "d", Boards: 1, Timing: slow, Personality: world.Personality{Make: world.Relay}},
	}
	got, err := read("a:2:open:high-first,b:1:8a:32:high-first,c:3:cu48:lock-first:items,d:1:modbus-relay")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if n := len(world.Lay(got, -1)); n != 32+32+144+8 {
		t.Errorf("%d doors", n)
	}
	for _, bad := range []string{"a", "a:two", "a:2:upside-down", "a:2:8a:0", "a:2:-8"} {
		if _, err := read(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
