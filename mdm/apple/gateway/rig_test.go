package gateway_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

const (
	base  = "https://ipads.elmfield.example"
	topic = "com.apple.mgmt.External.elmfield"
)

// mask seals by turning every bit over.
type mask struct{}

func (mask) Seal(plain []byte) ([]byte, error) {
	out := bytes.Clone(plain)
	for i := range out {
		out[i] ^= 0xff
	}
	return out, nil
}

func (m mask) Open(sealed []byte) ([]byte, error) { return m.Seal(sealed) }

// keys are shared by the doubles of a test: making one takes longer than all else a
// device does. Their certificates differ.
var keys = sync.OnceValue(func() (all []*rsa.PrivateKey) {
	for range 4 {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		all = append(all, k)
	}
	return all
})

// rig is a gateway on a bus, with an Apple that wakes doubles.
type rig struct {
	t     *testing.T
	dir   string
	bus   *mdmtest.Bus
	gate  *gateway.Gateway
	apple *double.APNs
	stop  func()
	rev   uint64
	clock atomic.Int64

	mu      sync.Mutex
	devices map[string]*double.Device // by token
	asleep  map[string]bool           // by UDID
	polls   chan *double.Device
	busy    int // devices that were woken and are not done
}

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func newRig(t *testing.T, change ...func(*gateway.Config)) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), bus: mdmtest.NewBus(), devices: map[string]*double.Device{}, asleep: map[string]bool{}, polls: make(chan *double.Device, 10_000)}
	r.clock.Store(morning.UnixNano())
	var err error
	if r.apple, err = double.NewAPNs(r.wake); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { r.apple.Run(ctx) })
	for range 32 {
		group.Go(func() { r.carry(ctx) })
	}
	t.Cleanup(func() { cancel(); group.Wait() })
	r.start(change...)
	cert, key, err := r.apple.PushCertificate(topic, time.Now().Add(300*24*time.Hour))
	must(t, err)
	must(t, r.gate.SetPush(t.Context(), cert, key))
	t.Cleanup(func() { r.stop() })
	return r
}

// start runs a gateway on the rig's folder.
func (r *rig) start(change ...func(*gateway.Config)) {
	r.t.Helper()
	cfg := gateway.Config{ID: "apple", Root: wire.DefaultRoot, Dir: r.dir, Now: r.now, Open: mdmtest.Open, Seal: mask{}, PushURL: r.apple.URL(), PushRoots: r.apple.Roots()}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	r.gate, err = gateway.New(cfg)
	must(r.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.gate.Run(ctx, r.bus) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			r.t.Errorf("the gateway ended with %v", err)
		}
		must(r.t, r.gate.Close())
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) now() time.Time { return time.Unix(0, r.clock.Load()).UTC() }

func (r *rig) set(at time.Time) { r.clock.Store(at.UnixNano()) }

// wake is Apple doing so: a device that is not asleep comes.
func (r *rig) wake(token []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.devices[string(token)]; d != nil && !r.asleep[d.UDID] {
		r.busy++
		r.polls <- d
	}
}

// carry lets woken devices poll. One that is refused comes again when it is woken.
func (r *rig) carry(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case d := <-r.polls:
			_, _ = d.Poll(ctx)
			r.mu.Lock()
			r.busy--
			r.mu.Unlock()
		}
	}
}

// RoundTrip carries a device's requests to the gateway without a network.
func (r *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	r.gate.ServeHTTP(w, req)
	return w.Result(), nil
}

func (r *rig) send(topic string, message any) {
	r.t.Helper()
	must(r.t, publish(r.t.Context(), r.bus, topic, message))
}

// publish sends what the school says, in its envelope.
func publish(ctx context.Context, bus *mdmtest.Bus, topic string, message any) error {
	payload, err := json.Marshal(message)
	if err != nil {
		return err
	}
	of, retain := wire.TypeDesired, true
	switch message.(type) {
	case wire.Devices:
		of = wire.TypeDevices
	case mdm.Command:
		of, retain = wire.TypeCommand, false
	}
	sealed, err := mdmtest.Seal(of, payload)
	if err != nil {
		return err
	}
	return bus.Publish(ctx, topic, sealed, retain)
}

// list says which devices there are.
func (r *rig) list(ids ...string) {
	r.rev++
	r.send("bk/1/g/apple/devices", wire.Devices{V: 1, Rev: r.rev, Devices: ids})
}

func (r *rig) want(dev string, rev uint64, s mdm.Stage) {
	r.send("bk/1/d/"+dev+"/desired", mdm.Desired{V: 1, Dev: dev, Rev: rev, TS: r.now(), Stage: s})
}

func (r *rig) tell(dev, id string, op mdm.Op, args mdm.Args) {
	r.send("bk/1/d/"+dev+"/cmd", mdm.NewCommand(dev, id, op, args, r.now(), r.now().Add(time.Hour)))
}

// device is a double that has not enrolled.
func (r *rig) device(n int) *double.Device {
	d := &double.Device{UDID: fmt.Sprintf("00008110-%016X", n), Serial: fmt.Sprint("SERIAL", n), Model: "iPad13,18", OS: "18.1", Supervised: true,
		Client: &http.Client{Transport: r}, Key: keys()[n%len(keys())], Now: r.now}
	d.SetPasscode(6)
	return d
}

func (r *rig) settings(id, serial string) double.EnrolmentProfile {
	r.t.Helper()
	i, err := r.gate.Invite(r.t.Context(), id, serial, 0)
	must(r.t, err)
	return double.EnrolmentProfile{SCEP: base + "/scep", Challenge: i.Challenge, Server: base + "/mdm", Topic: topic}
}

// enrol enrols a double as one of the school's devices.
func (r *rig) enrol(id string, d *double.Device) {
	r.t.Helper()
	r.mu.Lock()
	r.devices[string(d.Token())] = d
	r.mu.Unlock()
	must(r.t, d.Enrol(r.t.Context(), r.settings(id, d.Serial)))
}

// certify enrols a double with a key of another kind, which is quicker.
func (r *rig) certify(id string, d *double.Device) {
	r.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(r.t, err)
	cert, err := r.gate.Certify(r.t.Context(), id, &key.PublicKey)
	must(r.t, err)
	d.UseIdentity(cert, key, double.EnrolmentProfile{Server: base + "/mdm", Topic: topic})
	r.mu.Lock()
	r.devices[string(d.Token())] = d
	r.mu.Unlock()
	must(r.t, d.Authenticate(r.t.Context()))
	must(r.t, d.TokenUpdate(r.t.Context()))
}

// sleep has a device not hear when it is woken.
func (r *rig) sleep(d *double.Device, asleep bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asleep[d.UDID] = asleep
}

func (r *rig) report(dev string) (got mdm.Reported, ok bool) {
	r.t.Helper()
	b := r.bus.Retained("bk/1/d/" + dev + "/reported")
	if b == nil {
		return got, false
	}
	got, err := mdm.DecodeReported(b)
	must(r.t, err)
	return got, true
}

func (r *rig) presence(dev string) (got mdm.Presence) {
	r.t.Helper()
	if b := r.bus.Retained("bk/1/d/" + dev + "/presence"); b != nil {
		var err error
		got, err = mdm.DecodePresence(b)
		must(r.t, err)
	}
	return got
}

// until waits for something that comes to be.
func (r *rig) until(what string, so func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(deadline) {
			r.t.Fatalf("it did not come to be: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// idle waits until no device that was woken is at it still.
func (r *rig) idle() {
	r.t.Helper()
	r.until("nobody is at it", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.busy == 0
	})
}

// settled waits until a device reports every setting applied or unsupported, and is
// done.
func (r *rig) settled(dev string) mdm.Reported {
	r.t.Helper()
	var got mdm.Reported
	r.until(dev+" is as it must be", func() bool {
		var ok bool
		got, ok = r.report(dev)
		return ok && r.allIn(got, mdm.Applied, mdm.Unsupported) && got.Mode == r.mode(dev)
	})
	r.idle()
	return got
}

// mode is what a device must be in now.
func (r *rig) mode(dev string) mdm.Mode {
	payload, err := mdmtest.Open(wire.TypeDesired, r.bus.Retained("bk/1/d/"+dev+"/desired"))
	must(r.t, err)
	d, err := mdm.DecodeDesired(payload)
	must(r.t, err)
	return d.At(r.now()).Mode
}

func (r *rig) allIn(got mdm.Reported, states ...mdm.State) bool {
	for _, o := range got.Set {
		found := false
		for _, s := range states {
			found = found || o.State == s
		}
		if !found {
			return false
		}
	}
	return len(got.Set) > 0
}

// events gathers what was told of a device.
func (r *rig) events() (all []string) {
	for _, m := range r.bus.Sent() {
		if id, ok := strings.CutSuffix(m.Topic, "/event"); ok {
			e, err := mdm.DecodeEvent(m.Payload)
			must(r.t, err)
			all = append(all, strings.TrimPrefix(id, "bk/1/d/")+" "+e.Kind+": "+e.Detail)
		}
	}
	return all
}

var (
	home = mdm.Set{mdm.Camera: mdm.User, mdm.Share: mdm.User, mdm.Bluetooth: mdm.User, mdm.Screen: mdm.User, mdm.PasscodeSetting: mdm.Passcode{Require: true, MinLength: 4}.Value()}
	less = mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block, mdm.Bluetooth: mdm.Block, mdm.Screen: mdm.Block, mdm.PasscodeSetting: mdm.Passcode{Require: true, MinLength: 6}.Value()}
)

// day is at home until nine, a lesson until ten, at home after that.
func day() mdm.Stage {
	return mdm.Stage{Mode: mdm.Home, Set: home, Until: morning.Add(time.Hour),
		Fallback: &mdm.Stage{Mode: mdm.Lesson, Set: less, Until: morning.Add(2 * time.Hour),
			Fallback: &mdm.Stage{Mode: mdm.Home, Set: home}}}
}

// lies are the settings that a device reports applied and does not hold.
func lies(d *double.Device, got mdm.Reported) (all []string) {
	on, free := d.Bluetooth()
	force, length, _ := d.PasscodeRule()
	for s, o := range got.Set {
		if o.State != mdm.Applied {
			continue
		}
		blocked := o.Value == mdm.Block
		holds := true
		switch s {
		case mdm.Camera:
			holds = blocked == d.Forbids("allowCamera")
		case mdm.Share:
			holds = blocked == d.Forbids("allowAirDrop")
		case mdm.Screen:
			holds = blocked == d.Forbids("allowScreenShot")
		case mdm.Bluetooth:
			holds = blocked == !free && blocked == !on
		case mdm.PasscodeSetting:
			var p mdm.Passcode
			if json.Unmarshal([]byte(o.Value), &p) == nil {
				holds = p.Require == force && (!force || uint64(p.MinLength) == length && d.PasscodeLength() >= p.MinLength)
			}
		}
		if !holds {
			all = append(all, fmt.Sprintf("%s is reported %s", s, o.Value))
		}
	}
	return all
}
