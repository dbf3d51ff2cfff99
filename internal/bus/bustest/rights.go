package bustest

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
)

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
