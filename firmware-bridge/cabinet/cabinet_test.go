package cabinet

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/hardware/modbusrelay"
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

// A bank may have boards of every make, each on a bus of its own.
const everyDriver = `bank: a
kiosk: {name: front, listen: 127.0.0.1:8081}
scanners:
  - {kiosk: front, port: scanner}
buses:
  - {name: small, driver: 8a, port: bus-1, boards: 2, locks: 24, polarity: set-is-open, byte_order: high-first}
  - {name: large, driver: kerong-cu48, port: bus-2, boards: 1, polarity: set-is-closed, address_order: board-first}
  - {name: relay, driver: modbus-relay, port: bus-3, boards: 2, locks: 8, first_slave: 1, pulse: 500ms, polarity: set-is-closed}
doors:
  - {numbers: 1-48, bus: small, board: 0, lock: 1}
  - {numbers: 49-96, bus: large, board: 0, lock: 1}
  - {numbers: 97-112, bus: relay, board: 0, lock: 1}
`

func TestLoadEveryDriver(t *testing.T) {
	c, err := load(t, everyDriver)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		baud  int
		gap   time.Duration
		door  int
		at    hardware.Channel
		opens string
	}{
		{9600, defaultPulseGap, 48, hardware.Channel{Board: 1, Index: 23}, "*xor8a.Bus"},
		{19200, defaultPulseGap, 96, hardware.Channel{Board: 0, Index: 47}, "*kerongcu48.Bus"},
		{9600, defaultPulseGap + 500*time.Millisecond, 112, hardware.Channel{Board: 1, Index: 7}, "*modbusrelay.Bus"},
	} {
		b := c.Buses[i]
		if b.Line.Baud != want.baud || b.PulseGap != want.gap || b.Doors[want.door] != want.at {
			t.Errorf("bus %s: %d baud, gap %v, door %d on %v", b.Name, b.Line.Baud, b.PulseGap, want.door, b.Doors[want.door])
		}
		bus, err := b.Boards.Open(hwtest.NewLine())
		if err != nil || fmt.Sprintf("%T", bus) != want.opens {
			t.Errorf("bus %s opens as %T, %v", b.Name, bus, err)
		}
	}
	relay := c.Buses[2].Boards.(modbusrelay.Config)
	if want := (modbusrelay.Config{Boards: 2, Relays: 8, FirstSlave: 1, Polarity: hardware.SetIsClosed, Pulse: 500 * time.Millisecond, Baud: 9600}); relay != want {
		t.Errorf("%+v, want %+v", relay, want)
	}
}

// The examples in the wiring pages are bank files that load.
func TestWiringPagesHaveGoodExamples(t *testing.T) {
	for folder, driver := range map[string]string{
		"kerong": "kerong-cu16", "kerongcu48": "kerong-cu48", "xor8a": "8a", "modbusrelay": "modbus-relay",
	} {
		page, err := os.ReadFile(filepath.Join("..", "..", "hardware", folder, "WIRING.md"))
		if err != nil {
			t.Fatal(err)
		}
		_, example, _ := strings.Cut(string(page), "```yaml\n")
		example, _, found := strings.Cut(example, "```")
		head, _, _ := strings.Cut(good, "buses:")
		if c, err := load(t, head+example); err != nil || !found || !strings.Contains(example, "driver: "+driver+",") || len(c.Setup.Doors) == 0 {
			t.Errorf("%s: %v", folder, err)
		}
		for _, word := range []string{"Supply", "fuse", "Pulse", "Door contact"} {
			if !strings.Contains(string(page), word) {
				t.Errorf("%s says nothing of %s", folder, word)
			}
		}
	}
}

// Keys that another make of boards has are mistakes, not to be passed over; and
// none of those that decide which door opens has a default.
func TestLoadEveryDriverNamesTheFault(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"no locks", "locks: 24, ", "", "bank.yaml:6: buses: small: An 8A board has 1 to 32 locks, not 0"},
		{"no byte order", ", byte_order: high-first", "", "bank.yaml:6: buses: small: The status bytes"},
		{"no address order", ", address_order: board-first", "", "bank.yaml:7: buses: large: The address bytes"},
		{"no polarity", ", polarity: set-is-closed, address", ", address", "bank.yaml:7: buses: large: The bits of door contacts"},
		{"no slave", "first_slave: 1, ", "", "bank.yaml:8: buses: relay: Slave ids go from 1"},
		{"pulse too long", "pulse: 500ms", "pulse: 1500ms", "bank.yaml:8: buses: relay: A pulse takes 100ms to 1s"},
		{"pulse of nothing", "pulse: 500ms", "pulse: 0s", "bank.yaml:8: buses: relay: A pulse takes"},
		{"two coils at once", "pulse: 500ms", "pulse: 500ms, pulse_gap: 400ms", "bank.yaml:8: buses: pulse_gap: 400ms is shorter than a pulse, 500ms"},
		{"a key of another make", "locks: 24, ", "locks: 24, address_order: lock-first, ", "bank.yaml:6: buses: small: address_order is not for boards of driver 8a"},
		{"a pulse the board times itself", "board-first", "board-first, pulse: 300ms", "bank.yaml:7: buses: large: pulse is not for boards of driver kerong-cu48"},
		{"lock that is not there", "1-48", "1-49", "bank.yaml:10: doors: door 49 does not fit"},
		{"unknown driver", "driver: 8a", "driver: 8b", `bank.yaml:6: buses: driver "8b" is not known; there are kerong-cu16, kerong-cu48, 8a, modbus-relay and gpio`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, strings.Replace(everyDriver, c.old, c.new, 1))
			if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) || errs.HintOf(err) == "" {
				t.Errorf("err = %v, want %q", err, c.want)
			}
		})
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
		{"unknown class", "lock: 1}", "lock: 1, class: cellar}", "bank.yaml:8: doors: class \"cellar\" is neither"},
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

// No file, however odd, gives two doors one lock.
func FuzzLoad(f *testing.F) {
	f.Add(good)
	f.Add(strings.Replace(good, "kerong-cu16, port: bus, boards: 2,", "8a, port: bus, boards: 1, locks: 24,", 1))
	f.Add(strings.Replace(good, "lock: 1}", "lock: 1, class: evidence}", 1))
	f.Add("buses: [{name: pins, driver: gpio, chips: [{chip: a, relays: [r], reeds: [d]}]}]")
	f.Add("bank: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := load(t, text)
		if err != nil {
			return
		}
		doors, locks := map[int]bool{}, map[string]bool{}
		for _, b := range c.Buses {
			for door, channel := range b.Doors {
				lock := fmt.Sprint(b.Name, channel)
				if doors[door] || locks[lock] || door < 1 {
					t.Fatalf("door %d at %s\n%s", door, lock, text)
				}
				doors[door], locks[lock] = true, true
			}
		}
		if len(doors) > maxDoors {
			t.Fatalf("%d doors", len(doors))
		}
	})
}
