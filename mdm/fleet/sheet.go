package fleet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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

// ReadSheet reads devices from CSV (RFC 4180) with a heading, with commas,
// semicolons or tabs between the cells. Groups and flags are separated by spaces.
// groups are those that there are. All faults are found at once, each with its
// line. Errors: invalid, at csv.
func ReadSheet(text string, groups []string) ([]mdm.Device, error) {
	if len(text) > MaxSheet {
		return nil, errs.At("csv", fmt.Sprintf("The list is longer than %d kB", MaxSheet>>10), "Enrol the devices in parts.")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.TrimLeadingSpace = Separator(text), true
	heading, err := r.Read()
	if err != nil {
		return nil, errs.At("csv", "The list is empty or not CSV", "Its first line is: "+strings.Join(sheetColumns, ","))
	}
	s := sheet{groups: groups, seen: map[string]int{}}
	if s.at, err = Columns(heading, sheetColumns); err != nil {
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
	if len(s.devices) == 0 && len(s.faults) == 0 {
		s.fault(1, "there is no device under the heading")
	}
	if len(s.devices) > MaxAtOnce {
		s.fault(1, "there are %d devices; %d can be enrolled at once", len(s.devices), MaxAtOnce)
	}
	return s.devices, errors.Join(s.faults[:min(len(s.faults), mostFaults)]...)
}

type sheet struct {
	groups  []string
	at      map[string]int // column of a name
	seen    map[string]int // line of an id
	devices []mdm.Device
	faults  []error
}

func (s *sheet) fault(line int, format string, args ...any) {
	s.faults = append(s.faults, errs.At("csv", fmt.Sprintf("Line %d: ", line)+fmt.Sprintf(format, args...), ""))
}

func (s *sheet) cell(cells []string, name string) string {
	if i, ok := s.at[name]; ok {
		return strings.TrimSpace(cells[i])
	}
	return ""
}

func (s *sheet) row(line int, cells []string) {
	d := NewDevice(strings.ToLower(s.cell(cells, "id")), s.cell(cells, "label"), s.cell(cells, "platform"), strings.Fields(s.cell(cells, "groups")), strings.Fields(s.cell(cells, "flags")))
	if err := CheckDevice(d, s.groups); err != nil {
		s.fault(line, "%v", err)
	}
	if first := s.seen[d.ID]; first > 0 {
		s.fault(line, "device %s stands in line %d already", d.ID, first)
		return
	}
	s.seen[d.ID] = line
	s.devices = append(s.devices, d)
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

// Columns are where the columns of a list of devices stand, by name; the first two of
// known must be there. Errors: invalid at csv.
func Columns(heading, known []string) (map[string]int, error) {
	at := map[string]int{}
	for i, h := range heading {
		name := strings.ToLower(strings.TrimSpace(h))
		if name == "group" || name == "flag" {
			name += "s"
		}
		if _, twice := at[name]; twice {
			return nil, errs.At("csv", fmt.Sprintf("There are two columns %.20q", name), "")
		}
		at[name] = i
	}
	for _, name := range known[:2] {
		if _, ok := at[name]; !ok {
			return nil, errs.At("csv", fmt.Sprintf("There is no column %q", name), "The first line is: "+strings.Join(known, ","))
		}
	}
	return at, nil
}

// Separator is whichever of comma, semicolon and tab the heading has most of.
func Separator(text string) rune {
	heading, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, c := range ";\t" {
		if strings.Count(heading, string(c)) > strings.Count(heading, string(best)) {
			best = c
		}
	}
	return best
}
