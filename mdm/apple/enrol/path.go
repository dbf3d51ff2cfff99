package enrol

import (
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// Path is a way by which devices come under management.
type Path string

// The ways, the one that enforces most first.
const (
	Automated    Path = "ade"          // through Apple School Manager
	Configurator Path = "configurator" // by cable, from a Mac
	Plain        Path = "profile"      // a profile that its user installs
)

// Paths are all of them.
var Paths = []Path{Automated, Configurator, Plain}

// supervised reports whether devices of a path are.
func (p Path) supervised() bool { return p == Automated || p == Configurator }

// Line is what the paths come to in one respect: what each cannot, and why; "" where
// it can.
type Line struct {
	Setting mdm.Setting
	Why     map[Path]string
}

// tableOS is the version that the table is for.
const tableOS = "18.0"

// Table is what each path can enforce, by what package apple asks of a device.
func Table() []Line {
	var table []Line
	for _, s := range change.Settings {
		line := Line{Setting: s, Why: map[Path]string{}}
		for _, p := range Paths {
			line.Why[p] = cannot(s, p.supervised())
		}
		table = append(table, line)
	}
	return table
}

// cannot is why a device of today cannot be kept to a setting; "" for what it can.
func cannot(s mdm.Setting, supervised bool) string {
	return apple.Cannot(s, apple.Traits{OSVersion: tableOS, Supervised: &supervised})
}

// Unenforced are the settings of a set that a device cannot be kept to as long as it is
// not supervised.
func Unenforced(set mdm.Set) (list []mdm.Setting) {
	for _, s := range change.Settings {
		if v, ok := set[s]; ok && v != mdm.User && cannot(s, false) != "" && cannot(s, true) == "" {
			list = append(list, s)
		}
	}
	return list
}

// Path is the way the school chose; "" for none yet.
func (o *Office) Path() Path { return o.look().Path }

// Choose chooses it. Errors: invalid at path.
func (o *Office) Choose(p Path) error {
	if p != Automated && p != Configurator && p != Plain {
		return errs.At("path", "Choose how your iPads come under management", "The table says what each way can enforce.")
	}
	return o.change(func(s *state) error { s.Path = p; return nil })
}

// Test is the device that it is tried with; "" for none yet.
func (o *Office) Test() string { return o.look().Test }

// TryWith chooses it.
func (o *Office) TryWith(device string) error {
	return o.change(func(s *state) error { s.Test = device; return nil })
}
