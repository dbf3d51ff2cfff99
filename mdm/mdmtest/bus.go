// Package mdmtest holds fakes for the ports of device management.
package mdmtest

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Message is one message on a Bus.
type Message struct {
	Topic   string
	Payload []byte
	Retain  bool
}

// Bus is a broker in memory. A message reaches its subscribers before Publish
// returns, one at a time, in order. Handlers must not publish.
type Bus struct {
	deliver sync.Mutex // one delivery at a time

	mu       sync.Mutex
	retained map[string][]byte
	subs     []subscription
	sent     []Message
	down     error
}

type subscription struct {
	ctx    context.Context
	filter []string
	handle func(topic string, payload []byte, retained bool)
}

// NewBus starts an empty broker.
func NewBus() *Bus { return &Bus{retained: map[string][]byte{}} }

// Down makes every Publish fail with err until it is called with nil.
func (b *Bus) Down(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = err
}

// Lose forgets what is retained, as a broker without a memory does when it starts
// again.
func (b *Bus) Lose() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.retained)
}

// Sent gives every message published since the last call.
func (b *Bus) Sent() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := b.sent
	b.sent = nil
	return sent
}

// Retained gives the retained message of a topic, nil for none.
func (b *Bus) Retained(topic string) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.retained[topic]
}

// Publish hands a message to everybody who subscribed to its topic.
func (b *Bus) Publish(ctx context.Context, topic string, payload []byte, retain bool) error {
	b.deliver.Lock()
	defer b.deliver.Unlock()
	subs, err := b.take(ctx, topic, slices.Clone(payload), retain)
	for _, s := range subs {
		s.handle(topic, payload, false)
	}
	return err
}

// Repeat hands everybody a copy as if the broker had kept it, which after a
// reconnect may be older than what came live.
func (b *Bus) Repeat(topic string, payload []byte) {
	b.deliver.Lock()
	defer b.deliver.Unlock()
	b.mu.Lock()
	subs := b.matching(topic)
	b.mu.Unlock()
	for _, s := range subs {
		s.handle(topic, payload, true)
	}
}

func (b *Bus) take(ctx context.Context, topic string, payload []byte, retain bool) ([]subscription, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b.down != nil {
		return nil, b.down
	}
	b.sent = append(b.sent, Message{topic, payload, retain})
	switch {
	case retain && len(payload) == 0:
		delete(b.retained, topic)
	case retain:
		b.retained[topic] = payload
	}
	return b.matching(topic), nil
}

// matching gives who listens to a topic; for callers that hold mu.
func (b *Bus) matching(topic string) []subscription {
	b.subs = slices.DeleteFunc(b.subs, func(s subscription) bool { return s.ctx.Err() != nil })
	var found []subscription
	for _, s := range b.subs {
		if matches(s.filter, topic) {
			found = append(found, s)
		}
	}
	return found
}

// Subscribe hands over what is retained, then everything published until ctx
// ends.
func (b *Bus) Subscribe(ctx context.Context, filter string, handle func(topic string, payload []byte, retained bool)) error {
	b.deliver.Lock()
	defer b.deliver.Unlock()
	s := subscription{ctx, strings.Split(filter, "/"), handle}
	b.mu.Lock()
	b.subs = append(b.subs, s)
	var old []Message
	for topic, payload := range b.retained {
		if matches(s.filter, topic) {
			old = append(old, Message{Topic: topic, Payload: payload})
		}
	}
	b.mu.Unlock()
	for _, m := range old {
		handle(m.Topic, m.Payload, true)
	}
	return nil
}

// matches knows the wildcard for one level only.
func matches(filter []string, topic string) bool {
	parts := strings.Split(topic, "/")
	if len(parts) != len(filter) {
		return false
	}
	for i, part := range parts {
		if filter[i] != "+" && filter[i] != part {
			return false
		}
	}
	return true
}
