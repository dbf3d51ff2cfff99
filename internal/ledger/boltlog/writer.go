package boltlog

import (
	"runtime"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

const maxHead = 40 // bytes of a leaf up to and with its sequence

// run is the only writer of the file. It ends when the log is closed or a
// commit fails.
func (l *Log) run() {
	defer close(l.ended)
	var batch []*request
	for open := true; open; {
		batch, open = l.next(batch[:0])
		if !open {
			batch = append(batch, &request{sign: true, done: make(chan struct{})})
		}
		if err := l.write(batch); err != nil {
			l.die(err)
			return
		}
		committed := time.Now()
		for _, r := range batch {
			r.committed = committed
			close(r.done)
		}
	}
}

// next waits for a request and takes what else is queued. It reports false
// when the log is being closed.
func (l *Log) next(batch []*request) ([]*request, bool) {
	open, bytes := true, 0
	select {
	case r := <-l.queue:
		batch, bytes = append(batch, r), r.bytes
	case <-l.closing:
		open = false
	}
	// Callers that the last commit woke are about to ask again: let them, for
	// one commit serves them all.
	runtime.Gosched()
	for bytes < maxBatch {
		select {
		case r := <-l.queue:
			batch, bytes = append(batch, r), bytes+r.bytes
		default:
			return batch, open
		}
	}
	return batch, open
}

// write commits one batch of requests and now and then a checkpoint.
func (l *Log) write(batch []*request) error {
	c, sign := l.begin(), false
	for _, r := range batch {
		r.first = c.edge.Size()
		sign = sign || r.sign
		for _, rest := range r.rests {
			c.add(ledger.AppendLeaf(c.room(len(rest)+maxHead), c.edge.Size(), rest))
		}
	}
	last := l.checkpoint.Load().size
	if c.edge.Size() == last {
		return nil // asked to sign what is signed already
	}
	if sign || c.edge.Size()-last >= signEvery {
		n, err := l.sign(&c.edge)
		if err != nil {
			return err
		}
		c.file(n)
	}
	return l.store.write(c)
}

func (l *Log) sign(edge *ledger.Edge) (signed, error) {
	c := ledger.Checkpoint{Origin: ledger.Origin(l.name.Writer, l.name.Epoch), Size: edge.Size(), Root: edge.Root()}
	note, err := c.Sign(l.keys.signer)
	return signed{c.Size, note}, err
}
