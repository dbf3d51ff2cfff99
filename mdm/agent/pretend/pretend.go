// Package pretend is a device that exists in memory only. It can be slow,
// refuse a setting, wait for its user, lack a setting, and be changed by hand.
package pretend

import (
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
)

// Nature is how a device takes being managed. The zero Nature obeys at once.
type Nature struct {
	Delay  time.Duration          // from being told to having done it
	Refuse map[mdm.Setting]string // settings it never changes, and why
	Ask    map[mdm.Setting]string // settings it changes once its user agrees, and what it asks
	Lack   map[mdm.Setting]bool   // settings it does not have
}

// Device is a pretend device. It is safe for concurrent use.
type Device struct {
	now     func() time.Time
	nature  Nature
	changed chan struct{}

	mu   sync.Mutex
	have map[mdm.Setting]*setting
}

type setting struct {
	value  mdm.Value
	coming mdm.Value // "" when nothing is on its way
	at     time.Time // when coming arrives; zero while the user is asked
	failed bool
}

// New makes a device that nobody manages yet. now is the clock of its delays.
func New(nature Nature, now func() time.Time) *Device {
	d := &Device{now: now, nature: nature, changed: make(chan struct{}, 1), have: map[mdm.Setting]*setting{}}
	for s, v := range mdm.Unmanaged() {
		if !nature.Lack[s] {
			d.have[s] = &setting{value: v}
		}
	}
	return d
}

// Changed is nudged when somebody changes the device by hand.
func (d *Device) Changed() <-chan struct{} { return d.changed }

// Apply begins to change a setting; see agent.Platform.
func (d *Device) Apply(s mdm.Setting, v mdm.Value) {
	d.mu.Lock()
	defer d.mu.Unlock()
	have := d.have[s]
	if have == nil {
		return
	}
	_, refuses := d.nature.Refuse[s]
	_, asks := d.nature.Ask[s]
	have.failed = refuses && v != have.value
	switch {
	case refuses:
	case asks:
		have.coming, have.at = v, time.Time{}
	default:
		have.coming, have.at = v, d.now().Add(d.nature.Delay)
	}
}

// Read tells how a setting stands; see agent.Platform.
func (d *Device) Read(s mdm.Setting) agent.Reading {
	d.mu.Lock()
	defer d.mu.Unlock()
	have := d.have[s]
	switch {
	case have == nil:
		return agent.Reading{State: mdm.Unsupported, Detail: "this device has no such setting"}
	case have.failed:
		return agent.Reading{Value: have.value, State: mdm.Failure, Detail: d.nature.Refuse[s]}
	case have.coming != "" && have.at.IsZero():
		return agent.Reading{Value: have.value, State: mdm.UserAction, Detail: d.nature.Ask[s]}
	case have.coming != "" && d.now().Before(have.at):
		return agent.Reading{Value: have.value, State: mdm.Updating}
	case have.coming != "":
		have.value, have.coming = have.coming, ""
	}
	return agent.Reading{Value: have.value}
}

// Agree is the user doing what the device asks for.
func (d *Device) Agree(s mdm.Setting) {
	d.mu.Lock()
	if have := d.have[s]; have != nil && have.coming != "" {
		have.value, have.coming = have.coming, ""
	}
	d.mu.Unlock()
	d.nudge()
}

// Tamper changes a setting behind the agent's back.
func (d *Device) Tamper(s mdm.Setting, v mdm.Value) {
	d.mu.Lock()
	if have := d.have[s]; have != nil {
		*have = setting{value: v}
	}
	d.mu.Unlock()
	d.nudge()
}

func (d *Device) nudge() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}
