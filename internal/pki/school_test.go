package pki_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

var (
	start = time.Date(2026, time.September, 7, 7, 0, 0, 0, time.UTC)
	bankB = cert.Subject{Kind: cert.Bank, ID: "b"}
	phone = cert.Subject{Kind: cert.Device, ID: "tablet-7"}
)

const office = "s-office"

// clock is machine time that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

// diary is a log that can be read while it is written.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// school is a server of its own, listening on loopback.
type school struct {
	*pki.Registrar
	clock *clock
	log   *memlog.Log
	diary *diary
	dir   string
}

func open(t *testing.T, dir string, c *clock) *pki.Authority {
	t.Helper()
	a, err := pki.OpenAuthority(config(dir, c))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func config(dir string, c *clock) pki.Config {
	return pki.Config{Dir: dir, School: "Elmfield Academy", Names: []string{"localhost", "127.0.0.1"}, Now: c.now, Log: slog.New(slog.DiscardHandler)}
}

func found(t *testing.T) *school {
	t.Helper()
	s := &school{clock: &clock{t: start}, diary: &diary{}, dir: filepath.Join(t.TempDir(), "pki")}
	var err error
	if s.log, err = memlog.New("school", s.clock.now); err != nil {
		t.Fatal(err)
	}
	s.Registrar = &pki.Registrar{
		Authority: open(t, s.dir, s.clock),
		Roll:      s.roll(s.log),
		MQTT:      "localhost:8883",
		Log:       slog.New(slog.NewTextHandler(s.diary, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Welcome: func(_ context.Context, who pki.Newcomer) (json.RawMessage, error) {
			return json.Marshal("welcome, " + who.ID)
		},
	}
	s.Server = s.listen(t, "127.0.0.1")
	return s
}

func (s *school) roll(log pki.Log) *pki.Roll {
	return pki.NewRoll(log, func() ledger.Stamp { return ledger.Stamp{Wall: s.clock.now(), Trusted: true} }, s.clock.now)
}

// listen starts the registrar on a loopback host and gives its address.
func (s *school) listen(t *testing.T, host string) string { return serve(t, host, s.HTTPServer()) }

func serve(t *testing.T, host string, server *http.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.ServeTLS(l, "", "") // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return l.Addr().String()
}

func (s *school) invite(t *testing.T, who cert.Subject, replace bool) joining.Code {
	t.Helper()
	code, _, err := s.Invite(t.Context(), office, who, replace)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (s *school) options() identity.Options { return identity.Options{Now: s.clock.now} }

func (s *school) join(t *testing.T, code joining.Code, dir string) *identity.Identity {
	t.Helper()
	id, _, err := identity.Join(t.Context(), code, dir, s.options())
	if err != nil {
		t.Fatalf("joining: %v; %s", err, errs.HintOf(err))
	}
	return id
}

// kinds lists the kinds on the ledger after its opening.
func (s *school) kinds(t *testing.T) []string {
	t.Helper()
	var list []string
	err := s.log.Read(t.Context(), 1, func(r ledger.Record) error {
		list = append(list, r.Kind)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// again is a roll folded from the whole ledger, as after a restart.
func (s *school) again(t *testing.T) *pki.Roll {
	t.Helper()
	r := s.roll(s.log)
	if err := s.log.Read(t.Context(), 0, r.Fold); err != nil {
		t.Fatal(err)
	}
	return r
}

// serial is the one in a folder.
func serial(t *testing.T, id *identity.Identity) string {
	t.Helper()
	c, err := id.TLS().GetClientCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return cert.Serial(c.Leaf)
}

func wantCode(t *testing.T, what string, err error, want errs.Code) {
	t.Helper()
	if errs.CodeOf(err) != want {
		t.Errorf("%s: %v (%s), want %s", what, err, errs.CodeOf(err), want)
	}
	if want != "" && want != errs.Internal && errs.HintOf(err) == "" {
		t.Errorf("%s: %v has no next step", what, err)
	}
}
