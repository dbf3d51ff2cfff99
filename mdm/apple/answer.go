package apple

import (
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// The statuses a device answers with. Others are errors.
const (
	statusIdle         = "Idle"
	statusAcknowledged = "Acknowledged"
	statusNotNow       = "NotNow"
)

// Answer takes in what a device said of the command with a UUID, or with Idle that
// it came by. Errors: invalid for an answer that cannot be read; the command then
// is as one without an answer.
func (d *Device) Answer(now time.Time, uuid, status string, raw []byte) (acks []mdm.Ack, events []mdm.Event, err error) {
	if status == statusIdle {
		acks, events = d.comesBy(now)
		return acks, events, nil
	}
	r, err := parse(raw)
	if err != nil {
		return nil, nil, err
	}
	out := d.Out
	if out == nil || out.UUID != uuid {
		return d.late(uuid, status, r, now), nil, nil
	}
	d.Out = nil
	switch status {
	case statusAcknowledged:
		acks, events = d.acknowledged(out, r, now)
	case statusNotNow:
		d.notNow(out, now)
	default:
		acks = d.failed(out, strings.TrimSpace(status+" "+r.why()), now)
	}
	return acks, events, nil
}

// TookProfile reports whether an answer says that the device installed the profile it
// was given last. It is asked before Answer takes that in.
func (d *Device) TookProfile(uuid, status string) bool {
	return status == statusAcknowledged && d.Out != nil && d.Out.UUID == uuid && d.Out.Type == cmdInstall
}

// comesBy notes that a device polls of its own: what it put off it may do now, and
// its user may have changed what no profile keeps.
func (d *Device) comesBy(now time.Time) (acks []mdm.Ack, events []mdm.Event) {
	acks = d.unanswered(now)
	d.Managed = d.Managed || d.Traits.UDID != "" // what can call is enrolled, whatever was said of it
	if !d.Wiped.IsZero() && now.Sub(d.Wiped) >= stillHere {
		events = append(events, mdm.NewEvent("tamper", "it said it would wipe itself and still calls", now))
		d.life = life{}
	}
	d.NotNow = nil
	if _, surely := d.locked(now); !surely {
		d.Bluetooth = nil
	}
	return acks, events
}

// notNow notes that the device did not do what it was given, and will be asked again
// when it comes by.
func (d *Device) notNow(out *sent, now time.Time) {
	if out.Slot != "" {
		*d.standing(out.Slot) = out.Before
	}
	if d.NotNow == nil {
		d.NotNow = map[string]time.Time{}
	}
	d.NotNow[out.name()] = now.UTC()
	d.Tasks.takeBack(out.Task)
}

// acknowledged notes that the device did what it was given.
func (d *Device) acknowledged(out *sent, r response, now time.Time) (acks []mdm.Ack, events []mdm.Event) {
	why := ""
	switch out.Type {
	case cmdInstall, cmdRemove:
		d.standing(out.Slot).has(out.Has)
	case cmdSettings:
		if why = r.bluetooth(); why == "" {
			d.Bluetooth, d.BluetoothOff = new(out.On), !out.On
		}
	case cmdInfo:
		events, why = d.informed(r, now)
	case cmdList:
		events, why = d.listed(r, now)
	case cmdSecurity:
		d.Passcode, why = r.passcode(out.Rules)
	default:
		return d.taskDone(out.Type, out.Task, r, now), nil
	}
	if why != "" {
		return d.failed(out, why, now), events
	}
	delete(d.Failed, out.name()+out.Of)
	return d.checked(out.Type, now), events
}

// checked notes that the device said how it is.
func (d *Device) checked(request string, now time.Time) []mdm.Ack {
	if request != cmdInfo && request != cmdList && request != cmdSecurity {
		return nil
	}
	if d.Checks == nil {
		d.Checks = map[string]time.Time{}
	}
	d.Checks[request] = now.UTC()
	return d.Tasks.synced(d.Checks[cmdInfo], d.Checks[cmdList], now)
}

// failed notes that the device could not do what it was given. Which of two profiles
// it has after that, it is asked.
func (d *Device) failed(out *sent, why string, now time.Time) []mdm.Ack {
	if out.Task != "" {
		return []mdm.Ack{d.Tasks.close(out.Task, mdm.Failed, why, now)}
	}
	f := d.Failed[out.name()+out.Of]
	f.Tries, f.At, f.Why = f.Tries+1, now.UTC(), mdm.Cut(why)
	if d.Failed == nil || len(d.Failed) >= maxFailed { // versions come and go; the rests of all begin anew
		d.Failed = map[string]failure{}
	}
	d.Failed[out.name()+out.Of] = f
	return nil
}
