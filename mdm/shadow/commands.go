package shadow

import (
	"context"
	"encoding/json"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// tell sends what waits to devices that are there, once in each of their
// sessions. failed is told what could not be sent; it is tried again.
func (s *Shadow) tell(ctx context.Context, failed func(error)) {
	if s.Commands == nil {
		return
	}
	for _, c := range s.Commands.Waiting(s.Now()) {
		session, untold := s.untold(c)
		if !untold {
			continue
		}
		if err := s.sendCommand(ctx, c); err != nil {
			if errs.CodeOf(err) == errs.Conflict {
				continue // it was over by then
			}
			if ctx.Err() == nil {
				failed(err)
			}
			return
		}
		s.mu.Lock()
		if e := s.devices[c.Dev]; e != nil {
			if e.told == nil {
				e.told = map[string]string{}
			}
			e.told[c.ID] = session
		}
		s.mu.Unlock()
	}
}

// untold reports whether a device is there and was not told a command in the
// session it has.
func (s *Shadow) untold(c mdm.Command) (session string, untold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.devices[c.Dev]
	if e == nil || !e.seen.Link.Online {
		return "", false
	}
	return e.born.Session, e.told[c.ID] != e.born.Session
}

// sendCommand records a command as sent before it is: an answer must find it so.
func (s *Shadow) sendCommand(ctx context.Context, c mdm.Command) error {
	payload, err := json.Marshal(c)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "A command cannot be written.", "")
	}
	sealed, err := s.Seal(wire.TypeCommand, payload)
	if err != nil {
		return err
	}
	if err := s.Commands.Sent(ctx, c.ID); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.Bus.Publish(ctx, s.Root.Device(c.Dev, wire.LeafCommand), sealed, false); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The broker does not take a command.", "Look at the broker's log; it is tried again.")
	}
	return nil
}

// answered takes the answers of listed devices to the book of commands, and
// refuses on record what that does not take.
func (s *Shadow) answered(ctx context.Context) handler {
	return func(topic string, payload []byte, _ bool) {
		id, _, ok := s.Root.Whose(topic)
		err := errNotListed
		if ok && s.listed(id) {
			err = s.answer(ctx, id, payload)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			s.refuse(s.devices[id], Refusal{At: s.Now(), Device: id, Leaf: wire.LeafAck, Reason: err.Error()})
		}
		s.touch()
	}
}

func (s *Shadow) answer(ctx context.Context, device string, payload []byte) error {
	a, err := mdm.DecodeAck(payload)
	if err != nil {
		return err
	}
	if s.Commands == nil {
		return errNotListed
	}
	if err := s.Commands.Answered(ctx, device, a); err != nil || !a.State.Final() {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.devices[device]; e != nil {
		delete(e.told, a.ID)
	}
	return nil
}

func (s *Shadow) listed(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.devices[id] != nil
}
