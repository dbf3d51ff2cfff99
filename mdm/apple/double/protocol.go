package double

import (
	"bytes"
	"context"
	"io"

	"github.com/micromdm/nanomdm/mdm"
	"github.com/micromdm/nanomdm/test"
	"github.com/micromdm/nanomdm/test/enrollment"
	"github.com/micromdm/plist"
)

const (
	maxAnswer = 1 << 20 // bytes
	maxTurns  = 50      // commands in one poll
)

// Authenticate says who it is.
func (d *Device) Authenticate(ctx context.Context) error {
	return d.checkIn(ctx, authenticate{
		Authenticate: mdm.Authenticate{Enrollment: d.enrolment(), MessageType: mdm.MessageType{MessageType: "Authenticate"}, Topic: d.profile.Topic, SerialNumber: d.Serial},
		Model:        d.Model, ModelName: "iPad", OSVersion: d.OS, ProductName: d.Model, BuildVersion: "22B83",
	})
}

type authenticate struct {
	mdm.Authenticate
	Model, ModelName, OSVersion, ProductName, BuildVersion string
}

// TokenUpdate says how it is woken. The first one since it was erased carries its
// unlock token.
func (d *Device) TokenUpdate(ctx context.Context) error {
	d.mu.Lock()
	m := mdm.TokenUpdate{Enrollment: d.enrolment(), MessageType: mdm.MessageType{MessageType: "TokenUpdate"}}
	m.Topic, m.PushMagic, m.Token = d.profile.Topic, "magic of "+d.UDID, d.Token()
	if d.unlockToken == nil {
		d.unlockToken = []byte("unlock token of " + d.UDID)
		m.UnlockToken = d.unlockToken
	}
	d.mu.Unlock()
	return d.checkIn(ctx, m)
}

// CheckOut says that somebody removed its management.
func (d *Device) CheckOut(ctx context.Context) error {
	err := d.checkIn(ctx, mdm.CheckOut{Enrollment: d.enrolment(), MessageType: mdm.MessageType{MessageType: "CheckOut"}})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state = newState(d.state.passcode)
	return err
}

func (d *Device) enrolment() mdm.Enrollment { return mdm.Enrollment{UDID: d.UDID} }

func (d *Device) checkIn(ctx context.Context, m any) error {
	body, err := test.PlistReader(m)
	if err != nil {
		return err
	}
	resp, err := d.transport.DoCheckIn(ctx, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return enrollment.HTTPErrors(resp)
}

// Send sends any body as the device, signed, and gives the status of the answer.
func (d *Device) Send(ctx context.Context, body []byte, checkIn bool) (int, error) {
	send := d.transport.DoReportResultsAndFetchNext
	if checkIn {
		send = d.transport.DoCheckIn
	}
	resp, err := send(ctx, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

// Poll asks what there is to do, does it and goes on until that is nothing, or for a
// while. It gives how many commands there were.
func (d *Device) Poll(ctx context.Context) (int, error) {
	d.polling.Lock() // however often it is woken, it does one thing after the other
	defer d.polling.Unlock()
	said := map[string]any{"UDID": d.UDID, "Status": "Idle"}
	for n := 0; n < maxTurns; n++ {
		command, err := d.turn(ctx, said)
		if err != nil {
			return n, err
		}
		d.mu.Lock()
		d.settled = d.installed
		d.mu.Unlock()
		if command == nil || d.Silent() {
			return n, nil
		}
		said = d.obey(command)
	}
	return maxTurns, nil
}

// turn reports and fetches the next command; nil for none.
func (d *Device) turn(ctx context.Context, said map[string]any) (map[string]any, error) {
	body, err := plist.Marshal(said)
	if err != nil {
		return nil, err
	}
	resp, err := d.transport.DoReportResultsAndFetchNext(ctx, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := enrollment.HTTPErrors(resp); err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil || len(answer) == 0 {
		return nil, err
	}
	var command map[string]any
	return command, plist.Unmarshal(answer, &command)
}
