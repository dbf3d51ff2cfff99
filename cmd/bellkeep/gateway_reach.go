package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// reachFile is what a file says of where devices reach a gateway.
type reachFile struct {
	URL         config.Value[string] `yaml:"url"`         // as devices reach it
	Listen      config.Value[string] `yaml:"listen"`      // left out where the gateway is a process of its own
	Certificate config.Value[string] `yaml:"certificate"` // left out behind a web server that has one
	Key         config.Value[string] `yaml:"key"`
}

// readTLS gives what the gateway of a part is served with, nil behind a web server. It
// refuses plain HTTP that others than this computer could reach.
func (f reachFile) readTLS(path, part string, faults *config.Faults) *tls.Config {
	host := hostOf(path, part+": listen", "0.0.0.0:8086", f.Listen, faults)
	switch {
	case f.Certificate.V != "" || f.Key.V != "":
		pair, err := tls.LoadX509KeyPair(f.Certificate.V, f.Key.V)
		if err != nil {
			faults.Add(path, f.Certificate.Line, "%s: certificate: it cannot be used: %v", part, err)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	case f.Listen.V != "" && !isLoopback(host):
		faults.Add(path, f.Listen.Line, "%s: listen: %q is plain HTTP for others than this computer: give it a certificate and key, or put a web server before it", part, f.Listen.V)
	}
	return nil
}

// hostOf is that of an address, if there is one; it must be one like the other.
func hostOf(path, key, like string, v config.Value[string], faults *config.Faults) string {
	host, _, err := net.SplitHostPort(v.V)
	if v.V != "" && err != nil {
		faults.Add(path, v.Line, "%s: %q is not an address like %s", key, v.V, like)
	}
	return host
}

func isLoopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

// listenFor claims an address for devices, which a part of a file names. Errors:
// conflict.
func listenFor(devices, part, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errs.Wrap(err, errs.Conflict, "The address for "+devices+" cannot be used.", "Stop the other program, or choose another address under "+part+".")
	}
	return l, nil
}

// giveUp closes listeners; they may be closed already, or be none.
func giveUp(all ...net.Listener) (err error) {
	for _, l := range all {
		if l == nil {
			continue
		}
		if closed := l.Close(); !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	return err
}

// nowOf is school time as the server has it.
func nowOf(s *server.Server) func() time.Time {
	return func() time.Time { return s.Now().Wall.In(s.School.Calendar.Zone) }
}

// openerOf checks envelopes of the server.
func openerOf(s *server.Server) relay.Opener {
	keys := s.Authority.SigningKey().Public()
	return func(t wire.Type, sealed []byte) ([]byte, error) { return wire.Open(keys, t, sealed) }
}

// workGateway runs a gateway and what serves its devices until ctx ends, which is no
// fault of the gateway's.
func workGateway(ctx context.Context, bus relay.Bus, run func(context.Context, relay.Bus) error, serve ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := run(ctx, bus); ctx.Err() == nil {
			return err
		}
		return nil
	})
	for _, s := range serve {
		group.Go(func() error { return s(ctx) })
	}
	return group.Wait()
}

// alone runs a gateway in the school's server, which goes on without it: lockers and
// other devices need nothing of it.
func alone(ctx context.Context, platform string, bus relay.Bus, run func(context.Context, relay.Bus) error) error {
	if err := run(ctx, bus); err != nil {
		slog.Error("a gateway has ended; all else goes on, and a restart begins it again", "gateway", platform, "err", err)
	}
	return nil
}
