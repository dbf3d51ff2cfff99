package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent/member"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
)

const (
	deviceTick   = 100 * time.Millisecond // machine time: school time runs fast
	deviceJitter = 2 * time.Second
	joinAtOnce   = 4
	deviceGroup  = "trolley-1"
)

// agents are the demonstration's school devices.
type agents struct{ members []*member.Member }

// joinDevices lists the devices and lets those join that have not.
func (d *demo) joinDevices(ctx context.Context) (*agents, error) {
	a := &agents{members: make([]*member.Member, d.devices)}
	group, joining := errgroup.WithContext(ctx)
	group.SetLimit(joinAtOnce)
	for n := range d.devices {
		group.Go(func() (err error) {
			id := fmt.Sprintf("pad-%02d", n+1)
			if err := d.joinDevice(joining, id); err != nil {
				return err
			}
			device := pretend.New(deviceNature(n), time.Now)
			a.members[n], err = member.Open(ctx, member.Config{
				Dir: d.deviceFolder(id), Root: wire.DefaultRoot, Platform: device, Changed: device.Changed(),
				Now: d.clock.Now, Tick: deviceTick, Jitter: deviceJitter, Log: slog.Default(),
			})
			return err
		})
	}
	return a, group.Wait()
}

func (d *demo) deviceFolder(id string) string { return filepath.Join(d.data, "devices", id) }

func (d *demo) joinDevice(ctx context.Context, id string) error {
	if _, err := identity.Open(d.deviceFolder(id), time.Now); errs.CodeOf(err) != errs.NotFound {
		return err
	}
	if err := os.MkdirAll(d.deviceFolder(id), 0o700); err != nil {
		return err
	}
	code, _, err := d.server.Invite(ctx, server.Invitation{By: "demo", Kind: cert.Device, ID: id, Label: "Pad " + id[len("pad-"):], Group: deviceGroup, Platform: "pretend"})
	if err != nil {
		return err
	}
	_, _, err = identity.Join(ctx, code, d.deviceFolder(id), identity.Options{Now: time.Now})
	return err
}

// deviceNature makes a few devices as devices are: one is slow, one refuses, one
// lacks a switch. The others obey.
func deviceNature(n int) pretend.Nature {
	switch n {
	case 3:
		return pretend.Nature{Delay: 3 * time.Second}
	case 5:
		return pretend.Nature{Refuse: map[mdm.Setting]string{mdm.Camera: "the camera does not answer"}}
	case 7:
		return pretend.Nature{Lack: map[mdm.Setting]bool{mdm.Share: true}}
	}
	return pretend.Nature{}
}

// run works all devices until ctx ends.
func (a *agents) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, m := range a.members {
		group.Go(func() error {
			if err := m.Run(ctx); ctx.Err() == nil && !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})
	}
	return group.Wait()
}
