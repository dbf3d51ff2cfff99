package gateway

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/push"
)

// call has those woken that should come and have not been woken lately.
func (g *Gateway) call(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.members {
		if !m.behind || m.note.Token == nil || m.waking || m.calls > 0 && now.Sub(m.called) < m.pause() {
			continue
		}
		select {
		case g.notes <- m.note:
			m.waking, m.asked = true, now
		default:
			return // the others have their turn later
		}
	}
}

// pause is the time until it is woken once more.
func (m *member) pause() time.Duration {
	d := again
	for n := 1; n < m.calls && d < longestAgain; n++ {
		d *= 2
	}
	return min(d, longestAgain)
}

// heardOf notes a word of a device; the caller holds mu.
func (m *member) heardOf(now time.Time) { m.heard, m.calls = now, 0 }

// linger is how long wake waits after it failed.
const linger = time.Second

// wake sends wake-ups until ctx ends.
func (g *Gateway) wake(ctx context.Context) error {
	for {
		g.safely("wake", func() { _ = g.sender.Run(ctx, g.notes, g.woken(ctx)) }) // the loop looks at ctx
		if err := wait.For(ctx, linger); err != nil {
			return err
		}
	}
}

// woken takes note of what came of a wake-up.
func (g *Gateway) woken(ctx context.Context) func(push.Notification, error) {
	return func(n push.Notification, err error) {
		g.safely("woken", func() {
			g.noteWoken(n, err, time.Now())
			if errors.Is(err, push.ErrGone) {
				g.gone(ctx, n)
			}
		})
	}
}

func (g *Gateway) noteWoken(n push.Notification, err error, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[n.Device]; m != nil {
		m.woken(err, now)
	}
	switch {
	case err == nil:
		g.health.Push = ""
	case !errors.Is(err, push.ErrGone) && !errors.Is(err, context.Canceled):
		g.health.Push, g.health.PushAt = err.Error(), now
		if g.refusals.take(now, complaints) {
			g.Log.Warn("a device could not be woken; it is tried again", "device", n.Device, "err", err)
		}
	}
}

// woken takes note of what came of a wake-up; the caller holds mu.
func (m *member) woken(err error, now time.Time) {
	m.waking, m.called, m.pushed = false, now, err
	if err == nil && m.heard.After(m.asked) {
		return // it was faster than Apple's answer, so nothing is waited for
	}
	if m.calls++; m.calls == 1 {
		m.first = now
	}
	if err != nil && !errors.Is(err, push.ErrGone) {
		m.first = now // who was not woken cannot have come
	}
}

// gone notes that a device has given up its management: Apple does not know its
// token any more. A token that was replaced meanwhile says nothing.
func (g *Gateway) gone(ctx context.Context, n push.Notification) {
	e, err := g.store.EnrolmentOf(n.Device)
	if err != nil || !bytes.Equal(e.Token, n.Token) {
		return
	}
	if err = g.store.Lose(ctx, e.UDID); err == nil {
		err = g.left(ctx, n.Device, "tamper", "Apple does not know it any more: its management was removed, or it was erased")
	}
	if err != nil {
		g.Log.Error("that a device has gone could not be kept on disk", "device", n.Device, "err", err) // it is found out again
	}
}

// found notes that a device is there that Apple did not know: it can be woken as before.
func (g *Gateway) found(ctx context.Context, id string) error {
	g.mu.Lock()
	m := g.members[id]
	lost := m != nil && m.note.Token == nil
	g.mu.Unlock()
	if !lost {
		return nil
	}
	e, err := g.store.Find(ctx, id)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[id]; m != nil {
		m.enrolled(e)
	}
	return nil
}

// left notes that a device's enrolment ended.
func (g *Gateway) left(ctx context.Context, id, kind, why string) error {
	var acks []mdm.Ack
	err := g.change(ctx, id, func(d *apple.Device, now time.Time) error { acks = d.Gone(now); return nil })
	if err != nil && errs.CodeOf(err) != errs.Internal {
		return err
	}
	g.outbox.Answer(id, acks...)
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[id]; m != nil {
		m.note = push.Notification{}
		if m.departures.take(time.Now(), complaintsOf) { // whatever was refused before
			g.outbox.Tell(id, mdm.NewEvent(kind, why, g.Now()))
		}
	}
	return nil
}
