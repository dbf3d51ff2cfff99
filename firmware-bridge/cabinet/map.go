package cabinet

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// mapper lays door numbers on channels, one line of the file after the other.
type mapper struct {
	*reader
	buses     []Bus
	byNumber  map[int]int             // line of the file by door
	byChannel map[string]int          // door by "bus/board/index"
	byBus     map[string]locker.Class // of the first doors on a bus
	classes   map[int]locker.Class    // by door

	byBusNumber map[string]map[int]bool // doors by bus
}

func newMapper(r *reader, buses []Bus) mapper {
	return mapper{reader: r, buses: buses, byNumber: map[int]int{}, byChannel: map[string]int{}, byBus: map[string]locker.Class{}, classes: map[int]locker.Class{}, byBusNumber: map[string]map[int]bool{}}
}

func (m *mapper) lay(f doorsFile) {
	first, last, err := parseRange(f.Numbers.V)
	if err != nil {
		m.fault(f.Numbers.Line, "doors: numbers: %v", err)
		return
	}
	class, ok := m.class(f)
	if !ok {
		return
	}
	i := slices.IndexFunc(m.buses, func(b Bus) bool { return b.Name == f.Bus.V })
	if i < 0 {
		m.fault(f.Bus.Line, "doors: there is no bus %q", f.Bus.V)
		return
	}
	perBoard := m.buses[i].Boards.Size().Channels
	if perBoard < 1 {
		return // the bus itself has a fault, which is told
	}
	if m.byMap {
		m.layByMap(f, first, last, class, perBoard*m.buses[i].Boards.Size().Boards)
		return
	}
	if f.Lock < 1 || f.Lock > perBoard {
		m.fault(f.Numbers.Line, "doors: lock %d does not exist: locks of a board count from 1 to %d", f.Lock, perBoard)
		return
	}
	at := f.Board*perBoard + f.Lock - 1
	for n := first; n <= last; n, at = n+1, at+1 {
		if !m.place(f, m.buses[i], n, hardware.Channel{Board: at / perBoard, Index: at % perBoard}) {
			return // one fault a line is enough
		}
		m.classes[n] = class
	}
}

// layByMap notes which doors are on a bus; the map will say where.
func (m *mapper) layByMap(f doorsFile, first, last int, class locker.Class, locks int) {
	if f.Board != 0 || f.Lock != 0 {
		m.fault(f.Numbers.Line, "doors: board and lock are found by commissioning, and stand in the map")
		return
	}
	for n := first; n <= last; n++ {
		if m.named(f, n) {
			return
		}
		m.note(f, n)
		m.classes[n] = class
	}
	if n := len(m.byBusNumber[f.Bus.V]); n > locks {
		m.fault(f.Numbers.Line, "doors: bus %q has %d locks for %d doors", f.Bus.V, locks, n)
	}
}

// named refuses a door that was named before.
func (m *mapper) named(f doorsFile, door int) bool {
	first := m.byNumber[door]
	if first != 0 {
		m.fault(f.Numbers.Line, "doors: door %d stands on line %d already", door, first)
	}
	return first != 0
}

// note remembers that a door is on a bus.
func (m *mapper) note(f doorsFile, door int) {
	m.byNumber[door] = f.Numbers.Line
	if m.byBusNumber[f.Bus.V] == nil {
		m.byBusNumber[f.Bus.V] = map[int]bool{}
	}
	m.byBusNumber[f.Bus.V][door] = true
}

// class is that of a line's doors. What lies behind evidence doors may decide
// over somebody: nobody works on their bus for the sake of other doors.
func (m *mapper) class(f doorsFile) (locker.Class, bool) {
	class := cmp.Or(locker.Class(f.Class.V), locker.ClassPupil)
	before := cmp.Or(m.byBus[f.Bus.V], class)
	m.byBus[f.Bus.V] = before
	switch {
	case !slices.Contains([]locker.Class{locker.ClassPupil, locker.ClassConfiscation, locker.ClassEvidence, locker.ClassTray}, class):
		m.fault(f.Class.Line, "doors: class %q is neither pupil, confiscation, evidence nor tray", f.Class.V)
		return "", false
	case before != class && (before == locker.ClassEvidence || class == locker.ClassEvidence):
		m.fault(f.Numbers.Line, "doors: bus %q has doors of class %s already; evidence doors need a bus of their own", f.Bus.V, before)
		return "", false
	}
	return class, true
}

// of are the doors of a class, ascending.
func (m *mapper) of(class locker.Class) (doors []int) {
	for n, c := range m.classes {
		if c == class {
			doors = append(doors, n)
		}
	}
	slices.Sort(doors)
	return doors
}

func (m *mapper) place(f doorsFile, bus Bus, door int, ch hardware.Channel) bool {
	key := fmt.Sprintf("%s/%v", bus.Name, ch)
	line := f.Numbers.Line
	if err := bus.Boards.Size().Check(ch); err != nil {
		m.fault(line, "doors: door %d does not fit bus %q: %v", door, bus.Name, err)
		return false
	}
	if m.named(f, door) {
		return false
	}
	if other := m.byChannel[key]; other != 0 {
		m.fault(line, "doors: door %d would share board %d, lock %d of bus %q with door %d", door, ch.Board, ch.Index+1, bus.Name, other)
		return false
	}
	m.note(f, door)
	m.byChannel[key] = door
	bus.Doors[door] = ch
	return true
}

// onLoopback refuses an address from which other machines could reach a kiosk.
func onLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not an address like 127.0.0.1:8081", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s can be reached from other machines; a kiosk belongs on 127.0.0.1", address)
	}
	return nil
}

// each takes joined errors apart.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

func sortedNumbers[V any](m map[int]V) []int { return slices.Sorted(maps.Keys(m)) }
