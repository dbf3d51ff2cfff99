package gateway

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
)

// school is the gateway as the school sees it. What comes is put in the inbox: it is
// kept many at a time, and the broker is not held up by the disk.
type school Gateway

// parcel is what came for one device and is not kept yet.
type parcel struct {
	document *mdm.Desired // the newest
	orders   []mdm.Command
}

func (s *school) Listed(ids []string) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range ids {
		if g.members[id] == nil {
			if err := g.add(id); err != nil {
				g.Log.Error("what was kept of a device cannot be used", "device", id, "err", err)
			}
		}
	}
	for id := range g.members {
		if !slices.Contains(ids, id) {
			g.retire(id)
		}
	}
	ring(g.lookDue)
}

// retire forgets a device; the caller holds mu.
func (g *Gateway) retire(id string) {
	delete(g.members, id)
	delete(g.inbox, id)
	g.outbox.Drop(id)
	if err := g.store.Forget(context.Background(), id); err != nil {
		g.Log.Warn("what was kept of a retired device stays", "device", id, "err", err) // it is removed after the next start
	}
}

func (s *school) Document(id string, d mdm.Desired, _ []byte) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.parcel(id)
	if p.document == nil || p.document.Rev <= d.Rev {
		p.document = &d
	}
	ring(g.inboxDue)
}

func (s *school) Command(id string, c mdm.Command) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.parcel(id)
	if len(p.orders) >= maxOrders {
		g.outbox.Answer(id, mdm.NewAck(c.ID, mdm.Refused, "too much is told to it at once", g.Now()))
		return
	}
	p.orders = append(p.orders, c)
	ring(g.inboxDue)
}

func (s *school) Refused(id, what string, by error) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[id]; m != nil {
		g.tell(m, "refused", what+": "+by.Error())
	}
}

// parcel gives that of a device; the caller holds mu.
func (g *Gateway) parcel(id string) *parcel {
	if g.inbox[id] == nil {
		g.inbox[id] = &parcel{}
	}
	return g.inbox[id]
}

// keepInbox keeps what came, each device's in one change.
func (g *Gateway) keepInbox(ctx context.Context) {
	g.mu.Lock()
	parcels := g.inbox
	g.inbox = map[string]*parcel{}
	g.mu.Unlock()
	var group errgroup.Group
	group.SetLimit(inboxAtOnce)
	for id, p := range parcels {
		group.Go(func() error {
			g.keepParcel(ctx, id, p)
			return nil
		})
	}
	_ = group.Wait() // none has an error
	if len(parcels) > 0 {
		ring(g.lookDue)
	}
}

// keepParcel keeps what came for one device. A command is on disk before the device
// hears of it; one that could not be kept is refused.
func (g *Gateway) keepParcel(ctx context.Context, id string, p *parcel) {
	var acks []mdm.Ack
	var refused error
	var news bool
	err := g.change(ctx, id, func(d *apple.Device, now time.Time) error {
		acks, refused, news = nil, nil, false
		if p.document != nil {
			news, refused = d.Accept(*p.document)
		}
		for _, c := range p.orders {
			acks = append(acks, d.Ask(c, now)...)
		}
		return nil
	})
	if err != nil {
		acks = nil
		for _, c := range p.orders {
			acks = append(acks, mdm.NewAck(c.ID, mdm.Refused, "it could not be remembered", g.Now()))
		}
		g.notKept(id, p.document, err)
	}
	g.outbox.Answer(id, acks...)
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.members[id]
	if m == nil {
		return
	}
	if news || len(p.orders) > 0 {
		m.calls = 0 // it is woken for what is new at once
	}
	if refused != nil && errs.CodeOf(refused) != errs.Conflict {
		g.tell(m, "refused", "a document: "+refused.Error())
	}
}

// notKept puts a document back, to be tried once more.
func (g *Gateway) notKept(id string, d *mdm.Desired, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.Log.Error("a device could not be kept on disk", "device", id, "err", err)
	if p := g.parcel(id); d != nil && p.document == nil {
		p.document = d
	}
}
