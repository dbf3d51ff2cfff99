package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/store"
)

// What the gateway to iPads is held against.
const (
	checkInBar  = 400 // check-ins a second: an Authenticate and a TokenUpdate
	deliveryBar = 600 // deliveries a second: two requests
	ipadsMemory = 40  // MiB above the server without it
	bareChanges = 4   // of each device, of the bare store in a turn
	ipadRest    = 3 * time.Second
)

// benchApple measures a running school with its iPads: how many enrol in a second, and
// how much they are told.
func benchApple(ctx context.Context, o benchOptions) (result benchResult, err error) {
	boundMemory()
	b, err := newBenchSchool(o.dir)
	if err != nil {
		return result, err
	}
	o.say("setting up %d pupils and %d iPads", bellPupils, o.devices)
	if _, err = b.settle(ctx, bellPupils, 1); err != nil {
		return result, err
	}
	b.gateways = []string{apple.Platform}
	s, err := b.open(ctx, spareClients)
	if err != nil {
		return result, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	<-s.Ready()
	debug.FreeOSMemory() // what setting up left behind is not the iPads'
	alone, err := memoryUsed()
	if err != nil {
		return result, err
	}
	pads, err := startIPads(ctx, s, o.devices)
	if err != nil {
		return result, err
	}
	figures, err := pads.measure(ctx, b, o)
	if err != nil {
		return result, errors.Join(err, pads.end())
	}
	now, err := memoryUsed()
	if err == nil {
		figures = append(figures, within("memory for the iPads", (now.Anon-alone.Anon)/mebibyte, ipadsMemory, "MiB"))
	}
	return benchResult{"apple", o.turns, figures}, errors.Join(err, pads.end())
}

// padsProcess is the iPads as the bench sees them.
type padsProcess struct {
	gate   *ipadGateway
	orders *json.Encoder
	said   *json.Decoder
	end    func() error
}

func (p *padsProcess) order(o ipadsOrder) (said ipadsSaid, err error) {
	if err = p.orders.Encode(o); err == nil {
		err = p.said.Decode(&said)
	}
	return said, err
}

// startIPads starts this program again as iPads, a gateway in this one, and gives each
// iPad its certificate.
func startIPads(ctx context.Context, s *server.Server, n int) (*padsProcess, error) {
	in, out, leave, err := startAgain(ctx, ipadsWord)
	if err != nil {
		return nil, err
	}
	p := &padsProcess{orders: json.NewEncoder(in), said: json.NewDecoder(out)}
	var hello ipadsSaid
	if err := p.said.Decode(&hello); err != nil {
		return nil, err
	}
	o := &appleOptions{listen: "127.0.0.1:0"}
	o.ID, o.PushURL, o.PushRoots = apple.Platform, hello.URL, x509.NewCertPool()
	o.PushRoots.AppendCertsFromPEM(hello.Root)
	if p.gate, err = openIPadsInside(s, o); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.gate.run(ctx, s.GatewayConn(apple.Platform)) }()
	p.end = func() error {
		stop()
		return errors.Join(<-ended, closeAndWait(in, leave))
	}
	if err := p.gate.SetPush(ctx, hello.Cert, hello.Key); err != nil {
		return nil, errors.Join(err, p.end())
	}
	if err := p.handOut(ctx, s, n); err != nil {
		return nil, errors.Join(err, p.end())
	}
	return p, nil
}

// handOut lists iPads and gives them their certificates once the gateway knows them.
func (p *padsProcess) handOut(ctx context.Context, s *server.Server, n int) error {
	list := make([]mdm.Device, n)
	for i := range list {
		list[i] = mdm.Device{ID: fmt.Sprintf("ipad-%04d", i), Platform: apple.Platform, Groups: []string{deviceGroup}}
	}
	if err := s.Fleet.List(ctx, benchBy, list...); err != nil {
		return err
	}
	for deadline := time.Now().Add(bellWait); ; {
		if h, err := p.gate.Health(); err != nil || h.Listed >= n {
			break
		}
		if err := wait.For(ctx, tenth); err != nil || time.Now().After(deadline) {
			return errors.Join(err, errors.New("the gateway was not told of the iPads"))
		}
	}
	made, err := p.order(ipadsOrder{Keys: n})
	if err != nil {
		return err
	}
	certs := make([][]byte, n)
	var group errgroup.Group
	group.SetLimit(ipadsTogether)
	for i, d := range list {
		group.Go(func() error {
			key, err := x509.ParsePKIXPublicKey(made.Keys[i])
			if err != nil {
				return err
			}
			cert, err := p.gate.Certify(ctx, d.ID, key)
			if err == nil {
				certs[i] = cert.Raw
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	_, err = p.order(ipadsOrder{Base: "http://" + p.gate.web.Addr().String(), Certs: certs})
	return err
}

const tenth = 100 * time.Millisecond

// measure lets iPads enrol and do what the lesson asks, at one bell after the other,
// and the bare store beside that.
func (p *padsProcess) measure(ctx context.Context, b *benchSchool, o benchOptions) ([]figure, error) {
	var checkIns, deliveries, told, bares, cpu []float64
	for n := range o.turns + 1 { // the first warms up
		b.set(b.at(lessonBells[n%len(lessonBells)]))
		if err := wait.For(ctx, ipadRest); err != nil { // documents come, and whoever is to be woken is
			return nil, err
		}
		in, err := p.order(ipadsOrder{CheckIn: true})
		if err != nil {
			return nil, err
		}
		before := cpuUsed()
		poll, err := p.order(ipadsOrder{Poll: true})
		if err != nil {
			return nil, err
		}
		used := cpuUsed() - before
		bare, err := bareStore(ctx, filepath.Join(o.dir, fmt.Sprint("bare-", n)), o.devices)
		if err != nil {
			return nil, err
		}
		per := func(n int64, took time.Duration) float64 { return float64(n) / took.Seconds() }
		o.say("turn %d: %d check-ins in %d ms, %d requests with %d commands in %d ms, bare store %.0f changes/s", n, in.Requests/2, in.Took.Milliseconds(), poll.Requests, poll.Orders, poll.Took.Milliseconds(), bare)
		if n > 0 {
			checkIns, bares = append(checkIns, per(in.Requests, in.Took)/2), append(bares, bare)
			deliveries, told = append(deliveries, per(poll.Requests, poll.Took)/2), append(told, per(poll.Orders, poll.Took))
			cpu = append(cpu, milliseconds(used)/float64(poll.Requests))
		}
	}
	bare := median(bares)
	return []figure{
		atLeastOf("check-ins", median(checkIns), bare, checkInBar, "per s"),
		atLeastOf("deliveries, two requests each", median(deliveries), bare, deliveryBar, "per s"),
		shown("commands carried out", median(told), "per s"),
		shown("bare store, durable changes", bare, "per s"),
		shown("server's CPU of a request", median(cpu), "ms"),
	}, nil
}

// atLeastOf is a figure beside a limit, held against a fixed bar.
func atLeastOf(name string, got, limit, bar float64, unit string) figure {
	return figure{name, got, limit, unit, got / limit, fmt.Sprintf(">= %g %s", bar, unit), got >= bar}
}

// bareStore is how many durable changes of devices the store makes in a second.
func bareStore(ctx context.Context, path string, devices int) (rate float64, err error) {
	s, err := store.Open(path, seal{}, time.Now, time.Now())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	stage := mdm.Stage{Mode: mdm.Home, Set: mdm.Unmanaged()}
	for n := range lessonBells { // a day's document
		next := stage
		stage = mdm.Stage{Mode: mdm.Lesson, Set: mdm.Unmanaged(), Until: time.Now().Add(time.Duration(len(lessonBells)-n) * time.Hour), Fallback: &next}
	}
	var group errgroup.Group
	group.SetLimit(ipadsTogether)
	began := time.Now()
	for n := range devices * bareChanges {
		group.Go(func() error {
			return s.Update(ctx, fmt.Sprintf("ipad-%04d", n%devices), func(d *apple.Device) error {
				d.Want.Stage = stage
				d.Want.Rev++
				return nil
			})
		})
	}
	err = group.Wait()
	return float64(devices*bareChanges) / time.Since(began).Seconds(), err
}
