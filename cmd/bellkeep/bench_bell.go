package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

const (
	bellPupils = 2000
	bellWait   = 30 * time.Second        // a bell that takes longer never ends
	bellRest   = 1500 * time.Millisecond // an agent reports at most once a second
	bellAtOnce = 64                      // publications in flight, as in the shadow
	mebibyte   = 1 << 20
	smallFleet = 1000
)

// lessonBells are moments at which Elmfield's devices become something else;
// the first warms up. There are as many as turns and that one.
var lessonBells = []school.Clock{
	{Hour: 8, Minute: 40}, {Hour: 8, Minute: 55}, {Hour: 10, Minute: 35}, {Hour: 10, Minute: 55}, {Hour: 12, Minute: 35}, {Hour: 13, Minute: 30},
}

// benchBell rings lesson bells for a fleet on mutual TLS, and sets the time
// until the last report is on the board beside the same bytes over the same
// connections without anybody who understands them.
func benchBell(ctx context.Context, o benchOptions) (benchResult, error) {
	return withFleet(ctx, o, (*bellBench).measure)
}

// withFleet measures a running school with its fleet connected.
func withFleet(ctx context.Context, o benchOptions, measure func(*bellBench, context.Context, benchOptions) (benchResult, error)) (result benchResult, err error) {
	boundMemory()
	b, err := newBenchSchool(o.dir)
	if err != nil {
		return result, err
	}
	o.say("setting up %d pupils and %d devices", bellPupils, o.devices)
	keys, err := b.settle(ctx, bellPupils, o.devices)
	if err != nil {
		return result, err
	}
	clients := o.devices + spareClients
	if o.broker == mosquittoBroker {
		if b.broker, err = newMosquitto(o.dir, clients); err != nil {
			return result, err
		}
	}
	s, err := b.open(ctx, clients)
	if err != nil {
		return result, err
	}
	if b.broker != nil {
		defer func() { err = errors.Join(err, b.broker.stop()) }() // once the server has ended
		if err := b.broker.start(ctx); err != nil {
			return result, errors.Join(err, s.Close())
		}
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	<-s.Ready()
	debug.FreeOSMemory() // what setting up left behind is not the devices'
	bench := &bellBench{benchSchool: b, server: s, devices: o.devices}
	if bench.alone, err = bench.memory(); err != nil {
		return result, err
	}
	o.say("connecting %d devices", len(keys))
	bench.fleet, err = startFleet(ctx, fleetSpec{
		Address: s.Registrar.MQTT, CA: cert.EncodeChain(s.Authority.CA()), Keys: s.Authority.SigningKey().Public(),
		Devices: keys, Now: b.now().Wall,
	})
	if err != nil {
		return result, err
	}
	clear(keys)
	result, err = measure(bench, ctx, o)
	return result, errors.Join(err, bench.fleet.wait())
}

const spareClients = 64

type bellBench struct {
	*benchSchool
	server  *server.Server
	fleet   *fleetProcess
	devices int
	alone   used // before the first device connected

	reported, answered chan []byte
	document           atomic.Int64 // bytes of the newest desired document, sealed
	report             int          // bytes of the newest report
}

// bellTurn is what one bell took.
type bellTurn struct {
	took, server, fleet time.Duration
}

func (b *bellBench) measure(ctx context.Context, o benchOptions) (benchResult, error) {
	if err := b.listen(ctx); err != nil {
		return benchResult{}, err
	}
	if err := b.settled(ctx); err != nil {
		return benchResult{}, err
	}
	var bells, raws []bellTurn
	for n, clock := range lessonBells[:o.turns+1] {
		bell, err := b.ring(ctx, b.at(clock))
		if err != nil {
			return benchResult{}, err
		}
		raw, err := b.carry(ctx)
		if err != nil {
			return benchResult{}, err
		}
		o.say("bell %d: %d ms, raw %d ms", n, bell.took.Milliseconds(), raw.took.Milliseconds())
		if n > 0 {
			bells, raws = append(bells, bell), append(raws, raw)
		}
	}
	return b.result(bells, raws)
}

// listen hears what the devices say beside the shadow, and how long a document
// is for one of them.
func (b *bellBench) listen(ctx context.Context) error {
	b.reported, b.answered = make(chan []byte, 4*b.devices), make(chan []byte, 4*b.devices)
	root, conn := b.server.Root, b.server.Bus
	for leaf, to := range map[wire.Leaf]chan []byte{wire.LeafReported: b.reported, wire.LeafAck: b.answered} {
		err := conn.Subscribe(ctx, root.Device(wire.Any, leaf), func(_ string, payload []byte, retained bool) {
			if !retained {
				to <- payload
			}
		})
		if err != nil {
			return err
		}
	}
	one := b.server.Fleet.Devices()[0].ID
	return conn.Subscribe(ctx, root.Device(one, wire.LeafDesired), func(_ string, payload []byte, _ bool) {
		b.document.Store(int64(len(payload)))
	})
}

// settled waits until the board shows every device as it is desired to be. It looks
// for a fifth of the time at most: looking holds up what it waits for.
func (b *bellBench) settled(ctx context.Context) error {
	deadline := time.Now().Add(bellWait)
	for {
		began := time.Now()
		counts := b.server.Devices.Board().Counts
		switch {
		case counts[mdm.InForce] >= b.devices:
			return nil
		case began.After(deadline):
			return fmt.Errorf("only %v of %d devices are as they should be", counts, b.devices)
		}
		if err := wait.For(ctx, max(2*time.Millisecond, 4*time.Since(began))); err != nil {
			return err
		}
	}
}

// ring lets school time reach the next bell and waits until the board shows
// that it is in force at every device. The devices' own clocks follow later:
// otherwise those would act by themselves that happen to look just then.
func (b *bellBench) ring(ctx context.Context, at time.Time) (bellTurn, error) {
	if err := wait.For(ctx, bellRest); err != nil {
		return bellTurn{}, err
	}
	drain(b.reported)
	turn, err := b.timed(func() error {
		b.set(at)
		last, err := await(ctx, b.reported, b.devices)
		if err != nil {
			return err
		}
		b.report = len(last)
		return b.settled(ctx)
	})
	if err == nil {
		err = b.fleet.orders.Encode(fleetOrder{Now: at})
	}
	return turn, err
}

// carry sends every device as many bytes as a desired document has, retained
// too, and waits until each has answered with as many as a report has.
func (b *bellBench) carry(ctx context.Context) (bellTurn, error) {
	if err := b.fleet.orders.Encode(fleetOrder{Answer: b.report}); err != nil {
		return bellTurn{}, err
	}
	if err := wait.For(ctx, bellRest); err != nil {
		return bellTurn{}, err
	}
	turn, err := b.timed(func() error { return b.toAll(ctx, make([]byte, b.document.Load())) })
	if err != nil {
		return turn, err
	}
	return turn, b.toAll(ctx, nil) // the broker forgets both again: a school has no such messages
}

// toAll sends every device one bare message, and waits for all answers.
func (b *bellBench) toAll(ctx context.Context, payload []byte) error {
	drain(b.answered)
	group, publishing := errgroup.WithContext(ctx)
	group.SetLimit(bellAtOnce)
	for _, d := range b.server.Fleet.Devices() {
		group.Go(func() error {
			return b.server.Bus.Publish(publishing, b.server.Root.Device(d.ID, wire.LeafCommand), payload, true)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	_, err := await(ctx, b.answered, b.devices)
	return err
}

// timed tells what do takes, and of whose CPU.
func (b *bellBench) timed(do func() error) (bellTurn, error) {
	fleet, err := b.fleet.cpu()
	if err != nil {
		return bellTurn{}, err
	}
	own, began := cpuUsed(), time.Now()
	if err := do(); err != nil {
		return bellTurn{}, err
	}
	turn := bellTurn{took: time.Since(began), server: cpuUsed() - own}
	after, err := b.fleet.cpu()
	turn.fleet = after - fleet
	return turn, err
}

// await takes n messages off a channel and gives the last.
func await(ctx context.Context, from <-chan []byte, n int) (last []byte, err error) {
	timeout := time.After(bellWait)
	for got := range n {
		select {
		case last = <-from:
		case <-timeout:
			return nil, fmt.Errorf("%d of %d devices answered", got, n)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return last, nil
}

func drain(c <-chan []byte) {
	for {
		select {
		case <-c:
		default:
			return
		}
	}
}
