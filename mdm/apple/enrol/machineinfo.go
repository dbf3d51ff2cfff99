package enrol

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/micromdm/plist"
	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/cms"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// resetPath stands for a code in the address that reset devices post to.
const resetPath = "device"

// Await waits for devices that were reset: each may fetch its profile by its serial
// number for a day. Errors: not_found for one without a serial number, those of Ready.
func (o *Office) Await(devices ...string) error {
	if err := o.Ready(); err != nil {
		return err
	}
	return o.change(func(s *state) error {
		if s.Waited == nil {
			s.Waited = map[string]time.Time{}
		}
		for _, id := range devices {
			if s.Serials[id] == "" {
				return errs.New(errs.NotFound, "No serial number is on record for "+id+".", "Bring the list with serial numbers first.")
			}
			s.Waited[id] = o.Now().Add(waitLasts).UTC()
		}
		return nil
	})
}

// Awaited counts the devices that are waited for, and says until when the last is.
func (o *Office) Awaited() (n int, until time.Time) {
	for _, t := range o.look().Waited {
		if o.Now().Before(t) {
			n++
			if t.After(until) {
				until = t
			}
		}
	}
	return n, until
}

// Awaits reports until when a device is waited for; zero where it is not.
func (o *Office) Awaits(device string) (until time.Time) {
	if t := o.look().Waited[device]; o.Now().Before(t) {
		return t
	}
	return until
}

// DeviceURL is the address that reset devices post to.
func (o *Office) DeviceURL() string { return o.URL + gateway.PathRoot + resetPath }

// machineInfo is what a reset device says of itself, in Apple's words MachineInfo:
// https://developer.apple.com/documentation/devicemanagement/machineinfo.
type machineInfo struct {
	Serial string `plist:"SERIAL"`
}

// serveReset gives a reset device its profile, if it is waited for.
func (o *Office) serveReset(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPost))
	if err != nil {
		return errs.New(errs.Invalid, "What the device sent is too long.", "")
	}
	said, err := readMachineInfo(body)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "What the device sent is not how a reset iPad asks.", "Give this address to Apple Configurator or Apple School Manager.")
	}
	device, until := o.look().awaited(said.Serial)
	if !o.Now().Before(until) {
		_ = o.unknown() // counted
		return errs.New(errs.Denied, "No device with that serial number is waited for.", "Press Wait for them on the page of iPads, and try again.")
	}
	s, _, err := o.gateway.Status(device)
	if err != nil {
		return err
	}
	if s.Managed && s.There || s.Enrolled.After(until.Add(-waitLasts)) {
		return errs.New(errs.Denied, "That device has enrolled already.", "If it was reset, press Wait for them on the page of iPads, wait two minutes and try again.")
	}
	profile, err := o.profile(r.Context(), device)
	if err == nil {
		give(w, profile)
	}
	return err
}

// awaited is the device of a serial number, and until when it is waited for.
func (s state) awaited(serial string) (device string, until time.Time) {
	for id, has := range s.Serials {
		if serial != "" && has == strings.ToUpper(serial) {
			return id, s.Waited[id]
		}
	}
	return "", until
}

// readMachineInfo reads what a reset device posts: CMS signed data (RFC 5652).
func readMachineInfo(body []byte) (m machineInfo, err error) {
	defer func() { // the parser of CMS is made for messages of friends
		if p := recover(); p != nil {
			err = fmt.Errorf("it made the reader fail: %v", p)
		}
	}()
	if err := cms.Check(body); err != nil {
		return m, err
	}
	signed, err := pkcs7.Parse(body)
	if err != nil {
		return m, err
	}
	if err := signed.Verify(); err != nil {
		return m, err
	}
	if err := apple.CheckPlist(signed.Content); err != nil {
		return m, err
	}
	if err := plist.Unmarshal(signed.Content, &m); err != nil {
		return m, err
	}
	if m.Serial == "" {
		return m, errors.New("it does not say its serial number")
	}
	return m, nil
}
