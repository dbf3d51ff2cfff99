package server

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// knock does a handshake and waits for the first word of the other side, which
// is when a server's refusal of a certificate is heard.
func knock(conn net.Conn, config *tls.Config) error {
	secure := tls.Client(conn, config)
	if err := secure.Handshake(); err != nil {
		return err
	}
	_, err := secure.Read(make([]byte, 1))
	return err
}

// Who is revoked is off the line at once, hears nothing more, says nothing more,
// and does not come back; and everybody learns that it is gone, with a will or
// without.
func TestRevokedIsCutOff(t *testing.T) {
	s := run(t, millLane(t))
	for _, c := range []struct {
		kind             cert.Kind
		id               string
		hears, presence  string
		listed, online   func() bool
		forgetfulOfWills bool
	}{
		{kind: cert.Bank, id: "a", hears: s.Root.Bank("a", wire.LeafOrder), presence: s.Root.Bank("a", wire.LeafPresence),
			listed: func() bool { return len(s.Banks.Banks()) == 1 }, online: func() bool { return s.Banks.Banks()[0].Online }},
		{kind: cert.Device, id: "tab-1", hears: s.Root.Device("tab-1", wire.LeafCommand), presence: s.Root.Device("tab-1", wire.LeafPresence),
			listed: func() bool { return len(s.Devices.Board().Rows) == 1 }, online: func() bool { return s.Devices.Board().Rows[0].Link.Online }, forgetfulOfWills: true},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			who, err := join(t, invite(t, s, c.kind, c.id))
			must(t, err)
			eventually(t, "the board lists it", c.listed)
			session := bus.NewSession()
			m := dial(t, who, func(cfg *bus.Config) {
				if !c.forgetfulOfWills {
					cfg.Will = func() (string, []byte) {
						return c.presence, bus.Presence{Session: session, TS: time.Now()}.Encode()
					}
				}
			})
			await(t, m.up, "the connection")
			must(t, m.Subscribe(t.Context(), c.hears, func(_ string, payload []byte, _ bool) { m.heard <- string(payload) }))
			must(t, m.Publish(t.Context(), c.presence, bus.Presence{Online: true, Session: session, TS: time.Now()}.Encode(), true))
			eventually(t, "the board shows it", c.online)
			must(t, s.Broker.Conn().Publish(t.Context(), c.hears, []byte("before"), false))
			if got := await(t, m.heard, "a message"); got != "before" {
				t.Fatal(got)
			}

			must(t, s.Roll.Revoke(t.Context(), "it", c.id))
			must(t, s.Broker.Conn().Publish(t.Context(), c.hears, []byte("after"), false))
			await(t, m.down, "the end of the connection")
			eventually(t, "the board shows that it is gone", func() bool { return !c.online() })
			if p := s.presence(t, c.presence); p.Online || p.Session != session {
				t.Errorf("retained is %+v, want the death of %s", p, session)
			}
			if _, speaks := s.kind(c.id); speaks {
				t.Error("what it has already sent would still be taken")
			}
			refused := s.Broker.Health().Refused
			eventually(t, "it tries to come back", func() bool { return s.Broker.Health().Refused > refused })
			must(t, m.Close())
			if len(m.up) > 0 || len(m.heard) > 0 {
				t.Errorf("up again %d times, heard %d more messages", len(m.up), len(m.heard))
			}
			again, err := join(t, invite(t, s, c.kind, c.id))
			must(t, err)
			await(t, dial(t, again, nil).up, "the connection with a new code")
		})
	}
}

// presence is what the broker keeps of a client.
func (s *Server) presence(t *testing.T, topic string) bus.Presence {
	t.Helper()
	got := make(chan bus.Presence, 64)
	must(t, s.Broker.Conn().Subscribe(t.Context(), topic, func(_ string, payload []byte, _ bool) {
		if p, err := bus.ParsePresence(payload); err == nil {
			got <- p
		}
	}))
	return await(t, got, "a retained presence")
}

// recorder is a bus that keeps what is published.
type recorder struct{ published chan bus.Presence }

func (r recorder) Publish(_ context.Context, _ string, payload []byte, retain bool) error {
	if p, err := bus.ParsePresence(payload); err == nil && retain {
		r.published <- p
	}
	return nil
}

func (recorder) Subscribe(context.Context, string, bus.Handler) error { return nil }

// A birth that was on its way while its client was revoked is answered with a
// death, and nobody else's is.
func TestBirthOfARevokedClient(t *testing.T) {
	r := recorder{make(chan bus.Presence, 8)}
	f := newFarewells(wire.DefaultRoot, r, func(client string) bool { return client == "b" })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.run(ctx) }()
	for _, bank := range []string{"b", "a"} {
		birth := bus.Presence{Online: true, Session: "session-of-" + bank, TS: time.Now()}
		f.hear(f.root.Bank(bank, wire.LeafPresence), birth.Encode(), false)
	}
	if p := await(t, r.published, "a death"); p.Online || p.Session != "session-of-a" {
		t.Errorf("published %+v", p)
	}
	stop()
	must(t, <-ended)
	if len(r.published) > 0 {
		t.Errorf("published %+v too", <-r.published)
	}
}
