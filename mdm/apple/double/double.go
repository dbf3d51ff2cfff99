// Package double is a pretend iPad, and a pretend Apple to wake it by, for tests and
// demonstrations. It speaks the protocol by the means of NanoMDM's own test devices
// and shares no code with the gateway, so that both cannot make the same mistake. What
// it holds is what a real one would: nothing of it is read by the product.
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
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/micromdm/nanomdm/mdm"
	"github.com/micromdm/nanomdm/test"
	"github.com/micromdm/nanomdm/test/enrollment"
	"github.com/micromdm/nanomdm/test/protocol"
	"github.com/micromdm/plist"
)

const (
	maxAnswer = 1 << 20 // bytes
	maxTurns  = 50      // commands in one poll
)

// Device is one pretend iPad. Its fields up to Now are set before it is used.
type Device struct {
	UDID, Serial string
	Model, OS    string
	Supervised   bool
	Client       *http.Client
	Key          *rsa.PrivateKey // of its identity
	Now          func() time.Time

	mu     sync.Mutex
	set    Settings
	line   *protocol.Transport
	cert   *x509.Certificate
	signer crypto.Signer // where its identity is not of RSA
	unlock []byte

	locked  bool // NotNow
	silent  bool // it answers no command
	erased  int
	does    state
	did     []string // request types, in order
	refused []string // that it answered with an error

	installed, settled string // versions of the last profile, and of the last whose acknowledgement was answered
}

// Settings are what an enrolment profile says.
type Settings struct {
	SCEP      string // URL
	Challenge string
	Server    string // URL
	Topic     string
}

// Enrol takes a device in by the settings of its profile.
func (d *Device) Enrol(ctx context.Context, s Settings) error {
	if err := d.Join(ctx, s); err != nil {
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

// Join fetches an identity, and no more.
func (d *Device) Join(ctx context.Context, s Settings) error {
	cert, err := fetchIdentity(ctx, d.Client, s, d.Key)
	if err != nil {
		return fmt.Errorf("SCEP: %w", err)
	}
	d.Be(cert, d.Key, s)
	return nil
}

// Be gives a device an identity that was made elsewhere.
func (d *Device) Be(cert *x509.Certificate, key crypto.Signer, s Settings) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cert, d.signer, d.set, d.does = cert, key, s, newState(d.does.passcode)
	d.line = protocol.NewTransport(protocol.WithSignMessage(), protocol.WithMDMURLs(s.Server, ""), protocol.WithClient(d.Client),
		protocol.WithIdentityProvider(func(context.Context) (*x509.Certificate, crypto.PrivateKey, error) { return cert, key, nil }))
}

// Authenticate says who it is.
func (d *Device) Authenticate(ctx context.Context) error {
	return d.checkIn(ctx, authenticate{
		Authenticate: mdm.Authenticate{Enrollment: d.enrolment(), MessageType: mdm.MessageType{MessageType: "Authenticate"}, Topic: d.set.Topic, SerialNumber: d.Serial},
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
	m.Topic, m.PushMagic, m.Token = d.set.Topic, "magic of "+d.UDID, d.Token()
	if d.unlock == nil {
		d.unlock = []byte("unlock token of " + d.UDID)
		m.UnlockToken = d.unlock
	}
	d.mu.Unlock()
	return d.checkIn(ctx, m)
}

// CheckOut says that somebody removed its management.
func (d *Device) CheckOut(ctx context.Context) error {
	err := d.checkIn(ctx, mdm.CheckOut{Enrollment: d.enrolment(), MessageType: mdm.MessageType{MessageType: "CheckOut"}})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.does = newState(d.does.passcode)
	return err
}

func (d *Device) enrolment() mdm.Enrollment { return mdm.Enrollment{UDID: d.UDID} }

func (d *Device) checkIn(ctx context.Context, m any) error {
	body, err := test.PlistReader(m)
	if err != nil {
		return err
	}
	resp, err := d.line.DoCheckIn(ctx, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return enrollment.HTTPErrors(resp)
}

// Say sends any body as the device, signed, and gives the status.
func (d *Device) Say(ctx context.Context, body []byte, checkIn bool) (int, error) {
	send := d.line.DoReportResultsAndFetchNext
	if checkIn {
		send = d.line.DoCheckIn
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
	resp, err := d.line.DoReportResultsAndFetchNext(ctx, bytes.NewReader(body))
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
