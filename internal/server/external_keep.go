package server

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// keepBroker has the broker know who belongs to the school until ctx ends.
func (s *Server) keepBroker(ctx context.Context) error {
	stale := true // it may run on files of before
	for ctx.Err() == nil {
		connection, size, now := s.connections.Load(), s.Log.Size(), s.admission()
		changed, err := s.writeBroker(now)
		stale = stale || changed
		if err == nil && stale {
			err = s.enforce(ctx, now)
		}
		if err == nil {
			err = s.bars.endEach(now.rev, func(client string) error { return s.endConnection(ctx, client) })
		}
		if err == nil {
			stale = false
			s.welcomeMembers(ctx, now)
		}
		if err != nil && ctx.Err() == nil {
			slog.Error("the broker does not know who belongs to the school; it is tried again", "err", err, "next", errs.HintOf(err))
			again, cancel := context.WithTimeout(ctx, brokerAgain)
			_ = s.changed.Until(again, func() bool { return s.connections.Load() != connection }) // the loop looks at ctx
			cancel()
			continue
		}
		within, cancel := context.WithTimeout(ctx, s.bars.next(membersEvery))
		_ = s.changed.Until(within, func() bool { return s.Log.Size() > size || s.bars.rev() != now.rev }) // the loop looks at ctx
		cancel()
		_ = wait.For(ctx, settleFor)
	}
	return nil
}

// tellGrowth has keepBroker look whenever the school's ledger has grown.
func (s *Server) tellGrowth(ctx context.Context) error {
	for s.Log.Wait(ctx, s.Log.Size()) == nil {
		s.changed.Ring()
	}
	return nil
}

// enforce has the broker read its files again, and waits until it goes by them: a
// reload returns before that.
func (s *Server) enforce(ctx context.Context, a admission) error {
	if err := s.reload(ctx); err != nil {
		return err
	}
	probe := a.probe
	ctx, cancel := context.WithTimeout(ctx, enforceFor)
	defer cancel()
	for {
		if err := s.Bus.Publish(ctx, bus.ProbeTopic(probe), []byte(probe), false); err != nil {
			return err
		}
		again, stop := context.WithTimeout(ctx, probeEvery)
		err := s.probed.Until(again, func() bool { return s.probe.Load() == probe })
		stop()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return errs.Wrap(ctx.Err(), errs.Unavailable, "The broker does not go by its new access list.", "Try the command by hand: "+strings.Join(s.External.Reload, " "))
		}
	}
}

const (
	enforceFor = 15 * time.Second // for the broker to go by a new access list
	probeEvery = 100 * time.Millisecond
)

// hearProbe takes what the server told itself.
func (s *Server) hearProbe(_ string, payload []byte, _ bool) {
	s.probe.Store(string(payload))
	s.probed.Ring()
}

// welcomeMembers notes whom the broker knows. New ones are told anew what they may
// have asked for before that: the broker then granted it and gave them nothing.
func (s *Server) welcomeMembers(ctx context.Context, now admission) {
	before, _ := s.admitted.Swap(now).(admission)
	s.probed.Ring()
	isNew := func(m bus.Member) bool { return !slices.ContainsFunc(before.members, m.Equal) }
	if now.probe == before.probe || !slices.ContainsFunc(now.members, isNew) {
		return
	}
	s.connections.Add(1) // gateways are told, too
	s.Devices.Anew()
	if err := s.Banks.Publish(ctx); err != nil && ctx.Err() == nil {
		slog.Warn("the banks' rules could not be published; they are when the broker is back", "err", err)
	}
}

// awaitAdmission waits until an external broker knows a bank or device, before its
// joining code is handed out: what it said earlier would be lost. Errors: unavailable.
func (s *Server) awaitAdmission(ctx context.Context, in Invitation) error {
	if s.External == nil || in.Kind == cert.Gateway {
		return nil
	}
	var since int
	if _, belongs := s.Roll.Belongs(in.ID); !belongs { // or somebody revoked would hear again on a connection of before
		since = s.bars.end(in.ID)
		s.changed.Ring()
	}
	ctx, cancel := context.WithTimeout(ctx, enforceFor)
	defer cancel()
	err := s.probed.Until(ctx, func() bool {
		now, _ := s.admitted.Load().(admission)
		return now.rev >= since && slices.ContainsFunc(now.members, func(m bus.Member) bool { return m.ID == in.ID })
	})
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "The broker does not know "+in.ID+" yet.", "Look at the broker and at this server's log, then make the code again.")
	}
	return nil
}

// reload runs the command that has the broker read its files again.
func (s *Server) reload(ctx context.Context) error {
	if len(s.External.Reload) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reloadFor)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.External.Reload[0], s.External.Reload[1:]...).CombinedOutput()
	if err != nil {
		return errs.Wrap(fmt.Errorf("%w: %.200s", err, out), errs.Unavailable, "The broker could not be told to read its files again.",
			"Try the command by hand: "+strings.Join(s.External.Reload, " "))
	}
	return nil
}
