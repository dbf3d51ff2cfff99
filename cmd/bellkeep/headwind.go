package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
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
	if g.web, err = listenForPhones(o.listen); err != nil {
		return g, err
	}
	if o.mqtt != "" {
		if g.mqtt, err = listenForPhones(o.mqtt); err != nil {
			return g, err
		}
	}
	g.Gateway, err = headwind.New(o.Config)
	return g, err
}

func listenForPhones(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errs.Wrap(err, errs.Conflict, "The address for phones cannot be used.", "Stop the other program, or choose another address under headwind.")
	}
	return l, nil
}

// openInside is a gateway that works in the process of the school's server; nil
// where there is none.
func openInside(s *server.Server, o *headwindOptions) (*phoneGateway, error) {
	if o == nil || o.listen == "" {
		return nil, nil
	}
	keys := s.Authority.SigningKey().Public()
	o.in(s.Dir)
	o.Root, o.Log = s.Root, slog.Default()
	o.Now = func() time.Time { return s.Now().Wall.In(s.School.Calendar.Zone) }
	o.Open = func(t wire.Type, sealed []byte) ([]byte, error) { return wire.Open(keys, t, sealed) }
	return openGateway(o)
}

// at is where phones reach it.
func (g *phoneGateway) at() string { return g.o.url }

// run works until ctx ends.
func (g *phoneGateway) run(ctx context.Context, bus relay.Bus) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := g.Run(ctx, bus); ctx.Err() == nil {
			return err
		}
		return nil
	})
	group.Go(func() error { return g.Serve(ctx, g.web, g.o.secure) })
	if g.mqtt != nil {
		group.Go(func() error { return g.ServeMQTT(ctx, g.mqtt) })
	}
	return errors.Join(group.Wait(), g.close())
}

// close gives up the addresses; they may be given up already, or g be none.
func (g *phoneGateway) close() (err error) {
	if g == nil {
		return nil
	}
	for _, l := range []net.Listener{g.web, g.mqtt} {
		if l == nil {
			continue
		}
		if closed := l.Close(); !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	return err
}
