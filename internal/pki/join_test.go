package pki_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// What a client cannot keep of its welcome leaves it without an identity, and the
// code good for another try.
func TestWelcomeThatCannotBeKept(t *testing.T) {
	s, dir := found(t), t.TempDir()
	code := s.invite(t, bankB, false)
	o := s.options()
	o.Welcomed = func(json.RawMessage) error { return errors.New("the disk is full") }
	if _, _, err := identity.Join(t.Context(), code, dir, o); err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("joined with %v", err)
	}
	if _, err := identity.Open(dir, s.clock.now); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("there is an identity: %v", err)
	}
	var got json.RawMessage
	o.Welcomed = func(w json.RawMessage) error { got = w; return nil }
	if _, welcome, err := identity.Join(t.Context(), code, dir, o); err != nil || string(got) != string(welcome) || len(got) == 0 {
		t.Errorf("welcomed with %s, %v", got, err)
	}
}

func TestJoin(t *testing.T) {
	for _, who := range []cert.Subject{bankB, phone} {
		t.Run(string(who.Kind), func(t *testing.T) {
			s, dir := found(t), filepath.Join(t.TempDir(), "id")
			id, welcome, err := identity.Join(t.Context(), s.invite(t, who, false), dir, s.options())
			if err != nil {
				t.Fatal(err)
			}
			if string(welcome) != `"welcome, `+who.ID+`"` {
				t.Errorf("welcomed with %s", welcome)
			}
			reopened, err := identity.Open(dir, s.clock.now)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range []*identity.Identity{id, reopened} {
				about := i.About()
				if about.ID != who.ID || about.Kind != who.Kind || about.MQTT != s.MQTT || about.Server != s.Server {
					t.Errorf("it is %+v", about)
				}
				sealed, err := wire.Seal(s.Authority.SigningKey(), wire.TypeOrder, []byte("open"))
				if err != nil {
					t.Fatal(err)
				}
				if got, err := wire.Open(about.Keys, wire.TypeOrder, sealed); err != nil || string(got) != "open" {
					t.Errorf("an envelope of the server: %v", err)
				}
			}
			for _, roll := range []*pki.Roll{s.Roll, s.again(t)} {
				if kind, ok := roll.Kind(who.ID); kind != who.Kind || !ok || !roll.Known(who.ID, serial(t, id)) {
					t.Errorf("the roll has %s %v for %s", kind, ok, who.ID)
				}
				want := pki.Member{Subject: who, Serial: serial(t, id), NotAfter: id.NotAfter()}
				if list := roll.Members(); len(list) != 1 || list[0] != want {
					t.Errorf("members %v, want %v", list, want)
				}
			}
			if got := s.kinds(t); !slices.Equal(got, []string{pki.KindOpened, pki.KindJoined}) {
				t.Errorf("on the ledger: %v", got)
			}
			if files, err := os.ReadDir(dir); err != nil || len(files) != 4 {
				t.Errorf("the folder has %v, %v", files, err)
			}
		})
	}
}

// Every way to be refused, with what the client is told and what is recorded.
func TestJoiningRefused(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, s *school, code *joining.Code)
		code    errs.Code
		says    string
		reason  string // on the ledger
	}{
		"used": {func(t *testing.T, s *school, code *joining.Code) { s.join(t, *code, t.TempDir()) },
			errs.Conflict, "used before", "used"},
		"used and late": {func(t *testing.T, s *school, code *joining.Code) {
			s.join(t, *code, t.TempDir())
			s.clock.add(time.Hour)
		},
			errs.Conflict, "used before", "used"},
		"late": {func(t *testing.T, s *school, _ *joining.Code) { s.clock.add(pki.InvitationLife) },
			errs.Denied, "30 minutes", "late"},
		"replaced": {func(t *testing.T, s *school, _ *joining.Code) { s.invite(t, bankB, false) },
			errs.Conflict, "newer", "replaced"},
		"revoked": {func(t *testing.T, s *school, _ *joining.Code) { revoke(t, s, bankB) },
			errs.Denied, "withdrawn", "revoked"},
		"unknown": {func(_ *testing.T, _ *school, code *joining.Code) { code.Token = joining.NewToken() },
			errs.Denied, "does not know", ""},
		"forgotten": {func(t *testing.T, s *school, _ *joining.Code) {
			s.clock.add(8 * 24 * time.Hour)
			s.invite(t, phone, false)
		},
			errs.Denied, "does not know", ""},
		"another school": {func(t *testing.T, _ *school, code *joining.Code) { code.Server = found(t).Server },
			errs.Denied, "another school", ""},
		"another name": {func(t *testing.T, s *school, code *joining.Code) {
			code.Server = s.listen(t, "127.0.0.2")
		},
			errs.Denied, "another name", ""},
		"nobody there": {func(t *testing.T, _ *school, code *joining.Code) { code.Server = "127.0.0.1:1" },
			errs.Unavailable, "cannot be reached", ""},
		"no TLS there": {func(t *testing.T, _ *school, code *joining.Code) { code.Server = chatter(t) },
			errs.Unavailable, "does not speak TLS", ""},
		"an unusable code": {func(_ *testing.T, _ *school, code *joining.Code) { code.Server = "nowhere" },
			errs.Invalid, "host and a port", ""},
		"welcome fails": {func(_ *testing.T, s *school, _ *joining.Code) {
			s.Welcome = func(context.Context, pki.Newcomer) (json.RawMessage, error) { return nil, errors.New("no plan") }
		}, errs.Unavailable, "on the server", ""},
		"server's clock is wrong": {func(_ *testing.T, s *school, _ *joining.Code) { s.clock.set(time.Unix(0, 0)) },
			errs.NotNow, "1 January 1970", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := found(t)
			code := s.invite(t, bankB, false)
			c.prepare(t, s, &code)
			_, _, err := identity.Join(t.Context(), code, t.TempDir(), s.options())
			wantCode(t, name, err, c.code)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, want something with %q", err, c.says)
			}
			if got := s.reasons(t); !slices.Equal(got, strings.Fields(c.reason)) {
				t.Errorf("reasons on the ledger: %v, want %q", got, c.reason)
			}
		})
	}
}

func revoke(t *testing.T, s *school, who cert.Subject) {
	t.Helper()
	if err := s.Roll.Revoke(t.Context(), office, who.ID); err != nil {
		t.Fatal(err)
	}
}

// reasons lists why joinings were refused, as recorded.
func (s *school) reasons(t *testing.T) (list []string) {
	t.Helper()
	err := s.log.Read(t.Context(), 0, func(r ledger.Record) error {
		var body struct{ ID, Reason string }
		if r.Kind != pki.KindRefused {
			return nil
		}
		if err := json.Unmarshal(r.Body, &body); err != nil || body.ID != "b" {
			t.Errorf("%s: %v", r.Body, err)
		}
		list = append(list, body.Reason)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// chatter answers every connection with what is not TLS.
func chatter(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("SSH-2.0-elsewhere\r\n"))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// The answer was lost: the same bank asks again with the key it kept, and any
// other is refused.
func TestJoiningAgainAfterALostAnswer(t *testing.T) {
	s, dir := found(t), t.TempDir()
	code := s.invite(t, bankB, false)
	welcome := s.Welcome
	s.Welcome = func(context.Context, pki.Newcomer) (json.RawMessage, error) { return nil, errors.New("lost") }
	_, _, err := identity.Join(t.Context(), code, dir, s.options())
	wantCode(t, "first try", err, errs.Unavailable)
	s.Welcome = welcome

	_, _, err = identity.Join(t.Context(), code, t.TempDir(), s.options())
	wantCode(t, "another computer", err, errs.Conflict)
	id := s.join(t, code, dir)
	if !s.Roll.Known("b", serial(t, id)) || len(s.Roll.Members()) != 1 {
		t.Error("the second certificate does not count")
	}
	wantKinds := []string{pki.KindOpened, pki.KindJoined, pki.KindRefused, pki.KindJoined}
	if got := s.kinds(t); !slices.Equal(got, wantKinds) {
		t.Errorf("on the ledger: %v", got)
	}
	_, _, err = identity.Join(t.Context(), code, dir, s.options())
	wantCode(t, "the same code once more", err, errs.Conflict)
}

// A code can be redeemed by one of many at once.
func TestOnlyOneRedeemsACode(t *testing.T) {
	s := found(t)
	code := s.invite(t, bankB, false)
	const many = 8
	results := make(chan error, many)
	for range many {
		dir := t.TempDir()
		go func() {
			_, _, err := identity.Join(t.Context(), code, dir, s.options())
			results <- err
		}()
	}
	won := 0
	for range many {
		if err := <-results; err == nil {
			won++
		} else {
			wantCode(t, "the others", err, errs.Conflict)
		}
	}
	if won != 1 {
		t.Errorf("%d joined", won)
	}
}

func TestASecondBankOfTheSameName(t *testing.T) {
	s := found(t)
	old := s.join(t, s.invite(t, bankB, false), t.TempDir())
	_, _, err := s.Invite(t.Context(), office, bankB, false)
	wantCode(t, "a code for a name in use", err, errs.Conflict)
	_, _, err = s.Invite(t.Context(), office, cert.Subject{Kind: cert.Device, ID: "b"}, true)
	wantCode(t, "a device of a bank's name", err, errs.Conflict)

	var cut []string
	s.Roll.OnRevoked(func(client string) { cut = append(cut, client) })
	code := s.invite(t, bankB, true)
	if !s.Roll.Known("b", serial(t, old)) || len(cut) != 0 {
		t.Error("the old bank was cut off before the new one came")
	}
	fresh := s.join(t, code, t.TempDir())
	for _, roll := range []*pki.Roll{s.again(t), s.Roll} {
		if roll.Known("b", serial(t, old)) || !roll.Known("b", serial(t, fresh)) {
			t.Error("the old bank counts, or the new one does not")
		}
	}
	if !slices.Equal(cut, []string{"b"}) {
		t.Errorf("cut off: %v", cut)
	}
	wantCode(t, "the old bank renews", renewLate(t, s, old), errs.Conflict)
}

// A Pi without a battery joins in 1970, one with a bad battery in 2099.
func TestJoiningWithAWrongClock(t *testing.T) {
	for _, wrong := range []time.Time{time.Unix(0, 0), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)} {
		s, dir := found(t), t.TempDir()
		id, _, err := identity.Join(t.Context(), s.invite(t, bankB, false), dir, identity.Options{Now: func() time.Time { return wrong }})
		if err != nil {
			t.Errorf("at %v: %v", wrong, err)
			continue
		}
		err = handshake(t, s, id)
		if wrong.Year() == 1970 && err != nil {
			t.Errorf("connecting in 1970: %v", err)
		}
		if wrong.Year() == 2099 {
			wantCode(t, "connecting in 2099", err, errs.Denied)
			if err == nil || !strings.Contains(err.Error(), "clock says 1 January 2099") {
				t.Errorf("it does not name the clock: %v", err)
			}
		}
	}
}

func TestAnOlderIdentityInTheFolder(t *testing.T) {
	s, other, dir := found(t), found(t), t.TempDir()
	s.join(t, s.invite(t, bankB, false), dir)
	kept := filepath.Join(dir, "ledger.db")
	if err := os.WriteFile(kept, []byte("a year of records"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := identity.Join(t.Context(), s.invite(t, phone, false), dir, s.options())
	wantCode(t, "another id", err, errs.Conflict)
	foreign := other.invite(t, bankB, false)
	_, _, err = identity.Join(t.Context(), foreign, dir, other.options())
	wantCode(t, "another school", err, errs.Conflict)

	s.clock.add(pki.Life + time.Hour) // long holidays
	s.join(t, s.invite(t, bankB, false), dir)
	_, _, err = identity.Join(t.Context(), foreign, dir, identity.Options{Now: other.clock.now, Force: true})
	wantCode(t, "another school by force", err, "")
	if text, err := os.ReadFile(kept); err != nil || string(text) != "a year of records" {
		t.Errorf("the ledger beside it: %q, %v", text, err)
	}
}

func TestADamagedIdentity(t *testing.T) {
	s, other := found(t), found(t)
	foreign := t.TempDir()
	other.join(t, other.invite(t, bankB, false), foreign)
	swap := func(path string) error {
		text, err := os.ReadFile(filepath.Join(foreign, filepath.Base(path)))
		return errors.Join(err, os.WriteFile(path, text, 0o600))
	}
	rename := func(path string) error {
		text, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(path, bytes.Replace(text, []byte(`"id": "b"`), []byte(`"id": "c"`), 1), 0o600))
	}
	cutOff := func(path string) error { return os.Truncate(path, 30) }
	for _, c := range []struct {
		file  string
		spoil func(path string) error
	}{
		{"key.pem", os.Remove}, {"cert.pem", os.Remove}, {"ca.pem", os.Remove}, {"identity.json", os.Remove},
		{"key.pem", cutOff}, {"identity.json", cutOff}, {"key.pem", swap}, {"cert.pem", swap}, {"ca.pem", swap}, {"identity.json", rename},
	} {
		dir := t.TempDir()
		s.join(t, s.invite(t, bankB, true), dir)
		if err := c.spoil(filepath.Join(dir, c.file)); err != nil {
			t.Fatal(err)
		}
		_, err := identity.Open(dir, s.clock.now)
		wantCode(t, c.file, err, errs.Unavailable)
		code := s.invite(t, bankB, true)
		_, _, err = identity.Join(t.Context(), code, dir, s.options())
		wantCode(t, "joining with a bad "+c.file, err, errs.Unavailable)
		_, _, err = identity.Join(t.Context(), code, dir, identity.Options{Now: s.clock.now, Force: true})
		wantCode(t, "joining by force", err, "")
	}
	_, err := identity.Open(t.TempDir(), s.clock.now)
	wantCode(t, "an empty folder", err, errs.NotFound)
}

func TestWrongTokensAreLimited(t *testing.T) {
	s := found(t)
	good := s.invite(t, bankB, false)
	bad := good
	refused := 0
	for range 12 {
		bad.Token = joining.NewToken()
		_, _, err := identity.Join(t.Context(), bad, t.TempDir(), s.options())
		if errs.CodeOf(err) == errs.NotNow {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d of 12 tries were put off, want 2", refused)
	}
	_, _, err := identity.Join(t.Context(), good, t.TempDir(), s.options())
	wantCode(t, "the right code too soon", err, errs.NotNow)
	s.clock.add(time.Minute)
	s.join(t, good, t.TempDir())
	if got := s.kinds(t); !slices.Equal(got, []string{pki.KindOpened, pki.KindJoined}) {
		t.Errorf("wrong tokens are on the ledger: %v", got)
	}
}

// However often a used code is tried, the ledger does not fill.
func TestRefusalsOnRecordAreBounded(t *testing.T) {
	s := found(t)
	code := s.invite(t, bankB, false)
	s.join(t, code, t.TempDir())
	for range 10 {
		s.clock.add(time.Minute)
		_, _, err := identity.Join(t.Context(), code, t.TempDir(), s.options())
		wantCode(t, "used", err, errs.Conflict)
	}
	if n := len(s.reasons(t)); n != 8 {
		t.Errorf("%d refusals on record", n)
	}
}

func TestNoSecretIsLoggedOrRecorded(t *testing.T) {
	s, dir := found(t), t.TempDir()
	code := s.invite(t, bankB, false)
	id := s.join(t, code, dir)
	_, _, err := identity.Join(t.Context(), code, t.TempDir(), s.options())
	text := err.Error() + s.diary.String()
	s.clock.add(pki.Life * 3 / 4)
	if err := id.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	revoke(t, s, bankB)
	text += renewLate(t, s, id).Error() + s.diary.String()
	err = s.log.Read(t.Context(), 0, func(r ledger.Record) error {
		text += string(r.Leaf)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	printed, err := code.Text()
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{printed[60:80], hex.EncodeToString(code.Token[:]), base64.StdEncoding.EncodeToString(code.Token[:])[:12], "PRIVATE"}
	for _, file := range []string{filepath.Join(dir, "key.pem"), filepath.Join(s.dir, "ca-key.pem"), filepath.Join(s.dir, "signing-key.pem")} {
		key, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, strings.Split(string(key), "\n")[1][30:60])
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("a secret (%.6s…) is in the logs, errors or ledger", secret)
		}
	}
	if hash := sha256.Sum256(code.Token[:]); !strings.Contains(text, hex.EncodeToString(hash[:])) {
		t.Error("the token's hash is not on the ledger")
	}
}
