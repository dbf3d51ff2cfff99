package bus

import (
	"bytes"
	"context"
	"sync/atomic"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// localQueue bounds the messages waiting for one local handler. It holds the
// answers of a whole school to a lesson bell.
const localQueue = 4096

// Local is the client inside the broker's process. Its messages cross no
// network and are never dropped: a full queue makes whoever publishes wait.
// It is safe for concurrent use.
type Local struct {
	broker *Broker
	last   atomic.Int64 // number of the newest subscription
}

// Publish hands a message to every subscriber's queue before it returns. It
// waits for a full local queue, and for at most the broker's WriteTimeout for
// a client that stopped reading, but not for ctx.
func (l *Local) Publish(_ context.Context, topic string, payload []byte, retain bool) error {
	if err := checkMessage(topic, payload); err != nil {
		return err
	}
	if err := l.broker.begin(); err != nil {
		return err
	}
	defer l.broker.tasks.Done()
	if err := l.broker.server.Publish(topic, payload, retain, 1); err != nil { // it copies what it keeps and what it sends
		return errs.Wrap(err, errs.Internal, "The broker did not take a message.", "")
	}
	return nil
}

// Subscribe hands the messages that match filter to handle until the broker is
// closed: first what is retained, then what comes. handle must not publish to
// a topic that filter matches.
func (l *Local) Subscribe(_ context.Context, filter string, handle Handler) error {
	if err := checkFilter(filter); err != nil {
		return err
	}
	if err := l.broker.begin(); err != nil {
		return err
	}
	sub := newSubscription(l.broker.ctx, filter, localQueue)
	ready := make(chan struct{}) // live messages wait until the retained ones are queued
	l.broker.server.Topics.InlineSubscribe(broker.InlineSubscription{
		Subscription: packets.Subscription{Filter: filter, Identifier: int(l.last.Add(1))},
		Handler: func(_ *broker.Client, _ packets.Subscription, pk packets.Packet) {
			<-ready
			sub.push(message{pk.TopicName, bytes.Clone(pk.Payload), false}, nil)
		},
	})
	go func() {
		defer l.broker.tasks.Done()
		sub.run(handle)
	}()
	defer close(ready)
	for topic, pk := range l.broker.server.Topics.Retained.GetAll() { // the broker's own search reads what others write meanwhile
		if matches(filter, topic) {
			sub.push(message{topic, bytes.Clone(pk.Payload), true}, nil)
		}
	}
	return nil
}
