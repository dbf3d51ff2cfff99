package bustest

import (
	"context"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

func deadline(t testing.TB) <-chan time.Time {
	t.Helper()
	timer := time.NewTimer(patience)
	t.Cleanup(func() { timer.Stop() })
	return timer.C
}

// Conn is what everybody uses of the bus.
type Conn interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	Subscribe(ctx context.Context, filter string, handle bus.Handler) error
}

// Got is a message that arrived.
type Got struct {
	Topic, Payload string
	Retained       bool
}

// Inbox keeps what a handler is given.
type Inbox chan Got

// NewInbox makes one with room for all messages of a test.
func NewInbox() Inbox { return make(Inbox, 4096) }

// Handle is a bus.Handler.
func (i Inbox) Handle(topic string, payload []byte, retained bool) {
	i <- Got{topic, string(payload), retained}
}

// Next waits for a message.
func (i Inbox) Next(t testing.TB) Got {
	t.Helper()
	return Await(t, i, "a message")
}

// Live waits for a message that is not a retained copy. A client that
// subscribes to a filter again is given the retained ones again.
func (i Inbox) Live(t testing.TB) Got {
	t.Helper()
	for {
		if got := i.Next(t); !got.Retained {
			return got
		}
	}
}

// Expect waits for exactly these messages.
func (i Inbox) Expect(t testing.TB, want ...Got) {
	t.Helper()
	for _, w := range want {
		if got := i.Next(t); got != w {
			t.Fatalf("got %+v, want %+v", got, w)
		}
	}
}

// Await waits for something to be sent, or fails.
func Await[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-deadline(t):
		t.Fatalf("%s never came", what)
		panic("unreachable")
	}
}

// Member is a connected client and what happens to it.
type Member struct {
	*bus.Client
	Up   chan struct{}
	Down chan error
}

// Connect connects a client with its own certificate and waits until it is up.
func Connect(t testing.TB, b Broker, id string, change ...func(*bus.Config)) *Member {
	t.Helper()
	m := Dial(t, b, id, change...)
	Await(t, m.Up, id+"'s connection")
	return m
}

// Dial is Connect without the wait.
func Dial(t testing.TB, b Broker, id string, change ...func(*bus.Config)) *Member {
	t.Helper()
	m := &Member{Up: make(chan struct{}, 64), Down: make(chan error, 64)}
	cfg := bus.Config{
		Address: b.Address(), ID: id, TLS: b.Authority().Client(t, id), Jitter: 20 * time.Millisecond,
		OnUp:   func(context.Context) { m.Up <- struct{}{} },
		OnDown: func(err error) { m.Down <- err },
	}
	for _, f := range change {
		f(&cfg)
	}
	client, err := bus.Dial(t.Context(), cfg)
	must(t, err)
	m.Client = client
	t.Cleanup(func() { _ = client.Close() })
	return m
}

// Publish publishes or fails the test.
func Publish(t testing.TB, c Conn, topic, payload string, retain bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.Publish(ctx, topic, []byte(payload), retain); err != nil {
		t.Fatalf("publish to %s: %v", topic, err)
	}
}

// Subscribe subscribes or fails the test.
func Subscribe(t testing.TB, c Conn, filter string) Inbox {
	t.Helper()
	inbox := NewInbox()
	if err := TrySubscribe(t, c, filter, inbox); err != nil {
		t.Fatalf("subscribe to %s: %v", filter, err)
	}
	return inbox
}

// TrySubscribe subscribes.
func TrySubscribe(t testing.TB, c Conn, filter string, inbox Inbox) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return c.Subscribe(ctx, filter, inbox.Handle)
}
