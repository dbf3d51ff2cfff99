package fleetcommands

import (
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// unable is something a device has no way to do, and why.
type unable struct{ What, Why string }

// notLost is why nobody is told where a device is.
const notLost = "only a device that is lost says so. If it is, report it lost on its page first"

// noMessage is why an iPad shows none.
const noMessage = "Apple’s management shows a text only with a lock"

// choices are what a device can be told, and what it would refuse anyhow.
func choices(d mdm.Device, lost bool) (can []kit.Option, not []unable) {
	phone, pad := d.Platform == headwind.Platform, d.Platform == apple.Platform
	for _, op := range mdm.Ops {
		hint := words[op].hint
		switch {
		case phone && onPhones[op] != "":
			hint = onPhones[op]
		case pad && onIPads[op] != "":
			hint = onIPads[op]
		}
		switch {
		case d.Quarantined && op.Destroys():
		case phone && headwind.Cannot(op) != "":
			not = append(not, unable{words[op].ask, headwind.Cannot(op)})
		case pad && op == mdm.Message:
			not = append(not, unable{words[op].ask, noMessage})
		case op == mdm.Locate && !lost:
			not = append(not, unable{words[op].ask, notLost})
		case !phone && !pad && op == mdm.Unlock: // its user ends a lock with the passcode
		default:
			can = append(can, kit.Option{Value: string(op), Text: words[op].ask, Hint: hint})
		}
	}
	return can, not
}

// stage is how far a command got, in words.
func stage(d mdm.Device, p command.Progress) (text, tag string) {
	if said := phoneStages[p]; said != "" && d.Platform == headwind.Platform {
		return said, states[p].tag
	}
	return states[p].text, states[p].tag
}
