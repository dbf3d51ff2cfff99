package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus/bustest"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent/member"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
)

// mosquitto is a Mosquitto that goes by the files a server wrote.
type mosquitto struct {
	t       *testing.T
	dir     string
	address string
	process *exec.Cmd
}

func (m *mosquitto) conf() string { return filepath.Join(m.dir, "mosquitto.conf") }
func (m *mosquitto) pid() string  { return filepath.Join(m.dir, "pid") }

// start runs it on a copy of its configuration that lets it stay who the test is.
func (m *mosquitto) start() {
	m.t.Helper()
	conf, err := os.ReadFile(m.conf())
	must(m.t, err)
	if os.Getuid() == 0 {
		conf = append(conf, "user root\n"...)
	}
	must(m.t, os.WriteFile(m.conf()+".test", conf, 0o600))
	m.process = exec.Command(bustest.Program(m.t, "mosquitto", "mosquitto"), "-c", m.conf()+".test")
	must(m.t, m.process.Start())
	eventually(m.t, "it listens", func() bool {
		conn, err := net.Dial("tcp", m.address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	// A signal before it listens would end it.
	must(m.t, os.WriteFile(m.pid(), fmt.Append(nil, m.process.Process.Pid), 0o600))
}

func (m *mosquitto) stop() {
	m.t.Helper()
	must(m.t, os.Remove(m.pid()))
	must(m.t, m.process.Process.Kill())
	_ = m.process.Wait() // killed
}

// withMosquitto is a server whose broker is a Mosquitto.
func withMosquitto(t *testing.T, c Config) (*Server, *mosquitto) {
	t.Helper()
	m := &mosquitto{t: t, dir: t.TempDir()}
	m.address = nettest.Free(t)
	c.MQTT = m.address
	c.External = &External{Dir: m.dir, Connect: c.MQTT, Reload: []string{"sh", "-c", "kill -HUP $(cat " + m.pid() + ")"}}
	s, err := Open(t.Context(), c)
	must(t, err)
	m.start()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		m.stop()
	})
	await(t, s.Ready(), "the first announcement")
	return s, m
}

// tablet runs the reference agent for a device that joins now.
func tablet(t *testing.T, s *Server, id string) *pretend.Device {
	t.Helper()
	dir := t.TempDir()
	_, _, err := identity.Join(t.Context(), invite(t, s, cert.Device, id), dir, identity.Options{Now: time.Now})
	must(t, err)
	device := pretend.New(pretend.Nature{}, time.Now)
	ctx, stop := context.WithCancel(context.Background())
	m, err := member.Open(ctx, member.Config{Dir: dir, Root: s.Root, Platform: device, Changed: device.Changed(), Now: time.Now,
		Tick: 50 * time.Millisecond, Jitter: 100 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return device
}

func verdict(s *Server, id string) mdm.Verdict {
	for _, r := range s.Devices.Board().Rows {
		if r.Device.ID == id {
			return r.Verdict
		}
	}
	return ""
}

// With a Mosquitto in place of the built-in broker: devices join and obey,
// commands arrive, a broker that comes back without its memory is told everything
// again, and who is revoked hears nothing more.
func TestASchoolOnMosquitto(t *testing.T) {
	c := millLane(t)
	s, broker := withMosquitto(t, c)
	must(t, s.DeviceRules.Begin(t.Context(), "it", mdm.Rules{
		Profiles:    []mdm.Profile{{ID: "quiet", Set: mdm.Set{mdm.Camera: mdm.Block}}},
		Assignments: []mdm.Assignment{{Profile: "quiet"}},
	}))
	one, two := tablet(t, s, "tab-1"), tablet(t, s, "tab-2")
	obey := func(what string) {
		t.Helper()
		eventually(t, what, func() bool { return verdict(s, "tab-1") == mdm.InForce && verdict(s, "tab-2") == mdm.InForce })
	}
	obey("both obey")
	for n, d := range []*pretend.Device{one, two} {
		if got := d.Read(mdm.Camera).Value; got != mdm.Block {
			t.Errorf("the camera of tab-%d is %s", n+1, got)
		}
	}
	it := school.Actor{Account: "it", Person: "s-it"}
	id, err := s.Commands.Ask(t.Context(), it, "tab-1", mdm.Lock, mdm.Args{}, s.Now().Wall.Add(time.Hour))
	must(t, err)
	eventually(t, "the command is done", func() bool { l, _ := s.Commands.Line(id, s.Now().Wall); return l.Progress == command.Done })

	broker.stop()
	eventually(t, "the server has noticed", func() bool { return !s.external.Connected() })
	must(t, s.Fleet.List(t.Context(), "it", mdm.Device{ID: "tab-3", Platform: "pretend"})) // the server goes on
	broker.start()
	eventually(t, "the server is back", func() bool { return s.external.Connected() })
	late := tablet(t, s, "tab-3")
	eventually(t, "the new one obeys", func() bool { return verdict(s, "tab-3") == mdm.InForce && late.Read(mdm.Camera).Value == mdm.Block })
	obey("both are back")

	heard := make(chan string, 64)
	must(t, s.Bus.Subscribe(t.Context(), s.Root.Device("tab-1", wire.LeafAck), func(_ string, b []byte, _ bool) { heard <- string(b) }))
	must(t, s.Roll.Revoke(t.Context(), "it", "tab-1"))
	eventually(t, "the access list is without it", func() bool {
		acl, err := os.ReadFile(filepath.Join(broker.dir, "acl"))
		return err == nil && !strings.Contains(string(acl), "tab-1")
	})
	eventually(t, "it is taken leave of", func() bool { return verdict(s, "tab-1") == mdm.Offline })
	done := len(one.Done())
	id, err = s.Commands.Ask(t.Context(), it, "tab-2", mdm.Lock, mdm.Args{}, s.Now().Wall.Add(time.Hour))
	must(t, err)
	must(t, s.Bus.Publish(t.Context(), s.Root.Device("tab-1", wire.LeafCommand), []byte("nothing"), false))
	eventually(t, "the other's command is done", func() bool { l, _ := s.Commands.Line(id, s.Now().Wall); return l.Progress == command.Done })
	if len(heard) > 0 || len(one.Done()) != done {
		t.Errorf("the revoked one answered %v", <-heard)
	}
}

// A server starts and serves its pages while its broker is away.
func TestTheBrokerMayComeLater(t *testing.T) {
	c := millLane(t)
	c.MQTT = nettest.Free(t)
	c.External = &External{Dir: t.TempDir(), Connect: c.MQTT, Reload: []string{"true"}}
	s, err := Open(t.Context(), c)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	must(t, s.Fleet.List(t.Context(), "it", mdm.Device{ID: "tab-1", Platform: "pretend"}))
	eventually(t, "the access list knows it", func() bool {
		acl, err := os.ReadFile(filepath.Join(c.External.Dir, "acl"))
		return err == nil && strings.Contains(string(acl), "user tab-1")
	})
	select {
	case err := <-ended:
		t.Fatalf("it ended with %v", err)
	default:
	}
	stop()
	must(t, <-ended)
}

func TestAGatewayInsideNeedsTheBrokerInside(t *testing.T) {
	c := millLane(t)
	c.MQTT, c.Gateways = nettest.Free(t), []string{"headwind"}
	c.External = &External{Dir: t.TempDir(), Connect: c.MQTT}
	if _, err := Open(t.Context(), c); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("%v", err)
	}
}
