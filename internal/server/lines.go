package server

import (
	"log/slog"
	"net"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

// openLines opens the copies of the banks' ledgers and claims the two addresses.
func (s *Server) openLines() (err error) {
	if err := s.openBroker(); err != nil {
		return err
	}
	s.farewells = newFarewells(s.Root, s.Bus, s.belongs)
	s.Roll.OnRevoked(func(client string) {
		if s.Broker != nil {
			s.Broker.Drop(client)
		} else {
			s.bars.end(client)
			s.changed.Ring()
		}
		s.farewells.look()
	})
	s.Banks = banks.Open(banks.Config{
		List: s.List, Rules: s.Rules, Copies: filepath.Join(s.Dir, "banks"), Root: s.Root, Key: s.Authority.SigningKey(),
		Bus: s.Bus, School: s.Log, Now: s.Now, Zone: s.School.Calendar.Zone, ItemBook: itemBook{s.Records},
	})
	s.Consents.Banks, s.Consents.Keys = consentBanks{s.Banks}, s.Approvers
	if err := s.openDevices(); err != nil {
		return err
	}
	if s.join, err = listen("joining", s.Join); err != nil {
		return err
	}
	s.Registrar = &pki.Registrar{
		Authority: s.Authority, Roll: s.Roll, Log: slog.Default(), Welcome: s.welcome,
		Server: s.reached(s.join.Addr().String()), MQTT: s.reached(s.brokerAddress()),
	}
	return nil
}

// openBroker starts the broker inside this process, or connects to the other one.
func (s *Server) openBroker() (err error) {
	if s.External != nil {
		return s.openExternal()
	}
	if s.mqtt, err = listen("MQTT", s.MQTT); err != nil {
		return err
	}
	s.Broker, err = bus.NewBroker(bus.BrokerConfig{
		Rights:     s.rights(),
		MaxClients: s.Clients, Logger: slog.Default(), Refused: s.refused,
	})
	if err == nil {
		s.Bus = s.Broker.Conn()
	}
	return err
}

// brokerAddress is where the broker listens.
func (s *Server) brokerAddress() string {
	if s.mqtt == nil {
		return s.MQTT
	}
	return s.mqtt.Addr().String()
}

// refused puts on record that the broker did not let a device in.
func (s *Server) refused(client, reason string) {
	if kind, _ := s.Roll.Kind(client); kind == cert.Device {
		s.Devices.Refuse(client, reason)
	}
}

// kind is what a client may do on the broker: nothing any more once it is revoked.
func (s *Server) kind(client string) (string, bool) {
	kind, ok := s.Roll.Belongs(client)
	return string(kind), ok
}

func (s *Server) rights() bus.SchoolRights {
	return bus.SchoolRights{Root: string(s.Root), Kind: s.kind, Valid: s.Roll.Known, Speaks: s.speaks}
}

// belongs reports whether a client is of the school, by itself or by a gateway
// that speaks for it.
func (s *Server) belongs(client string) bool {
	_, ok := s.Roll.Belongs(client)
	return ok || s.spokenFor(client)
}

// reached is the address of a listener as others see it.
func (s *Server) reached(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return net.JoinHostPort(s.Names[0], port)
}

func listen(what, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errs.Wrap(err, errs.Conflict, "The address for "+what+" cannot be used.", "Stop the other program, or choose another address.")
	}
	return l, nil
}
