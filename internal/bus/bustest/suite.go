package bustest

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
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

func foreignRead(t *testing.T, b Broker) {
	control, tab := b.Control(t), Connect(t, b, "tab-1")
	inbox := NewInbox()
	for _, filter := range []string{
		"bk/1/d/tab-2/desired", "bk/1/d/+/desired", "bk/1/d/tab-2/#", "bk/1/#", "#", "+/+/+/+/desired",
		"bk/1/b/bank-a/order", "bk/1/d/tab-1/reported",
	} {
		err := TrySubscribe(t, tab, filter, inbox)
		if b.Refuses() != (errs.CodeOf(err) == errs.Denied) {
			t.Errorf("subscribing to %s: %v", filter, err)
		}
	}
	must(t, TrySubscribe(t, tab, "bk/1/d/tab-1/desired", inbox))
	Publish(t, control, "bk/1/d/tab-2/desired", "foreign", false)
	Publish(t, control, "bk/1/b/bank-a/order", "foreign", false)
	Publish(t, control, "bk/1/d/tab-1/desired", "own", false)
	if got := inbox.Next(t); got.Payload != "own" {
		t.Fatalf("read %+v", got)
	}
}

func foreignWrite(t *testing.T, b Broker) {
	control := b.Control(t)
	inbox := Subscribe(t, control, "bk/1/#")
	for _, topic := range []string{
		"bk/1/d/tab-2/reported", "bk/1/d/tab-1/desired", "bk/1/b/bank-a/journal", "bk/1/s/time", "bk/1/d/tab-1", "bk/1/d/tab-1/event/x",
	} {
		tab := Connect(t, b, "tab-1")
		err := tab.Publish(t.Context(), topic, []byte("foreign"), true)
		if b.Refuses() != (err != nil) {
			t.Errorf("publishing to %s: %v", topic, err)
		}
		must(t, tab.Close())
	}
	Publish(t, Connect(t, b, "tab-1"), "bk/1/d/tab-1/reported", "own", true)
	inbox.Expect(t, Got{"bk/1/d/tab-1/reported", "own", false})
	Publish(t, control, "bk/1/s/time", "last", false)
	Subscribe(t, control, "bk/1/#").Expect(t, Got{"bk/1/d/tab-1/reported", "own", true})
}

func foreignWill(t *testing.T, b Broker) {
	control := b.Control(t)
	inbox := Subscribe(t, control, "bk/1/#")
	for _, topic := range []string{"bk/1/d/tab-2/desired", "bk/1/d/tab-1/desired", "bk/1/b/bank-a/order", "bk/1/s/presence"} {
		tab := Dial(t, b, "tab-1", func(cfg *bus.Config) {
			cfg.Will = func() (string, []byte) { return topic, []byte("forged") }
		})
		if b.Refuses() {
			refused(t, tab)
		} else {
			Await(t, tab.Up, "the connection")
		}
		must(t, tab.Close())
	}
	sessions := make(chan string, 1)
	tab := Connect(t, b, "tab-1", presence(sessions, "bk/1/d/tab-1/presence"))
	must(t, tab.Close())
	if got := inbox.Next(t); got.Topic != "bk/1/d/tab-1/presence" {
		t.Fatalf("a forged will arrived: %+v", got)
	}
}

func gateway(t *testing.T, b Broker) {
	control, phones := b.Control(t), Connect(t, b, "phones")
	desired, orders := Subscribe(t, phones, "bk/1/d/+/desired"), Subscribe(t, phones, "bk/1/d/+/cmd")
	for _, dev := range []string{"tab-1", "phone-1", "tab-2", "phone-2"} {
		Publish(t, control, "bk/1/d/"+dev+"/desired", "for "+dev, true)
		Publish(t, control, "bk/1/d/"+dev+"/cmd", "for "+dev, false)
	}
	for _, dev := range []string{"phone-1", "phone-2"} { // and nothing in between
		desired.Expect(t, Got{"bk/1/d/" + dev + "/desired", "for " + dev, false})
		orders.Expect(t, Got{"bk/1/d/" + dev + "/cmd", "for " + dev, false})
	}
	must(t, phones.Close())
	again := Connect(t, b, "phones")
	kept := Subscribe(t, again, "bk/1/d/+/desired")
	got := map[string]bool{kept.Next(t).Payload: true, kept.Next(t).Payload: true}
	if len(kept) > 0 || !got["for phone-1"] || !got["for phone-2"] {
		t.Errorf("the gateway was given %v and %d more of what is retained", got, len(kept))
	}
	must(t, again.Close())

	inbox := Subscribe(t, control, "bk/1/+/+/reported")
	for _, topic := range []string{"bk/1/d/tab-1/reported", "bk/1/d/phone-1/desired", "bk/1/d/phone-1/cmd", "bk/1/d/phone-11/reported", "bk/1/b/bank-a/journal", "bk/1/g/other/presence"} {
		m := Connect(t, b, "phones")
		err := m.Publish(t.Context(), topic, []byte("foreign"), true)
		if b.Refuses() != (err != nil) {
			t.Errorf("publishing to %s: %v", topic, err)
		}
		must(t, m.Close())
		if !b.Refuses() {
			continue
		}
		forged := Dial(t, b, "phones", func(cfg *bus.Config) { cfg.Will = func() (string, []byte) { return topic, []byte("forged") } })
		refused(t, forged)
		must(t, forged.Close())
	}
	m := Connect(t, b, "phones")
	for _, topic := range []string{"presence", "ack", "event", "reported"} {
		Publish(t, m, "bk/1/d/phone-2/"+topic, "its phone's", false)
	}
	Publish(t, m, "bk/1/g/phones/presence", "own", false)
	inbox.Expect(t, Got{"bk/1/d/phone-2/reported", "its phone's", false})
}

// refused waits until a client was told that it may not connect.
func refused(t *testing.T, m *Member) {
	t.Helper()
	late := deadline(t)
	for errs.CodeOf(m.State().Err) != errs.Denied {
		select {
		case <-late:
			t.Fatalf("was never refused: %+v", m.State())
		case <-m.Up:
			t.Fatal("was let in")
		case <-time.After(time.Millisecond):
		}
	}
}

func revoked(t *testing.T, b Broker) {
	control := b.Control(t)
	victim, other := Connect(t, b, "tab-1"), Connect(t, b, "tab-2")
	gone, inbox := Subscribe(t, victim, "bk/1/d/tab-1/desired"), Subscribe(t, other, "bk/1/d/tab-2/desired")
	events := Subscribe(t, control, "bk/1/d/+/event")
	for dev, got := range map[string]Inbox{"tab-1": gone, "tab-2": inbox} { // what is retained has then been looked for
		Publish(t, control, "bk/1/d/"+dev+"/desired", "before", false)
		got.Expect(t, Got{"bk/1/d/" + dev + "/desired", "before", false})
	}

	b.Revoke(t, "tab-1")
	Publish(t, control, "bk/1/d/tab-1/desired", "after", true)
	Publish(t, control, "bk/1/d/tab-2/desired", "after", true)
	inbox.Expect(t, Got{"bk/1/d/tab-2/desired", "after", false})

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// Acknowledged, it comes behind everything the broker sent; else the
	// connection is gone, which does as well.
	_ = victim.Publish(ctx, "bk/1/d/tab-1/event", []byte("revoked"), false)
	Publish(t, other, "bk/1/d/tab-2/event", "own", false)
	events.Expect(t, Got{"bk/1/d/tab-2/event", "own", false})
	if b.Refuses() {
		refused(t, victim)
	}
	select {
	case got := <-gone:
		t.Fatalf("the revoked client was given %+v", got)
	default:
	}
}

// revokedConnect revokes two, one right after the other: the second list counts too.
func revokedConnect(t *testing.T, b Broker) {
	victims := []string{"tab-1", "bank-b"}
	own := map[string]*tls.Config{}
	for _, id := range victims {
		m := Connect(t, b, id, func(cfg *bus.Config) {
			cfg.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(4) // an old session is no way round
			own[id] = cfg.TLS
		})
		must(t, m.Close())
	}
	for _, id := range victims {
		b.Revoke(t, id)
	}
	for _, id := range victims {
		refused(t, Dial(t, b, id, func(cfg *bus.Config) { cfg.TLS = own[id] }))
	}
	Connect(t, b, "tab-2") // and everybody else is
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

func strangers(t *testing.T, b Broker) {
	t.Run("another authority's certificate", func(t *testing.T) {
		other := NewCA(t)
		refused(t, Dial(t, b, "tab-1", func(cfg *bus.Config) {
			cfg.TLS.Certificates = other.Client(t, "tab-1").Certificates
		}))
	})
	t.Run("no certificate", func(t *testing.T) {
		refused(t, Dial(t, b, "tab-1", func(cfg *bus.Config) { cfg.TLS.Certificates = nil }))
	})
	t.Run("a broker of another authority", func(t *testing.T) {
		other := NewCA(t)
		refused(t, Dial(t, b, "tab-1", func(cfg *bus.Config) { cfg.TLS.RootCAs = other.Client(t, "x").RootCAs }))
	})
	t.Run("another client's certificate", func(t *testing.T) {
		victim := Connect(t, b, "tab-2", func(cfg *bus.Config) { cfg.Jitter = time.Hour })
		inbox := Subscribe(t, victim, "bk/1/d/tab-2/desired")
		thief := Dial(t, b, "tab-2", func(cfg *bus.Config) { cfg.TLS = b.Authority().Client(t, "tab-1") })
		if b.Refuses() {
			refused(t, thief)
		} else { // it is taken for what its certificate says
			Await(t, thief.Up, "the connection")
			stolen := NewInbox()
			must(t, TrySubscribe(t, thief, "bk/1/d/tab-2/desired", stolen))
			defer func() {
				if len(stolen) > 0 {
					t.Error("the thief can read")
				}
			}()
		}
		Publish(t, b.Control(t), "bk/1/d/tab-2/desired", "own", false)
		inbox.Expect(t, Got{"bk/1/d/tab-2/desired", "own", false})
		if len(victim.Down) > 0 {
			t.Error("the victim was disconnected")
		}
	})
}

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
	conn, err := tls.Dial("tcp", b.Address(), b.Authority().Client(t, "tab-1"))
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	hello := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion, hello.ClientIdentifier, hello.CleanSession, hello.Keepalive = "MQTT", 4, "tab-1", true, 60
	must(t, hello.Write(conn))
	if answer, err := packets.ReadPacket(conn); err != nil || answer.(*packets.ConnackPacket).ReturnCode != packets.Accepted {
		t.Fatalf("the connection was answered with %v, %v", answer, err)
	}
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
