package enrol

import (
	"errors"
	"fmt"
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
	MaxSheet   = fleet.MaxSheet // bytes
	MaxRows    = 1000
	mostFaults = 20 // named at once
)

var columns = []string{"id", "serial", "label", "groups"}

// serials have digits and capital letters, as on the back of a device.
var serials = regexp.MustCompile(`^[A-Z0-9]{8,14}$`)

// Expected is one line of a list.
type Expected struct {
	Device mdm.Device
	Serial string
}

// ReadSheet reads devices from a fleet.Sheet; groups are separated by spaces, and label
// and groups may be missing. groups are those that there are. A column that nobody knows
// is a fault: whoever wrote it would believe that it counts. Errors: invalid, at csv.
func ReadSheet(text string, groups []string) ([]Expected, error) {
	s, err := fleet.OpenSheet(text, columns)
	if err != nil {
		return nil, err
	}
	for _, name := range s.Columns() {
		if !slices.Contains(columns, name) {
			return nil, errs.At("csv", fmt.Sprintf("There is a column %.20q that nobody knows here", name), "The first line is: "+strings.Join(columns, ","))
		}
	}
	var list []Expected
	for _, row := range s.Rows {
		e := Expected{
			Device: fleet.NewDevice(strings.ToLower(row.Cell("id")), row.Cell("label"), apple.Platform, strings.Fields(row.Cell("groups")), nil),
			Serial: strings.ToUpper(row.Cell("serial")),
		}
		if err := fleet.CheckDevice(e.Device, groups); err != nil {
			s.Fault(row.Line, "%v", err)
		}
		if !serials.MatchString(e.Serial) {
			s.Fault(row.Line, "%.20q is not a serial number: 8 to 14 letters and digits, as in Settings, General, About", e.Serial)
		}
		s.Once(row.Line, "device", e.Device.ID)
		s.Once(row.Line, "serial number", e.Serial)
		list = append(list, e)
	}
	if len(list) > MaxRows {
		s.Fault(1, "there are %d devices; a list may have %d", len(list), MaxRows)
	}
	return list, s.Err()
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
