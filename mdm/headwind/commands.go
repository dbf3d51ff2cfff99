package headwind

import (
	"errors"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// obey takes a command in, at most once: it is on disk before the phone hears of
// it. The caller holds mu.
func (g *Gateway) obey(m *member, c mdm.Command) {
	before := m.tasks.clone()
	acks := m.tasks.take(c, g.Now())
	if !g.remember(m) {
		m.tasks = before
		acks = []mdm.Ack{mdm.NewAck(c.ID, mdm.Refused, "it could not be remembered", g.Now())}
	}
	g.answer(m, acks)
	g.nudge()
}

// said remembers what came of commands and answers for them; the caller holds mu.
// When the disk refuses, the answers still are true.
func (g *Gateway) said(m *member, acks []mdm.Ack) {
	if len(acks) > 0 {
		g.remember(m)
		g.answer(m, acks)
		g.nudge()
	}
}

// remember reports whether what a phone was told to do is on disk, where that of one
// that was retired has no place; the caller holds mu.
func (g *Gateway) remember(m *member) bool {
	if g.gone(m) {
		return false
	}
	if err := g.folder.saveTasks(m.id, m.tasks); err != nil {
		g.Log.Error("what a phone was told to do could not be kept on disk", "device", m.id, "err", err)
		return false
	}
	return true
}

// recallTasks takes up what a phone was told before; known is that there was a phone
// before. Where that is lost, nothing is done that may have been. The caller holds
// mu, or is the only one yet.
func (g *Gateway) recallTasks(m *member, known bool) {
	t, err := g.folder.tasks(m.id)
	switch {
	case err == nil:
		m.tasks = t
		return
	case known || !errors.Is(err, fs.ErrNotExist):
		m.tasks = newTasks(g.Now().UTC().Truncate(time.Millisecond))
		g.Log.Warn("which commands a phone has done is not known; those asked for by now are not done", "device", m.id, "err", err)
	}
	g.remember(m)
}

// answer says what came of commands; the caller holds mu.
func (g *Gateway) answer(m *member, acks []mdm.Ack) {
	if !g.gone(m) {
		g.outbox.Answer(m.id, acks...)
	}
}
