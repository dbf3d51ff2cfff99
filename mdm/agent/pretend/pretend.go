// Package pretend is a device that exists in memory only. It can be slow,
// refuse a setting, wait for its user, lack a setting, and be changed by hand.
// It does what commands say, and remembers it.
package pretend

import (
	"context"
	"slices"
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
	// Witness, if set, is told the truth: each value a setting really takes, and
	// when by the device's clock. It must be quick, and leave the device alone.
	Witness func(s mdm.Setting, v mdm.Value, at time.Time)
}

// Device is a pretend device. It is safe for concurrent use.
type Device struct {
	now     func() time.Time
	nature  Nature
	changed chan struct{}

	mu   sync.Mutex
	have map[mdm.Setting]*setting
	did  []Did
}

// Did is a command that was done.
type Did struct {
	Op   mdm.Op
	Args mdm.Args
}

// maxDid bounds the commands that are remembered.
const maxDid = 100

type setting struct {
	value  mdm.Value
	items  []string  // in the lists that value names
	coming mdm.Value // "" when nothing is on its way
	with   []string  // items of coming
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
func (d *Device) Apply(s mdm.Setting, v mdm.Value, items []string) {
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
		have.coming, have.with, have.at = v, items, time.Time{}
	default:
		have.coming, have.with, have.at = v, items, d.now().Add(d.nature.Delay)
	}
}

// arrive makes what was coming what is; for callers that hold mu.
func (d *Device) arrive(s mdm.Setting, at time.Time) {
	have := d.have[s]
	d.become(s, setting{value: have.coming, items: have.with}, at)
}

// become changes a setting in truth; for callers that hold mu.
func (d *Device) become(s mdm.Setting, to setting, at time.Time) {
	news := d.have[s].value != to.value
	*d.have[s] = to
	if news && d.nature.Witness != nil {
		d.nature.Witness(s, to.value, at)
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
		d.arrive(s, have.at)
	}
	return agent.Reading{Value: have.value}
}

// Items are what is in the lists that a setting's value names.
func (d *Device) Items(s mdm.Setting) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if have := d.have[s]; have != nil {
		return slices.Clone(have.items)
	}
	return nil
}

// Do does what a command says; see agent.Doer.
func (d *Device) Do(_ context.Context, op mdm.Op, args mdm.Args) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, Did{op, args})
	d.did = d.did[max(0, len(d.did)-maxDid):]
	if op == mdm.Locate {
		return "a device that exists in memory only is nowhere", nil
	}
	return "", nil
}

// Done are the last commands that were done, oldest first.
func (d *Device) Done() []Did {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.did)
}

// Agree is the user doing what the device asks for.
func (d *Device) Agree(s mdm.Setting) {
	d.mu.Lock()
	if have := d.have[s]; have != nil && have.coming != "" {
		d.arrive(s, d.now())
	}
	d.mu.Unlock()
	d.nudge()
}

// Tamper changes a setting behind the agent's back.
func (d *Device) Tamper(s mdm.Setting, v mdm.Value) {
	d.mu.Lock()
	if d.have[s] != nil {
		d.become(s, setting{value: v}, d.now())
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
