package enrol

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// link is an address from which one device fetches its profile, once.
type link struct {
	Device string    `json:"device"`
	Until  time.Time `json:"until"`
}

// Ready says why no device can enrol; nil where one can. Errors: not_found without a push
// certificate.
func (o *Office) Ready() error {
	if p, err := o.gateway.Push(); err != nil || p.Topic == "" {
		return errs.New(errs.NotFound, "There is no push certificate yet, so no iPad can enrol.", "Do the step Push certificate first.")
	}
	return nil
}

// Link makes the address of a device's profile, in place of those made before. Errors:
// not_found without a push certificate, conflict, unavailable.
func (o *Office) Link(device string) (address string, until time.Time, err error) {
	if err := o.Ready(); err != nil {
		return "", until, err
	}
	if _, listed, err := o.gateway.Status(device); err != nil || !listed {
		return "", until, errs.Wrap(err, errs.NotFound, "The gateway to iPads has not heard of that device yet.", "It is told within a second or two. Try again; if that does not help, look whether it is on the device list as an iPad.")
	}
	now := o.Now().UTC()
	code := strings.ToLower(rand.Text())
	until = now.Add(linkLasts)
	err = o.change(func(s *state) error {
		if s.Links == nil {
			s.Links = map[string]link{}
		}
		for key, l := range s.Links {
			if l.Device == device || !now.Before(l.Until) {
				delete(s.Links, key)
			}
		}
		if len(s.Links) >= maxLinks {
			return errs.New(errs.TooOften, "Too many devices are being set up at once.", "Make this address in an hour.")
		}
		s.Links[hash(code)] = link{device, until}
		return nil
	})
	return o.URL + gateway.PathRoot + code, until, err
}

// Waiting reports until when an address of a device is good; zero for none.
func (o *Office) Waiting(device string) (until time.Time) {
	for _, l := range o.look().Links {
		if l.Device == device && o.Now().Before(l.Until) {
			until = l.Until
		}
	}
	return until
}
