package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	nano "github.com/micromdm/nanomdm/mdm"
	"github.com/micromdm/nanomdm/service"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/store"
)

// nanoStore is where NanoMDM's core keeps what devices say. A command comes from no queue:
// it is worked out when a device asks.
type nanoStore struct {
	*store.Store
	g *Gateway
}

// turn is one request of a device and what it is given next. It goes along with the
// request: NanoMDM asks for the two apart, and they are one change.
type turn struct {
	taken bool // the message was understood
	next  *nano.Command
}

type turnKey struct{}

func withTurn(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), turnKey{}, &turn{}))
}

func turnOf(r *nano.Request) (*turn, error) {
	t, ok := r.Context().Value(turnKey{}).(*turn)
	if !ok {
		return nil, errors.New("a request without a turn")
	}
	return t, nil
}

// StoreCommandReport takes in what a device says and works out what it does next.
func (s nanoStore) StoreCommandReport(r *nano.Request, m *nano.CommandResults) error {
	t, err := turnOf(r)
	if err != nil {
		return err
	}
	id := r.Certificate.Subject.CommonName
	if err := s.g.found(r.Context(), id); err != nil {
		return err
	}
	var acks []mdm.Ack
	var events []mdm.Event
	var next *apple.Command
	var unread error
	var obeyed bool
	err = s.g.change(r.Context(), id, func(d *apple.Device, now time.Time) error {
		obeyed = d.TookProfile(m.CommandUUID, m.Status)
		if acks, events, unread = d.Answer(now, m.CommandUUID, m.Status, m.Raw); unread != nil {
			return unread
		}
		given, more, err := d.Next(now, apple.Ports{NewUUID: NewUUID, Sign: s.g.Sign, Unseal: s.Reveal})
		next, acks = given, append(acks, more...)
		return err
	})
	if unread != nil {
		return service.NewHTTPStatusError(http.StatusBadRequest, unread)
	}
	if err != nil {
		return err
	}
	s.g.outbox.Answer(id, acks...)
	s.g.outbox.Tell(id, events...)
	s.g.spoke(id, obeyed)
	if next != nil {
		t.next = &nano.Command{CommandUUID: next.UUID, Raw: next.Raw}
		t.next.Command.RequestType = next.RequestType
	}
	return nil
}

// RetrieveNextCommand gives what StoreCommandReport worked out.
func (s nanoStore) RetrieveNextCommand(r *nano.Request, _ bool) (*nano.Command, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	return t.next, nil
}

// ClearQueue has nothing to do: there is no queue.
func (s nanoStore) ClearQueue(*nano.Request) error { return nil }

// StoreTokenUpdate keeps how a device is woken. The first one after an Authenticate
// completes its enrolment: of what is on the device nothing is known then.
func (s nanoStore) StoreTokenUpdate(r *nano.Request, m *nano.TokenUpdate) error {
	unlock, err := s.Secret(m.UnlockToken)
	if err != nil {
		return err
	}
	if err := s.Store.StoreTokenUpdate(r, m); err != nil {
		return err
	}
	e, err := s.Enrolment(r.ID)
	if err != nil {
		return err
	}
	var acks []mdm.Ack
	err = s.g.change(r.Context(), e.Device, func(d *apple.Device, now time.Time) error {
		acks = nil
		if e.Tally == 1 || !d.Managed {
			if d.Traits.UDID != e.UDID {
				d.UnlockToken = nil // that of another device
			}
			acks = d.Enrolled(e.Traits, now)
		}
		d.KeepUnlockToken(unlock)
		return nil
	})
	if err != nil {
		return err
	}
	s.g.outbox.Answer(e.Device, acks...)
	s.g.joined(e)
	return nil
}

// Disable ends an enrolment. NanoMDM's core calls it also as one begins: then there is
// none to end.
func (s nanoStore) Disable(r *nano.Request) error {
	e, err := s.Enrolment(r.ID)
	if err != nil || !e.On {
		return err
	}
	if err := s.Store.Disable(r); err != nil {
		return err
	}
	return s.g.left(r.Context(), e.Device, "tamper", "its management was removed from it")
}

// StoreAuthenticate begins an enrolment, and ends the one there was: from now on nothing
// is known of what keeps the rules. What cannot be read has nothing that could end.
func (s nanoStore) StoreAuthenticate(r *nano.Request, m *nano.Authenticate) error {
	id := r.Certificate.Subject.CommonName
	if d, err := s.View(id); err == nil && d.Managed {
		if err := s.g.left(r.Context(), id, "tamper", "it began to enrol anew while it was under management"); err != nil {
			return err
		}
	}
	return s.Store.StoreAuthenticate(r, m)
}

// spoke notes a word of a device.
func (g *Gateway) spoke(id string, obeyed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.members[id]
	if m == nil {
		return
	}
	m.heardOf(time.Now())
	if obeyed {
		m.obeyed = g.Now()
	}
	ring(g.lookDue)
}

// joined notes that a device can be woken.
func (g *Gateway) joined(e store.Enrolment) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[e.Device]; m != nil {
		m.enrolled(e)
		m.heardOf(time.Now())
	}
	ring(g.lookDue)
}
