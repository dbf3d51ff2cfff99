package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

var eight = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// server is the device half of a school server: joining, broker, book, shadow.
type server struct {
	t         *testing.T
	registrar *pki.Registrar
	broker    *bus.Broker
	book      *fleet.Book
	shadow    *shadow.Shadow
	commands  *command.Book
	history   *history.Store
	now       atomic.Pointer[time.Time] // school time
}

func newServer(t *testing.T, devices ...string) *server {
	t.Helper()
	s := &server{t: t}
	s.at(eight)
	log, err := memlog.New("school", time.Now)
	must(t, err)
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} }
	quiet := slog.New(slog.DiscardHandler)

	authority, err := pki.OpenAuthority(pki.Config{Dir: t.TempDir(), School: "Test", Names: []string{"127.0.0.1"}, Now: time.Now, Log: quiet})
	must(t, err)
	roll := pki.NewRoll(log, stamp, time.Now)
	web, mqtt := listen(t), listen(t)
	s.registrar = &pki.Registrar{Authority: authority, Roll: roll, Server: web.Addr().String(), MQTT: mqtt.Addr().String(), Log: quiet}
	https := s.registrar.HTTPServer()
	go https.ServeTLS(web, "", "") //nolint:errcheck // it ends when the test closes it
	t.Cleanup(func() { must(t, https.Close()) })

	s.broker, err = bus.NewBroker(bus.BrokerConfig{Rights: bus.SchoolRights{Root: string(wire.DefaultRoot), Valid: roll.Known,
		Kind: func(client string) (string, bool) { k, ok := roll.Kind(client); return string(k), ok }}})
	must(t, err)
	t.Cleanup(func() { must(t, s.broker.Close()) })

	s.book = fleet.New(fleet.Config{Log: log, Stamp: stamp})
	for _, id := range devices {
		must(t, s.book.List(t.Context(), "s-it", mdm.Device{ID: id, Groups: []string{"g"}, Platform: "pretend"}))
	}
	rules := change.New(change.Config{Log: log, Stamp: stamp})
	must(t, rules.Begin(t.Context(), "s-it", mdmtest.InLessons(mdm.Camera)))
	texts, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, texts.Close()) })
	s.commands = command.New(command.Config{Log: log, Vault: texts, Fleet: s.book, Stamp: stamp})
	day := func(time.Time) []mdm.Period {
		return []mdm.Period{{Kind: mdm.Lesson, Name: "P1", From: eight.Add(time.Hour), Until: eight.Add(2 * time.Hour)}}
	}
	now := func() time.Time { return *s.now.Load() }
	s.history = history.New(history.Config{Dir: t.TempDir(), Book: history.NewBook(log, stamp), Board: boardOf{s}, Day: day, Now: now,
		Years: func() int { return 1 }, Log: quiet})
	revs := shadow.RevFile(filepath.Join(t.TempDir(), "revs.json"))
	must(t, revs.Save(nil)) // no device has a revision yet
	s.shadow, err = shadow.New(shadow.Config{
		Root: wire.DefaultRoot, Bus: s.broker.Conn(), Fleet: s.book, Rules: rules, Revs: revs,
		Seal: func(t wire.Type, b []byte) ([]byte, error) { return wire.Seal(authority.SigningKey(), t, b) },
		Day:  day, Now: now, Commands: s.commands, Watch: s.history.Watch,
	})
	must(t, err)
	must(t, s.shadow.Open(t.Context()))
	secure := authority.ServerTLS(true)
	secure.ClientAuth = tls.RequireAndVerifyClientCert // the clock of a test is right
	serving := make(chan error, 1)
	go func() { serving <- s.broker.Serve(t.Context(), mqtt, secure) }()
	t.Cleanup(func() { must(t, <-serving) })
	return s
}

// boardOf is a server's board, once it has a shadow.
type boardOf struct{ *server }

func (b boardOf) Board() shadow.Board { return b.shadow.Board() }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *server) at(t time.Time) { s.now.Store(&t) }

// code invites a device.
func (s *server) code(id string) string {
	s.t.Helper()
	code, _, err := s.registrar.Invite(s.t.Context(), "s-it", cert.Subject{Kind: cert.Device, ID: id}, false)
	must(s.t, err)
	text, err := code.Text()
	must(s.t, err)
	return text
}

// await watches the board until it is as wanted.
func (s *server) await(what string, wanted func(shadow.Board) bool) shadow.Board {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	for {
		b := s.shadow.Board()
		if wanted(b) {
			return b
		}
		if err := s.shadow.Wait(ctx, b.Size); err != nil {
			s.t.Fatalf("waiting for %s the board stays %+v", what, b)
		}
	}
}

func all(v mdm.Verdict, rev uint64) func(shadow.Board) bool {
	return func(b shadow.Board) bool {
		for _, r := range b.Rows {
			if r.Verdict != v || r.Rev != rev {
				return false
			}
		}
		return true
	}
}

// start runs the program and gives what ends it.
func start(t *testing.T, args ...string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var complaints bytes.Buffer
	go func() { done <- run(ctx, args, io.Discard, &complaints) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%v: %v\n%s", args, err, complaints.String())
		}
	}
}

// The whole way: joining codes, certificates, the broker, envelopes, a bell,
// a device that refuses, and the wills when all leave.
func TestFleetFollowsTheBell(t *testing.T) {
	ids := []string{"d-1", "d-2", "d-10"}
	s := newServer(t, ids...)
	var codes []string
	for _, id := range ids {
		codes = append(codes, s.code(id))
	}
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "codes")
	must(t, os.WriteFile(file, []byte(strings.Join(codes, "\n")+"\n"), 0o600))
	stop := start(t, "fleet", "--identities", dir, "--codes", file, "--refusing", "1", "--jitter", "100ms")
	s.await("all to obey at home", all(mdm.InForce, 1))

	s.at(eight.Add(time.Hour))
	must(t, s.shadow.Bell(t.Context()))
	b := s.await("the lesson", func(b shadow.Board) bool {
		return b.Counts[mdm.Violating] == 1 && b.Counts[mdm.InForce] == 2
	})
	if r := b.Rows[0]; r.Device.ID != "d-1" || len(r.Faults) != 1 || r.Faults[0].Setting != mdm.Camera || r.Faults[0].State != mdm.Failure {
		t.Errorf("the problem is %+v", r)
	}
	stop()
	b = s.await("their wills", all(mdm.Offline, 2))
	if b.Refused != 0 {
		t.Errorf("refused: %+v", b.Last)
	}

	stop = start(t, "fleet", "--identities", dir, "--codes", file, "--devices", "2") // the codes are used up
	s.await("two to come back", func(b shadow.Board) bool { return b.Counts[mdm.InForce] == 2 && b.Counts[mdm.Offline] == 1 })
	stop()
}

func TestJoinAndRun(t *testing.T) {
	s := newServer(t, "d-1")
	dir := filepath.Join(t.TempDir(), "d-1")
	code := s.code("d-1")
	var out, complaints bytes.Buffer
	must(t, run(t.Context(), []string{"join", "--code", code, "--identity", dir}, &out, &complaints))
	if !strings.Contains(out.String(), "device d-1") {
		t.Errorf("join says %q", out.String())
	}
	if err := run(t.Context(), []string{"join", "--code", code, "--identity", t.TempDir()}, &out, &complaints); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a code used twice: %v", err)
	}
	stop := start(t, "run", "--identity", dir)
	s.await("it to obey", all(mdm.InForce, 1))
	stop()
}

// A command for a device that is away waits, is done once when it is there, and
// not again when the device comes back with the same memory.
func TestCommandsReachADeviceThatWasAway(t *testing.T) {
	s := newServer(t, "d-1")
	ringing, stopRinging := context.WithCancel(t.Context())
	defer stopRinging()
	go s.shadow.Run(ringing, func(err error) { t.Error(err) }) //nolint:errcheck // it ends with the test
	it := school.Actor{Account: "it", Person: "s-it"}
	dir := filepath.Join(t.TempDir(), "d-1")
	must(t, run(t.Context(), []string{"join", "--code", s.code("d-1"), "--identity", dir}, io.Discard, io.Discard))
	now := time.Now()
	s.at(now) // a device weighs the end of a command by its own clock
	id, err := s.commands.Ask(t.Context(), it, "d-1", mdm.Message, mdm.Args{Text: "Bring it to the office."}, now.Add(time.Hour))
	must(t, err)

	for round := range 2 {
		stop := start(t, "run", "--identity", dir, "--jitter", "100ms")
		s.await("it to obey", func(shadow.Board) bool {
			l, _ := s.commands.Line(id, now)
			return l.Progress == command.Done
		})
		s.await("it to be there", func(b shadow.Board) bool { return b.Rows[0].Link.Online })
		stop()
		s.await("it to be gone", func(b shadow.Board) bool { return !b.Rows[0].Link.Online })
		if b := s.shadow.Board(); b.Refused != 0 {
			t.Errorf("round %d: refused %+v", round, b.Last)
		}
	}
	if remembered, err := os.ReadFile(filepath.Join(dir, "commands")); err != nil || !strings.Contains(string(remembered), id) {
		t.Errorf("the device remembers %s, %v", remembered, err)
	}
}

// With --demo-clock the device's clock is the demonstration's: at ten it goes
// home by itself although the server has not rung.
func TestRunFollowsADemonstrationsClock(t *testing.T) {
	s := newServer(t, "d-1")
	s.at(eight.Add(90 * time.Minute))
	must(t, s.shadow.Bell(t.Context()))
	tell := func(at time.Time) {
		t.Helper()
		b, err := json.Marshal(wire.Clock{V: wire.V, Now: at, Speed: 0})
		must(t, err)
		must(t, s.broker.Conn().Publish(t.Context(), wire.DefaultRoot.Server(wire.LeafClock), b, true))
	}
	tell(*s.now.Load())
	dir := filepath.Join(t.TempDir(), "d-1")
	must(t, run(t.Context(), []string{"join", "--code", s.code("d-1"), "--identity", dir}, io.Discard, io.Discard))
	stop := start(t, "run", "--identity", dir, "--demo-clock")
	defer stop()
	s.await("the lesson", all(mdm.InForce, 2))
	tell(eight.Add(2 * time.Hour))
	s.await("the device to go home", func(b shadow.Board) bool {
		return b.Rows[0].Said.Mode == mdm.Home && b.Rows[0].Said.Rev == 2
	})
}

func TestMisuse(t *testing.T) {
	for _, args := range [][]string{{}, {"walk"}, {"run", "extra"}, {"fleet", "--slow", "-1"}, {"fleet", "--offline", "101%"}, {"run", "--platform", "toaster"}, {"join", "--cod", "x"}} {
		var out, complaints bytes.Buffer
		if err := run(t.Context(), args, &out, &complaints); err != errMisuse || complaints.Len() == 0 {
			t.Errorf("%v: %v, %q", args, err, complaints.String())
		}
	}
	for _, args := range [][]string{{"help"}, {"run", "--help"}, {"fleet", "--help"}, {"join", "--help"}} {
		var out, complaints bytes.Buffer
		if err := run(t.Context(), args, &out, &complaints); err != nil || !strings.Contains(out.String(), "Example:") {
			t.Errorf("%v: %v, %q", args, err, out.String())
		}
	}
	if err := run(t.Context(), []string{"run", "--identity", filepath.Join(t.TempDir(), "none")}, io.Discard, io.Discard); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("running without an identity: %v", err)
	}
	if err := run(t.Context(), []string{"join", "--code", "BK1", "--identity", t.TempDir()}, io.Discard, io.Discard); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("joining with a badge: %v", err)
	}
}
