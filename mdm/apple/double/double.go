// Package double is pretend iPads for tests and demonstrations, and what a school needs
// of Apple: the push notification service that wakes them, Apple School Manager, and the
// authority of push certificates. A device speaks the protocol by the means of NanoMDM's
// own test devices and shares no code with the gateway, so that both cannot make the same
// mistake. What it holds is what a real one would: nothing of it is read by the product.
//
// A device enrols by SCEP, Authenticate and TokenUpdate, and then does what it is
// told whenever it asks:
//
//   - profiles are merged as Apple does, to the strictest; a key that takes supervision
//     is passed over on a device that is not supervised
//   - a profile with a RemovalDate goes at that time by the device's clock
//   - Bluetooth is set by a Settings command on a supervised device, as long as no
//     profile forbids to change it
//   - a locked device answers NotNow to what Apple's do
package double

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/micromdm/nanomdm/test/protocol"
)

// Device is one pretend iPad. Its fields up to Now are set before it is used.
type Device struct {
	UDID, Serial string
	Model, OS    string
	Supervised   bool
	Client       *http.Client
	Key          *rsa.PrivateKey // of its identity
	Now          func() time.Time

	polling     sync.Mutex // held while it polls
	mu          sync.Mutex
	profile     EnrolmentProfile
	transport   *protocol.Transport
	cert        *x509.Certificate // of its identity
	unlockToken []byte            // nil until it gave it away

	locked  bool // it answers NotNow
	silent  bool // it answers no command
	erased  int  // times
	state   state
	did     []string // request types, in order
	refused []string // that it answered with an error

	installed, settled string // versions of the last profile, and of the last whose acknowledgement was answered
}

// EnrolmentProfile is what one says.
type EnrolmentProfile struct {
	SCEP      string // URL
	Challenge string
	Server    string // URL
	Topic     string
}

// Enrol takes a device in by the settings of its profile.
func (d *Device) Enrol(ctx context.Context, s EnrolmentProfile) error {
	if err := d.FetchIdentity(ctx, s); err != nil {
		return err
	}
	if err := d.Authenticate(ctx); err != nil {
		return fmt.Errorf("Authenticate: %w", err)
	}
	if err := d.TokenUpdate(ctx); err != nil {
		return fmt.Errorf("TokenUpdate: %w", err)
	}
	return nil
}

// FetchIdentity asks for an identity by SCEP, and no more.
func (d *Device) FetchIdentity(ctx context.Context, s EnrolmentProfile) error {
	cert, err := fetchIdentity(ctx, d.Client, s, d.Key)
	if err != nil {
		return fmt.Errorf("SCEP: %w", err)
	}
	d.UseIdentity(cert, d.Key, s)
	return nil
}

// UseIdentity gives a device an identity that was made elsewhere.
func (d *Device) UseIdentity(cert *x509.Certificate, key crypto.Signer, s EnrolmentProfile) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cert, d.profile, d.state = cert, s, newState(d.state.passcode)
	d.transport = protocol.NewTransport(protocol.WithSignMessage(), protocol.WithMDMURLs(s.Server, ""), protocol.WithClient(d.Client),
		protocol.WithIdentityProvider(func(context.Context) (*x509.Certificate, crypto.PrivateKey, error) { return cert, key, nil }))
}

// Token is what Apple knows it by.
func (d *Device) Token() []byte { return []byte("token of " + d.UDID) }

// Identity is its certificate.
func (d *Device) Identity() *x509.Certificate {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cert
}

// Lock has it answer NotNow to what a locked device does, until Unlock.
func (d *Device) Lock(locked bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locked = locked
}

// Silence has it fetch commands and answer none.
func (d *Device) Silence(silent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = silent
}

// Silent reports whether it answers none.
func (d *Device) Silent() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.silent
}

// Did are the commands it was given since the last call.
func (d *Device) Did() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	did := d.did
	d.did = nil
	return did
}

// Refused are the commands it could not do.
func (d *Device) Refused() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.refused...)
}

// Settled is the version of the last profile that it acknowledged and was answered
// for.
func (d *Device) Settled() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.settled
}

// Installed is the version of the last profile that it installed.
func (d *Device) Installed() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.installed
}

// Erased counts how often it was.
func (d *Device) Erased() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.erased
}
