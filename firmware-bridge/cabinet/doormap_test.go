package cabinet

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/kerong"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// A bank whose doors are laid by a map.
const mappable = `bank: a
map: bank.map
kiosk: {name: front, listen: 127.0.0.1:8081}
scanners:
  - {kiosk: front, port: scanner}
buses:
  - {name: left, driver: kerong-cu16, port: bus, boards: 1, byte_order: low-first}
doors:
  - {numbers: 1-3, bus: left}
`

// mapOf is the map of it.
func mapOf(wiring string) DoorMap {
	at := func(i int) commission.Place {
		return commission.Place{Outlet: commission.Outlet{Bus: "left", Channel: hardware.Channel{Index: i}}}
	}
	m := DoorMap{Bank: "a", Wiring: wiring, Made: time.Date(2026, 11, 23, 8, 10, 0, 0, time.UTC)}
	m.Polarity = map[string]hardware.Polarity{"left": hardware.SetIsOpen}
	m.Doors = map[int]commission.Place{1: at(7), 2: at(0), 3: at(15)}
	return m
}

// place writes a bank's file and, unless it is nil, the map beside it.
func place(t *testing.T, file string, text []byte) Cabinet {
	t.Helper()
	dir := t.TempDir()
	if text != nil {
		if err := os.WriteFile(filepath.Join(dir, "bank.map"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "bank.yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(filepath.Join(dir, "bank.yaml"), "/dev/serial/by-path")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDoorsHangAsTheMapSays(t *testing.T) {
	m := mapOf(place(t, mappable, nil).Wiring)
	c := place(t, mappable, m.Encode())
	if c.Unmapped != nil {
		t.Fatal(c.Unmapped)
	}
	lines := c.Lines()
	if len(lines) != 1 || lines[0].Doors[1] != (hardware.Channel{Index: 7}) || lines[0].Doors[3] != (hardware.Channel{Index: 15}) || !lines[0].Mapped {
		t.Errorf("%+v", lines)
	}
	if got := c.Buses[0].Boards.(kerong.Config).Polarity; got != hardware.SetIsOpen {
		t.Errorf("the polarity is %q", got)
	}
	if len(c.Setup.Doors) != 3 || !strings.Contains(c.Map.Print("Bank A"), "    2  left             0     1") {
		t.Errorf("%+v\n%s", c.Setup, c.Map.Print("Bank A"))
	}
}

// What decides the place of a door has not changed since, and the map is whole; or
// nothing can be opened, and the reason has a next step.
func TestAMapThatDoesNotFitOpensNothing(t *testing.T) {
	wiring := place(t, mappable, nil).Wiring
	good := mapOf(wiring)
	shared := mapOf(wiring)
	shared.Doors[2] = shared.Doors[1]
	without := mapOf(wiring)
	delete(without.Doors, 2)
	beyond := mapOf(wiring)
	beyond.Doors[2] = commission.Place{Outlet: commission.Outlet{Bus: "left", Channel: hardware.Channel{Index: 16}}}
	foreign := mapOf(wiring)
	foreign.Bank = "b"
	blind := mapOf(wiring)
	blind.Polarity = map[string]hardware.Polarity{"left": "maybe"}
	cases := []struct {
		name, file string
		text       []byte
		want       string
	}{
		{"none", mappable, nil, "There is no door map bank.map"},
		{"another port", strings.Replace(mappable, "port: bus", "port: bus-2", 1), good.Encode(), "have changed since"},
		{"another byte order", strings.Replace(mappable, "low-first", "high-first", 1), good.Encode(), "have changed since"},
		{"another door", strings.Replace(mappable, "1-3", "1-4", 1), good.Encode(), "have changed since"},
		{"changed by hand", mappable, bytes.Replace(good.Encode(), []byte("door 2 left 0 1"), []byte("door 2 left 0 2"), 1), "It is damaged"},
		{"cut off", mappable, good.Encode()[:60], "It is damaged"},
		{"another bank's", mappable, foreign.Encode(), "that of bank b"},
		{"two doors on a lock", mappable, shared.Encode(), "doors 1 and 2 share"},
		{"a door without a place", mappable, without.Encode(), "door 2 has no place"},
		{"a lock that is not there", mappable, beyond.Encode(), "door 2 has no place"},
		{"no polarity", mappable, blind.Encode(), "what a set bit means on bus left"},
	}
	for _, test := range cases {
		c := place(t, test.file, test.text)
		if c.Unmapped == nil || !strings.Contains(c.Unmapped.Error(), test.want) || errs.HintOf(c.Unmapped) == "" || len(c.Lines()) != 0 {
			t.Errorf("%s: %v, %d lines", test.name, c.Unmapped, len(c.Lines()))
		}
	}
}

// What cannot move a door to another lock asks for no new map.
func TestChangesThatKeepTheMap(t *testing.T) {
	text := mapOf(place(t, mappable, nil).Wiring).Encode()
	for old, changed := range map[string]string{"bank: a\n": "bank: a\nlabel: By the hall\n", "low-first}": "low-first, pulse_gap: 500ms}", "port: scanner": "port: scanner-2"} {
		if c := place(t, strings.Replace(mappable, old, changed, 1), text); c.Unmapped != nil {
			t.Errorf("%s: %v", changed, c.Unmapped)
		}
	}
}

func TestLoadMappedNamesTheFault(t *testing.T) {
	cases := []struct{ old, new, want string }{
		{"low-first}", "low-first, polarity: set-is-open}", "bank.yaml:7: buses: left: polarity is found by commissioning"},
		{"bus: left}", "bus: left, board: 0, lock: 1}", "bank.yaml:9: doors: board and lock are found by commissioning"},
		{"1-3", "1-17", `bank.yaml:9: doors: bus "left" has 16 locks for 17 doors`},
		{"doors:\n", "doors:\n  - {numbers: 2, bus: left}\n", "bank.yaml:10: doors: door 2 stands on line 9"},
		{"bank.map", "../bank.map", "bank.yaml:2: map: "},
	}
	for _, c := range cases {
		if _, err := load(t, strings.Replace(mappable, c.old, c.new, 1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}

// Doors are mapped one by one on their own locks alone, and the others stay.
func TestPlanOfSomeDoors(t *testing.T) {
	m := mapOf(place(t, mappable, nil).Wiring)
	c := place(t, mappable, m.Encode())
	p, err := c.Plan(3, 1)
	if err != nil || len(p.Outlets) != 2 || p.Outlets[0].Index != 7 || p.Doors[1].Number != 3 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := c.Plan(4); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("door 4: %v", err)
	}
	found := commission.Found{Polarity: map[string]hardware.Polarity{"left": hardware.SetIsOpen}, Doors: map[int]commission.Place{1: m.Doors[3], 3: m.Doors[1]}}
	all, err := c.Map.With(found)
	if err != nil || all.Doors[1] != m.Doors[3] || all.Doors[2] != m.Doors[2] {
		t.Errorf("%+v, %v", all, err)
	}
	found.Polarity["left"] = hardware.SetIsClosed
	if _, err := c.Map.With(found); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("another polarity: %v", err)
	}
	if _, err := place(t, mappable, nil).Plan(1); err == nil {
		t.Error("a door of a bank without a map")
	}
}

// The example in the page on commissioning is a bank file without a fault.
func TestCommissioningPageHasAGoodExample(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "hardware", "COMMISSIONING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	c := place(t, "kiosk: {name: front, listen: 127.0.0.1:8081}\nscanners:\n  - {kiosk: front, port: scanner}\n"+example, nil)
	if p, err := c.Plan(); err != nil || len(p.Doors) != 48 || len(p.Outlets) != 48 || errs.CodeOf(c.Unmapped) != errs.NotFound {
		t.Errorf("%d doors on %d locks, %v, %v", len(p.Doors), len(p.Outlets), err, c.Unmapped)
	}
}

func FuzzParseDoorMap(f *testing.F) {
	f.Add(mapOf("abc").Encode())
	f.Add([]byte("bellkeep door map 1\nbank a\n"))
	f.Add([]byte("door 1 left 0 1 typed\nbus left set-is-open\nsum 0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseDoorMap(text)
		if err == nil && !bytes.Equal(m.Encode(), text) {
			t.Errorf("%q is read as %q", text, m.Encode())
		}
	})
}
