package enrol

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/fleet"
)

// The limits of a list of devices.
const (
	MaxSheet   = 256 << 10 // bytes
	MaxRows    = 1000
	mostFaults = 20 // named; a list with more is the wrong file
)

var columns = []string{"id", "serial", "label", "groups"}

// serials have digits and capital letters, as on the back of a device.
var serials = regexp.MustCompile(`^[A-Z0-9]{8,14}$`)

// Expected is one line of a list.
type Expected struct {
	Device mdm.Device
	Serial string
}

// ReadSheet reads devices from CSV (RFC 4180) with a heading, with commas, semicolons
// or tabs between the cells; groups are separated by spaces, and label and groups may be
// missing. groups are those that there are. All faults are found at once, each with its
// line. Errors: invalid, at csv.
func ReadSheet(text string, groups []string) ([]Expected, error) {
	if len(text) > MaxSheet {
		return nil, errs.At("csv", fmt.Sprintf("The list is longer than %d kB", MaxSheet>>10), "Bring it in parts.")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.TrimLeadingSpace = fleet.Separator(text), true
	heading, err := r.Read()
	if err != nil {
		return nil, errs.At("csv", "The list is empty or not CSV", "Its first line is: "+strings.Join(columns, ","))
	}
	s := sheet{groups: groups, ids: map[string]int{}, serials: map[string]int{}}
	if s.at, err = places(heading); err != nil {
		return nil, err
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			s.fault(wrong.Line, "it is not CSV, or has another number of cells than the heading")
			break
		}
		line, _ := r.FieldPos(0)
		s.row(line, cells)
	}
	switch {
	case len(s.rows) == 0 && len(s.faults) == 0:
		s.fault(1, "there is no device under the heading")
	case len(s.rows) > MaxRows:
		s.fault(1, "there are %d devices; a list may have %d", len(s.rows), MaxRows)
	}
	return s.rows, errors.Join(s.faults[:min(len(s.faults), mostFaults)]...)
}

// sheet is a list being read.
type sheet struct {
	groups       []string
	at           map[string]int // column of a name
	ids, serials map[string]int // line of each
	rows         []Expected
	faults       []error
}

func (s *sheet) fault(line int, format string, args ...any) {
	s.faults = append(s.faults, errs.At("csv", fmt.Sprintf("Line %d: ", line)+fmt.Sprintf(format, args...), ""))
}

func (s *sheet) cell(cells []string, name string) string {
	if n, ok := s.at[name]; ok {
		return strings.TrimSpace(cells[n])
	}
	return ""
}

func (s *sheet) row(line int, cells []string) {
	e := Expected{
		Device: fleet.NewDevice(strings.ToLower(s.cell(cells, "id")), s.cell(cells, "label"), apple.Platform, strings.Fields(s.cell(cells, "groups")), nil),
		Serial: strings.ToUpper(s.cell(cells, "serial")),
	}
	if err := fleet.CheckDevice(e.Device, s.groups); err != nil {
		s.fault(line, "%v", err)
	}
	if !serials.MatchString(e.Serial) {
		s.fault(line, "%.20q is not a serial number: 8 to 14 letters and digits, as in Settings, General, About", e.Serial)
	}
	s.once(line, s.ids, "device", e.Device.ID)
	s.once(line, s.serials, "serial number", e.Serial)
	s.rows = append(s.rows, e)
}

func (s *sheet) once(line int, seen map[string]int, what, value string) {
	if first := seen[value]; first > 0 && value != "" {
		s.fault(line, "%s %s stands in line %d already", what, value, first)
		return
	}
	seen[value] = line
}

// places are where the columns stand. One that nobody knows here is a fault: whoever
// wrote it would believe that it counts.
func places(heading []string) (map[string]int, error) {
	at, err := fleet.Columns(heading, columns)
	for name := range at {
		if !slices.Contains(columns, name) {
			return nil, errs.At("csv", fmt.Sprintf("There is a column %.20q that nobody knows here", name), "The first line is: "+strings.Join(columns, ","))
		}
	}
	return at, err
}

// Serial is the serial number that is expected of a device; "" for any.
func (o *Office) Serial(id string) string { return o.look().Serials[id] }

// Serials are all that are expected, by device.
func (o *Office) Serials() map[string]string { return maps.Clone(o.look().Serials) }

// Expect notes serial numbers. One that another device has is refused, all at once.
// Errors: conflict at csv.
func (o *Office) Expect(list []Expected) error {
	return o.change(func(s *state) error {
		if s.Serials == nil {
			s.Serials = map[string]string{}
		}
		for _, e := range list {
			s.Serials[e.Device.ID] = e.Serial
		}
		has := map[string]string{}
		var faults []error
		for _, id := range slices.SortedFunc(maps.Keys(s.Serials), mdm.CompareIDs) {
			serial := s.Serials[id]
			if first, twice := has[serial]; twice {
				faults = append(faults, errs.At("csv", fmt.Sprintf("Serial number %s is that of device %s and of %s", serial, first, id), "Look at the back of both."))
			}
			has[serial] = id
		}
		if len(s.Serials) > maxDevices {
			faults = append(faults, errs.At("csv", fmt.Sprintf("There would be %d devices; %d can be kept", len(s.Serials), maxDevices), ""))
		}
		return errors.Join(faults[:min(len(faults), mostFaults)]...)
	})
}
