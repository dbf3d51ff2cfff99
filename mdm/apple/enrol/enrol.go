// Package enrol is what it takes to bring a school's iPads under management: the
// school's push certificate, the profile by which a device enrols and its address,
// which serial numbers are expected, Apple School Manager where the school has it, and
// what is looked at before the first device.
//
// # What devices ask for
//
//	GET  /enrol/CODE          a page with one button, for a person
//	GET  /enrol/CODE/profile  the enrolment profile, once
//	POST /enrol/device        the same for a device that was reset: automated enrolment
//	                          and Apple Configurator
//
// A profile carries a challenge that was made as it was asked for: it is for one device,
// holds for an hour and once. Whoever has the code of an address, or posts the serial
// number of a device that is waited for, is given one; the gateway then takes nobody with
// it but the device of that serial number. So a device is waited for only once somebody
// said so, for a day, and no longer than until it is enrolled.
//
// What a reset device posts is CMS signed data around a plist: SERIAL, UDID, PRODUCT,
// VERSION. Who signed it is not looked at.
//
// # What is kept
//
// One file, mode 0600, JSON. Keys and the token of Apple School Manager are sealed; of
// the code of an address only a hash is kept.
package enrol

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// Limits.
const (
	MaxUpload  = 64 << 10 // bytes of a certificate, request or token
	maxState   = 4 << 20  // bytes of the file
	maxDevices = 10_000   // whose serial numbers are kept
	maxLinks   = 2_000    // addresses that are good
	maxPost    = 32 << 10 // bytes that a reset device posts
	maxWrong   = 120      // requests for what there is not, in a minute
	linkLasts  = time.Hour
	waitLasts  = 24 * time.Hour // for a device that is waited for
)

// Gateway is that to the school's iPads.
type Gateway interface {
	Invite(ctx context.Context, id, serial string, life time.Duration) (gateway.Invitation, error)
	Status(id string) (s gateway.Status, ok bool, err error)
	Push() (gateway.Push, error)
	SetPush(ctx context.Context, cert, key []byte) error
}

// Seal keeps secrets unreadable on the disk.
type Seal interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// Config is what an Office needs.
type Config struct {
	File   string // that it is kept in
	URL    string // of the gateway as devices reach it: https, or in a demonstration loopback
	School string // its name, as devices show it
	Root   []byte // DER of the private authority that vouches for URL; nil for a public one
	Sign   func(profile []byte) ([]byte, error)
	Seal   Seal
	Now    func() time.Time // machine time

	ASMURL string       // of the service for automated enrolment; "" for Apple's
	Client *http.Client // to it; nil for the usual
	Probe  Probe        // what is looked at before the first device
}

// Office keeps what it takes and makes what devices are given. It is an http.Handler,
// to devices.
type Office struct {
	Config
	gateway Gateway

	mu    sync.Mutex
	kept  state
	wrong int
	since time.Time
	tls   time.Time // when the gateway's certificate ends, as last seen
}

// state is the file.
type state struct {
	Request request              `json:"request,omitzero"`
	Account string               `json:"account,omitempty"` // the Apple Account of the push certificate
	Path    Path                 `json:"path,omitempty"`
	Serials map[string]string    `json:"serials,omitempty"` // by device
	Links   map[string]link      `json:"links,omitempty"`   // by the hash of their code
	Waited  map[string]time.Time `json:"waited,omitempty"`  // until when a device is waited for
	Test    string               `json:"test,omitempty"`    // the one device that it is tried with
	ASM     asm                  `json:"asm,omitzero"`
}

// Open reads the file, if there is one. Errors: invalid, unavailable.
func Open(c Config) (*Office, error) {
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && net.ParseIP(u.Hostname()).IsLoopback()) {
		return nil, errs.New(errs.Invalid, "The address of the gateway to iPads is not an https address.", "Write it as url: under apple in the server's file.")
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	o := &Office{Config: c}
	b, err := durable.ReadFile(c.File, maxState)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return o, nil
	case err != nil:
		return nil, errs.Wrap(err, errs.Unavailable, "What is kept of the iPads' enrolment cannot be read.", "Look at the rights of "+c.File+".")
	}
	if err := json.Unmarshal(b, &o.kept); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "What is kept of the iPads' enrolment is damaged.", "Bring back "+c.File+" from a backup.")
	}
	return o, nil
}

// For says which gateway it is for, before anything is asked of it.
func (o *Office) For(g Gateway) { o.gateway = g }

// look gives what is kept; it is not to be changed.
func (o *Office) look() state {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept
}

// change changes what is kept, durably: do is given a copy. Errors: those of do,
// unavailable.
func (o *Office) change(do func(*state) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	b, err := json.Marshal(o.kept)
	if err != nil {
		return err
	}
	var next state
	if err := json.Unmarshal(b, &next); err != nil {
		return err
	}
	if err := do(&next); err != nil {
		return err
	}
	if b, err = json.Marshal(next); err != nil {
		return err
	}
	if len(b) > maxState {
		return errs.New(errs.Invalid, "There is too much to keep about the iPads' enrolment.", "Take serial numbers of devices that are gone off the list.")
	}
	if err := durable.WriteFile(o.File, b, 0o600); err != nil {
		return err
	}
	o.kept = next
	return nil
}

func hash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}
