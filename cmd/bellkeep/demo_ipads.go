package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

const (
	mostIPads   = 200
	demoTopic   = "com.apple.mgmt.External.demonstration"
	ipadKeys    = 4               // shared by the pretend iPads: making one takes a while
	ipadsAtOnce = 8               // polling
	ipadRetry   = 2 * time.Second // machine time until one that could not enrol tries again
	ipadPushFor = 365 * 24 * time.Hour
)

// demoIPads are the pretend iPads with a pretend Apple and the gateway between.
type demoIPads struct {
	gate  *ipadGateway
	apple *double.APNs
	woken chan string              // tokens of those that are to poll
	keys  []*rsa.PrivateKey        // of their identities
	all   map[string]*ipadAtSchool // by token
}

type ipadAtSchool struct {
	id string
	*double.Device
}

// openIPads claims an address for the gateway to iPads; nothing without any.
func (d *demo) openIPads() (err error) {
	if d.ipads == 0 {
		return nil
	}
	p := &demoIPads{woken: make(chan string, 10*mostIPads), all: map[string]*ipadAtSchool{}}
	if p.apple, err = double.NewAPNs(func(token []byte) {
		select {
		case p.woken <- string(token):
		default: // it is woken again
		}
	}); err != nil {
		return err
	}
	o := &appleOptions{listen: "127.0.0.1:0"}
	o.ID, o.PushURL, o.PushRoots = apple.Platform, p.apple.URL(), p.apple.Roots()
	if p.gate, err = openIPadsInside(d.server, o); err != nil {
		return err
	}
	d.pads = p
	return nil
}

// close gives up what openIPads claimed, if nothing ran.
func (p *demoIPads) close() error {
	if p == nil {
		return nil
	}
	return p.gate.close()
}

// pages is what the pages work with; p may be none.
func (p *demoIPads) pages() *ipadOffice {
	if p == nil {
		return nil
	}
	return p.gate.pages()
}

// runIPads works the gateway, Apple and the iPads until ctx ends.
func (d *demo) runIPads(ctx context.Context) error {
	p := d.pads
	if p == nil {
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { p.apple.Run(ctx); return nil })
	group.Go(func() error { return p.gate.run(ctx, d.server.GatewayConn(apple.Platform)) })
	group.Go(func() error { return d.handOutIPads(ctx) })
	return group.Wait()
}

// handOutIPads lists them, sets them up and has them come whenever they are woken.
func (d *demo) handOutIPads(ctx context.Context) error {
	cert, key, err := d.pads.apple.PushCertificate(demoTopic, time.Now().Add(ipadPushFor))
	if err != nil {
		return err
	}
	if err := d.pads.gate.SetPush(ctx, cert, key); err != nil {
		return err
	}
	for range min(ipadKeys, d.ipads) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return err
		}
		d.pads.keys = append(d.pads.keys, key)
	}
	group, ctx := errgroup.WithContext(ctx)
	for n := range d.ipads {
		one := d.newIPad(n)
		d.pads.all[string(one.Token())] = one
		device := mdm.Device{ID: one.id, Label: fmt.Sprintf("iPad %d", n+1), Platform: apple.Platform, Groups: []string{deviceGroup}}
		if err := d.server.Fleet.List(ctx, "it", device); err != nil && errs.CodeOf(err) != errs.Conflict && errs.CodeOf(err) != errs.Denied {
			return err // whoever tries the demonstration out may have retired one
		}
	}
	for _, one := range d.pads.all {
		group.Go(func() error { return d.setUpIPad(ctx, one) })
	}
	for range ipadsAtOnce {
		group.Go(func() error { return d.pads.carry(ctx) })
	}
	return group.Wait()
}

// newIPad makes one of them; the last of more than three is not supervised.
func (d *demo) newIPad(n int) *ipadAtSchool {
	one := &double.Device{
		UDID: fmt.Sprintf("00008110-00%014d", n+1), Serial: fmt.Sprintf("DEMO%06d", n+1), Model: "iPad13,18", OS: "18.1",
		Supervised: n < 3 || n < d.ipads-1, Client: &http.Client{Transport: &http.Transport{}}, Key: d.pads.keys[n%len(d.pads.keys)], Now: d.clock.Now,
	}
	one.SetPasscode(6)
	return &ipadAtSchool{fmt.Sprintf("ipad-%02d", n+1), one}
}

// setUpIPad enrols one by an invitation, and again until that works: the gateway may
// not know it yet.
func (d *demo) setUpIPad(ctx context.Context, one *ipadAtSchool) error {
	for {
		base := d.pads.gate.at()
		i, err := d.pads.gate.Invite(ctx, one.id, one.Serial, 0)
		if err == nil {
			err = one.Enrol(ctx, double.EnrolmentProfile{SCEP: base + "/scep", Challenge: i.Challenge, Server: base + "/mdm", Topic: demoTopic})
		}
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := wait.For(ctx, ipadRetry); err != nil {
			return err
		}
	}
}

// carry has iPads come that were woken. One that fails is woken again.
func (p *demoIPads) carry(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case token := <-p.woken:
			if one := p.all[token]; one != nil {
				_, _ = one.Poll(ctx)
			}
		}
	}
}
