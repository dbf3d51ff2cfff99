// Package linux is a Linux laptop as an agent's platform. It can
//
//	bluetooth  block its radios by their soft block in sysfs
//	camera     take the authorisation from USB devices with a video interface
//	lock       lock the sessions, by loginctl
//
// and says of everything else that it cannot. It needs root. A user who may write
// the same switches can turn them back: the agent sees it at its next look,
// undoes it and reports it. Allow means that they are turned on again likewise;
// User that the agent lets go of them, turned on.
package linux

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
)

// Run runs a program to its end. Errors: that it cannot, or ended badly.
type Run func(ctx context.Context, name string, args ...string) error

// Exec is the Run of this machine.
func Exec(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.100s", name, err, out)
	}
	return nil
}

// Laptop is a Linux laptop. It is safe for concurrent use.
type Laptop struct {
	sys tree
	run Run

	mu     sync.Mutex
	asked  map[mdm.Setting]mdm.Value // since the agent started
	failed map[mdm.Setting]error     // of the last Apply
}

// New takes the laptop whose file system is at root, "/" outside tests.
func New(root string, run Run) *Laptop {
	return &Laptop{sys: tree(root), run: run, asked: map[mdm.Setting]mdm.Value{}, failed: map[mdm.Setting]error{}}
}

// of are the switches of a setting; false for one that is none of them.
func (l *Laptop) of(s mdm.Setting) (switches, bool) {
	switch s {
	case mdm.Bluetooth:
		return l.sys.bluetooth(), true
	case mdm.Camera:
		return l.sys.cameras(), true
	}
	return switches{}, false
}

// Apply turns the switches of a setting; see agent.Platform.
func (l *Laptop) Apply(s mdm.Setting, v mdm.Value, _ []string) {
	found, ok := l.of(s)
	if !ok {
		return
	}
	err := found.turn(v == mdm.Block)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[s], l.failed[s] = v, err
}

// Read looks at the switches of a setting; see agent.Platform.
func (l *Laptop) Read(s mdm.Setting) agent.Reading {
	found, ok := l.of(s)
	switch {
	case !ok:
		return agent.Reading{State: mdm.Unsupported, Detail: "the Linux agent has no way to manage it"}
	case len(found.paths) == 0 && s == mdm.Bluetooth:
		return agent.Reading{State: mdm.Unsupported, Detail: "there is no Bluetooth radio"}
	case s == mdm.Camera && l.sys.beyondUSB():
		return agent.Reading{State: mdm.Unsupported, Detail: "a camera is not on USB, where it could be turned off"}
	case len(found.paths) == 0:
		return agent.Reading{State: mdm.Unsupported, Detail: "there is no camera"}
	}
	off, err := found.allOff()
	on, err2 := found.allOn()
	l.mu.Lock()
	defer l.mu.Unlock()
	value := l.value(s, off, on)
	if err := errors.Join(err, err2, l.failed[s]); err != nil && (value != l.asked[s] || value == mdm.User) {
		return agent.Reading{Value: value, State: mdm.Failure, Detail: err.Error()}
	}
	return agent.Reading{Value: value}
}

// value names what the switches show. Block and Allow are only what they are by
// the switches; what is left to the user may be either.
func (l *Laptop) value(s mdm.Setting, off, on bool) mdm.Value {
	switch asked := l.asked[s]; {
	case asked == mdm.User:
		return mdm.User
	case off:
		return mdm.Block
	case on && asked == mdm.Allow:
		return mdm.Allow
	}
	return mdm.User
}

// Do locks the screens; see agent.Doer.
func (l *Laptop) Do(ctx context.Context, op mdm.Op, _ mdm.Args) (string, error) {
	if op != mdm.Lock {
		return "", fmt.Errorf("%w: %s", agent.ErrCannot, op)
	}
	return "", l.run(ctx, "loginctl", "lock-sessions")
}
