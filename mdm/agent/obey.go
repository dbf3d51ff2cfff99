package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

// Doer is a Platform that can do something once when told to. Do may take as long
// as ctx lets it. Errors: ErrCannot, which it wraps, for what the device has no
// way to do; any other that it tried and failed.
type Doer interface {
	Do(ctx context.Context, op mdm.Op, args mdm.Args) (detail string, err error)
}

// ErrCannot is wrapped by what a device has no way to do.
var ErrCannot = errors.New("this device cannot do that")

const (
	maxTold = 32               // commands that wait while one is done
	doFor   = 30 * time.Second // machine time for one
)

// command takes a message with a command in. A retained one is refused: whoever
// retains a command wants it done again.
func (a *Agent) command(_ string, sealed []byte, retained bool) {
	if len(sealed) == 0 && retained {
		return // the broker's way to say that nothing is retained any more
	}
	c, err := a.openCommand(sealed)
	switch {
	case err != nil:
	case retained:
		err = errors.New("it was retained")
	case c.Dev != a.Device:
		err = errors.New("it is for another device")
	}
	if err != nil {
		a.tell("refused", fmt.Sprintf("a command: %v", err))
		return
	}
	select {
	case a.told <- c:
	default:
		a.out.ack(mdm.NewAck(c.ID, mdm.Refused, "too many commands at once", a.Now()))
	}
}

func (a *Agent) openCommand(sealed []byte) (mdm.Command, error) {
	if len(sealed) > maxSealedCommand {
		return mdm.Command{}, errTooLong
	}
	payload, err := a.Open(wire.TypeCommand, sealed)
	if err != nil {
		return mdm.Command{}, err
	}
	return mdm.DecodeCommand(payload)
}

// maxSealedCommand is the longest envelope of a command.
const maxSealedCommand = 2*mdm.MaxCommand + 512

// obey does one command after the other until ctx ends.
func (a *Agent) obey(ctx context.Context) error {
	m := a.recallCommands()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case c := <-a.told:
			a.do(ctx, &m, c)
		}
	}
}

func (a *Agent) recallCommands() once.Memory {
	if a.Commands == nil {
		return once.New(a.Now())
	}
	b, err := a.Commands.Load()
	if err != nil {
		b = []byte{} // it is lost, not empty
	}
	m, damaged := once.Recall(b, a.Now())
	if err := errors.Join(err, damaged); err != nil {
		a.tell("storage", fmt.Sprintf("the commands done before: %v", err))
	}
	return m
}

// do does what it is told at most once: that it is at it is on disk before it
// begins.
func (a *Agent) do(ctx context.Context, m *once.Memory, c mdm.Command) {
	ack := weigh(m, c, a.Now())
	if ack.State != mdm.Accepted {
		m.Note(c.ID, ack.State) // also of one the device stopped at
		a.out.ack(ack)
		return
	}
	if err := a.remember(m); err != nil {
		m.Note(c.ID, mdm.Refused)
		a.out.ack(mdm.NewAck(c.ID, mdm.Refused, "it could not be remembered: "+err.Error(), a.Now()))
		return
	}
	a.out.ack(ack)
	state, detail := a.try(ctx, c)
	m.Note(c.ID, state)
	a.out.ack(mdm.NewAck(c.ID, state, detail, a.Now()))
	if err := a.remember(m); err != nil {
		a.tell("storage", err.Error()) // after a restart it is answered for as failed
	}
}

// weigh answers a command at now; accepted is to be done.
func weigh(m *once.Memory, c mdm.Command, now time.Time) mdm.Ack {
	switch state, known := m.State(c.ID); {
	case !known:
		return m.Weigh(c, now)
	case state == mdm.Accepted:
		return mdm.NewAck(c.ID, mdm.Failed, "the device stopped while it was at it", now)
	default:
		return mdm.NewAck(c.ID, state, "it was told again", now)
	}
}

func (a *Agent) try(ctx context.Context, c mdm.Command) (mdm.AckState, string) {
	if c.Op == mdm.Sync {
		nudge(a.again)
		return mdm.Done, ""
	}
	doer, able := a.Platform.(Doer)
	if !able {
		return mdm.Refused, ErrCannot.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, doFor)
	defer cancel()
	detail, err := doer.Do(ctx, c.Op, c.Args)
	switch {
	case errors.Is(err, ErrCannot):
		return mdm.Refused, err.Error()
	case err != nil:
		return mdm.Failed, err.Error()
	}
	return mdm.Done, detail
}

func (a *Agent) remember(m *once.Memory) error {
	if a.Commands == nil {
		return nil
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return a.Commands.Save(b)
}
