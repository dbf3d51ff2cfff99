package apple

import (
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// pad is an iPad of the list, with what the gateway knows of it.
type pad struct {
	Device
	Expects string // the serial number on the list; "" for any
	Now     gateway.Status
}

func (cfg Config) pad(d Device) (pad, error) {
	s, _, err := cfg.Gate.Status(d.ID)
	return pad{d, cfg.Office.Serial(d.ID), s}, err
}

// pads are all of the list.
func (cfg Config) pads() (list []pad, err error) {
	for _, d := range cfg.Devices() {
		one, err := cfg.pad(d)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// another reports whether the iPad that is enrolled has another serial number than the
// one on the list, which was changed after it enrolled.
func (p pad) another() bool {
	return p.Now.Managed && p.Expects != "" && p.Now.Traits.Serial != "" && p.Now.Traits.Serial != p.Expects
}

func (p pad) wiped() bool { return p.Now.Managed && !p.Now.Wiped.IsZero() }

func (p pad) unsupervised() bool {
	return p.Now.Managed && p.Now.Traits.Unsupervised()
}

// stands is how an iPad stands in a word or two: what needs somebody before all else.
func (cfg Config) stands(p pad) tag {
	switch {
	case p.Quarantined:
		return tag{"In quarantine", "red"}
	case p.another():
		return tag{"Another iPad", "red"}
	case p.Now.Left:
		return tag{"Left management", "red"}
	case !p.Now.Managed && cfg.waits(p.ID):
		return tag{"Waited for", "blue"}
	case !p.Now.Managed:
		return tag{"Not enrolled", "grey"}
	case p.wiped():
		return tag{"Wiped", "yellow"}
	case p.unsupervised() && len(cfg.Needs(p.Device.Device)) > 0:
		return tag{"Not supervised", "red"}
	case p.Now.Lost:
		return tag{"Locked as lost", "yellow"}
	case p.Settled:
		return tagSettled
	}
	return tagOpen
}

// waits reports whether an iPad may enrol at present.
func (cfg Config) waits(id string) bool {
	return !cfg.Office.Waiting(id).IsZero() || !cfg.Office.Awaits(id).IsZero()
}
