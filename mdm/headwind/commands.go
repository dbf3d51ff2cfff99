package headwind

import (
	"errors"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// maxSealedCommand is the longest envelope of a command, in bytes.
const maxSealedCommand = 2*mdm.MaxCommand + 512

// receiveCommand takes a command to one of the phones in. A retained one is refused:
// whoever retains a command wants it done again.
func (g *Gateway) receiveCommand(topic string, sealed []byte, retained bool) {
	id, leaf, ok := g.Root.Whose(topic)
	if !ok || leaf != wire.LeafCommand || len(sealed) == 0 && retained {
		return
	}
	c, err := g.openCommand(sealed)
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.phones[id]
	switch {
	case m == nil:
		return // it is sent again in the phone's first session
	case err != nil:
	case retained:
		err = errors.New("it was retained")
	case c.Dev != id:
		err = errors.New("it is for another device")
	}
	if err != nil {
		g.tell(id, "refused", "a command: "+err.Error())
		return
	}
	g.obey(m, c)
}

func (g *Gateway) openCommand(sealed []byte) (mdm.Command, error) {
	if len(sealed) > maxSealedCommand {
		return mdm.Command{}, errs.New(errs.Invalid, "An envelope is too long.", "")
	}
	payload, err := g.Open(wire.TypeCommand, sealed)
	if err != nil {
		return mdm.Command{}, err
	}
	return mdm.DecodeCommand(payload)
}

// obey takes a command in, at most once: it is on disk before the phone hears of
// it. The caller holds mu.
func (g *Gateway) obey(m *member, c mdm.Command) {
	before := m.tasks.clone()
	acks := m.tasks.take(c, g.Now())
	if !g.remember(m) {
		m.tasks = before
		acks = []mdm.Ack{mdm.NewAck(c.ID, mdm.Refused, "it could not be remembered", g.Now())}
	}
	m.answer(acks)
	g.nudge()
}

// said remembers what came of commands and answers for them; the caller holds mu.
// When the disk refuses, the answers still are true.
func (g *Gateway) said(m *member, acks []mdm.Ack) {
	if len(acks) > 0 {
		g.remember(m)
		m.answer(acks)
		g.nudge()
	}
}

// remember reports whether what a phone was told to do is on disk; the caller holds
// mu.
func (g *Gateway) remember(m *member) bool {
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

// answer puts answers where the next post finds them.
func (m *member) answer(acks []mdm.Ack) {
	m.acks = append(m.acks, acks...)
	m.acks = m.acks[max(0, len(m.acks)-maxAcks):]
}
