package cabinet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// mapped reads the door map of a bank whose file names one, and lays the doors by
// it. A map that is missing, damaged or another bank's leaves the doors where
// nobody can open them, and Unmapped says why.
func (r *reader) mapped(c *Cabinet, f bankFile) {
	if f.Map.V == "" {
		return
	}
	if strings.ContainsAny(f.Map.V, "/\\") {
		r.fault(f.Map.Line, "map: %q is not the name of a file beside this one, like bank-a.map", f.Map.V)
		return
	}
	c.MapPath = filepath.Join(filepath.Dir(r.path), f.Map.V)
	c.Wiring = wiringOf(f)
	if len(r.faults.List()) > 0 {
		return // what does not hold together cannot be laid out
	}
	m, err := loadDoorMap(c.MapPath)
	if err == nil {
		err = m.fits(*c)
	}
	if err != nil {
		c.Unmapped = err
		return
	}
	c.Map = &m
	for i, b := range c.Buses {
		for _, n := range b.Numbers {
			b.Doors[n] = m.Doors[n].Channel
		}
		f.Buses[i].Polarity = string(m.Polarity[b.Name])
		d, _ := findDriver(f.Buses[i].Driver.V)
		c.Buses[i].Boards = d.boards(f.Buses[i], b.Line.Baud)
		if err := c.Buses[i].mapFire(m.Polarity[b.Name]); err != nil {
			c.Map, c.Unmapped = nil, err
			return
		}
	}
}

func loadDoorMap(path string) (DoorMap, error) {
	text, err := os.ReadFile(path)
	name := filepath.Base(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return DoorMap{}, errs.New(errs.NotFound, fmt.Sprintf("There is no door map %s: which door hangs on which lock is not known.", name),
			"Stand at the cabinet and run: bellkeep-bank commission")
	case err != nil:
		return DoorMap{}, errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The door map %s cannot be read.", name), "Let this user read it.")
	}
	m, err := ParseDoorMap(text)
	if err != nil {
		return DoorMap{}, errs.Wrap(err, errs.Invalid, fmt.Sprintf("The door map %s is no good: %v", name, err), errs.HintOf(err))
	}
	return m, nil
}

// Plan is what a commissioning has to find out: of the doors named, which are on
// the map that there is, or of all. Errors: invalid for a bank whose file names no
// map, and for a door that is not on it.
func (c Cabinet) Plan(doors ...int) (p commission.Plan, err error) {
	switch {
	case c.MapPath == "":
		return p, errs.New(errs.Invalid, "The bank's file says itself where each door hangs.",
			"To have that found out, name a file for it, as in map: bank-a.map, and leave out polarity of its buses, board and lock of its doors.")
	case len(doors) > 0 && c.Map == nil:
		return p, errs.Wrap(c.Unmapped, errs.Invalid, "Doors can be mapped one by one only where there is a map.", "Map all of them: bellkeep-bank commission")
	case len(doors) > 0:
		return c.Map.plan(doors)
	}
	on := map[int]string{}
	for _, b := range c.Buses {
		size := b.Boards.Size()
		for board := range size.Boards {
			for i := range size.Channels {
				if ch := (hardware.Channel{Board: board, Index: i}); !b.atFire(ch) {
					p.Outlets = append(p.Outlets, commission.Outlet{Bus: b.Name, Channel: ch})
				}
			}
		}
		for _, n := range b.Numbers {
			on[n] = b.Name
		}
	}
	for _, n := range sortedNumbers(on) {
		p.Doors = append(p.Doors, commission.Door{Number: n, Bus: on[n]})
	}
	return p, nil
}

// plan is for some of the doors: only their own locks get a pulse, so that no
// other door opens.
func (m DoorMap) plan(doors []int) (p commission.Plan, err error) {
	doors = slices.Compact(slices.Sorted(slices.Values(doors)))
	for _, n := range doors {
		at, known := m.Doors[n]
		if !known {
			return p, errs.New(errs.Invalid, fmt.Sprintf("There is no door %d.", n), "Name doors of this bank.")
		}
		p.Outlets = append(p.Outlets, at.Outlet)
		p.Doors = append(p.Doors, commission.Door{Number: n, Bus: at.Bus})
	}
	return p, nil
}

// With is the map with what a commissioning has found. Errors: conflict where a
// bus's other contacts say the opposite.
func (m *DoorMap) With(found commission.Found) (commission.Found, error) {
	if m == nil {
		return found, nil
	}
	all := commission.Found{Polarity: maps.Clone(m.Polarity), Doors: maps.Clone(m.Doors)}
	maps.Copy(all.Doors, found.Doors)
	for _, d := range found.Doors {
		if p := found.Polarity[d.Bus]; !d.Typed && p != m.Polarity[d.Bus] {
			return all, errs.New(errs.Conflict, fmt.Sprintf("The contacts of these doors say %s, the others on bus %s say %s.", p, d.Bus, m.Polarity[d.Bus]),
				"Give all doors of one bus the same kind of contact, or map the whole bank again.")
		}
	}
	return all, nil
}

// wiringOf is a hash of all that decides which wire a door hangs on: what can
// change without a new map is left out. Keys that a file does not give do not
// count, so a later Bellkeep, which may know more of them, finds the same.
func wiringOf(f bankFile) string {
	type chip struct {
		Label    string   `json:",omitempty"`
		I2C      int      `json:",omitempty"`
		Address  int      `json:",omitempty"`
		Relays   []string `json:",omitempty"`
		Contacts []string `json:",omitempty"`
	}
	type bus struct {
		Name         string
		Driver       string
		Port         string `json:",omitempty"`
		Baud         int    `json:",omitempty"`
		Boards       int    `json:",omitempty"`
		Locks        int    `json:",omitempty"`
		IndexBase    int    `json:",omitempty"`
		ByteOrder    string `json:",omitempty"`
		AddressOrder string `json:",omitempty"`
		FirstSlave   int    `json:",omitempty"`
		Chips        []chip `json:",omitempty"`
		Trigger      string `json:",omitempty"`
		Pull         string `json:",omitempty"`
	}
	type doors struct{ Numbers, Bus string }
	var said struct {
		Buses []bus
		Doors []doors
	}
	for _, b := range f.Buses {
		as := bus{
			Name: b.Name.V, Driver: b.Driver.V, Port: b.Port.V, Baud: b.Baud, Boards: b.Boards, Locks: b.Locks, IndexBase: b.IndexBase,
			ByteOrder: b.ByteOrder, AddressOrder: b.AddressOrder, FirstSlave: b.FirstSlave, Trigger: b.Trigger, Pull: b.Pull,
		}
		for _, c := range b.Chips {
			as.Chips = append(as.Chips, chip{c.Label.V, c.I2C, c.Address.V, c.Relays, c.Contacts})
		}
		said.Buses = append(said.Buses, as)
	}
	for _, d := range f.Doors {
		said.Doors = append(said.Doors, doors{d.Numbers.V, d.Bus.V})
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return sumOf(text)
}
