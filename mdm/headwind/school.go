package headwind

import "github.com/bellkeep/bellkeep/mdm"

// schoolSide is the gateway as the school sees it.
type schoolSide Gateway

// Listed takes in which phones there are.
func (s *schoolSide) Listed(ids []string) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	named := map[string]bool{}
	for _, id := range ids {
		named[id] = true
		if g.phones[id] == nil {
			g.recallTasks(g.add(id), false)
		}
	}
	for id, m := range g.phones {
		if !named[id] {
			g.retire(m)
		}
	}
	g.nudge()
}

// retire forgets a phone; the caller holds mu.
func (g *Gateway) retire(m *member) {
	delete(g.phones, m.id)
	delete(g.projects, g.Key.Project(m.id))
	m.line.end()
	g.outbox.Drop(m.id)
	if g.pager != nil {
		g.pager.Drop(m.id)
	}
	if err := g.folder.remove(m.id); err != nil {
		g.Log.Warn("a retired phone's file stays", "device", m.id, "err", err) // it is removed with the first list after the next start
	}
}

// Document takes in what a phone must be, and keeps it.
func (s *schoolSide) Document(id string, d mdm.Desired, sealed []byte) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.phones[id]
	if err := m.take(d, sealed); err != nil {
		g.tell(id, "refused", "a document: "+err.Error())
		return
	}
	g.save(m)
	g.nudge()
}

// Command takes in what a phone is told to do.
func (s *schoolSide) Command(id string, c mdm.Command) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.obey(g.phones[id], c)
}

// Refused puts on record what is no document or command.
func (s *schoolSide) Refused(id, what string, by error) {
	g := (*Gateway)(s)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tell(id, "refused", what+": "+by.Error())
}
