package apple

import (
	"time"

	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// Command is one command of Apple's protocol. Raw, the whole of it, may carry a
// secret and is never logged.
type Command struct {
	UUID        string
	RequestType string
	Raw         []byte
}

// Ports are what commands are made with.
type Ports struct {
	NewUUID func() string                // a new one each time
	Sign    func([]byte) ([]byte, error) // signs a profile; nil leaves it unsigned
	Unseal  func([]byte) ([]byte, error) // opens what KeepUnlockToken kept; nil opens nothing
}

// Next gives what a device does next, nil for nothing, and notes that it was given
// that; and answers for what it was told to do. It is called when the device polls,
// after Answer took in what it said. Errors: those of Sign; the device is given
// nothing then.
func (d *Device) Next(now time.Time, with Ports) (*Command, []mdm.Ack, error) {
	acks := append(d.unanswered(now), d.End(now)...)
	for {
		s, ok := d.decide(now)
		if !ok {
			return nil, acks, nil
		}
		out := &sent{UUID: with.NewUUID(), Type: s.request, At: now.UTC(), Slot: s.slot, On: s.on, Of: s.of(), Task: s.task.ID}
		raw, why, err := d.command(s, out, with)
		switch {
		case err != nil:
			return nil, acks, errs.Wrap(err, errs.Internal, "A command could not be made.", "")
		case why != "": // one task fewer each time
			acks = append(acks, d.Tasks.close(s.task.ID, mdm.Failed, why, now))
			continue
		}
		acks = append(acks, d.give(out, now)...)
		return &Command{UUID: out.UUID, RequestType: s.request, Raw: raw}, acks, nil
	}
}

// command writes the command of a step, or says why that of a task cannot be made.
func (d *Device) command(s step, out *sent, with Ports) (raw []byte, why string, err error) {
	body := map[string]any{"RequestType": s.request}
	switch s.request {
	case cmdInstall:
		out.Has = s.content.version(with.NewUUID())
		body["Payload"], err = d.signed(s, out.Has.UUID, with)
	case cmdRemove:
		body["Identifier"] = identifier(d.ID, s.slot)
	case cmdSettings:
		body["Settings"] = []any{map[string]any{"Item": "Bluetooth", "Enabled": s.on}}
	case cmdInfo:
		body["Queries"] = d.Traits.queries()
	case cmdSecurity:
		out.Rules = d.passcodeRules()
	default:
		why = d.taskBody(body, s, with)
	}
	if err != nil || why != "" {
		return nil, why, err
	}
	raw, err = plist.Marshal(map[string]any{"CommandUUID": out.UUID, "Command": body})
	return raw, "", err
}

func (d *Device) signed(s step, uuid string, with Ports) ([]byte, error) {
	raw, err := s.content.encode(d.ID, s.slot, uuid, with.NewUUID)
	if err == nil && with.Sign != nil {
		raw, err = with.Sign(raw)
	}
	return raw, err
}

// give notes that a device is given a command: from now on it may have done it.
func (d *Device) give(out *sent, now time.Time) []mdm.Ack {
	d.Out = out
	switch out.Type {
	case cmdInstall, cmdRemove:
		at := d.standing(out.Slot)
		out.Before = *at
		at.doubt(out.Has, now)
		if said := d.Passcode; said != nil && out.Slot == rules && out.Has.Keys[minLength] != said.Of {
			d.Passcode = nil // while less was asked of it, its user may have taken it off
		}
	case cmdSettings:
		d.Bluetooth, d.BluetoothOff = nil, d.BluetoothOff || !out.On
	case cmdClearPasscode:
		d.Passcode = nil
	}
	return d.Tasks.given(out, now)
}

// unanswered notes that the device polls and has not said what became of the last
// command.
func (d *Device) unanswered(now time.Time) []mdm.Ack {
	out := d.Out
	d.Out = nil
	if out == nil || out.Task == "" {
		return nil
	}
	return d.Tasks.silent(out.Task, now)
}
