package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// ipadGateway is the gateway to iPads with its address.
type ipadGateway struct {
	*gateway.Gateway
	o      *appleOptions
	web    net.Listener
	closed func()      // told of its end; nil for nobody
	office *ipadOffice // what pages or the terminal work with
}

// openIPads claims the address. Errors: conflict, and those of gateway.New.
func openIPads(o *appleOptions) (g *ipadGateway, err error) {
	g = &ipadGateway{o: o}
	if g.web, err = listenFor("iPads", "apple", o.listen); err != nil {
		return nil, err
	}
	if o.Config.Seal, err = openSeal(o.sealKey); err == nil {
		err = g.open()
	}
	if err != nil {
		return nil, errors.Join(err, g.web.Close())
	}
	if o.opened != nil {
		o.opened(g)
	}
	return g, nil
}

// open opens the gateway, and what pages or the terminal work with.
func (g *ipadGateway) open() (err error) {
	if g.o.url == "" { // of a demonstration
		g.o.url = "http://" + g.web.Addr().String()
	}
	if g.office, err = openIPadOffice(g.o, g.o.trusted); err != nil {
		return err
	}
	g.o.Config.Enrol = g.office
	if g.Gateway, err = gateway.New(g.o.Config); err == nil {
		g.office.attach(g.Gateway)
	}
	return err
}

// pages is what the pages work with; g may be none.
func (g *ipadGateway) pages() *ipadOffice {
	if g == nil {
		return nil
	}
	return g.office
}

// openIPadsInside is a gateway that works in the process of the school's server; nil
// where there is none.
func openIPadsInside(s *server.Server, o *appleOptions) (*ipadGateway, error) {
	if o == nil || o.listen == "" {
		return nil, nil
	}
	o.in(s.Dir)
	o.Root, o.Now, o.Open, o.Log = s.Root, nowOf(s), openerOf(s), slog.Default()
	o.school, o.trusted = s.School.Name, func() bool { return s.Now().Trusted }
	g, err := openIPads(o)
	if err == nil {
		name := path.Join(apple.Platform, gateway.File)
		s.Include(name, g.Snapshot)
		g.closed = func() { s.Include(name, nil) }
	}
	return g, err
}

// at is where devices reach it.
func (g *ipadGateway) at() string { return g.o.url }

// run works until ctx ends.
func (g *ipadGateway) run(ctx context.Context, bus relay.Bus) error {
	serve := []func(context.Context) error{
		func(ctx context.Context) error { return g.Serve(ctx, g.web, g.o.secure) },
		func(ctx context.Context) error { _ = g.office.Watch(ctx); return nil }, // it ends with ctx
	}
	if g.o.control != "" {
		serve = append(serve, func(ctx context.Context) error { return control.Serve(ctx, g.o.control, g.office.commands()) })
	}
	return errors.Join(workGateway(ctx, bus, g.Run, serve...), g.close())
}

// close gives up the address and the folder; g may be none.
func (g *ipadGateway) close() error {
	if g == nil {
		return nil
	}
	if g.closed != nil {
		g.closed()
	}
	return errors.Join(giveUp(g.web), g.Close())
}
