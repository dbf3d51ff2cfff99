package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// External is a broker that is a program of its own: a Mosquitto whose files this
// server writes. It listens on the address Config.MQTT.
type External struct {
	Dir     string   // of the files: mosquitto.conf, acl, ca.pem, broker.pem, broker-key.pem
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
	if _, err := s.writeBroker(s.members()); err != nil {
		return err
	}
	secure := s.Authority.OwnTLS(bus.ServerID)
	secure.ServerName = s.Names[0]
	var session string                                   // of the connection that is being made; one at a time is
	c, err := bus.Dial(context.Background(), bus.Config{ // Close ends it
		Address: s.External.Connect, ID: bus.ServerID, TLS: secure, Jitter: externalPace, Logger: slog.Default(),
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
	return c.Subscribe(context.Background(), bus.ProbeTopic("+"), s.hearProbe) // there is no connection to wait for
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

// keepBroker has the broker know who belongs to the school until ctx ends.
func (s *Server) keepBroker(ctx context.Context) error {
	stale := true // it may run on files of before
	for ctx.Err() == nil {
		size := s.Log.Size()
		members := s.members()
		changed, err := s.writeBroker(members)
		stale = stale || changed
		if err == nil && stale {
			if err = s.enforce(ctx, members); err == nil {
				stale = false
				s.welcomeMembers(ctx, members)
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.Error("the broker does not know who belongs to the school; it is tried again", "err", err, "next", errs.HintOf(err))
			_ = wait.For(ctx, brokerAgain) // the loop looks at ctx
			continue
		}
		within, cancel := context.WithTimeout(ctx, membersEvery)
		_ = s.Log.Wait(within, size) // the loop looks at ctx
		cancel()
		_ = wait.For(ctx, settleFor)
	}
	return nil
}

// enforce has the broker read its files again, and waits until it goes by them: a
// reload returns before that.
func (s *Server) enforce(ctx context.Context, members []bus.Member) error {
	if err := s.reload(ctx); err != nil {
		return err
	}
	probe := probeOf(members)
	ctx, cancel := context.WithTimeout(ctx, enforceFor)
	defer cancel()
	for {
		if err := s.Bus.Publish(ctx, bus.ProbeTopic(probe), []byte(probe), false); err != nil {
			return err
		}
		again, stop := context.WithTimeout(ctx, probeEvery)
		err := s.probed.Until(again, func() bool { return s.probe.Load() == probe })
		stop()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return errs.Wrap(ctx.Err(), errs.Unavailable, "The broker does not go by its new access list.", "Try the command by hand: "+strings.Join(s.External.Reload, " "))
		}
	}
}

const (
	enforceFor = 15 * time.Second // for the broker to go by a new access list
	probeEvery = 100 * time.Millisecond
)

// probeOf is another for other members.
func probeOf(members []bus.Member) string {
	sum := sha256.Sum256(fmt.Append(nil, members))
	return hex.EncodeToString(sum[:8])
}

// hearProbe takes what the server told itself.
func (s *Server) hearProbe(_ string, payload []byte, _ bool) {
	s.probe.Store(string(payload))
	s.probed.Ring()
}

// welcomeMembers notes whom the broker knows. New ones are told anew what they may
// have asked for before that: the broker then granted it and gave them nothing.
func (s *Server) welcomeMembers(ctx context.Context, now []bus.Member) {
	before, _ := s.admitted.Swap(now).([]bus.Member)
	s.probed.Ring()
	if !slices.ContainsFunc(now, func(m bus.Member) bool { return !slices.ContainsFunc(before, m.Equal) }) {
		return
	}
	s.connections.Add(1) // gateways are told, too
	s.Devices.Anew()
	if err := s.Banks.Publish(ctx); err != nil && ctx.Err() == nil {
		slog.Warn("the banks' rules could not be published; they are when the broker is back", "err", err)
	}
}

// awaitAdmission waits until an external broker knows a bank or device, before it
// is given a joining code: what it said earlier would be lost. Nobody comes back
// under an id that was revoked: Mosquitto goes by ids, and would know the old
// certificate again. Errors: conflict, unavailable.
func (s *Server) awaitAdmission(ctx context.Context, in Invitation) error {
	if s.External == nil || in.Kind == cert.Gateway {
		return nil
	}
	if _, known := s.Roll.Kind(in.ID); known {
		if _, belongs := s.Roll.Belongs(in.ID); !belongs {
			return errs.New(errs.Conflict, "The certificate of "+in.ID+" was revoked, and this school's broker goes by ids: it would take the old one again.", "Give it a new id.")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, enforceFor)
	defer cancel()
	err := s.probed.Until(ctx, func() bool {
		members, _ := s.admitted.Load().([]bus.Member)
		return slices.ContainsFunc(members, func(m bus.Member) bool { return m.ID == in.ID })
	})
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "The broker does not know "+in.ID+" yet.", "Look at the broker and at this server's log, then make the code again.")
	}
	return nil
}

// members are all that belong to the school, and those that are invited: they may
// do nothing before they have a certificate.
func (s *Server) members() []bus.Member {
	kinds := map[string]string{}
	for _, b := range s.List.All() {
		kinds[b.Setup.Bank] = bus.KindBank
	}
	for _, d := range s.Fleet.Devices() {
		if !s.isGateway(d.Platform) {
			kinds[d.ID] = bus.KindDevice
		}
	}
	for _, m := range s.Roll.Members() {
		if kind, ok := s.kind(m.ID); ok {
			kinds[m.ID] = kind
		} else {
			delete(kinds, m.ID)
		}
	}
	gateways := s.gateways()
	list := make([]bus.Member, 0, len(kinds))
	for _, id := range slices.Sorted(maps.Keys(kinds)) {
		list = append(list, bus.Member{ID: id, Kind: kinds[id], For: gateways[id]})
	}
	return list
}

// writeBroker writes the broker's files where they differ, and reports whether
// any did.
func (s *Server) writeBroker(members []bus.Member) (changed bool, err error) {
	if _, err := s.Authority.ServerTLS(true).GetCertificate(nil); err != nil { // renews it in time
		return false, err
	}
	path := func(name string) string { return filepath.Join(s.External.Dir, name) }
	var conf, acl bytes.Buffer
	err = bus.WriteMosquitto(&conf, &acl, bus.Mosquitto{
		Listen: s.MQTT, CA: path("ca.pem"), Certificate: path("broker.pem"), Key: path("broker-key.pem"), ACL: path("acl"),
		MaxClients: s.Clients, Root: string(s.Root), Members: members, Probe: probeOf(members),
	})
	if err != nil {
		return false, err
	}
	files := map[string][]byte{"mosquitto.conf": conf.Bytes(), "acl": acl.Bytes()}
	ca, certificate, key := s.Authority.ServerFiles()
	for name, from := range map[string]string{"ca.pem": ca, "broker.pem": certificate, "broker-key.pem": key} {
		if files[name], err = os.ReadFile(from); err != nil {
			return false, errs.Wrap(err, errs.Unavailable, "The broker's certificate cannot be read.", "Look at the disk of the school server.")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if old, err := os.ReadFile(path(name)); err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if err := durable.WriteFile(path(name), files[name], 0o640); err != nil { // its group is the broker's
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// reload runs the command that has the broker read its files again.
func (s *Server) reload(ctx context.Context) error {
	if len(s.External.Reload) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reloadFor)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.External.Reload[0], s.External.Reload[1:]...).CombinedOutput()
	if err != nil {
		return errs.Wrap(fmt.Errorf("%w: %.200s", err, out), errs.Unavailable, "The broker could not be told to read its files again.",
			"Try the command by hand: "+strings.Join(s.External.Reload, " "))
	}
	return nil
}
