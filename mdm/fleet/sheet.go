package fleet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// The limits of a list of devices.
const (
	MaxSheet   = 256 << 10 // bytes
	MaxAtOnce  = 200       // devices: the joining codes hold for half an hour
	mostFaults = 20        // named; a list with more is the wrong file
)

// sheetColumns are the columns by name; the first two must be there.
var sheetColumns = []string{"id", "platform", "label", "groups", "flags"}

// ReadSheet reads devices from a Sheet; groups are those that there are. Errors:
// invalid, at csv.
func ReadSheet(text string, groups []string) ([]mdm.Device, error) {
	s, err := OpenSheet(text, sheetColumns)
	if err != nil {
		return nil, err
	}
	var devices []mdm.Device
	for _, row := range s.Rows {
		d := NewDevice(strings.ToLower(row.Cell("id")), row.Cell("label"), row.Cell("platform"), strings.Fields(row.Cell("groups")), strings.Fields(row.Cell("flags")))
		if err := CheckDevice(d, groups); err != nil {
			s.Fault(row.Line, "%v", err)
		}
		if s.Once(row.Line, "device", d.ID) {
			devices = append(devices, d)
		}
	}
	if len(devices) > MaxAtOnce {
		s.Fault(1, "there are %d devices; %d can be enrolled at once", len(devices), MaxAtOnce)
	}
	return devices, s.Err()
}

// NewDevice is a device as somebody writes it down, in the form the book keeps.
func NewDevice(id, label, platform string, groups, flags []string) mdm.Device {
	d := mdm.Device{ID: id, Label: label, Platform: strings.ToLower(platform), Groups: slices.Compact(slices.Sorted(slices.Values(groups)))}
	for _, f := range flags {
		d.Flags = append(d.Flags, mdm.Flag(strings.ToLower(f)))
	}
	slices.Sort(d.Flags)
	d.Flags = slices.Compact(d.Flags)
	return d
}

// CheckDevice names the first fault of a device, an unknown group among them.
// Errors: invalid.
func CheckDevice(d mdm.Device, groups []string) error {
	if err := d.Validate(); err != nil {
		return err
	}
	for _, g := range d.Groups {
		if !slices.Contains(groups, g) {
			return errs.New(errs.Invalid, fmt.Sprintf("There is no group %q.", g), "The groups are: "+strings.Join(groups, ", "))
		}
	}
	return nil
}
