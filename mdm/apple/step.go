package apple

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// The commands of Apple's protocol that are used.
const (
	cmdInfo          = "DeviceInformation"
	cmdSecurity      = "SecurityInfo"
	cmdList          = "ProfileList"
	cmdInstall       = "InstallProfile"
	cmdRemove        = "RemoveProfile"
	cmdSettings      = "Settings"
	cmdLock          = "DeviceLock"
	cmdEnableLost    = "EnableLostMode"
	cmdDisableLost   = "DisableLostMode"
	cmdLocation      = "DeviceLocation"
	cmdClearPasscode = "ClearPasscode"
	cmdErase         = "EraseDevice"
)

// step is something a device could do next.
type step struct {
	request string
	slot    slot    // of a profile
	content content // of a profile
	on      bool    // Bluetooth
	task    task
	asleep  bool // a device is not woken for it
}

// name tells steps apart for what is put off and for what failed.
func (s step) name() string { return name(s.request, s.slot, s.task.ID) }

func (o *sent) name() string { return name(o.Type, o.Slot, o.Task) }

func name(request string, s slot, task string) string {
	switch {
	case task != "":
		return task
	case s != "":
		return request + " " + string(s)
	}
	return request
}

// of tells versions of a step apart: that one failed says nothing of another.
func (s step) of() string {
	switch s.request {
	case cmdInstall:
		return s.content.sum()
	case cmdSettings:
		return stamp(s.on)
	}
	return ""
}

// steps are what a device could do at now, in order.
func (d *Device) steps(now time.Time) []step {
	switch {
	case !d.Managed || !d.Wiped.IsZero():
		return nil
	case d.Traits.Supervised == nil && d.Failed[cmdInfo].Tries == 0:
		return []step{{request: cmdInfo}} // all else depends on what it is
	}
	list := d.taskSteps(now)
	if d.Want.Rev != 0 { // of a device of which nothing is known yet, nothing is asked
		stage := d.Want.At(now)
		list = append(list, d.profileSteps(now, stage, compile(&d.Want, stage, d.Traits))...)
	}
	return append(list, d.checkSteps(now)...)
}

// profileSteps lead to what a plan asks for. Bluetooth is set while no profile keeps
// it as it is, and the lock on it is installed only once it is as it is to stay.
func (d *Device) profileSteps(now time.Time, stage mdm.Stage, p plan) (list []step) {
	if slices.ContainsFunc(slots, func(s slot) bool { return d.standing(s).unsure(now) }) {
		list = append(list, step{request: cmdList})
	}
	locked, _ := d.locked(now)
	if p.radio != nil && (d.Bluetooth == nil || *d.Bluetooth != *p.radio) {
		failed := d.anyStands(d.split(stage, p), now)
		p.keys = maps.Clone(p.keys)
		delete(p.keys, lockBluetooth)
		if !locked {
			list = append(list, step{request: cmdSettings, on: *p.radio, asleep: failed})
		}
	}
	t := d.split(stage, p)
	for _, s := range d.order(t, now) {
		list = d.slotSteps(list, s, t, now)
	}
	if p.radio == nil && d.BluetoothOff && !locked {
		list = append(list, step{request: cmdSettings, on: true})
	}
	return list
}

// order puts the profile that takes a key over before the one that gives it up, so
// that no ban has a hole.
func (d *Device) order(t target, now time.Time) []slot {
	gives := func(p *profile) bool {
		return p != nil && slices.ContainsFunc(slices.Collect(maps.Keys(t[box].keys)), func(key string) bool { return p.Keys[key] != "" })
	}
	if slices.ContainsFunc(d.Rules.ways(now), gives) {
		return []slot{box, rules}
	}
	return slots
}

// slotSteps adds what leads to one profile.
func (d *Device) slotSteps(list []step, s slot, t target, now time.Time) []step {
	at := d.standing(s)
	switch want, wanted := t[s]; {
	case wanted && at.Known && at.Has != nil && at.Has.Sum == want.sum():
	case wanted && at.Off && at.Drift.rests(now, 1):
	case wanted:
		return append(list, step{request: cmdInstall, slot: s, content: want})
	case at.Known && at.Has == nil:
	case !at.Known:
		return append(list, step{request: cmdList})
	case at.Overdue || !at.Has.ended(now):
		return append(list, step{request: cmdRemove, slot: s})
	}
	return list
}

// checkSteps ask a device how it is, where what it said is old.
func (d *Device) checkSteps(now time.Time) (list []step) {
	for _, request := range []string{cmdInfo, cmdList} {
		if d.Tasks.syncs(d.Checks[request]) {
			list = append(list, step{request: request})
		}
	}
	list = d.passcodeSteps(list, now)
	list = d.due(list, cmdInfo, freshInfo, wakeFor, now)
	return d.due(list, cmdList, freshList, wakeFor, now)
}

// due adds a question that the device answered longer ago than fresh; it is woken
// when that is longer than wake.
func (d *Device) due(list []step, request string, fresh, wake time.Duration, now time.Time) []step {
	last, asked := d.Checks[request]
	if age := now.Sub(last); !asked || age >= fresh {
		list = append(list, step{request: request, asleep: asked && age < wake})
	}
	return list
}

// passcodeSteps ask whether the passcode is as asked for.
func (d *Device) passcodeSteps(list []step, now time.Time) []step {
	of := d.passcodeRules()
	switch said := d.Passcode; {
	case of == "":
		return list
	case said == nil || said.Of != of:
		return append(list, step{request: cmdSecurity})
	case !said.Compliant || !said.Present:
		return d.due(list, cmdSecurity, lookAgain, wakeUser, now)
	}
	return d.due(list, cmdSecurity, freshLock, wakeFor, now)
}

// passcodeRules tells apart what the profile on the device asks of a passcode; "" for
// nothing.
func (d *Device) passcodeRules() string {
	at := &d.Rules
	if !at.Known || at.Has == nil {
		return ""
	}
	return at.Has.Keys[minLength]
}

// stands is whether a step failed a short while ago, and why.
func (d *Device) stands(s step, now time.Time) (failure, bool) {
	f := d.Failed[s.name()+s.of()]
	return f, f.rests(now, 0)
}

// anyStands reports whether one of some profiles failed a short while ago.
func (d *Device) anyStands(t target, now time.Time) bool {
	return slices.ContainsFunc(slots, func(s slot) bool {
		want, wanted := t[s]
		_, failed := d.stands(step{request: cmdInstall, slot: s, content: want}, now)
		return wanted && failed
	})
}

// decide picks the first step that is neither put off nor failed a short while ago.
func (d *Device) decide(now time.Time) (step, bool) {
	for _, s := range d.steps(now) {
		_, later := d.NotNow[s.name()]
		if _, failed := d.stands(s, now); !later && !failed {
			return s, true
		}
	}
	return step{}, false
}

// Behind reports whether a device should be woken: there is something for it to do
// that is not answered, and that it did not put off or fail to do a short while ago.
func (d *Device) Behind(now time.Time) bool {
	if d.Out != nil && now.Sub(d.Out.At) < wakeOut {
		return false
	}
	return slices.ContainsFunc(d.steps(now), func(s step) bool {
		since, later := d.NotNow[s.name()]
		_, failed := d.stands(s, now)
		return !s.asleep && !failed && !(later && now.Sub(since) < wakeNotNow)
	})
}
