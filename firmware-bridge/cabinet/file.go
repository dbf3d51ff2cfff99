// Package cabinet reads the file that describes one bank, checks it against
// what its lock boards can do, and opens its buses and scanners. It is the one
// place that knows which driver a name stands for.
package cabinet

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/modbusrelay"
	"github.com/bellkeep/bellkeep/hardware/serialport"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Cabinet is a bank as its file describes it, checked.
type Cabinet struct {
	Setup    locker.Setup
	Label    string
	Kiosk    Kiosk
	Scanners []Scanner
	Buses    []Bus
	Fire     string // the bus on which the fire alarm is heard; "" where none is

	// A bank whose file names a map has its doors laid by that.
	MapPath  string   // "" for a bank whose file says where each door hangs
	Wiring   string   // hash of what the file says of buses and doors
	Map      *DoorMap // nil without a map that fits
	Unmapped error    // why there is none; such a bank opens nothing

	path, devices string
}

// Reload reads the bank's file and its map anew.
func (c Cabinet) Reload() (Cabinet, error) { return Load(c.path, c.devices) }

// Kiosk is the bank's own page.
type Kiosk struct {
	Name   string
	Listen string // address on the loopback interface
}

// Scanner is a badge scanner: on a serial line, or one that poses as a keyboard.
type Scanner struct {
	Kiosk string
	Line  serialport.Config
	Input string // path of the keyboard's input device; "" for a serial line
}

// Bus is one line of lock boards and the doors on it.
type Bus struct {
	Name     string
	Line     serialport.Config // the zero value for boards on no serial line
	Boards   Boards
	PulseGap time.Duration
	Poll     time.Duration
	Doors    map[int]hardware.Channel
	Fire     *bridge.FireInput // nil: none is on it
	Numbers  []int             // of its doors, ascending

	asBits Boards // where a map says what a bit means: the same, with closed for a set bit
}

// Defaults of a bank file.
const (
	defaultPulseGap = 300 * time.Millisecond // one coil at a time
	defaultPoll     = 50 * time.Millisecond
	maxDoors        = 512
	assumed         = hardware.SetIsClosed // until commissioning has found out
	inputDevices    = "/dev/input/by-id"   // of scanners that pose as keyboards
)

type bankFile struct {
	Bank      config.Value[string] `yaml:"bank"`
	Label     string               `yaml:"label"`
	Map       config.Value[string] `yaml:"map"`
	Allotment config.Value[string] `yaml:"allotment"`
	Kiosk     struct {
		Name   string               `yaml:"name"`
		Listen config.Value[string] `yaml:"listen"`
	} `yaml:"kiosk"`
	Scanners []scannerFile `yaml:"scanners"`
	Buses    []busFile     `yaml:"buses"`
	Doors    []doorsFile   `yaml:"doors"`
	Fire     *fireFile     `yaml:"fire_input"`
}

type scannerFile struct {
	Kiosk config.Value[string] `yaml:"kiosk"`
	Port  config.Value[string] `yaml:"port"`
	Baud  int                  `yaml:"baud"`
	Input config.Value[string] `yaml:"input"`
}

type busFile struct {
	Name         config.Value[string]        `yaml:"name"`
	Driver       config.Value[string]        `yaml:"driver"`
	Port         config.Value[string]        `yaml:"port"`
	Baud         int                         `yaml:"baud"`
	Boards       int                         `yaml:"boards"`
	Locks        int                         `yaml:"locks"`
	Polarity     string                      `yaml:"polarity"` // found by commissioning, where there is a map
	IndexBase    int                         `yaml:"index_base"`
	ByteOrder    string                      `yaml:"byte_order"`
	AddressOrder string                      `yaml:"address_order"`
	FirstSlave   int                         `yaml:"first_slave"`
	Items        bool                        `yaml:"items"`
	Chips        []chipFile                  `yaml:"chips"`
	Trigger      string                      `yaml:"trigger"`
	Pull         string                      `yaml:"pull"`
	Debounce     time.Duration               `yaml:"debounce"`
	Pulse        config.Value[time.Duration] `yaml:"pulse"`
	PulseGap     config.Value[time.Duration] `yaml:"pulse_gap"`
	Poll         config.Value[time.Duration] `yaml:"poll"`
}

// fireFile names the contact of a lock board on which the fire alarm is heard.
type fireFile struct {
	Bus    config.Value[string] `yaml:"bus"`
	Board  int                  `yaml:"board"`
	Lock   int                  `yaml:"lock"`
	Active config.Value[string] `yaml:"active"`
}

type doorsFile struct {
	Numbers config.Value[string] `yaml:"numbers"`
	Bus     config.Value[string] `yaml:"bus"`
	Board   int                  `yaml:"board"`
	Lock    int                  `yaml:"lock"`
	Class   config.Value[string] `yaml:"class"`
}

// Load reads and checks a bank file. Port names without a slash are found in
// devices. All faults come back in one error.
func Load(path, devices string) (Cabinet, error) {
	var faults config.Faults
	c := Read(path, devices, &faults)
	return c, faults.Err()
}

// Read is Load for a caller that gathers the faults of more files.
func Read(path, devices string, faults *config.Faults) Cabinet {
	var file bankFile
	if !config.Load(path, &file, faults) {
		return Cabinet{}
	}
	r := reader{path: path, devices: devices, faults: faults, ports: map[string]int{}}
	return r.cabinet(file)
}

type reader struct {
	path, devices string
	faults        *config.Faults
	byMap         bool           // a map says where doors hang and what their contacts mean
	ports         map[string]int // line of the file by serial port, pin and whatever else only one may have
}

func (r *reader) fault(line int, format string, args ...any) {
	r.faults.Add(r.path, line, format, args...)
}

func (r *reader) cabinet(f bankFile) Cabinet {
	c := Cabinet{path: r.path, devices: r.devices, Label: f.Label, Kiosk: Kiosk{f.Kiosk.Name, f.Kiosk.Listen.V}}
	c.Setup = locker.Setup{Bank: f.Bank.V, Allotment: locker.Allotment(f.Allotment.V)}
	if c.Setup.Allotment == "" {
		c.Setup.Allotment = locker.Fixed
	}
	if !school.ValidID(f.Bank.V) {
		r.fault(f.Bank.Line, "bank: needs an id of small letters, digits and hyphens, like a")
	}
	if c.Setup.Allotment != locker.Fixed && c.Setup.Allotment != locker.Dynamic {
		r.fault(f.Allotment.Line, "allotment: %q is neither fixed nor dynamic", f.Allotment.V)
	}
	if c.Label == "" {
		c.Label = "Bank " + strings.ToUpper(f.Bank.V)
	}
	if err := onLoopback(f.Kiosk.Listen.V); err != nil {
		r.fault(f.Kiosk.Listen.Line, "kiosk: listen: %v", err)
	}
	c.Scanners = r.scanners(f)
	r.byMap = f.Map.V != ""
	c.Buses = r.buses(f.Buses)
	r.doors(&c.Setup, f.Doors, c.Buses, f.Buses)
	r.fire(&c, f)
	r.mapped(&c, f)
	return c
}

func (r *reader) scanners(f bankFile) []Scanner {
	if len(f.Scanners) == 0 {
		r.fault(0, "scanners: a bank needs at least one")
	}
	var list []Scanner
	for _, s := range f.Scanners {
		if s.Kiosk.V != f.Kiosk.Name {
			r.fault(s.Kiosk.Line, "scanners: kiosk %q is not the kiosk of this bank, %q", s.Kiosk.V, f.Kiosk.Name)
		}
		list = append(list, r.scanner(s))
	}
	return list
}

func (r *reader) scanner(s scannerFile) Scanner {
	if s.Input.V == "" {
		return Scanner{Kiosk: s.Kiosk.V, Line: r.line("scanners", s.Port, s.Baud, 9600)}
	}
	if s.Port.V != "" || s.Baud != 0 {
		r.fault(s.Input.Line, "scanners: a scanner has a port, with a baud if need be, or an input, not both")
	}
	path := s.Input.V
	if !strings.Contains(path, "/") {
		path = filepath.Join(inputDevices, path)
	}
	r.claim("scanners", "input "+path, s.Input.Line)
	return Scanner{Kiosk: s.Kiosk.V, Input: path}
}

func (r *reader) line(key string, port config.Value[string], baud, usual int) serialport.Config {
	if baud == 0 {
		baud = usual
	}
	path := port.V
	if path != "" && !strings.Contains(path, "/") {
		path = filepath.Join(r.devices, path)
	}
	line := serialport.Config{Path: path, Baud: baud}
	if first := r.ports[path]; first != 0 {
		r.fault(port.Line, "%s: port %s stands on line %d already", key, port.V, first)
	}
	r.ports[path] = port.Line
	if err := line.Validate(); err != nil {
		for _, e := range each(err) {
			r.fault(port.Line, "%s: %v", key, e)
		}
	}
	return line
}

func (r *reader) buses(files []busFile) []Bus {
	if len(files) == 0 {
		r.fault(0, "buses: a bank needs at least one")
	}
	seen := map[string]int{}
	var list []Bus
	for _, f := range files {
		if first := seen[f.Name.V]; first != 0 || !school.ValidID(f.Name.V) {
			r.fault(f.Name.Line, "buses: name %q is empty, ill formed or used before", f.Name.V)
		}
		seen[f.Name.V] = f.Name.Line
		list = append(list, r.bus(f))
	}
	return list
}

func (r *reader) bus(f busFile) Bus {
	bus := Bus{Name: f.Name.V, Doors: map[int]hardware.Channel{}, Poll: r.duration("poll", f.Poll, defaultPoll)}
	driver, known := findDriver(f.Driver.V)
	if !known {
		r.fault(f.Driver.Line, "buses: driver %q is not known; there are %s", f.Driver.V, driverNames())
		bus.Line, bus.Boards = r.line("buses", f.Port, f.Baud, usualBaud), anyBoards{}
		return bus
	}
	for _, key := range driver.misplaced(f) {
		r.fault(f.Name.Line, "buses: %s: %s is not for boards of driver %s", f.Name.V, key, driver.name)
	}
	if r.byMap && f.Polarity != "" {
		r.fault(f.Name.Line, "buses: %s: polarity is found by commissioning, and stands in the map", f.Name.V)
	} else if r.byMap {
		f.Polarity = string(assumed)
	}
	if driver.timed && f.Pulse.Line == 0 {
		f.Pulse.V = modbusrelay.DefaultPulse
	}
	if driver.baud != 0 {
		bus.Line = r.line("buses", f.Port, f.Baud, driver.baud)
	}
	r.chips(f)
	var pulse time.Duration // that goes on after the order was sent
	if driver.timed {
		pulse = f.Pulse.V
	}
	bus.PulseGap = r.duration("pulse_gap", f.PulseGap, defaultPulseGap+pulse)
	if bus.PulseGap < pulse {
		r.fault(f.PulseGap.Line, "buses: pulse_gap: %v is shorter than a pulse, %v; only one coil may draw current at a time", bus.PulseGap, pulse)
	}
	bus.Boards = driver.boards(f, bus.Line.Baud)
	if r.byMap {
		bus.asBits = bus.Boards
	}
	for _, e := range each(bus.Boards.Validate()) {
		r.fault(f.Name.Line, "buses: %s: %v", f.Name.V, e)
	}
	return bus
}

func (r *reader) duration(key string, v config.Value[time.Duration], usual time.Duration) time.Duration {
	switch {
	case v.Line == 0:
		return usual
	case v.V < 0 || v.V > 10*time.Second:
		r.fault(v.Line, "buses: %s: must be between 0s and 10s", key)
	}
	return v.V
}

// doors lays the door numbers on the buses and refuses a map that does not fit
// them.
func (r *reader) doors(setup *locker.Setup, files []doorsFile, buses []Bus, sources []busFile) {
	m := newMapper(r, buses)
	for _, f := range files {
		m.lay(f)
	}
	if len(m.byNumber) == 0 {
		r.fault(0, "doors: a bank needs at least one")
	}
	for i, b := range buses {
		buses[i].Numbers = sortedNumbers(m.byBusNumber[b.Name])
		if len(buses[i].Numbers) == 0 {
			r.fault(sources[i].Name.Line, "buses: no door is on bus %q", b.Name)
		}
	}
	setup.Doors, setup.Confiscation, setup.Evidence = m.of(locker.ClassPupil), m.of(locker.ClassConfiscation), m.of(locker.ClassEvidence)
	setup.Trays = m.of(locker.ClassTray)
}

// parseRange reads "1-32" or "7".
func parseRange(text string) (first, last int, err error) {
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	first, err1 := strconv.Atoi(strings.TrimSpace(from))
	last, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err1 != nil || err2 != nil || first < 1 || last < first || last-first >= maxDoors {
		return 0, 0, fmt.Errorf("%q is not a door number or a range like 1-32", text)
	}
	return first, last, nil
}
