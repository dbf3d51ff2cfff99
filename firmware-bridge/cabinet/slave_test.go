package cabinet

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// On a line of the kernel, with a board that is slave 1 and stays that: pretended
// boards do not listen to what is said to all.
func TestSetSlave(t *testing.T) {
	t.Parallel()
	buses := []world.Bus{{Name: "b", Boards: 1, Personality: world.Personality{Make: world.Relay}}}
	w, err := world.Open(t.Context(), world.Config{Dir: t.TempDir(), Truth: filepath.Join(t.TempDir(), "truth"), Buses: buses, Wiring: world.Lay(buses, -1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	head, _, _ := strings.Cut(good, "buses:")
	c, err := load(t, head+"buses:\n"+
		"  - {name: relays, driver: modbus-relay, port: "+w.BusPath("b")+", boards: 2, locks: 8, first_slave: 1, polarity: set-is-closed}\n"+
		"  - {name: away, driver: modbus-relay, port: away, boards: 1, locks: 8, first_slave: 1, polarity: set-is-closed}\n"+
		"  - {name: left, driver: kerong-cu16, port: bus, boards: 1, polarity: set-is-closed, byte_order: low-first}\n"+
		"doors:\n  - {numbers: 1-16, bus: relays, board: 0, lock: 1}\n  - {numbers: 17-18, bus: away, board: 0, lock: 1}\n  - {numbers: 19-20, bus: left, board: 0, lock: 1}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		bus  string
		id   int
		code errs.Code
		says string
	}{
		{"relays", 1, errs.Conflict, "answers as slave 1 already"},
		{"relays", 2, errs.Unavailable, "No relay board answers as slave 2"},
		{"relays", 3, errs.Invalid, "no board of bus relays is that slave"},
		{"away", 1, errs.NotFound, ""},
		{"left", 1, errs.Invalid, "have switches"},
		{"right", 1, errs.NotFound, `no bus "right"`},
	} {
		err := c.SetSlave(t.Context(), tc.bus, tc.id)
		if errs.CodeOf(err) != tc.code || !strings.Contains(err.Error(), tc.says) || errs.HintOf(err) == "" {
			t.Errorf("slave %d on bus %s: %v, want %s", tc.id, tc.bus, err, tc.code)
		}
	}
}
