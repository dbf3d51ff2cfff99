package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
)

// fleetWord is the bench that only a bench starts: the pretend devices, in a
// process of their own so that their CPU can be told from the server's. Its
// input is a fleetSpec and then fleetOrders, its output fleetWords, all JSON.
const fleetWord = "fleet"

// fleetSpec is what the devices need to connect.
type fleetSpec struct {
	Address string
	CA      []byte // PEM
	Keys    wire.Keys
	Devices []deviceKey
	Now     time.Time // by the devices' clocks
}

// fleetOrder is one order to the fleet; what is zero is not meant.
type fleetOrder struct {
	Now    time.Time // set the devices' clocks
	Answer int       // bytes with which a device answers a bare message
	CPU    bool      // tell what has been used so far
}

// fleetSaid is what the fleet says: that all are connected, or its CPU.
type fleetSaid struct {
	Ready int
	CPU   time.Duration
}

const (
	greetAtOnce = 32 // handshakes at a time: a broker greets for ten seconds only
	fleetJitter = time.Second
	fleetTick   = 10 * time.Second // between two looks of a device at itself, for which real ones have processors of their own
)

func runBenchFleet(ctx context.Context, in io.Reader, out io.Writer) error {
	debug.SetGCPercent(400) // a thousand devices have their own memory, too
	decoder := json.NewDecoder(bufio.NewReader(in))
	var spec fleetSpec
	if err := decoder.Decode(&spec); err != nil {
		return err
	}
	f := &benchFleet{spec: spec, said: json.NewEncoder(out)}
	f.clock.Store(spec.Now.UnixNano())
	ctx, stop := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	defer func() {
		stop()
		_ = group.Wait() // it says only that it was stopped
	}()
	if err := f.connect(ctx, group); err != nil {
		return err
	}
	if err := f.said.Encode(fleetSaid{Ready: len(spec.Devices)}); err != nil {
		return err
	}
	for {
		var order fleetOrder
		if err := decoder.Decode(&order); err == io.EOF {
			return nil // the bench is over
		} else if err != nil {
			return err
		}
		if err := f.obey(order); err != nil {
			return err
		}
	}
}

type benchFleet struct {
	spec   fleetSpec
	said   *json.Encoder
	clock  atomic.Int64
	answer atomic.Int64
}

func (f *benchFleet) now() time.Time { return time.Unix(0, f.clock.Load()).UTC() }

func (f *benchFleet) obey(o fleetOrder) error {
	if !o.Now.IsZero() {
		f.clock.Store(o.Now.UnixNano())
	}
	if o.Answer > 0 {
		f.answer.Store(int64(o.Answer))
	}
	if o.CPU {
		return f.said.Encode(fleetSaid{CPU: cpuUsed()})
	}
	return nil
}

// connect starts every device and returns when all have subscribed.
func (f *benchFleet) connect(ctx context.Context, group *errgroup.Group) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(f.spec.CA)
	greeting := make(chan struct{}, greetAtOnce)
	var up sync.WaitGroup
	for _, d := range f.spec.Devices {
		pair, err := tls.X509KeyPair(d.Cert, d.Key)
		if err != nil {
			return err
		}
		select {
		case greeting <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		up.Add(1)
		connected := sync.OnceFunc(func() { <-greeting; up.Done() })
		group.Go(func() error {
			return f.play(ctx, d.ID, &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}, connected)
		})
	}
	up.Wait()
	return nil
}

// play is one device: an agent that obeys at once, and beside it what a device
// would be that only carried bytes.
func (f *benchFleet) play(ctx context.Context, id string, secure *tls.Config, connected func()) error {
	device := pretend.New(pretend.Nature{}, time.Now)
	a := agent.New(agent.Config{
		Device: id, Root: wire.DefaultRoot, Platform: device, Changed: device.Changed(), Store: forgetful{}, Now: f.now, Tick: fleetTick,
		Open: func(t wire.Type, b []byte) ([]byte, error) { return wire.Open(f.spec.Keys, t, b) },
	})
	var birth mdm.Presence
	client, err := bus.Dial(ctx, bus.Config{
		Address: f.spec.Address, ID: id, TLS: secure, Jitter: fleetJitter,
		Will: func() (string, []byte) {
			death := bus.Presence{Session: bus.NewSession(), TS: time.Now()}
			birth = mdm.NewPresence(true, death.Session, death.TS)
			return wire.DefaultRoot.Device(id, wire.LeafPresence), death.Encode()
		},
		OnUp: func(context.Context) { a.Hello(birth); connected() },
	})
	if err != nil {
		return err
	}
	defer client.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.Run(ctx, uncommanded{client}) })
	group.Go(func() error {
		return client.Subscribe(ctx, wire.DefaultRoot.Device(id, wire.LeafCommand), func(_ string, payload []byte, _ bool) {
			n := min(int(f.answer.Load()), len(payload))
			_ = client.Publish(ctx, wire.DefaultRoot.Device(id, wire.LeafAck), payload[:n], true) // what is lost the bench misses
		})
	})
	return group.Wait()
}

// uncommanded keeps bare messages, which come where commands do, from the agent.
type uncommanded struct{ *bus.Client }

func (u uncommanded) Subscribe(ctx context.Context, filter string, handle bus.Handler) error {
	if strings.HasSuffix(filter, "/"+string(wire.LeafCommand)) {
		return nil
	}
	return u.Client.Subscribe(ctx, filter, handle)
}

// forgetful is a device's storage that keeps nothing: a thousand devices have a
// thousand disks, not one.
type forgetful struct{}

func (forgetful) Load() ([]byte, error) { return nil, nil }
func (forgetful) Save([]byte) error     { return nil }

// cpuUsed is what this process has used so far, in user and kernel.
func cpuUsed() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0 // fails for no reason there is here
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fleetProcess is the fleet as the bench sees it.
type fleetProcess struct {
	orders *json.Encoder
	said   *json.Decoder
	wait   func() error
}

// startFleet starts this program again as a fleet, and waits until every device
// is connected.
func startFleet(ctx context.Context, spec fleetSpec) (*fleetProcess, error) {
	in, out, wait, err := startAgain(ctx, fleetWord)
	if err != nil {
		return nil, err
	}
	f := &fleetProcess{orders: json.NewEncoder(in), said: json.NewDecoder(out)}
	f.wait = func() error { return closeAndWait(in, wait) }
	var said fleetSaid
	err = f.orders.Encode(spec)
	if err == nil {
		err = f.said.Decode(&said)
	}
	if err == nil && said.Ready != len(spec.Devices) {
		err = fmt.Errorf("%d of %d devices are connected", said.Ready, len(spec.Devices))
	}
	return f, err
}

func (f *fleetProcess) cpu() (time.Duration, error) {
	if err := f.orders.Encode(fleetOrder{CPU: true}); err != nil {
		return 0, err
	}
	var said fleetSaid
	err := f.said.Decode(&said)
	return said.CPU, err
}
