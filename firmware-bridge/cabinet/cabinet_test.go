package cabinet

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const good = `bank: a
kiosk: {name: front, listen: 127.0.0.1:8081}
scanners:
  - {kiosk: front, port: scanner}
buses:
  - {name: left, driver: kerong-cu16, port: bus, boards: 2, polarity: set-is-closed, byte_order: low-first}
doors:
  - {numbers: 1-20, bus: left, board: 0, lock: 1}
`

func load(t *testing.T, text string) (Cabinet, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bank.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, "/dev/serial/by-path")
}

func TestLoad(t *testing.T) {
	c, err := load(t, good)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Buses[0].Doors[17]; got != (hardware.Channel{Board: 1, Index: 0}) {
		t.Errorf("door 17 is on %v", got)
	}
	if got := c.Buses[0].Line.Path; got != "/dev/serial/by-path/bus" {
		t.Errorf("the bus is %s", got)
	}
	if c.Label != "Bank A" || c.Setup.Allotment != "fixed" || len(c.Setup.Doors) != 20 || c.Buses[0].PulseGap != defaultPulseGap {
		t.Errorf("%+v", c)
	}
}

// Doors are pupils' unless the file says otherwise; classes may share a bus, but
// for evidence.
func TestLoadClasses(t *testing.T) {
	c, err := load(t, strings.Replace(good, "doors:\n", `  - {name: safe, driver: kerong-cu16, port: bus-2, boards: 1, polarity: set-is-closed, byte_order: low-first}
doors:
  - {numbers: 31-32, bus: safe, board: 0, lock: 1, class: evidence}
  - {numbers: 21-24, bus: left, board: 1, lock: 5, class: confiscation}
`, 1))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Setup
	if len(s.Doors) != 20 || !slices.Equal(s.Confiscation, []int{21, 22, 23, 24}) || !slices.Equal(s.Evidence, []int{31, 32}) {
		t.Errorf("%+v", s)
	}
	if c.Buses[0].Doors[21] != (hardware.Channel{Board: 1, Index: 4}) || len(c.Buses[1].Doors) != 2 {
		t.Errorf("%+v", c.Buses)
	}
	only, err := load(t, strings.Replace(good, "lock: 1}", "lock: 1, class: confiscation}", 1))
	if err != nil || len(only.Setup.Doors) != 0 || len(only.Setup.Confiscation) != 20 {
		t.Errorf("%+v, %v", only.Setup, err)
	}
}

// With locks counted from 1 a board has fifteen that can be opened, and the
// numbers run on to the next board after them.
func TestLoadLocksCountedFromOne(t *testing.T) {
	c, err := load(t, strings.Replace(good, "boards: 2,", "boards: 2, index_base: 1,", 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Buses[0].Doors[16]; got != (hardware.Channel{Board: 1, Index: 0}) {
		t.Errorf("door 16 is on %v", got)
	}
}

// Each case changes one thing; the fault must be named with its line.
func TestLoadNamesTheFault(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"map beyond the boards", "1-20", "1-33", "bank.yaml:8: doors: door 33 does not fit"},
		{"board that is not there", "board: 0", "board: 2", "bank.yaml:8: doors: door 1 does not fit"},
		{"lock that is not there", "lock: 1", "lock: 17", "bank.yaml:8: doors: lock 17"},
		{"bus that is not there", "bus: left", "bus: right", `bank.yaml:8: doors: there is no bus "right"`},
		{"door twice", "  - {numbers", "  - {numbers: 3, bus: left, board: 1, lock: 9}\n  - {numbers", "bank.yaml:9: doors: door 3 stands on line 8"},
		{"channel twice", "  - {numbers", "  - {numbers: 30, bus: left, board: 0, lock: 2}\n  - {numbers", "bank.yaml:9: doors: door 2 would share"},
		{"numbers that are none", "1-20", "20-1", "bank.yaml:8: doors: numbers"},
		{"unknown driver", "kerong-cu16", "abacus", "bank.yaml:6: buses: driver"},
		{"no polarity", "polarity: set-is-closed, ", "", "bank.yaml:6: buses: left: "},
		{"kiosk for everybody", "127.0.0.1:8081", "0.0.0.0:8081", "bank.yaml:2: kiosk: listen"},
		{"unknown key", "bank: a", "bank: a\nbanck: b", "bank.yaml:2: there is no key banck"},
		{"odd baud", "port: scanner", "port: scanner, baud: 12345", "bank.yaml:4: scanners"},
		{"not YAML", "bank: a", "bank: [", "bank.yaml:"},
		{"port twice", "port: bus", "port: scanner", "bank.yaml:6: buses: port scanner stands on line 4"},
		{"unknown class", "lock: 1}", "lock: 1, class: tray}", "bank.yaml:8: doors: class \"tray\" is neither"},
		{"evidence beside pupils", "  - {numbers", "  - {numbers: 30, bus: left, board: 1, lock: 9, class: evidence}\n  - {numbers", "bank.yaml:9: doors: bus \"left\" has doors of class evidence already; evidence doors need a bus of their own"},
		{"gap for ever", "boards: 2,", "boards: 2, pulse_gap: 1h,", "bank.yaml:6: buses: pulse_gap"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, strings.Replace(good, c.old, c.new, 1))
			if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want %q", err, c.want)
			}
			if errs.HintOf(err) == "" {
				t.Error("no next step")
			}
		})
	}
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"1-32", "7", "", "-", "1-", "9999999999-1", "1-999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, last, err := parseRange(text)
		if err == nil && (first < 1 || last < first || last-first >= maxDoors) {
			t.Errorf("parseRange(%q) = %d, %d", text, first, last)
		}
	})
}
