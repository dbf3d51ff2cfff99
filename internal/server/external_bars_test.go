package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// What is revoked on a Mosquitto is off the line, does not come back, and leaves its
// id to whoever joins next: a machine put in a bank's place, a device with a new code.
func TestRevokedOnMosquitto(t *testing.T) {
	s, _ := withMosquitto(t, millLane(t))
	for _, c := range []struct {
		kind   cert.Kind
		id     string
		topic  string
		revoke bool // at once; else by whoever takes its place
	}{
		{kind: cert.Device, id: "tab-1", topic: s.Root.Device("tab-1", wire.LeafCommand), revoke: true},
		{kind: cert.Bank, id: "a", topic: s.Root.Bank("a", wire.LeafOrder)},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			old, err := join(t, invite(t, s, c.kind, c.id))
			must(t, err)
			m := dial(t, old, nil)
			await(t, m.up, "the connection")
			if c.revoke {
				must(t, s.Roll.Revoke(t.Context(), "it", c.id))
				await(t, m.down, "the end of the connection")
				eventually(t, "it is refused", func() bool { return errs.CodeOf(m.State().Err) == errs.Denied })
			}
			code, _, err := s.Invite(t.Context(), Invitation{By: "it", Kind: c.kind, ID: c.id, Replace: !c.revoke})
			must(t, err)
			who, err := join(t, code)
			must(t, err)
			if !c.revoke {
				await(t, m.down, "the end of the connection")
				eventually(t, "it is refused", func() bool { return errs.CodeOf(m.State().Err) == errs.Denied })
			}
			next := dial(t, who, nil)
			await(t, next.up, "the connection with a new certificate")
			hear := func(c *client) bus.Handler {
				return func(_ string, payload []byte, _ bool) { c.heard <- string(payload) }
			}
			must(t, next.Subscribe(t.Context(), c.topic, hear(next)))
			must(t, s.Bus.Publish(t.Context(), c.topic, []byte("for the next"), false))
			if got := await(t, next.heard, "a message"); got != "for the next" {
				t.Error(got)
			}
			if len(m.up) > 0 || m.Connected() {
				t.Error("the old certificate was let in again")
			}
		})
	}
}

// connect connects once with an identity and reports whether the broker let it in.
func connect(t *testing.T, who *identity.Identity) bool {
	t.Helper()
	conn, err := tls.Dial("tcp", who.About().MQTT, who.TLS())
	if err != nil {
		return false
	}
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	hello := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion, hello.ClientIdentifier, hello.CleanSession, hello.Keepalive = "MQTT", 4, who.About().ID, true, 60
	if hello.Write(conn) != nil {
		return false
	}
	answer, err := packets.ReadPacket(conn)
	if err != nil {
		return false
	}
	ack, ok := answer.(*packets.ConnackPacket)
	return ok && ack.ReturnCode == packets.Accepted
}

// A Mosquitto knows no limit of its own. A client that connects without end is put
// on record and refused, and whoever else is connected loses nothing.
func TestAClientThatConnectsTooOftenOnMosquitto(t *testing.T) {
	s, _ := withMosquitto(t, millLane(t))
	wild, err := join(t, invite(t, s, cert.Device, "tab-1"))
	must(t, err)
	calm, err := join(t, invite(t, s, cert.Device, "tab-2"))
	must(t, err)
	other := dial(t, calm, nil)
	await(t, other.up, "the connection")
	const messages = 100
	arrived := make(chan string, messages)
	topic := s.Root.Device("tab-2", wire.LeafEvent)
	must(t, s.Bus.Subscribe(t.Context(), topic, func(_ string, payload []byte, _ bool) { arrived <- string(payload) }))

	onRecord := func() bool {
		for _, r := range s.Devices.Board().Rows {
			if r.Device.ID == "tab-1" && r.Refusal != nil && r.Refusal.Reason == "connects too often" {
				return true
			}
		}
		return false
	}
	eventually(t, "the watcher listens", func() bool { return s.watcher.Connected() })
	let := 0
	eventually(t, "it is refused", func() bool {
		if !connect(t, wild) {
			return true
		}
		let++
		return false
	})
	if let < 60 {
		t.Errorf("refused after %d connections, 60 a minute are allowed", let)
	}
	if !onRecord() {
		t.Error("the reason is not on record")
	}
	for n := range messages {
		for range 10 {
			if connect(t, wild) {
				t.Fatal("it was let in again")
			}
		}
		must(t, other.Publish(t.Context(), topic, fmt.Append(nil, n), false))
	}
	for n := range messages {
		if got := await(t, arrived, "the other's message"); got != fmt.Sprint(n) {
			t.Fatalf("message %s arrived, want %d", got, n)
		}
	}
	if len(other.down) > 0 {
		t.Errorf("the other was disconnected: %v", <-other.down)
	}
}

func TestBars(t *testing.T) {
	now := time.Now()
	b := newBars(func() time.Time { return now })
	before := b.rev()
	b.hold("tab-1")
	if !b.held("tab-1") || b.held("tab-2") || b.rev() == before || b.next(time.Hour) != holdFor {
		t.Error("it is not held for its time, or another is")
	}
	now = now.Add(holdFor)
	if b.held("tab-1") || b.next(time.Hour) != time.Hour {
		t.Error("it is held beyond its time")
	}

	ended := map[string]int{}
	end := func(client string) error { ended[client]++; return nil }
	b.end("tab-1")
	rev := b.rev()
	b.end("tab-2")
	must(t, b.endEach(rev, end))
	if ended["tab-1"] != 1 || ended["tab-2"] != 0 {
		t.Errorf("ended %v: the second's certificates may still be let in", ended)
	}
	away := errors.New("away")
	if err := b.endEach(b.rev(), func(string) error { b.end("tab-2"); return away }); err != away {
		t.Errorf("%v", err)
	}
	must(t, b.endEach(b.rev(), end))
	must(t, b.endEach(b.rev(), end))
	if ended["tab-1"] != 1 || ended["tab-2"] != 1 {
		t.Errorf("ended %v", ended)
	}
	b.end("tab-3")
	must(t, b.endEach(b.rev(), func(client string) error { b.end(client); return end(client) }))
	must(t, b.endEach(b.rev(), end))
	if ended["tab-3"] != 2 {
		t.Error("what was said again meanwhile is forgotten")
	}
}
