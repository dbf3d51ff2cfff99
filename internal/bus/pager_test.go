package bus_test

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/bus/bustest"
)

const page = `{"messageType":"configUpdated"}`

// paging is a pager with the phones 7 and 8, and what it tells of them.
type paging struct {
	*bus.Pager
	address string
	here    chan bool
	refused chan string
}

func startPager(t *testing.T) paging {
	t.Helper()
	p := paging{here: make(chan bool, 64), refused: make(chan string, 64)}
	var err error
	p.Pager, err = bus.NewPager(bus.PagerConfig{
		User: "hmdm", Password: "open sesame", Page: []byte(page),
		Enrolled: func(client string) bool { return slices.Contains([]string{"phone-7", "phone-8"}, client) },
		Here:     func(_ string, here bool) { p.here <- here },
		Refused:  func(client, _ string) { p.refused <- client },
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = listener.Addr().String()
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(context.Background())
	go func() { done <- p.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = p.Close()
	})
	return p
}

// known is what everybody with the published password can say.
func known(p *packets.ConnectPacket) {
	p.UsernameFlag, p.Username, p.PasswordFlag, p.Password, p.CleanSession = true, "hmdm", true, []byte("open sesame"), false
}

func TestPagerPages(t *testing.T) {
	p := startPager(t)
	inbox := make(chan mqtt.Message, 16)
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + p.address).SetClientID("phone-7").
		SetUsername("hmdm").SetPassword("open sesame").SetCleanSession(false).SetProtocolVersion(4))
	for _, ask := range []func() mqtt.Token{
		client.Connect,
		func() mqtt.Token {
			return client.Subscribe("phone-7", 2, func(_ mqtt.Client, m mqtt.Message) { inbox <- m })
		},
	} {
		token := ask()
		if token.Wait(); token.Error() != nil {
			t.Fatal(token.Error())
		}
	}
	if !bustest.Await(t, p.here, "word that the phone listens") {
		t.Error("the phone is said to be away")
	}
	for range 3 { // each is acknowledged in four steps
		if err := p.Page("phone-7"); err != nil {
			t.Fatal(err)
		}
		if m := bustest.Await(t, inbox, "a page"); string(m.Payload()) != page || m.Topic() != "phone-7" || m.Qos() != 2 || m.Retained() {
			t.Errorf("paged %s on %s at QoS %d", m.Payload(), m.Topic(), m.Qos())
		}
	}
	client.Disconnect(100)
	if bustest.Await(t, p.here, "word that the phone is away") {
		t.Error("the phone is said to listen")
	}
}

// The password is the same for the whole fleet and no secret. With it one can
// hear that a phone should fetch something, and do nothing at all.
func TestPagerPasswordIsWorthNothing(t *testing.T) {
	for name, change := range map[string]func(*packets.ConnectPacket){
		"another password":              func(p *packets.ConnectPacket) { p.Password = []byte("other") },
		"another user":                  func(p *packets.ConnectPacket) { p.Username = "root" },
		"no password":                   func(p *packets.ConnectPacket) { p.PasswordFlag, p.UsernameFlag = false, false },
		"a number that is not enrolled": func(p *packets.ConnectPacket) { p.ClientIdentifier = "phone-9" },
		"no number":                     func(p *packets.ConnectPacket) { p.ClientIdentifier, p.CleanSession = "", true },
		"MQTT 3.1":                      func(p *packets.ConnectPacket) { p.ProtocolName, p.ProtocolVersion = "MQIsdp", 3 },
		"a will": func(p *packets.ConnectPacket) {
			p.WillFlag, p.WillTopic, p.WillMessage = true, "phone-7", []byte(`{"messageType":"permissiveMode"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, code := dialRaw(t, startPager(t).address, "phone-7", known, change); code == packets.Accepted {
				t.Fatal("was let in")
			}
		})
	}
	t.Run("subscribing to more than its own number", func(t *testing.T) {
		thief, code := dialRaw(t, startPager(t).address, "phone-8", known)
		if code != packets.Accepted {
			t.Fatal(code)
		}
		for _, code := range thief.subscribe(t, 1, "phone-7", "+", "#", "phone-8/#", "+/x", "$SYS/#", "phone-80") {
			if code != 0x80 {
				t.Errorf("subscribed with %d", code)
			}
		}
	})
	for _, qos := range []byte{0, 1, 2} {
		t.Run("publishing", func(t *testing.T) {
			p := startPager(t)
			phone, _ := dialRaw(t, p.address, "phone-7", known)
			phone.subscribe(t, 1, "phone-7")
			for _, id := range []string{"phone-8", "phone-7"} { // another's, and its own that it shares with a thief
				thief, _ := dialRaw(t, p.address, "phone-8", known)
				order := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
				order.TopicName, order.Qos, order.MessageID, order.Payload = id, qos, 3, []byte(`{"messageType":"permissiveMode"}`)
				thief.send(t, order)
				if got, err := packets.ReadPacket(thief); err == nil {
					t.Errorf("was answered %v", got)
				}
			}
			if err := p.Page("phone-7"); err != nil {
				t.Fatal(err)
			}
			if got := phone.receive(t).(*packets.PublishPacket); string(got.Payload) != page {
				t.Errorf("the phone was told %s", got.Payload)
			}
		})
	}
}

func TestPagerKeepsNothing(t *testing.T) {
	p := startPager(t)
	phone, _ := dialRaw(t, p.address, "phone-7", known)
	phone.subscribe(t, 1, "phone-7")
	bustest.Await(t, p.here, "word that the phone listens")
	_ = phone.Close()
	bustest.Await(t, p.here, "word that the phone is away")
	for range 100 {
		if err := p.Page("phone-7"); err != nil {
			t.Fatal(err)
		}
	}
	phone, _ = dialRaw(t, p.address, "phone-7", known)
	phone.subscribe(t, 1, "phone-7") // would fail on a page that comes before
}

// Two phones of one number take the line from each other until both are told
// to wait; others are not.
func TestPagerRefusesWhoComesTooOften(t *testing.T) {
	p := startPager(t)
	for n := range bus.ConnectsAMinute + 5 {
		if _, code := dialRaw(t, p.address, "phone-7", known); (code == packets.Accepted) != (n < bus.ConnectsAMinute) {
			t.Fatalf("connection %d: code %d", n+1, code)
		}
	}
	if got := bustest.Await(t, p.refused, "a word of it"); got != "phone-7" {
		t.Errorf("%s is said to come too often", got)
	}
	if _, code := dialRaw(t, p.address, "phone-8", known); code != packets.Accepted {
		t.Errorf("another phone is refused with %d", code)
	}
}

func TestPagerDrops(t *testing.T) {
	p := startPager(t)
	phone, _ := dialRaw(t, p.address, "phone-7", known)
	phone.subscribe(t, 1, "phone-7")
	p.Drop("phone-7")
	_ = phone.SetReadDeadline(time.Now().Add(20 * time.Second))
	if got, err := packets.ReadPacket(phone); err == nil {
		t.Errorf("still hears %v", got)
	}
}
