package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// External is a broker that is a program of its own: a Mosquitto whose files this
// server writes. It listens on the address Config.MQTT.
type External struct {
	Dir     string   // of the files: mosquitto.conf, acl, crl.pem, ca.pem, broker.pem, broker-key.pem
	Connect string   // host:port at which this server reaches it
	Reload  []string // the command that has it read its files again
}

const (
	membersEvery = time.Hour        // also when nothing happened: the broker's certificate is renewed
	reloadFor    = 10 * time.Second // for the command
	brokerAgain  = 5 * time.Second  // after what the broker or the command refused
	externalPace = 2 * time.Second  // longest wait before the server connects again
)

// away is that the broker could not be reached. What it was to keep it is given
// when the connection stands again.
type away struct{ error }

func (a away) Unwrap() error { return a.error }

func isAway(err error) bool {
	var a away
	return errors.As(err, &a)
}

// outside is the server's connection to an external broker.
type outside struct{ *bus.Client }

func (c outside) Publish(ctx context.Context, topic string, payload []byte, retain bool) error {
	if err := c.Client.Publish(ctx, topic, payload, retain); err != nil {
		return away{err}
	}
	return nil
}

// openExternal writes the broker's files and begins to connect to it.
func (s *Server) openExternal() error {
	if len(s.Gateways) > 0 {
		return errs.New(errs.Invalid, "With a broker that is a program of its own, a gateway cannot run inside the server.", "Run it as a program of its own, too: bellkeep gateway --help")
	}
	s.bars = newBars(time.Now)
	if _, err := s.writeBroker(s.admission()); err != nil {
		return err
	}
	var session string                                   // of the connection that is being made; one at a time is
	c, err := bus.Dial(context.Background(), bus.Config{ // Close ends it
		Address: s.External.Connect, ID: bus.ServerID, TLS: s.ownTLS(bus.ServerID), Jitter: externalPace, Logger: slog.Default(),
		Queue: externalQueue, InFlight: externalInFlight,
		Will: func() (string, []byte) {
			session = bus.NewSession()
			return s.Root.Server(wire.LeafPresence), bus.Presence{Session: session, TS: time.Now()}.Encode()
		},
		OnUp: func(context.Context) { s.connected(session) },
	})
	if err != nil {
		return err
	}
	s.external = c
	s.Bus = outside{c}
	if err := c.Subscribe(context.Background(), bus.ProbeTopic("+"), s.hearProbe); err != nil { // there is no connection to wait for
		return err
	}
	return s.watchConnects()
}

// ownTLS is how this server connects to the broker under an id.
func (s *Server) ownTLS(id string) *tls.Config {
	secure := s.Authority.OwnTLS(id)
	secure.ServerName = s.Names[0]
	return secure
}

// What the server's connection holds, as much as the embedded broker gives it.
const (
	externalQueue    = 4096 // messages for one handler
	externalInFlight = 256
)

// connected has everything announced that the broker is to keep, for it may have
// no memory.
func (s *Server) connected(session string) {
	s.connections.Add(1)
	s.changed.Ring()
	select {
	case <-s.up: // an earlier one that is gone by now
	default:
	}
	s.up <- session // only connections send here, one after the other
}

// announceAlways announces whenever a connection stands.
func (s *Server) announceAlways(ctx context.Context) error {
	for {
		select {
		case session := <-s.up:
			if err := s.announceOutside(ctx, session); err != nil && !isAway(err) {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// announceOutside is announce for a broker that devices may be connected to
// already. Devices are told by the next bell.
func (s *Server) announceOutside(ctx context.Context, session string) error {
	s.Devices.Anew()
	s.farewells.look()
	if err := s.Banks.Publish(ctx); err != nil {
		return err
	}
	birth := bus.Presence{Online: true, Session: session, TS: time.Now()}
	if err := s.Bus.Publish(ctx, s.Root.Server(wire.LeafPresence), birth.Encode(), true); err != nil {
		return err
	}
	s.announced.Do(func() { close(s.published) })
	return nil
}
