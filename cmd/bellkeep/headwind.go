package main

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// phoneGateway is a gateway with its addresses.
type phoneGateway struct {
	*headwind.Gateway
	o         *headwindOptions
	web, mqtt net.Listener // mqtt is nil where phones poll
}

// openGateway claims the addresses. Errors: conflict, and those of headwind.New.
func openGateway(o *headwindOptions) (g *phoneGateway, err error) {
	g = &phoneGateway{o: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close())
		}
	}()
	if g.web, err = listenFor("phones", "headwind", o.listen); err != nil {
		return g, err
	}
	if o.mqtt != "" {
		if g.mqtt, err = listenFor("phones", "headwind", o.mqtt); err != nil {
			return g, err
		}
	}
	g.Gateway, err = headwind.New(o.Config)
	return g, err
}

// openInside is a gateway that works in the process of the school's server; nil
// where there is none.
func openInside(s *server.Server, o *headwindOptions) (*phoneGateway, error) {
	if o == nil || o.listen == "" {
		return nil, nil
	}
	o.in(s.Dir)
	o.Root, o.Now, o.Open, o.Log = s.Root, nowOf(s), openerOf(s), slog.Default()
	return openGateway(o)
}

// at is where phones reach it.
func (g *phoneGateway) at() string { return g.o.url }

// run works until ctx ends.
func (g *phoneGateway) run(ctx context.Context, bus relay.Bus) error {
	serve := []func(context.Context) error{func(ctx context.Context) error { return g.Serve(ctx, g.web, g.o.secure) }}
	if g.mqtt != nil {
		serve = append(serve, func(ctx context.Context) error { return g.ServeMQTT(ctx, g.mqtt) })
	}
	return errors.Join(workGateway(ctx, bus, g.Run, serve...), g.close())
}

// close gives up the addresses; g may be none.
func (g *phoneGateway) close() error {
	if g == nil {
		return nil
	}
	return giveUp(g.web, g.mqtt)
}
