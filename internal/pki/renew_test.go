package pki_test

import (
	"context"
	"crypto/tls"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
)

// shown is what a broker saw of a client.
type shown struct {
	serial  string
	resumed bool
	err     error
}

// connect has a client connect to a listener that requires a certificate, and
// gives both sides' view. A byte is exchanged, so that session tickets arrive.
func connect(t *testing.T, server, client *tls.Config) (shown, error) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	result := make(chan shown, 1)
	go func() { result <- accept(l) }()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Minute}, "tcp", l.Addr().String(), client)
	if err == nil {
		_, err = conn.Write([]byte{1})
		if err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
		_ = conn.Close()
	}
	return <-result, err
}

func accept(l net.Listener) (s shown) {
	raw, err := l.Accept()
	if err != nil {
		return shown{err: err}
	}
	defer raw.Close()
	conn := raw.(*tls.Conn)
	if _, s.err = conn.Read(make([]byte, 1)); s.err == nil {
		_, s.err = conn.Write([]byte{1})
		state := conn.ConnectionState()
		s.serial, s.resumed = cert.Serial(state.PeerCertificates[0]), state.DidResume
	}
	return s
}

func handshake(t *testing.T, s *school, id *identity.Identity) error {
	t.Helper()
	_, err := connect(t, s.Authority.ServerTLS(true), id.TLS())
	return err
}

// renewLate renews at three quarters of life, whatever the clock says now.
func renewLate(t *testing.T, s *school, id *identity.Identity) error {
	t.Helper()
	s.clock.set(id.NotAfter().Add(-pki.Life / 4))
	return id.Renew(t.Context())
}

func TestRenewal(t *testing.T) {
	s, dir := found(t), t.TempDir()
	id := s.join(t, s.invite(t, bankB, false), dir)
	first := serial(t, id)
	s.clock.add(pki.Life/2 - time.Hour)
	wantCode(t, "renewing early", id.Renew(t.Context()), errs.NotNow)

	s.clock.add(pki.Life / 6)
	s.MQTT = "127.0.0.1:8884"
	if err := id.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := serial(t, id)
	if second == first || id.About().MQTT != s.MQTT {
		t.Error("nothing was renewed")
	}
	reopened, err := identity.Open(dir, s.clock.now)
	if err != nil || serial(t, reopened) != second {
		t.Errorf("on disk is another certificate, %v", err)
	}
	if got := s.kinds(t); got[len(got)-1] != pki.KindRenewed {
		t.Errorf("on the ledger: %v", got)
	}
	for _, roll := range []*pki.Roll{s.again(t), s.Roll} {
		if !roll.Known("b", first) {
			t.Error("the old certificate stopped before the new one was used")
		}
		if !roll.Known("b", second) || roll.Known("b", first) {
			t.Error("the old certificate counts after the new one was used")
		}
	}
}

// Whoever has a certificate that another machine's took the place of is told so, at
// any time, also by a server that has started anew; a client that was merely revoked
// is not.
func TestSuperseded(t *testing.T) {
	s := found(t)
	old := s.join(t, s.invite(t, bankB, false), t.TempDir())
	fresh := s.join(t, s.invite(t, bankB, true), t.TempDir())
	err := old.Renew(t.Context())
	wantCode(t, "the old machine", err, errs.Conflict)
	if !strings.Contains(err.Error(), "taken this one's place as bank b") || errs.HintOf(err) == "" {
		t.Errorf("the old machine is told: %v", err)
	}
	wantCode(t, "the new machine", fresh.Renew(t.Context()), errs.NotNow)
	if again := s.again(t); !again.Superseded("b", serial(t, old)) || again.Superseded("b", serial(t, fresh)) {
		t.Error("after a restart another machine is the old one")
	}
	if err := s.Roll.Revoke(t.Context(), office, "b"); err != nil {
		t.Fatal(err)
	}
	if s.Roll.Superseded("b", serial(t, fresh)) {
		t.Error("a revoked machine counts as replaced")
	}
}

// A client that never got the answer has a week to ask again.
func TestGraceAfterARenewal(t *testing.T) {
	s, dir := found(t), t.TempDir()
	old := s.join(t, s.invite(t, bankB, false), dir)
	first := serial(t, old)
	if err := renewLate(t, s, old); err != nil {
		t.Fatal(err)
	}
	s.clock.add(pki.Grace - time.Second)
	if !s.Roll.Known("b", first) || !s.again(t).Known("b", first) {
		t.Error("it stopped counting within its grace")
	}
	s.clock.add(time.Second)
	if s.Roll.Known("b", first) || s.again(t).Known("b", first) {
		t.Error("it counts after its grace")
	}
}

// A certificate of three months cannot be kept alive by asking every second.
func TestRenewalsAreBounded(t *testing.T) {
	s := found(t)
	dir, stale := t.TempDir(), t.TempDir()
	id := s.join(t, s.invite(t, bankB, false), dir)
	copyFiles(t, dir, stale)
	lost, err := identity.Open(stale, s.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := renewLate(t, s, id); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "once more at once", lost.Renew(t.Context()), errs.NotNow)
	s.clock.add(time.Minute)
	wantCode(t, "a minute later", lost.Renew(t.Context()), "")
}

func TestABankThatWasAwayTooLong(t *testing.T) {
	s, dir := found(t), t.TempDir()
	id := s.join(t, s.invite(t, bankB, false), dir)
	s.clock.add(pki.Life + time.Minute)
	wantCode(t, "renewing", id.Renew(t.Context()), errs.Denied)
	if s.Roll.Known("b", serial(t, id)) {
		t.Error("a certificate that has run out counts")
	}
	if _, err := connect(t, s.Authority.ServerTLS(true), id.TLS()); err == nil {
		t.Error("a certificate that has run out connects")
	}
	back := s.join(t, s.invite(t, bankB, false), dir) // without replace
	if !s.Roll.Known("b", serial(t, back)) {
		t.Error("it did not come back")
	}
}

func TestRevocation(t *testing.T) {
	s := found(t)
	id := s.join(t, s.invite(t, bankB, false), t.TempDir())
	other := s.join(t, s.invite(t, phone, false), t.TempDir())
	var cut []string
	s.Roll.OnRevoked(func(client string) {
		if s.Roll.Known(client, serial(t, id)) {
			t.Error("it is announced before it holds")
		}
		cut = append(cut, client)
	})
	wantCode(t, "a stranger", s.Roll.Revoke(t.Context(), office, "nobody"), errs.NotFound)
	wantCode(t, "a strange serial", s.Roll.RevokeSerial(t.Context(), office, "b", serial(t, other)), errs.NotFound)
	if err := s.Roll.RevokeSerial(t.Context(), office, "b", serial(t, id)); err != nil {
		t.Fatal(err)
	}
	for _, roll := range []*pki.Roll{s.Roll, s.again(t)} {
		if roll.Known("b", serial(t, id)) || !roll.Known(phone.ID, serial(t, other)) || roll.Known("b", serial(t, other)) {
			t.Error("the wrong one was revoked")
		}
		if kind, ok := roll.Kind("b"); kind != cert.Bank || !ok {
			t.Error("its kind is forgotten")
		}
	}
	if !slices.Equal(cut, []string{"b"}) {
		t.Errorf("cut off: %v", cut)
	}
	wantCode(t, "renewing", renewLate(t, s, id), errs.Denied)
}

// A bank shows its newest certificate, also where it has a session to resume.
func TestSessionsFollowTheCertificate(t *testing.T) {
	s := found(t)
	id := s.join(t, s.invite(t, bankB, false), t.TempDir())
	server, client := s.Authority.ServerTLS(true), id.TLS()
	first := serial(t, id)
	s.clock.add(pki.Life * 3 / 4)
	for i, want := range []shown{{serial: first}, {serial: first, resumed: true}} {
		if got, err := connect(t, server, client); err != nil || got != want {
			t.Errorf("connection %d: %+v, %v; want %+v", i+1, got, err, want)
		}
	}
	if err := id.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := connect(t, server, client); err != nil || got.serial != serial(t, id) {
		t.Errorf("after the renewal: %+v, %v; want %s", got, err, serial(t, id))
	}
}

func TestAnotherSchoolIsRefused(t *testing.T) {
	ours, theirs := found(t), found(t)
	stranger := theirs.join(t, theirs.invite(t, bankB, false), t.TempDir())
	bank := ours.join(t, ours.invite(t, bankB, false), t.TempDir())

	careless := stranger.TLS()
	careless.VerifyConnection = nil // it would take any server
	for _, require := range []bool{true, false} {
		if got, err := connect(t, ours.Authority.ServerTLS(require), careless); got.err == nil || err == nil {
			t.Errorf("require %v: another school's bank is let in: %+v, %v", require, got, err)
		}
	}
	_, err := connect(t, theirs.Authority.ServerTLS(true), bank.TLS())
	wantCode(t, "our bank at their server", err, errs.Denied)
	if got, err := connect(t, ours.Authority.ServerTLS(true), bank.TLS()); err != nil || got.err != nil {
		t.Errorf("our bank at our server: %+v, %v", got, err)
	}
	nobody := bank.TLS()
	nobody.GetClientCertificate = nil
	if got, err := connect(t, ours.Authority.ServerTLS(true), nobody); got.err == nil || err == nil {
		t.Error("a client without a certificate is let in")
	}
}

// A server's certificate does not make a client, nor the other way round.
func TestCertificatesHaveOneUse(t *testing.T) {
	s := found(t)
	bank := s.join(t, s.invite(t, bankB, false), t.TempDir())
	asServer := s.Authority.ServerTLS(true)
	asServer.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return bank.TLS().GetClientCertificate(nil) }
	if _, err := connect(t, asServer, bank.TLS()); err == nil {
		t.Error("a bank is taken for the server")
	}
	asClient := bank.TLS()
	asClient.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return s.Authority.ServerTLS(true).GetCertificate(nil)
	}
	if got, _ := connect(t, s.Authority.ServerTLS(true), asClient); got.err == nil {
		t.Error("the server is taken for a client")
	}
}

// The loop renews what is due, and takes up what another process has put into
// the folder.
func TestKeepRenewed(t *testing.T) {
	s, dir := found(t), t.TempDir()
	id := s.join(t, s.invite(t, bankB, false), dir)
	first := serial(t, id)
	keep := func(done func() bool) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			id.KeepRenewed(ctx, s.Log)
		}()
		for !done() && ctx.Err() == nil {
			runtime.Gosched()
		}
		cancel()
		<-ended
	}
	s.clock.add(pki.Life * 3 / 4)
	keep(func() bool { return serial(t, id) != first })
	if second := serial(t, id); second == first || !s.Roll.Known("b", second) {
		t.Error("nothing was renewed")
	}
	rejoined := s.join(t, s.invite(t, bankB, true), dir)
	keep(func() bool { return serial(t, id) == serial(t, rejoined) })
	if serial(t, id) != serial(t, rejoined) {
		t.Error("the new identity in the folder is not used")
	}
	revoke(t, s, bankB)
	s.clock.add(pki.Life * 3 / 4)
	keep(func() bool { return strings.Contains(s.diary.String(), "could not be renewed") })
	if text := s.diary.String(); !strings.Contains(text, "hint=\"Join again with a new code.\"") {
		t.Errorf("the log has no next step: %s", text)
	}
}
