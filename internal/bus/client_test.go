package bus_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/bus/bustest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// fakeBroker accepts connections and gives each packet to answer.
func fakeBroker(t *testing.T, answer func(conn net.Conn, p packets.ControlPacket)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(t.Context(), func() { _ = conn.Close() })()
				for {
					p, err := packets.ReadPacket(conn)
					if err != nil {
						return
					}
					answer(conn, p)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return listener.Addr().String()
}

// welcome answers a CONNECT.
func welcome(conn net.Conn, p packets.ControlPacket) {
	if _, ok := p.(*packets.ConnectPacket); ok {
		_ = packets.NewControlPacket(packets.Connack).Write(conn)
	}
}

type events struct {
	up   chan struct{}
	down chan error
}

func dial(t *testing.T, address string, change ...func(*bus.Config)) (*bus.Client, events) {
	t.Helper()
	e := events{make(chan struct{}, 1024), make(chan error, 1024)}
	cfg := bus.Config{
		Address: address, ID: "bank-a", Timeout: 200 * time.Millisecond, Jitter: time.Millisecond,
		OnUp:   func(context.Context) { e.up <- struct{}{} },
		OnDown: func(err error) { e.down <- err },
	}
	for _, f := range change {
		f(&cfg)
	}
	client, err := bus.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client, e
}

func expectUnavailable(t *testing.T, err error) {
	t.Helper()
	if errs.CodeOf(err) != errs.Unavailable {
		t.Fatalf("got %v, want code unavailable", err)
	}
}

func TestBrokerThatAcceptsAndNeverAnswers(t *testing.T) {
	tries := make(chan struct{}, 1024)
	client, _ := dial(t, fakeBroker(t, func(net.Conn, packets.ControlPacket) { tries <- struct{}{} }))
	for range 3 { // it gives up and tries again
		bustest.Await(t, tries, "an attempt to connect")
	}
	expectUnavailable(t, client.Publish(context.Background(), "a", nil, false))
	if err := client.Subscribe(context.Background(), "a", func(string, []byte, bool) {}); err != nil {
		t.Fatal(err)
	}
	if s := client.State(); s.Up || errs.CodeOf(s.Err) != errs.Unavailable || client.Connected() {
		t.Fatalf("state is %+v", s)
	}
}

func TestBrokerThatNeverFinishesTLS(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dial(t, listener.Addr().String(), func(cfg *bus.Config) { cfg.TLS = bustest.NewCA(t).Client(t, "bank-a") })
	attempts := make(chan net.Conn)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			attempts <- conn
		}
	}()
	for range 3 {
		defer bustest.Await(t, attempts, "an attempt to connect").Close()
	}
}

func TestBrokerThatIsAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	client, _ := dial(t, address)
	expectUnavailable(t, client.Publish(context.Background(), "a", nil, false))
}

func TestBrokerThatFallsSilent(t *testing.T) {
	t.Run("publish", func(t *testing.T) {
		client, e := dial(t, fakeBroker(t, welcome))
		bustest.Await(t, e.up, "the connection")
		expectUnavailable(t, client.Publish(context.Background(), "a", []byte("x"), false))
		expectUnavailable(t, bustest.Await(t, e.down, "the end of the connection"))
		bustest.Await(t, e.up, "the next connection")
	})
	t.Run("publish of a caller in a hurry", func(t *testing.T) {
		client, e := dial(t, fakeBroker(t, welcome), func(cfg *bus.Config) { cfg.Timeout = time.Hour })
		bustest.Await(t, e.up, "the connection")
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		expectUnavailable(t, client.Publish(ctx, "a", []byte("x"), false))
	})
	t.Run("subscribe", func(t *testing.T) {
		asked := make(chan string, 1024)
		client, e := dial(t, fakeBroker(t, func(conn net.Conn, p packets.ControlPacket) {
			welcome(conn, p)
			if s, ok := p.(*packets.SubscribePacket); ok {
				asked <- s.Topics[0]
			}
		}))
		bustest.Await(t, e.up, "the connection")
		if err := client.Subscribe(context.Background(), "a", func(string, []byte, bool) {}); err != nil {
			t.Fatal(err)
		}
		bustest.Await(t, asked, "the subscription")
		bustest.Await(t, asked, "the subscription on the next connection")
	})
	t.Run("ping", func(t *testing.T) {
		_, e := dial(t, fakeBroker(t, welcome), func(cfg *bus.Config) { cfg.KeepAlive = time.Second })
		bustest.Await(t, e.up, "the connection")
		expectUnavailable(t, bustest.Await(t, e.down, "the end of the connection"))
	})
}

func TestRefusedSubscriptionKeepsTheConnection(t *testing.T) {
	address := fakeBroker(t, func(conn net.Conn, p packets.ControlPacket) {
		welcome(conn, p)
		if s, ok := p.(*packets.SubscribePacket); ok {
			ack := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
			ack.MessageID, ack.ReturnCodes = s.MessageID, []byte{0x80}
			_ = ack.Write(conn)
		}
	})
	client, e := dial(t, address, func(cfg *bus.Config) { cfg.Timeout = 10 * time.Second })
	bustest.Await(t, e.up, "the connection")
	for range 100 { // far more than a client may have: a refused one leaves nothing
		err := client.Subscribe(t.Context(), "a", func(string, []byte, bool) {})
		if errs.CodeOf(err) != errs.Denied {
			t.Fatalf("got %v, want code denied", err)
		}
	}
	if !client.Connected() {
		t.Fatal("the connection is gone")
	}
}

// A server older than its bank refuses a topic it does not know; the bank's
// other topics must go on.
func TestSubscriptionRefusedOnConnecting(t *testing.T) {
	subscribed := make(chan struct{})
	client, e := dial(t, fakeBroker(t, func(conn net.Conn, p packets.ControlPacket) {
		<-subscribed
		welcome(conn, p)
		if s, ok := p.(*packets.SubscribePacket); ok {
			ack := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
			ack.MessageID, ack.ReturnCodes = s.MessageID, []byte{0x80}
			_ = ack.Write(conn)
		}
	}), func(cfg *bus.Config) { cfg.Timeout = 20 * time.Second })
	if err := client.Subscribe(t.Context(), "a", func(string, []byte, bool) {}); err != nil {
		t.Fatal(err)
	}
	close(subscribed)
	bustest.Await(t, e.up, "the connection")
	if s := client.State(); !s.Up || errs.CodeOf(s.Err) != errs.Denied {
		t.Fatalf("state is %+v", s)
	}
}

func TestMessagesInFlightAreBounded(t *testing.T) {
	const limit, total = 4, 12
	type held struct {
		conn net.Conn
		id   uint16
	}
	arrived := make(chan held, total)
	address := fakeBroker(t, func(conn net.Conn, p packets.ControlPacket) {
		welcome(conn, p)
		if m, ok := p.(*packets.PublishPacket); ok {
			arrived <- held{conn, m.MessageID}
		}
	})
	client, e := dial(t, address, func(cfg *bus.Config) { cfg.InFlight, cfg.Timeout = limit, time.Minute })
	bustest.Await(t, e.up, "the connection")
	results := make(chan error, total)
	for range total {
		go func() { results <- client.Publish(t.Context(), "a", []byte("x"), false) }()
	}
	var waiting []held
	for range limit {
		waiting = append(waiting, bustest.Await(t, arrived, "a message"))
	}
	for more := total - limit; len(waiting) > 0; more-- {
		select {
		case <-arrived:
			t.Fatal("more messages in flight than allowed")
		case <-time.After(5 * time.Millisecond): // for one that should not come
		}
		ack := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
		ack.MessageID = waiting[0].id
		if err := ack.Write(waiting[0].conn); err != nil {
			t.Fatal(err)
		}
		if err := bustest.Await(t, results, "an acknowledgement"); err != nil {
			t.Fatal(err)
		}
		waiting = waiting[1:]
		if more > 0 {
			waiting = append(waiting, bustest.Await(t, arrived, "the next message"))
		}
	}
}

func TestFullQueueMakesTheReaderWait(t *testing.T) {
	b := bustest.StartEmbedded(t)
	bank := bustest.Connect(t, b, "bank-a", func(cfg *bus.Config) { cfg.Queue = 2 })
	inbox, hold := bustest.NewInbox(), make(chan struct{})
	err := bank.Subscribe(t.Context(), "bk/1/b/bank-a/order", func(topic string, payload []byte, retained bool) {
		<-hold
		inbox.Handle(topic, payload, retained)
	})
	if err != nil {
		t.Fatal(err)
	}
	behind := bustest.Subscribe(t, bank, "bk/1/s/time")
	for i := range 200 {
		bustest.Publish(t, b.Conn(), "bk/1/b/bank-a/order", fmt.Sprint(i), false)
	}
	bustest.Publish(t, b.Conn(), "bk/1/s/time", "now", false)
	select {
	case <-behind:
		t.Fatal("the reader went on")
	case <-time.After(50 * time.Millisecond): // for what should not come
	}
	close(hold)
	for i := range 200 {
		inbox.Expect(t, bustest.Got{Topic: "bk/1/b/bank-a/order", Payload: fmt.Sprint(i)})
	}
}

// A handler that publishes waits for an acknowledgement behind messages for
// its own full queue; the timeout ends what would wait for ever.
func TestHandlerMayPublishWithAFullQueue(t *testing.T) {
	b := bustest.StartEmbedded(t)
	bank := bustest.Connect(t, b, "bank-a", func(cfg *bus.Config) { cfg.Queue, cfg.Timeout = 1, 300*time.Millisecond })
	done, first := make(chan error, 512), make(chan struct{})
	err := bank.Subscribe(t.Context(), "bk/1/b/bank-a/order", func(string, []byte, bool) {
		<-first
		done <- bank.Publish(context.Background(), "bk/1/b/bank-a/journal", nil, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		bustest.Publish(t, b.Conn(), "bk/1/b/bank-a/order", "x", false)
	}
	close(first)
	bustest.Await(t, done, "the handler")
	bustest.Await(t, done, "the handler")
}

func TestCloseEndsHandlers(t *testing.T) {
	b := bustest.StartEmbedded(t)
	bank := bustest.Connect(t, b, "bank-a")
	inbox := bustest.Subscribe(t, bank, "bk/1/b/bank-a/order")
	if err := bank.Close(); err != nil {
		t.Fatal(err)
	}
	bustest.Publish(t, b.Conn(), "bk/1/b/bank-a/order", "late", false)
	expectUnavailable(t, bank.Publish(t.Context(), "bk/1/b/bank-a/journal", nil, false))
	expectUnavailable(t, bustest.TrySubscribe(t, bank, "bk/1/s/time", inbox))
	if bank.Connected() || len(inbox) > 0 {
		t.Fatalf("connected %v, %d messages", bank.Connected(), len(inbox))
	}
}

func TestDialRefuses(t *testing.T) {
	for name, cfg := range map[string]bus.Config{
		"no port":            {Address: "127.0.0.1", ID: "bank-a"},
		"no id":              {Address: "127.0.0.1:1883"},
		"an id with a slash": {Address: "127.0.0.1:1883", ID: "a/b"},
		"plain TCP abroad":   {Address: "192.0.2.1:1883", ID: "bank-a"},
		"plain TCP by name":  {Address: "school.example:1883", ID: "bank-a"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := bus.Dial(t.Context(), cfg); errs.CodeOf(err) != errs.Invalid {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestClientRefusesBadTopics(t *testing.T) {
	client, _ := dial(t, "127.0.0.1:1")
	for _, topic := range []string{"", "a/+", "a/#", "a\x00", string(make([]byte, bus.MaxTopic+1))} {
		if err := client.Publish(t.Context(), topic, nil, false); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("publish to %q: %v", topic, err)
		}
	}
	for _, filter := range []string{"", "a#", "a/#/b", "a/b+", "a\x00"} {
		if err := client.Subscribe(t.Context(), filter, nil); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("subscribe to %q: %v", filter, err)
		}
	}
}
