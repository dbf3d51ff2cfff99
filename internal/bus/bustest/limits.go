package bustest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func large(t *testing.T, b Broker) {
	bank := Connect(t, b, "bank-a")
	inbox := Subscribe(t, bank, "bk/1/b/bank-a/directory")
	payload := strings.Repeat("x", bus.MaxPayload)
	Publish(t, b.Control(t), "bk/1/b/bank-a/directory", payload, true)
	if got := inbox.Next(t); got.Payload != payload {
		t.Fatalf("%d bytes arrived", len(got.Payload))
	}
	journal := Subscribe(t, b.Control(t), "bk/1/b/bank-a/journal")
	Publish(t, bank, "bk/1/b/bank-a/journal", payload, false)
	if got := journal.Next(t); got.Payload != payload {
		t.Fatalf("%d bytes arrived", len(got.Payload))
	}
	if err := bank.Publish(t.Context(), "bk/1/b/bank-a/journal", []byte(payload+"x"), false); errs.CodeOf(err) != errs.Invalid {
		t.Fatalf("a larger one: %v", err)
	}
}

// tooLarge sends what no Client would.
func tooLarge(t *testing.T, b Broker) {
	inbox := Subscribe(t, b.Control(t), "bk/1/d/+/reported")
	conn := dialRaw(t, b, "tab-1")
	report := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	report.TopicName, report.Qos, report.MessageID, report.Payload = "bk/1/d/tab-1/reported", 1, 1, make([]byte, 10<<20)
	_ = report.Write(conn) // it may end before all is sent
	if answer, err := packets.ReadPacket(conn); err == nil {
		t.Errorf("it was answered with %v", answer)
	}
	Publish(t, Connect(t, b, "tab-2"), "bk/1/d/tab-2/reported", "own", false)
	inbox.Expect(t, Got{"bk/1/d/tab-2/reported", "own", false})
}

// lossless counts every message in both directions, over several connections at
// once.
func lossless(t *testing.T, b Broker) {
	const rounds, each = 20, 50 // at most each wait for one client
	clients := map[string]string{"tab-1": "d", "tab-2": "d", "bank-a": "b", "bank-b": "b"}
	down, up := map[string]string{"d": "desired", "b": "plan"}, map[string]string{"d": "reported", "b": "state"}
	control, inboxes := b.Control(t), map[string]Inbox{}
	heard := Inbox(make(chan Got, rounds*each*len(clients)))
	for _, filter := range []string{"bk/1/d/+/reported", "bk/1/b/+/state"} {
		must(t, TrySubscribe(t, control, filter, heard))
	}
	members := map[string]*Member{}
	for id, kind := range clients {
		members[id] = Connect(t, b, id)
		inboxes[id] = Subscribe(t, members[id], fmt.Sprintf("bk/1/%s/%s/%s", kind, id, down[kind]))
	}
	var senders sync.WaitGroup
	for round := range rounds {
		for id, kind := range clients {
			topic := "bk/1/" + kind + "/" + id + "/"
			senders.Go(func() {
				for n := range each {
					Publish(t, control, topic+down[kind], fmt.Sprint(round*each+n), false)
				}
			})
			senders.Go(func() {
				for n := range each {
					Publish(t, members[id], topic+up[kind], fmt.Sprint(round*each+n), false)
				}
			})
		}
		senders.Wait()
		for id := range clients {
			for n := range each {
				if got, want := inboxes[id].Live(t).Payload, fmt.Sprint(round*each+n); got != want {
					t.Fatalf("%s got message %s, want %s", id, got, want)
				}
			}
		}
	}
	next := map[string]int{}
	for range rounds * each * len(clients) {
		got := heard.Live(t)
		if want := fmt.Sprint(next[got.Topic]); got.Payload != want {
			t.Fatalf("%s: message %s arrived, want %s", got.Topic, got.Payload, want)
		}
		next[got.Topic]++
	}
}

// busy sends the server more than its connection holds while it takes nothing.
func busy(t *testing.T, b Broker) {
	const each = 750 // messages of one device, as if there were as many devices
	idle := make(chan struct{})
	heard := map[string]bool{} // only the handler touches it
	all := make(chan struct{})
	last := sync.OnceFunc(func() { close(all) })
	handle := func(topic string, payload []byte, _ bool) {
		<-idle
		if heard[topic+string(payload)] = true; len(heard) == 2*each {
			last()
		}
	}
	must(t, b.Control(t).Subscribe(t.Context(), "bk/1/d/+/event", handle))
	var senders sync.WaitGroup
	for _, id := range []string{"tab-1", "tab-2"} {
		tab := Connect(t, b, id)
		senders.Go(func() {
			for n := range each {
				Publish(t, tab, "bk/1/d/"+id+"/event", fmt.Sprint(n), false)
			}
		})
	}
	senders.Wait()
	close(idle)
	Await(t, all, "the last of what was said while the server was busy")
}
