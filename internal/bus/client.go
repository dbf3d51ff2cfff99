package bus

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Client keeps a connection to a broker: it reconnects by itself, subscribes
// anew each time, and never hangs on a broker that is away or silent. It is
// safe for concurrent use.
type Client struct {
	cfg   Config
	ctx   context.Context
	stop  context.CancelFunc
	slots chan struct{} // one taken by each message in flight
	tasks sync.WaitGroup

	mu      sync.Mutex
	state   State
	session *session // nil while there is no connection
	subs    []*subscription
}

// State is what a page can show of a connection.
type State struct {
	Up    bool      // connected, with all subscriptions in place
	Since time.Time // machine time of the last change of Up
	Err   error     // why it is down, or which subscription was refused
}

// Dial starts a client and returns at once; an error means that cfg is
// unusable. A broker that is away is tried again in the background until ctx
// ends or Close is called.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	c := &Client{
		cfg: cfg, ctx: ctx, stop: stop, slots: make(chan struct{}, cfg.InFlight),
		state: State{Since: time.Now(), Err: errNotConnected()},
	}
	c.tasks.Go(c.run)
	return c, nil
}

// Close ends the connection and waits until no handler runs any more, so it
// must not be called from one. It says no farewell: the broker sends the will,
// and an orderly end looks to everybody like a crash.
func (c *Client) Close() error {
	c.mu.Lock() // no handler begins from here on
	c.stop()
	c.mu.Unlock()
	c.tasks.Wait()
	return nil
}

// Connected reports whether the connection is up with all subscriptions in place.
func (c *Client) Connected() bool { return c.State().Up }

// State tells how the connection is.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Publish sends a message and returns once the broker has it. It fails at once
// with code unavailable while there is no connection. Any other failure of
// code unavailable, the end of ctx included, leaves open whether the broker
// has it. A message to a topic this client may not write is dropped by the
// broker, which may also end the connection; MQTT 3.1.1 has no answer for it.
func (c *Client) Publish(ctx context.Context, topic string, payload []byte, retain bool) error {
	if err := checkMessage(topic, payload); err != nil {
		return err
	}
	s := c.current()
	if s == nil {
		return errNotConnected()
	}
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return errUnanswered(ctx.Err())
	case <-s.link.done:
		return errUnanswered(s.link.err)
	}
	result := make(chan error, 1)
	payload = bytes.Clone(payload) // ctx may end while it is still being sent
	go func() {
		result <- s.publish(topic, payload, retain) // ends with the link or the timeout
		<-c.slots
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return errUnanswered(ctx.Err())
	}
}

// Subscribe asks for the messages that match filter and hands them to handle,
// one at a time and in order, over all connections to come. A message can
// arrive twice. It returns nil once the broker granted it, or at once while
// there is no connection: then it is in place before OnUp is called. Code
// denied means that the broker refused; after that, or when ctx ended first,
// there is no subscription. ctx bounds the wait only.
//
// handle may publish, but should keep up: once its queue is full the whole
// connection waits for it, acknowledgements included.
func (c *Client) Subscribe(ctx context.Context, filter string, handle Handler) error {
	if err := checkFilter(filter); err != nil {
		return err
	}
	sub, s, err := c.register(filter, handle)
	if err != nil || s == nil {
		return err
	}
	err = s.subscribe(ctx, filter)
	if err != nil && (errs.CodeOf(err) == errs.Denied || ctx.Err() != nil) {
		c.remove(sub)
		return err
	}
	return nil // granted, or the connection went and the next one asks again
}

func (c *Client) register(filter string, handle Handler) (*subscription, *session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return nil, nil, errs.Wrap(c.ctx.Err(), errs.Unavailable, "The connection to the broker was closed.", "")
	}
	if len(c.subs) == maxSubscriptions {
		return nil, nil, errs.New(errs.Invalid, "A client has at most 64 subscriptions.", "Use a wildcard.")
	}
	sub := newSubscription(c.ctx, filter, c.cfg.Queue)
	c.subs = append(slices.Clip(c.subs), sub)
	c.tasks.Go(func() { sub.run(handle) })
	return sub, c.session, nil
}

func (c *Client) remove(sub *subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subs = slices.DeleteFunc(slices.Clone(c.subs), func(s *subscription) bool { return s == sub })
	sub.stop()
}

func (c *Client) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// deliver queues m for every subscription it matches.
func (c *Client) deliver(m message, gone <-chan struct{}) {
	c.mu.Lock()
	subs := c.subs // replaced, never changed in place
	c.mu.Unlock()
	for _, sub := range subs {
		if matches(sub.filter, m.topic) {
			sub.push(m, gone)
		}
	}
}
