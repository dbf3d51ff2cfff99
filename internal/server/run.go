package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
)

const (
	settleFor       = 50 * time.Millisecond // records that come together are compiled together
	planAgain       = time.Minute           // the plan moves on with the days
	checkpointEvery = time.Minute
	clockEvery      = time.Second
)

// Run works until ctx ends or something the server cannot do without fails, and
// closes what Open opened.
func (s *Server) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	group, ctx := errgroup.WithContext(ctx)
	if err := s.cutRetired(ctx); err != nil {
		return err
	}
	if err := s.openForAll(ctx, group); err != nil {
		return err
	}
	group.Go(func() error { return s.Banks.Run(ctx) })
	group.Go(func() error { return s.farewells.run(ctx) })
	group.Go(func() error { return s.ringBells(ctx) })
	group.Go(func() error { return s.keepHistory(ctx) })
	group.Go(func() error { return s.follow(ctx) })
	group.Go(func() error { return s.tellGateways(ctx) })
	group.Go(func() error { return s.serveJoining(ctx) })
	group.Go(func() error { return s.serveControl(ctx) })
	group.Go(func() error { return s.checkpoints(ctx) })
	group.Go(func() error { return s.verify(ctx) })
	group.Go(func() error { return s.keepBackups(ctx) })
	group.Go(func() error { return s.Notices.Run(ctx) })
	group.Go(func() error { return s.alerts().Run(ctx) })
	group.Go(func() error { return s.forgetOld(ctx) })
	group.Go(func() error { return s.noteSoftware(ctx) })
	group.Go(func() error { return s.countDays(ctx) })
	group.Go(func() error { return s.heedAlarms(ctx) })
	group.Go(func() error { return s.Users.Run(ctx) })
	if s.Speed != nil {
		group.Go(func() error { return s.tellClock(ctx) })
	}
	group.Go(func() error {
		select {
		case <-s.Log.Failed():
			return s.Log.Err()
		case <-ctx.Done():
			return nil
		}
	})
	return group.Wait()
}

// openForAll lets banks and devices find their rules at the broker: before anybody
// can connect, when it is our own.
func (s *Server) openForAll(ctx context.Context, group *errgroup.Group) error {
	if s.External == nil {
		if err := s.announce(ctx); err != nil {
			return err
		}
		group.Go(func() error { return s.serveBroker(ctx) })
		return nil
	}
	if err := s.compile(ctx); err != nil && !errors.Is(err, banks.ErrTooLong) {
		return err
	}
	group.Go(func() error { return s.announceAlways(ctx) })
	group.Go(func() error { return s.keepBroker(ctx) })
	group.Go(func() error { return s.tellGrowth(ctx) })
	return nil
}

// announce puts everything that is retained into the broker before anybody can
// connect.
func (s *Server) announce(ctx context.Context) error {
	if err := s.compile(ctx); err != nil && !errors.Is(err, banks.ErrTooLong) {
		return err
	}
	if err := s.Banks.Publish(ctx); err != nil {
		return err
	}
	if err := s.openBells(ctx); err != nil {
		return err
	}
	birth := bus.Presence{Online: true, Session: bus.NewSession(), TS: time.Now()}
	close(s.published)
	return s.Bus.Publish(ctx, s.Root.Server(wire.LeafPresence), birth.Encode(), true)
}

// Ready is closed once banks and devices find their rules at the broker.
func (s *Server) Ready() <-chan struct{} { return s.published }

// follow compiles the rules anew whenever the school's ledger has grown, and
// every minute for the plan. Rules that are too long are tried again in the same
// way.
func (s *Server) follow(ctx context.Context) error {
	for {
		size := s.Log.Size()
		if err := s.compile(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, banks.ErrTooLong) {
			return err
		}
		within, cancel := context.WithTimeout(ctx, planAgain)
		err := s.Log.Wait(within, size)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if wait.For(ctx, settleFor) != nil {
			return nil
		}
	}
}

func (s *Server) checkpoints(ctx context.Context) error {
	ticks := time.NewTicker(checkpointEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			if _, err := s.Log.Checkpoint(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// serveJoining lets banks and devices in and renews their certificates.
func (s *Server) serveJoining(ctx context.Context) error {
	h := s.Registrar.HTTPServer()
	stop := context.AfterFunc(ctx, func() { _ = h.Close() }) // nobody waits in line for more than a moment
	defer stop()
	if err := h.ServeTLS(s.join, "", ""); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return errs.Wrap(err, errs.Unavailable, "The address for joining is lost.", "Start the server again.")
	}
	return nil
}

// welcome is what a new bank takes home: it can work from then on without us.
func (s *Server) welcome(ctx context.Context, who pki.Newcomer) (json.RawMessage, error) {
	if who.Kind != cert.Bank {
		return nil, nil
	}
	w := wire.Welcome{V: wire.V, Ledger: s.Log.PublicKey()}
	w.Directory, w.Plan = s.Rules.Sealed()
	if set := s.Approvers(); set.Check() == nil {
		w.Approvers = &set
	}
	if who.Replaces {
		var err error
		if w.Seed, err = s.Banks.Replace(ctx, who.By, who.ID); err != nil {
			return nil, err
		}
	}
	return wire.Encode(w)
}

// tellClock tells a demonstration's time to whoever follows it.
func (s *Server) tellClock(ctx context.Context) error {
	for {
		data, err := wire.Encode(wire.Clock{V: wire.V, Now: s.Now().Wall.UTC(), Speed: s.Speed()})
		if err == nil {
			err = s.Bus.Publish(ctx, s.Root.Server(wire.LeafClock), data, true)
		}
		if err != nil && ctx.Err() == nil {
			slog.Warn("the demonstration's clock could not be told", "err", err)
		}
		if wait.For(ctx, clockEvery) != nil {
			return nil
		}
	}
}
