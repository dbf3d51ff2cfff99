package cabinet

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/world"
)

// Every driver, as the bank file chooses it, against boards on a serial line of
// the kernel that damages a reply now and then: 2,000 looks, an order before
// every 200th. Each order moves its own door's latch once and no other, and two
// looks that agree tell the truth.
func TestEveryDriverOverALineOfTheKernel(t *testing.T) {
	const looks, each = 2000, 200
	for driver, tc := range map[string]struct {
		keys   string
		boards world.Personality
	}{
		"kerong-cu16":  {"polarity: set-is-open, byte_order: high-first", world.Personality{OneIsOpen: true, HighFirst: true}},
		"kerong-cu48":  {"polarity: set-is-closed, address_order: lock-first", world.Personality{Make: world.CU48, LockFirst: true}},
		"8a":           {"locks: 32, polarity: set-is-closed, byte_order: low-first", world.Personality{Make: world.EightA, Size: 32}},
		"modbus-relay": {"baud: 115200, locks: 8, first_slave: 1, polarity: set-is-closed", world.Personality{Make: world.Relay}},
	} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			w := pretend(t, tc.boards)
			bus, doors := overLine(t, w, driver, tc.keys)
			failed, wrong, last := 0, 0, [2][]hardware.Reading{}
			for i := range looks {
				if door := 1 + i/each; i%each == 0 {
					// The echo of a relay board may be spoiled: its latch moves all the same.
					if err := bus.Unlock(t.Context(), doors[door]); err != nil && driver != "modbus-relay" {
						t.Error(err)
					}
					awaitOpen(t, w, door)
				}
				board := i % 2
				got, err := bus.Read(t.Context(), board)
				switch {
				case err != nil:
					failed++
				case slices.Equal(got, last[board]):
					wrong += lies(w, got, 1+board*tc.boards.Locks())
				}
				last[board] = got
			}
			met := w.Summary().Buses["b"]
			t.Logf("%d looks, %d failed, %d wrong readings: %+v", looks, failed, wrong, met)
			if met.Unlocks != looks/each || met.Elsewhere+met.Unknown+met.BadBytes+met.Collided != 0 || wrong != 0 || failed > looks/20 || met.Spoiled == 0 {
				t.Error("the boards met something else")
			}
			for door := 1; door <= 2*tc.boards.Locks(); door++ {
				if is, want := w.Door(door).Open, door <= looks/each; is != want {
					t.Errorf("door %d is open: %v, want %v", door, is, want)
				}
			}
		})
	}
}

// pretend is two boards on one bus, on a bad line.
func pretend(t *testing.T, p world.Personality) *world.World {
	t.Helper()
	buses := []world.Bus{{Name: "b", Boards: 2, Personality: p, Noise: world.Noise{Chance: 1e-3}}}
	w, err := world.Open(t.Context(), world.Config{
		Dir: t.TempDir(), Truth: filepath.Join(t.TempDir(), "truth"), Buses: buses, Wiring: world.Lay(buses, -1),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// overLine opens the bus of a bank file.
func overLine(t *testing.T, w *world.World, driver, keys string) (hardware.LockBus, map[int]hardware.Channel) {
	t.Helper()
	head, _, _ := strings.Cut(good, "buses:")
	c, err := load(t, head+"buses:\n  - {name: b, port: "+w.BusPath("b")+", boards: 2, driver: "+driver+", "+keys+"}\n"+
		"doors:\n  - {numbers: 1-16, bus: b, board: 0, lock: 1}\n")
	if err != nil {
		t.Fatal(err)
	}
	bus, err := c.Buses[0].open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	return bus, c.Buses[0].Doors
}

func awaitOpen(t *testing.T, w *world.World, door int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !w.Door(door).Open; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("door %d did not open", door)
		}
	}
}

// lies counts the readings that are not as the doors are, from the first on.
func lies(w *world.World, got []hardware.Reading, first int) (n int) {
	for i, r := range got {
		if w.Door(first+i).Open != (r.Contact == hardware.Open) {
			n++
		}
	}
	return n
}
