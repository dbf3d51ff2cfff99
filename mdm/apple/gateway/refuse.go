package gateway

import (
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// tell records what happened to a device, within limits; the caller holds mu.
func (g *Gateway) tell(m *member, kind, detail string) {
	if !m.refusals.take(time.Now(), complaintsOf) {
		return
	}
	g.outbox.Tell(m.id, mdm.NewEvent(kind, detail, g.Now()))
}

// refuse records what a device was refused; id is "" where it is not known.
func (g *Gateway) refuse(id, kind string, why error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[id]; m != nil {
		m.refused, m.refusedAt = mdm.Cut(why.Error()), time.Now()
		g.tell(m, kind, why.Error())
		return
	}
	if g.refusals.take(time.Now(), complaints) {
		g.Log.Warn("a request of nobody we know is refused", "why", mdm.Cut(why.Error()))
	}
}
