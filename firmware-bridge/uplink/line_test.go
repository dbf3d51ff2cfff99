package uplink

import (
	"context"
	"errors"
	"sync"
)

// lossyBus is a broker in memory with one client, whose line can be cut. What
// is published while the line is cut fails, or reaches the broker without the
// publisher ever knowing.
type lossyBus struct {
	mu       sync.Mutex
	cut      bool
	losing   int // messages still to be swallowed after the broker "has" them
	retained map[string][]byte
	subs     map[string][]chan message
	twice    bool // every message is delivered again
}

type message struct {
	payload  []byte
	retained bool
}

var errCut = errors.New("the line is cut")

func newLossyBus() *lossyBus {
	return &lossyBus{retained: map[string][]byte{}, subs: map[string][]chan message{}}
}

// end is one end of the line; the server's end is never cut.
type end struct {
	*lossyBus
	server bool
}

func (e end) Publish(_ context.Context, topic string, payload []byte, retain bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cut && !e.server {
		return errCut
	}
	if retain {
		e.retained[topic] = payload
	}
	if e.losing > 0 && !retain {
		e.losing--
		return nil
	}
	times := 1
	if e.twice {
		times = 2
	}
	for _, inbox := range e.subs[topic] {
		for range times {
			select {
			case inbox <- message{payload: payload}:
			default: // as a broker would, and the protocol must live with it
			}
		}
	}
	return nil
}

func (e end) Subscribe(ctx context.Context, topic string, handle func(string, []byte, bool)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	inbox := make(chan message, 256)
	e.subs[topic] = append(e.subs[topic], inbox)
	if kept := e.retained[topic]; kept != nil {
		inbox <- message{kept, true}
	}
	go func() {
		for {
			select {
			case m := <-inbox:
				handle(topic, m.payload, m.retained)
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

func (b *lossyBus) set(change func(*lossyBus)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}
