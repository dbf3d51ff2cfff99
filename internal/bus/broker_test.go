package bus_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/bus/bustest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// rule is a Rights that allows everything but what a test forbids.
type rule struct {
	mu     sync.Mutex
	known  func(client, serial string) bool
	forbid func(client string, op bus.Op, topic string) bool
}

func (r *rule) Known(client, serial string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known == nil || r.known(client, serial)
}

func (r *rule) May(client string, op bus.Op, topic string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.forbid == nil || !r.forbid(client, op, topic)
}

func (r *rule) set(known func(client, serial string) bool, forbid func(client string, op bus.Op, topic string) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.forbid = known, forbid
}

// startBroker serves on a plain loopback listener, or over TLS.
func startBroker(t *testing.T, cfg bus.BrokerConfig, secure *tls.Config) (*bus.Broker, string) {
	t.Helper()
	b, err := bus.NewBroker(cfg)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := b.Serve(context.Background(), listener, secure); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { _ = b.Close() })
	return b, listener.Addr().String()
}

func patient(cfg *bus.Config) { cfg.Timeout = 20 * time.Second }

// raw is a client made of packets, to do what Client never does.
type raw struct{ net.Conn }

func dialRaw(t *testing.T, address, id string, change ...func(*packets.ConnectPacket)) (raw, byte) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.ClientIdentifier, p.CleanSession, p.Keepalive = "MQTT", 4, id, true, 60
	for _, f := range change {
		f(p)
	}
	r := raw{conn}
	r.send(t, p)
	return r, r.receive(t).(*packets.ConnackPacket).ReturnCode
}

func (r raw) send(t *testing.T, p packets.ControlPacket) {
	t.Helper()
	if err := p.Write(r); err != nil {
		t.Fatal(err)
	}
}

func (r raw) receive(t *testing.T) packets.ControlPacket {
	t.Helper()
	p, err := packets.ReadPacket(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r raw) subscribe(t *testing.T, id uint16, filters ...string) []byte {
	t.Helper()
	p := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	p.MessageID, p.Topics, p.Qoss = id, filters, bytes.Repeat([]byte{1}, len(filters))
	r.send(t, p)
	return r.receive(t).(*packets.SubackPacket).ReturnCodes
}

func TestConnectIsRefused(t *testing.T) {
	_, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}}, nil)
	for name, change := range map[string]func(*packets.ConnectPacket){
		"another user name": func(p *packets.ConnectPacket) { p.UsernameFlag, p.Username = true, "tab-2" },
		"no client id":      func(p *packets.ConnectPacket) { p.ClientIdentifier = "" },
		"a bad client id":   func(p *packets.ConnectPacket) { p.ClientIdentifier = "tab/1" },
		"the server's id":   func(p *packets.ConnectPacket) { p.ClientIdentifier = "inline" },
		"MQTT 3.1":          func(p *packets.ConnectPacket) { p.ProtocolName, p.ProtocolVersion = "MQIsdp", 3 },
		"a will on $SYS": func(p *packets.ConnectPacket) {
			p.WillFlag, p.WillTopic, p.WillMessage = true, "$SYS/broker/version", []byte("x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, code := dialRaw(t, address, "tab-1", change); code == packets.Accepted {
				t.Fatal("was let in")
			}
		})
	}
	if _, code := dialRaw(t, address, "tab-1"); code != packets.Accepted {
		t.Fatalf("a good one was refused with %d", code)
	}
}

func TestCertificateSerialIsAsked(t *testing.T) {
	ca := bustest.NewCA(t)
	mine := ca.Client(t, "tab-1")
	serial := mine.Certificates[0].Leaf.SerialNumber.Text(16)
	r := &rule{known: func(client, s string) bool { return client == "tab-1" && s == serial }}
	_, address := startBroker(t, bus.BrokerConfig{Rights: r}, ca.Server(t))
	_, e := dial(t, address, func(cfg *bus.Config) { cfg.ID, cfg.TLS, cfg.Timeout = "tab-1", mine, time.Minute })
	bustest.Await(t, e.up, "the connection")

	replaced, other := dial(t, address, func(cfg *bus.Config) { cfg.ID, cfg.TLS, cfg.Timeout = "tab-1", ca.Client(t, "tab-1"), time.Minute })
	for start := time.Now(); errs.CodeOf(replaced.State().Err) != errs.Denied; time.Sleep(time.Millisecond) {
		if len(other.up) > 0 || time.Since(start) > 20*time.Second {
			t.Fatalf("an older certificate: %+v", replaced.State())
		}
	}
}

func TestSubscriptionsAreBounded(t *testing.T) {
	_, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}, MaxSubscriptions: 3}, nil)
	client, _ := dialRaw(t, address, "tab-1")
	for i, step := range []struct {
		filters []string
		want    []byte
	}{
		{[]string{"a", "$SYS/broker/uptime", "$SYS/#", "$share/x/a", "a#"}, []byte{1, 0x80, 0x80, 0x80, 0x80}},
		{[]string{"b", "c", "d"}, []byte{1, 1, 0x80}},
		{[]string{"a", "e"}, []byte{1, 0x80}}, // one it has, one it may not have
	} {
		if got := client.subscribe(t, uint16(i+1), step.filters...); !bytes.Equal(got, step.want) {
			t.Errorf("%q: got %x, want %x", step.filters, got, step.want)
		}
	}
}

func TestClientsAreBounded(t *testing.T) {
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}, MaxClients: 2}, nil)
	for i, want := range []byte{packets.Accepted, packets.Accepted, packets.ErrRefusedServerUnavailable} {
		if _, code := dialRaw(t, address, fmt.Sprint("tab-", i)); code != want {
			t.Fatalf("client %d: code %d, want %d", i, code, want)
		}
	}
	if got := b.Health().Clients; got != 2 {
		t.Fatalf("%d clients", got)
	}
}

func TestTooLargePacketEndsTheConnection(t *testing.T) {
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}}, nil)
	inbox := bustest.Subscribe(t, b.Conn(), "a")
	client, _ := dialRaw(t, address, "tab-1")
	p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	p.TopicName, p.Qos, p.MessageID, p.Payload = "a", 1, 1, make([]byte, bus.MaxPayload+bus.MaxTopic+1024)
	_ = p.Write(client) // it may be cut off while writing
	if got, err := packets.ReadPacket(client); err == nil {
		t.Fatalf("was answered %v", got)
	}
	if len(inbox) > 0 {
		t.Fatal("it was delivered")
	}
}

func TestPublishThatIsNotOursEndsTheConnection(t *testing.T) {
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}}, nil)
	inbox := bustest.Subscribe(t, b.Conn(), "#")
	for name, p := range map[string]*packets.PublishPacket{
		"$SYS":        {TopicName: "$SYS/broker/uptime", FixedHeader: packets.FixedHeader{Qos: 1}},
		"wildcard":    {TopicName: "a/#", FixedHeader: packets.FixedHeader{Qos: 1}},
		"too long":    {TopicName: strings.Repeat("x", bus.MaxTopic+1), FixedHeader: packets.FixedHeader{Qos: 1}},
		"QoS 2":       {TopicName: "a", FixedHeader: packets.FixedHeader{Qos: 2}},
		"not Unicode": {TopicName: "\xff", FixedHeader: packets.FixedHeader{Qos: 1}},
	} {
		client, _ := dialRaw(t, address, "tab-1")
		p.MessageType, p.MessageID = packets.Publish, 1
		client.send(t, p)
		if got, err := packets.ReadPacket(client); err == nil {
			t.Errorf("%s was answered %v", name, got)
		}
	}
	if len(inbox) > 0 {
		t.Fatalf("%+v was delivered", <-inbox)
	}
}

func TestDropEndsAConnection(t *testing.T) {
	r := &rule{}
	b, address := startBroker(t, bus.BrokerConfig{Rights: r}, nil)
	client, e := dial(t, address, patient)
	bustest.Await(t, e.up, "the connection")
	inbox := bustest.Subscribe(t, client, "a")
	r.set(func(string, string) bool { return false }, nil)
	b.Drop("bank-a")
	bustest.Publish(t, b.Conn(), "a", "after", false)
	bustest.Await(t, e.down, "the end of the connection")
	if len(inbox) > 0 || b.Health().Dropped > 0 {
		t.Fatalf("%d messages, %+v", len(inbox), b.Health())
	}
	b.Drop("bank-a") // and one that is not there
}

func TestRightsAreAskedForEachDelivery(t *testing.T) {
	r := &rule{}
	b, address := startBroker(t, bus.BrokerConfig{Rights: r}, nil)
	client, e := dial(t, address, patient)
	bustest.Await(t, e.up, "the connection")
	inbox := bustest.Subscribe(t, client, "+")
	r.set(nil, func(_ string, op bus.Op, topic string) bool { return op == bus.Read && topic == "a" })
	bustest.Publish(t, b.Conn(), "a", "forbidden", false)
	bustest.Publish(t, b.Conn(), "b", "allowed", false)
	inbox.Expect(t, bustest.Got{Topic: "b", Payload: "allowed"})
}

// Whoever is not known any more may write nowhere; on record is that, and not its
// will, which is as it always was.
func TestRevokedClientIsNotBlamedForItsWill(t *testing.T) {
	var told refusals
	_, address := startBroker(t, bus.BrokerConfig{Refused: told.tell, Rights: &rule{
		known:  func(client, _ string) bool { return client != "tab-1" },
		forbid: func(client string, op bus.Op, topic string) bool { return client == "tab-1" || topic == "tab-1" },
	}}, nil)
	for client, why := range map[string]string{"tab-1": "unknown or revoked", "tab-2": "will on a foreign topic"} {
		dialRaw(t, address, client, func(p *packets.ConnectPacket) {
			p.WillFlag, p.WillTopic, p.WillMessage = true, "tab-1", []byte("death")
		})
		if told.count(client, why) != 1 {
			t.Errorf("%s: on record is %v", client, told.why)
		}
	}
}

func TestWillIsKeptBackOnceForbidden(t *testing.T) {
	r := &rule{}
	b, address := startBroker(t, bus.BrokerConfig{Rights: r}, nil)
	inbox := bustest.Subscribe(t, b.Conn(), "#")
	for i, forbidden := range []bool{true, false} {
		id := fmt.Sprint("tab-", i)
		client, _ := dialRaw(t, address, id, func(p *packets.ConnectPacket) {
			p.WillFlag, p.WillQos, p.WillRetain, p.WillTopic, p.WillMessage = true, 1, true, id, []byte("death")
		})
		if forbidden {
			r.set(nil, func(_ string, op bus.Op, topic string) bool { return op == bus.Write && topic == id })
		}
		_ = client.Close()
		for start := time.Now(); b.Health().Clients > 0; time.Sleep(time.Millisecond) {
			if time.Since(start) > 20*time.Second {
				t.Fatal("the broker keeps the client")
			}
		}
	}
	inbox.Expect(t, bustest.Got{Topic: "tab-1", Payload: "death"})
}

// A client that stops reading fills its socket; whoever publishes would wait
// for the library's lock on it.
func TestClientThatStopsReadingHoldsUpNobody(t *testing.T) {
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}, WriteTimeout: 100 * time.Millisecond}, nil)
	stuck, _ := dialRaw(t, address, "tab-1")
	stuck.subscribe(t, 1, "a")
	well, e := dial(t, address, patient)
	bustest.Await(t, e.up, "the connection")
	inbox := bustest.Subscribe(t, well, "b")
	payload := strings.Repeat("x", bus.MaxPayload)
	for range 40 {
		bustest.Publish(t, b.Conn(), "a", payload, false)
	}
	bustest.Publish(t, b.Conn(), "b", "still here", false)
	inbox.Expect(t, bustest.Got{Topic: "b", Payload: "still here"})
	for start := time.Now(); b.Health().Clients > 1; time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatal("the stuck client is still connected")
		}
	}
}

// What is published may be written over at once.
func TestLocalCopiesWhatItPublishes(t *testing.T) {
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}}, nil)
	far, _ := dialRaw(t, address, "tab-1")
	far.subscribe(t, 1, "a")
	near := make(chan string, 2)
	hear := func(_ string, payload []byte, _ bool) { near <- string(payload) }
	if err := b.Conn().Subscribe(t.Context(), "a", hear); err != nil {
		t.Fatal(err)
	}
	payload := []byte("as it was")
	if err := b.Conn().Publish(t.Context(), "a", payload, true); err != nil {
		t.Fatal(err)
	}
	copy(payload, "overwritten")
	if err := b.Conn().Subscribe(t.Context(), "a", hear); err != nil {
		t.Fatal(err)
	}
	got := far.receive(t).(*packets.PublishPacket).Payload
	for _, text := range []string{string(got), <-near, <-near} {
		if text != "as it was" {
			t.Errorf("%q arrived", text)
		}
	}
}

// The broker has nothing to say of itself, and does nothing while nobody speaks.
func TestBrokerKeepsNothingOfItsOwn(t *testing.T) {
	b, err := bus.NewBroker(bus.BrokerConfig{Rights: &rule{}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	bustest.Publish(t, b.Conn(), "a", "1", true)
	if n := b.Health().Retained; n != 1 {
		t.Errorf("%d messages are kept, not the one that was published", n)
	}
}

func TestLocalGivesRetainedBeforeLive(t *testing.T) {
	b, err := bus.NewBroker(bus.BrokerConfig{Rights: &rule{}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var versions sync.WaitGroup
	defer versions.Wait()
	stop := make(chan struct{})
	defer close(stop)
	bustest.Publish(t, b.Conn(), "a", "00000000", true)
	versions.Go(func() {
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
				_ = b.Conn().Publish(context.Background(), "a", fmt.Appendf(nil, "%08d", i), true)
			}
		}
	})
	for n := range 40 {
		last, seen := "", make(chan string, 1)
		count := 0
		err := b.Conn().Subscribe(t.Context(), []string{"a", "+"}[n%2], func(_ string, payload []byte, retained bool) {
			count++
			switch {
			case count > 20:
			case count == 1 && !retained:
				seen <- "a live message came first"
			case string(payload) < last:
				seen <- "went back from " + last + " to " + string(payload)
			case count == 20:
				seen <- ""
			}
			last = string(payload)
		})
		if err != nil {
			t.Fatal(err)
		}
		if fault := bustest.Await(t, seen, "20 messages"); fault != "" {
			t.Fatal(fault)
		}
	}
}

func TestLocalLosesNothing(t *testing.T) {
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}}, nil)
	inbox := make(bustest.Inbox) // hands over one by one
	if err := b.Conn().Subscribe(t.Context(), "a", inbox.Handle); err != nil {
		t.Fatal(err)
	}
	client, e := dial(t, address, patient)
	bustest.Await(t, e.up, "the connection")
	const total = 6000 // more than the queue holds
	go func() {
		var senders sync.WaitGroup
		defer senders.Wait()
		for range 60 {
			senders.Go(func() {
				for range total / 60 {
					_ = client.Publish(context.Background(), "a", []byte("x"), false)
				}
			})
		}
	}()
	for range total {
		inbox.Next(t)
	}
	if h := b.Health(); h.Dropped > 0 {
		t.Fatalf("%+v", h)
	}
}

func TestPayloadsAreNotLogged(t *testing.T) {
	var log lockedBuffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := &rule{forbid: func(_ string, op bus.Op, _ string) bool { return op == bus.Write }}
	_, address := startBroker(t, bus.BrokerConfig{Rights: r, Logger: logger}, nil)
	client, e := dial(t, address, patient)
	bustest.Await(t, e.up, "the connection")
	expectUnavailable(t, client.Publish(t.Context(), "a", []byte("SECRET"), false))
	for start := time.Now(); !strings.Contains(log.String(), "error processing packet"); time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("no warning in the log:\n%s", log.String())
		}
	}
	if strings.Contains(log.String(), "SECRET") || strings.Contains(log.String(), "U0VDUkVU") {
		t.Fatalf("the payload is in the log:\n%s", log.String())
	}
	if !strings.Contains(log.String(), `"client":"bank-a"`) {
		t.Fatalf("the log does not say whose:\n%s", log.String())
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestServeRefuses(t *testing.T) {
	b, err := bus.NewBroker(bus.BrokerConfig{Rights: &rule{}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ca := bustest.NewCA(t)
	lax := ca.Server(t)
	lax.ClientAuth = tls.VerifyClientCertIfGiven
	for name, test := range map[string]struct {
		address string
		secure  *tls.Config
	}{
		"plain TCP beyond loopback": {"0.0.0.0:0", nil},
		"TLS without certificates":  {"127.0.0.1:0", lax},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", test.address)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Serve(t.Context(), listener, test.secure); errs.CodeOf(err) != errs.Invalid {
				t.Fatalf("got %v", err)
			}
		})
	}
	if _, err := bus.NewBroker(bus.BrokerConfig{}); err == nil {
		t.Fatal("a broker without rights")
	}
}

func TestClosedBroker(t *testing.T) {
	b, address := startBroker(t, bus.BrokerConfig{Rights: &rule{}}, nil)
	silent, err := net.Dial("tcp", address) // never says who it is
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for range 2 {
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	expectUnavailable(t, b.Conn().Publish(t.Context(), "a", nil, false))
	expectUnavailable(t, bustest.TrySubscribe(t, b.Conn(), "a", bustest.NewInbox()))
}
