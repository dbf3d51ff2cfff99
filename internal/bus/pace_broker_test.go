package bus_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/bus"
)

// refusals are what a broker told of those it refused.
type refusals struct {
	mu  sync.Mutex
	why map[string]int
}

func (r *refusals) tell(client, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.why == nil {
		r.why = map[string]int{}
	}
	r.why[client+": "+reason]++
}

func (r *refusals) count(client, reason string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.why[client+": "+reason]
}

// A thousand connects of one client cost it its own connections and nobody else
// anything: every message of the others arrives, on the connection they had.
func TestAClientThatConnectsTooOftenIsRefused(t *testing.T) {
	const connects, limit, messages = 1000, 60, 200
	var told refusals
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}, MaxConnects: limit, Refused: told.tell}, nil)
	arrived := make(chan string, messages)
	if err := b.Conn().Subscribe(t.Context(), "bk/1/d/tab-2/event", func(_ string, p []byte, _ bool) { arrived <- string(p) }); err != nil {
		t.Fatal(err)
	}
	up, down := make(chan struct{}, 8), make(chan error, 8)
	other, err := bus.Dial(t.Context(), bus.Config{Address: address, ID: "tab-2",
		OnUp: func(context.Context) { up <- struct{}{} }, OnDown: func(err error) { down <- err }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	<-up

	let := 0
	for n := range connects {
		r, code := dialRaw(t, address, "tab-1")
		_ = r.Close()
		if code == packets.Accepted {
			let++
		}
		if n%(connects/messages) == 0 {
			if err := other.Publish(t.Context(), "bk/1/d/tab-2/event", fmt.Append(nil, n), false); err != nil {
				t.Fatalf("the other's message %d: %v", n, err)
			}
		}
	}
	if let != limit {
		t.Errorf("%d of %d connects were let in, want %d", let, connects, limit)
	}
	if got := told.count("tab-1", "connects too often"); got != connects-limit || b.Health().Refused != int64(got) {
		t.Errorf("%d refusals are on record, %d counted", got, b.Health().Refused)
	}
	for n := range messages {
		if got, want := <-arrived, fmt.Sprint(n*(connects/messages)); got != want {
			t.Fatalf("message %s arrived, want %s", got, want)
		}
	}
	if len(down) > 0 {
		t.Errorf("the other was disconnected: %v", <-down)
	}
}
