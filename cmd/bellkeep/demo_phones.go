package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/mdm/headwind/double"
)

// demoPhones are the staff phones, one for every third device at most. IT locks the
// last, which was left somewhere.
var demoPhones = []mdm.Device{
	{ID: "phone-1", Label: "Office phone", Platform: headwind.Platform, Groups: []string{"staff-phones"}},
	{ID: "phone-2", Label: "Trips phone", Platform: headwind.Platform, Groups: []string{"staff-phones"}},
}

const (
	phonePause = 5 * time.Second // machine time between two polls, as agents have it; a phone may ask 60 times a minute
	leftText   = "Left on a trip. Please bring me to the school office."
	leftFor    = 7 * 24 * time.Hour // school time the lock may wait
)

func (d *demo) staffPhones() []mdm.Device { return demoPhones[:min(len(demoPhones), d.devices/3)] }

// openPhones claims an address for the gateway to staff phones. Behind it are
// doubles of phones with the published agent, which they only pretend to have
// fetched.
func (d *demo) openPhones() error {
	if len(d.staffPhones()) == 0 {
		return nil
	}
	o := &headwindOptions{listen: "127.0.0.1:0"}
	o.ID, o.Push, o.MustSign, o.APK = headwind.Platform, headwind.ByPoll, true, filepath.Join(d.data, "pretend-agent.apk")
	err := durable.WriteFile(o.APK, []byte("not an agent\n"), 0o600)
	if err == nil {
		o.checksum, err = headwind.Checksum(o.APK)
	}
	if err == nil {
		o.Config.Key, err = keptKey(filepath.Join(d.data, "phones-key"))
	}
	if err != nil {
		return err
	}
	if d.phones, err = openInside(d.server, o); err != nil {
		return err
	}
	o.url = "http://" + d.phones.web.Addr().String()
	return nil
}

// keptKey reads a key, or makes one.
func keptKey(path string) (headwind.Key, error) {
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		b = make([]byte, headwind.MinKey)
		_, _ = rand.Read(b) // it never fails
		b = []byte(hex.EncodeToString(b))
		err = durable.WriteFile(path, b, 0o600)
	}
	return headwind.Key(b), err
}

// phoneOptions is the gateway's, nil without one.
func (d *demo) phoneOptions() *headwindOptions {
	if d.phones == nil {
		return nil
	}
	return d.phones.o
}

// runPhones works the gateway and the phones until ctx ends.
func (d *demo) runPhones(ctx context.Context) error {
	if d.phones == nil {
		return nil
	}
	list := d.staffPhones()
	if err := d.server.Fleet.List(ctx, "it", list...); err != nil && errs.CodeOf(err) != errs.Conflict && errs.CodeOf(err) != errs.Denied {
		return err // whoever tries the demonstration out may have retired one
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.phones.run(ctx, d.server.GatewayConn(headwind.Platform)) })
	for _, phone := range list {
		group.Go(func() error { return d.carry(ctx, phone.ID) })
	}
	group.Go(func() error { return d.leave(ctx, list[len(list)-1].ID) })
	return group.Wait()
}

// carry sets a phone up by its code and lets it do what its agent does, until ctx
// ends. A request that fails is made again.
func (d *demo) carry(ctx context.Context, id string) error {
	code, err := d.phones.o.code(id).JSON()
	if err != nil {
		return err
	}
	p, err := double.Scan(ctx, code, &http.Client{Transport: &http.Transport{}})
	if err != nil {
		return err
	}
	p.Secret, p.Check = string(headwind.Published), true
	for called := true; ; {
		if called {
			before := p.Wiped()
			called = p.Update(ctx) != nil || p.Wiped() > before // who wiped itself is set up anew
		}
		if !called {
			called, _ = p.Poll(ctx) // what fails is tried again
		}
		if err := wait.For(ctx, phonePause); err != nil {
			return err
		}
	}
}

// leave has IT lock a phone that was left somewhere, once.
func (d *demo) leave(ctx context.Context, id string) error {
	now := d.clock.Now()
	if len(d.server.Commands.Of(id, now)) > 0 {
		return nil
	}
	_, err := d.server.Commands.Ask(ctx, d.actor("it"), id, mdm.Lock, mdm.Args{Text: leftText}, now.Add(leftFor))
	if errs.CodeOf(err) == errs.NotFound {
		return nil // it was retired
	}
	return err
}
