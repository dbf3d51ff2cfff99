package bustest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
)

// Broker is a broker under test. Its school has the banks bank-a and bank-b,
// the devices tab-1 and tab-2, and the gateway phones that speaks for phone-1
// and phone-2 below bk/1.
type Broker interface {
	Address() string
	Authority() *CA
	Control(t *testing.T) Conn          // may read and write everything; asked for anew after Restart
	Revoke(t *testing.T, client string) // returns once it is in force
	Restart(t *testing.T)
	Refuses() bool // a foreign subscription or publish is answered, not just left undone
}

// Run runs the suite.
func Run(t *testing.T, start func(t *testing.T) Broker) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, b Broker)
	}{
		{"keeps the order", order},
		{"keeps what is retained", retained},
		{"tells a death by its session", death},
		{"lets nobody read what is another's", foreignRead},
		{"lets nobody write what is another's", foreignWrite},
		{"lets no will go to another's topic", foreignWill},
		{"lets a gateway speak for its devices only", gateway},
		{"delivers nothing to the revoked", revoked},
		{"lets nobody in who was revoked", revokedConnect},
		{"lets a client take over from itself", takeOver},
		{"is subscribed to again after a restart", restart},
		{"knows its own certificates only", strangers},
		{"carries a message of 1 MiB", large},
		{"ends a connection that sends 10 MiB", tooLarge},
		{"tells a client's numbers from its own", sameNumber},
		{"loses nothing when everybody speaks at once", lossless},
		{"loses nothing while the server is busy", busy},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, start(t)) })
	}
}

func order(t *testing.T, b Broker) {
	control, tab := b.Control(t), Connect(t, b, "tab-1")
	events, commands := Subscribe(t, control, "bk/1/d/+/event"), Subscribe(t, tab, "bk/1/d/tab-1/cmd")
	for i := range 50 {
		Publish(t, tab, "bk/1/d/tab-1/event", fmt.Sprint("event ", i), false)
		Publish(t, control, "bk/1/d/tab-1/cmd", fmt.Sprint("command ", i), false)
	}
	for i := range 50 {
		events.Expect(t, Got{"bk/1/d/tab-1/event", fmt.Sprint("event ", i), false})
		commands.Expect(t, Got{"bk/1/d/tab-1/cmd", fmt.Sprint("command ", i), false})
	}
}

func retained(t *testing.T, b Broker) {
	const topic = "bk/1/b/bank-a/directory"
	control := b.Control(t)
	Publish(t, control, topic, "one", true)
	Publish(t, control, topic, "two", true)
	bank := Connect(t, b, "bank-a")
	inbox := Subscribe(t, bank, topic)
	inbox.Expect(t, Got{topic, "two", true})
	Publish(t, control, topic, "three", true)
	inbox.Expect(t, Got{topic, "three", false})

	Publish(t, control, topic, "", true)
	inbox.Expect(t, Got{topic, "", false})
	again := Subscribe(t, control, topic)
	Publish(t, control, topic, "four", false)
	again.Expect(t, Got{topic, "four", false})
}

// presence makes a client announce each of its connections.
func presence(sessions chan<- string, topic string) func(*bus.Config) {
	return func(cfg *bus.Config) {
		cfg.Will = func() (string, []byte) {
			session := bus.NewSession()
			sessions <- session
			return topic, bus.Presence{Session: session, TS: time.Now()}.Encode()
		}
	}
}

func death(t *testing.T, b Broker) {
	const topic = "bk/1/d/tab-1/presence"
	inbox := Subscribe(t, b.Control(t), topic)
	sessions := make(chan string, 8)
	for range 2 {
		tab := Connect(t, b, "tab-1", presence(sessions, topic))
		session := Await(t, sessions, "a session")
		must(t, tab.Close())
		got, err := bus.ParsePresence([]byte(inbox.Live(t).Payload))
		if err != nil || got.Online || got.Session != session {
			t.Fatalf("death of %s is %+v, %v", session, got, err)
		}
		late := Subscribe(t, b.Control(t), topic).Next(t)
		if !late.Retained || !strings.Contains(late.Payload, session) {
			t.Fatalf("the retained presence is %+v", late)
		}
	}
}

func takeOver(t *testing.T, b Broker) {
	const topic = "bk/1/d/tab-1/presence"
	control := b.Control(t)
	inbox := Subscribe(t, control, topic)
	var last bus.Presence
	next := func() bus.Presence {
		p, err := bus.ParsePresence([]byte(inbox.Live(t).Payload))
		must(t, err)
		last = last.Fold(p)
		return p
	}
	sessions := make(chan string, 64)
	for round := range 10 {
		tab := Connect(t, b, "tab-1", presence(sessions, topic), func(cfg *bus.Config) { cfg.Jitter = time.Hour })
		session := Await(t, sessions, "a session")
		Publish(t, tab, topic, string(bus.Presence{Online: true, Session: session, TS: time.Now()}.Encode()), true)
		for want := min(round+1, 2); want > 0; want-- { // the older one's death, and the birth
			next()
		}
		if !last.Online || last.Session != session {
			t.Fatalf("round %d: %+v, but %s was born last", round, last, session)
		}
		late := Subscribe(t, control, topic).Next(t)
		if !strings.Contains(late.Payload, session) || !strings.Contains(late.Payload, "true") {
			t.Fatalf("round %d: retained is %+v", round, late)
		}
		mine := Subscribe(t, tab, "bk/1/d/tab-1/cmd")
		Publish(t, control, "bk/1/d/tab-1/cmd", session, false)
		mine.Expect(t, Got{"bk/1/d/tab-1/cmd", session, false})
	}
}

func restart(t *testing.T, b Broker) {
	bank := Connect(t, b, "bank-a")
	orders, server := Subscribe(t, bank, "bk/1/b/bank-a/order"), Subscribe(t, bank, "bk/1/s/+")
	for range 2 {
		b.Restart(t)
		Await(t, bank.Down, "the end of the connection")
		Await(t, bank.Up, "the next connection")
		control := b.Control(t)
		Publish(t, control, "bk/1/b/bank-a/order", "open", false)
		Publish(t, control, "bk/1/s/time", "now", false)
		orders.Expect(t, Got{"bk/1/b/bank-a/order", "open", false})
		server.Expect(t, Got{"bk/1/s/time", "now", false})
	}
}
