package cabinet

import (
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/kerong"
	"github.com/bellkeep/bellkeep/hardware/kerongcu48"
	"github.com/bellkeep/bellkeep/hardware/modbusrelay"
	"github.com/bellkeep/bellkeep/hardware/xor8a"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Boards is what is known of the boards of a bus before it is open.
type Boards interface {
	Validate() error // every fault, joined
	Size() hardware.Size
	Open(hardware.Line) (hardware.LockBus, error) // on the line they are on, if any
}

// driver is one make of boards.
type driver struct {
	name   string
	baud   int // as delivered; 0 for boards on no serial line
	boards func(f busFile, baud int) Boards
	timed  bool     // the file says how long a pulse is, and the board ends it
	keys   []string // of the file, beyond those that every bus has
}

const usualBaud = 9600 // of a driver that is not known

// drivers are those there are.
func drivers() []driver {
	return []driver{
		{"kerong-cu16", 19200, kerongCU16, false, []string{"byte_order", "index_base", "items"}},
		{"kerong-cu48", 19200, kerongCU48, false, []string{"address_order", "items"}},
		{"8a", 9600, xor8A, false, []string{"locks", "byte_order"}},
		{"modbus-relay", 9600, modbusRelay, true, []string{"locks", "first_slave", "pulse"}},
		{"gpio", 0, gpioPins, false, []string{"chips", "trigger", "pull", "pulse", "debounce"}},
	}
}

// serialKeys are for all boards on serial lines.
var serialKeys = []string{"port", "baud", "boards"}

func driverNames() string {
	var names []string
	for _, d := range drivers() {
		names = append(names, d.name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func findDriver(name string) (driver, bool) {
	all := drivers()
	i := slices.IndexFunc(all, func(d driver) bool { return d.name == name })
	if i < 0 {
		return driver{}, false
	}
	return all[i], true
}

// misplaced are the keys of a bus that its driver knows nothing of.
func (d driver) misplaced(f busFile) (keys []string) {
	for key, given := range map[string]bool{
		"byte_order": f.ByteOrder != "", "index_base": f.IndexBase != 0, "items": f.Items,
		"address_order": f.AddressOrder != "", "locks": f.Locks != 0, "first_slave": f.FirstSlave != 0,
		"pulse": f.Pulse.Line != 0, "chips": len(f.Chips) > 0, "trigger": f.Trigger != "", "pull": f.Pull != "",
		"debounce": f.Debounce != 0, "port": f.Port.Line != 0, "baud": f.Baud != 0, "boards": f.Boards != 0,
	} {
		if given && !slices.Contains(d.keys, key) && (d.baud == 0 || !slices.Contains(serialKeys, key)) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func kerongCU16(f busFile, _ int) Boards {
	return kerong.Config{
		Boards: f.Boards, Polarity: hardware.Polarity(f.Polarity), ByteOrder: kerong.ByteOrder(f.ByteOrder),
		IndexBase: f.IndexBase, Items: f.Items,
	}
}

func kerongCU48(f busFile, _ int) Boards {
	return kerongcu48.Config{
		Boards: f.Boards, Polarity: hardware.Polarity(f.Polarity), AddressOrder: kerongcu48.AddressOrder(f.AddressOrder),
		Items: f.Items,
	}
}

func xor8A(f busFile, _ int) Boards {
	return xor8a.Config{
		Boards: f.Boards, Locks: f.Locks, Polarity: hardware.Polarity(f.Polarity), ByteOrder: xor8a.ByteOrder(f.ByteOrder),
	}
}

func modbusRelay(f busFile, baud int) Boards {
	return modbusrelay.Config{
		Boards: f.Boards, Relays: f.Locks, FirstSlave: f.FirstSlave, Polarity: hardware.Polarity(f.Polarity),
		Pulse: f.Pulse.V, Baud: baud,
	}
}

// anyBoards stand for those of a driver that is not known, so that the rest of
// the file is read, and nothing more is said about them.
type anyBoards struct{}

func (anyBoards) Validate() error     { return nil }
func (anyBoards) Size() hardware.Size { return hardware.Size{Boards: maxDoors, Channels: maxDoors} }
func (anyBoards) Open(hardware.Line) (hardware.LockBus, error) {
	return nil, errs.New(errs.Invalid, "The driver of this bus is not known.", "Run: bellkeep-bank check")
}
