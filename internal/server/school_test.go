package server

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

// patience is how long a test waits for what should take milliseconds.
const patience = 30 * time.Second

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// millLane is the configuration of a server with a data folder of its own.
func millLane(t *testing.T) Config {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"school.yaml", "roll.csv", "badges.csv", "bank-a.yaml"} {
		text, err := schools.Files.ReadFile("mill-lane/" + name)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	s, err := roster.Load(dir)
	must(t, err)
	return Config{
		Dir: filepath.Join(dir, "data"), School: s, Names: []string{"127.0.0.1"}, MQTT: "127.0.0.1:0", Join: "127.0.0.1:0",
		Now: func() school.Instant { return school.Instant{Wall: time.Now(), Trusted: true, Boot: "test"} },
	}
}

// run opens a server and lets it work until the test ends.
func run(t *testing.T, c Config) *Server {
	t.Helper()
	s, err := Open(t.Context(), c)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	<-s.published
	eventually(t, "the socket of commands", func() bool {
		conn, err := net.Dial("unix", filepath.Join(c.Dir, control.Socket))
		return err == nil && conn.Close() == nil
	})
	return s
}

// invite makes the joining code of a bank or device.
func invite(t *testing.T, s *Server, kind cert.Kind, id string) joining.Code {
	t.Helper()
	in := Invitation{By: "it", Kind: kind, ID: id}
	if kind == cert.Bank {
		in.First, in.Last, in.Allotment = 1, 64, locker.Fixed
	} else {
		in.Label, in.Group, in.Platform = id, "year-7", "pretend"
	}
	code, _, err := s.Invite(t.Context(), in)
	must(t, err)
	return code
}

func join(t *testing.T, code joining.Code) (*identity.Identity, error) {
	t.Helper()
	id, _, err := identity.Join(t.Context(), code, t.TempDir(), identity.Options{Now: time.Now})
	return id, err
}

// client is a member on the line, with what it hears.
type client struct {
	*bus.Client
	up    chan struct{}
	down  chan error
	heard chan string
}

// dial connects with an identity; change may change how.
func dial(t *testing.T, who *identity.Identity, change func(*bus.Config)) *client {
	t.Helper()
	c := &client{up: make(chan struct{}, 64), down: make(chan error, 64), heard: make(chan string, 64)}
	cfg := bus.Config{
		Address: who.About().MQTT, ID: who.About().ID, TLS: who.TLS(), Jitter: 20 * time.Millisecond,
		OnUp:   func(context.Context) { c.up <- struct{}{} },
		OnDown: func(err error) { c.down <- err },
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	c.Client, err = bus.Dial(t.Context(), cfg)
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func await[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) { // sockets: there is no clock to fake
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// recordsOf are the bodies of one kind on the school's ledger.
func recordsOf(t *testing.T, s *Server, kind string) (list []string) {
	t.Helper()
	must(t, s.Log.Read(t.Context(), 0, func(r ledger.Record) error {
		if r.Kind == kind {
			list = append(list, string(r.Body))
		}
		return nil
	}))
	return list
}
