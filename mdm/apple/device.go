package apple

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

// Device is all that is kept of one device. It is JSON on disk. Its methods are run
// one at a time, and what one changed is on disk before anybody hears of it. Where a
// method gives an error it has changed nothing that matters.
type Device struct {
	ID            string      `json:"id"`
	Change        uint64      `json:"change,omitempty"` // counts what changed it: the higher is the later
	Traits        Traits      `json:"traits"`
	Want          mdm.Desired `json:"want"`            // Rev 0 before the first
	UnlockToken   []byte      `json:"token,omitempty"` // what ClearPasscode needs, sealed; see KeepUnlockToken
	OneProfile    bool        `json:"one,omitempty"`   // nothing is to end by itself
	Managed       bool        `json:"managed,omitempty"`
	Tasks         tasks       `json:"tasks"`
	WasSupervised bool        `json:"was,omitempty"` // it was supervised when it last said so, however often it enrolled

	life
}

// life is what is known of a device since it enrolled.
type life struct {
	Wiped        time.Time            `json:"wiped,omitzero"` // it said it would wipe itself
	Out          *sent                `json:"out,omitempty"`  // what it was given and has not answered
	Rules        standing             `json:"rules,omitzero"`
	Box          standing             `json:"box,omitzero"`
	Bluetooth    *bool                `json:"radio,omitempty"`    // on or off, as long as nobody can have changed it
	BluetoothOff bool                 `json:"taken,omitempty"`    // it was turned off by us and not given back
	Lost         bool                 `json:"lost,omitempty"`     // in lost mode
	NotNow       map[string]time.Time `json:"later,omitempty"`    // what it answered NotNow to, until it comes by again
	Checks       map[string]time.Time `json:"checks,omitempty"`   // when it last said how it is, by RequestType
	Failed       map[string]failure   `json:"failed,omitempty"`   // errors that stand, by name and version of the step
	Passcode     *passcodeState       `json:"passcode,omitempty"` // by its last SecurityInfo
	Battery      int                  `json:"battery,omitempty"`  // per cent, as last said; 0 for never
}

// passcodeState is what SecurityInfo says.
type passcodeState struct {
	Present   bool   `json:"present"`
	Compliant bool   `json:"compliant"`
	Of        string `json:"of"` // the rules it was held against
}

// sent is a command that a device was given.
type sent struct {
	UUID   string    `json:"uuid"`
	Type   string    `json:"type"`
	At     time.Time `json:"at"`
	Slot   slot      `json:"slot,omitempty"`
	Has    *profile  `json:"has,omitempty"`   // that it will have then
	Before standing  `json:"before,omitzero"` // what was known of the slot
	On     bool      `json:"on,omitempty"`    // Bluetooth
	Of     string    `json:"of,omitempty"`    // see step.of
	Rules  string    `json:"rules,omitempty"` // on passcodes, that it is asked about
	Task   string    `json:"task,omitempty"`  // the id of what it was told to do
}

// NewDevice is a device that has not enrolled. What it was told to do before since,
// if that is not zero, may have been done.
func NewDevice(id string, since time.Time) *Device {
	return &Device{ID: id, Tasks: tasks{once.Tasks[task]{Memory: once.New(since)}}}
}

// Enrolled notes that a device enrolled, or did so again, when it has given what it
// takes to wake it. Of what is on it nothing is known any more; and what was meant for
// another device, which had its place, is not done to it.
func (d *Device) Enrolled(t Traits, now time.Time) []mdm.Ack {
	another := d.Traits.UDID != "" && d.Traits.UDID != t.UDID
	d.Traits, d.Managed, d.life = t, true, life{}
	acks := d.Tasks.lost("it enrolled anew", now)
	if another {
		acks = append(acks, d.Tasks.Settle(now, func(task) (mdm.AckState, string) { return mdm.Refused, "another device took its place" })...)
	}
	return acks
}

// KeepUnlockToken keeps the token that ClearPasscode needs, sealed. A device gives it once
// only, so that nothing does not take its place.
func (d *Device) KeepUnlockToken(sealed []byte) {
	if len(sealed) > 0 {
		d.UnlockToken = slices.Clone(sealed)
	}
}

// Informed is when the device last said what it is, in school time; zero for never
// since it enrolled.
func (d *Device) Informed() time.Time { return d.Checks[cmdInfo] }

// Gone notes that a device left management.
func (d *Device) Gone(now time.Time) []mdm.Ack {
	d.Managed, d.life = false, life{}
	return d.Tasks.lost("it left the school's management", now)
}

// Accept takes a verified document in and reports whether it is news. Errors:
// denied for one meant for another device, conflict for one older than the last.
func (d *Device) Accept(doc mdm.Desired) (news bool, err error) {
	news, err = doc.News(d.ID, d.Want.Rev)
	if news {
		d.Want = doc
	}
	return news, err
}
