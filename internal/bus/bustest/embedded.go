package bustest

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/bellkeep/bellkeep/internal/bus"
)

// The members of the school in these tests.
func members() []bus.Member {
	return []bus.Member{
		{ID: "bank-a", Kind: bus.KindBank}, {ID: "bank-b", Kind: bus.KindBank},
		{ID: "tab-1", Kind: bus.KindDevice}, {ID: "tab-2", Kind: bus.KindDevice},
		{ID: "phones", Kind: bus.KindGateway, For: []string{"phone-1", "phone-2"}},
	}
}

// roll is who is still a member.
type roll struct {
	mu     sync.Mutex
	kind   map[string]string
	spoken map[string]string // gateway by device
}

func newRoll() *roll {
	r := &roll{kind: map[string]string{}, spoken: map[string]string{}}
	for _, m := range members() {
		r.kind[m.ID] = m.Kind
		for _, device := range m.For {
			r.spoken[device] = m.ID
		}
	}
	return r
}

func (r *roll) speaks(gateway, device string) bool { return r.spoken[device] == gateway }

func (r *roll) Kind(client string) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kind, ok := r.kind[client]
	return kind, ok
}

func (r *roll) remove(client string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.kind, client)
}

// Embedded is the broker of this product with the rights of a school.
type Embedded struct {
	*bus.Broker
	ca      *CA
	roll    *roll
	address string
}

// StartEmbedded starts one that ends with the test.
func StartEmbedded(t *testing.T) *Embedded {
	t.Helper()
	e := &Embedded{ca: NewCA(t), roll: newRoll(), address: "127.0.0.1:0"}
	e.start(t)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func (e *Embedded) start(t *testing.T) {
	t.Helper()
	rights := bus.SchoolRights{Root: bus.DefaultRoot, Kind: e.roll.Kind, Valid: func(string, string) bool { return true }, Speaks: e.roll.speaks}
	b, err := bus.NewBroker(bus.BrokerConfig{Rights: rights})
	must(t, err)
	listener, err := net.Listen("tcp", e.address)
	must(t, err)
	e.Broker, e.address = b, listener.Addr().String()
	secure := e.ca.Server(t)
	go func() {
		if err := b.Serve(context.Background(), listener, secure); err != nil {
			t.Error(err)
		}
	}()
}

// Address implements Broker.
func (e *Embedded) Address() string { return e.address }

// Authority implements Broker.
func (e *Embedded) Authority() *CA { return e.ca }

// Control implements Broker with the client inside the process.
func (e *Embedded) Control(*testing.T) Conn { return e.Conn() }

// Restart implements Broker. What was retained is gone.
func (e *Embedded) Restart(t *testing.T) {
	t.Helper()
	must(t, e.Close())
	e.start(t)
}

// Revoke implements Broker.
func (e *Embedded) Revoke(_ *testing.T, client string) {
	e.roll.remove(client)
	e.Drop(client)
}

// Refuses implements Broker: it answers what is not allowed.
func (e *Embedded) Refuses() bool { return true }
