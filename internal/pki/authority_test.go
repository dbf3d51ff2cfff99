package pki_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

func TestAuthorityStays(t *testing.T) {
	c, dir := &clock{t: start}, filepath.Join(t.TempDir(), "pki")
	first, second := open(t, dir, c), open(t, dir, c)
	if !first.CA().Equal(second.CA()) || first.SigningKey().ID != second.SigningKey().ID {
		t.Error("it was made anew")
	}
	if !bytes.Equal(served(t, first).Raw, served(t, second).Raw) {
		t.Error("the server's certificate was made anew")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v", info.Mode(), err)
	}
}

// served is the certificate a server shows now.
func served(t *testing.T, a *pki.Authority) *x509.Certificate {
	t.Helper()
	c, err := a.ServerTLS(true).GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	return c.Leaf
}

func TestTheCAIsConfined(t *testing.T) {
	ca := open(t, t.TempDir(), &clock{t: start}).CA()
	key, ok := ca.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() || !ca.IsCA || !ca.MaxPathLenZero || ca.KeyUsage&x509.KeyUsageCertSign == 0 {
		t.Errorf("the CA is %+v", ca)
	}
	if years := ca.NotAfter.Year() - ca.NotBefore.Year(); years != 30 {
		t.Errorf("it lives %d years", years)
	}
	if !ca.PermittedDNSDomainsCritical || len(ca.PermittedIPRanges) == 0 || len(ca.ExtKeyUsage) != 2 {
		t.Error("it may vouch for anything")
	}
}

func TestServerNames(t *testing.T) {
	c := &clock{t: start}
	for name, test := range map[string]struct {
		names, domains []string
		want           errs.Code
	}{
		"none":               {nil, nil, errs.Invalid},
		"a space":            {[]string{"bell keep"}, nil, errs.Invalid},
		"a capital":          {[]string{"Bellkeep.local"}, nil, errs.Invalid},
		"a wildcard":         {[]string{"*.elmfield.example"}, nil, errs.Invalid},
		"a public address":   {[]string{"8.8.8.8"}, nil, errs.Invalid},
		"a private address":  {[]string{"10.1.2.3", "fd00::1", "192.168.1.10"}, nil, ""},
		"any domain":         {[]string{"bellkeep.local", "lockers.elmfield.example"}, nil, ""},
		"in its domain":      {[]string{"lockers.elmfield.example"}, []string{"elmfield.example"}, ""},
		"outside its domain": {[]string{"bank.example"}, []string{"elmfield.example"}, errs.Invalid},
	} {
		conf := config(t.TempDir(), c)
		conf.Names, conf.Domains = test.names, test.domains
		_, err := pki.OpenAuthority(conf)
		wantCode(t, name, err, test.want)
	}
}

func TestServerCertificateRenewsItself(t *testing.T) {
	c, dir := &clock{t: start}, t.TempDir()
	a := open(t, dir, c)
	first := served(t, a)
	c.set(cert.RenewAt(first).Add(-time.Second))
	if !served(t, a).Equal(first) {
		t.Error("it was renewed too early")
	}
	c.add(time.Second)
	second := served(t, a)
	if second.Equal(first) || !second.NotAfter.After(first.NotAfter) {
		t.Error("it was not renewed")
	}
	if !served(t, open(t, dir, c)).Equal(second) {
		t.Error("the renewed one is not in the folder")
	}
	other := config(dir, c)
	other.Names = []string{"bellkeep.local"}
	renamed, err := pki.OpenAuthority(other)
	if err != nil {
		t.Fatal(err)
	}
	if got := served(t, renamed); got.Equal(second) || got.VerifyHostname("bellkeep.local") != nil {
		t.Errorf("after a new name it is for %v", got.DNSNames)
	}
}

// A disk that fails does not take the server down while its certificate lives.
func TestServerCertificateOutlivesABrokenDisk(t *testing.T) {
	c, dir := &clock{t: start}, filepath.Join(t.TempDir(), "pki")
	a := open(t, dir, c)
	first := served(t, a)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	c.add(pki.Life * 3 / 4)
	if !served(t, a).Equal(first) {
		t.Error("another certificate is served than the one on disk")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if !served(t, a).Equal(first) {
		t.Error("it tries again at every connection")
	}
	c.add(time.Minute)
	if served(t, a).Equal(first) {
		t.Error("it does not try again")
	}
}

// The server itself may wake up in the past.
func TestServerWithAWrongClock(t *testing.T) {
	s := found(t)
	id := s.join(t, s.invite(t, bankB, false), t.TempDir())
	bankClock := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	s.clock.set(time.Unix(0, 0))
	back := open(t, s.dir, s.clock)
	if _, err := connect(t, back.ServerTLS(true), id.TLS()); err != nil {
		t.Errorf("both in 1970: %v", err)
	}
	conf := id.TLS()
	s.clock.set(bankClock)
	if !served(t, back).NotAfter.After(bankClock) {
		t.Error("a certificate of 1970 is served")
	}
	if _, err := connect(t, back.ServerTLS(true), conf); err != nil {
		t.Errorf("after the clock was set: %v", err)
	}
	s.clock.set(bankClock.AddDate(20, 0, 0))
	served(t, back)
	s.clock.set(bankClock)
	if served(t, back).NotBefore.After(bankClock) {
		t.Error("a certificate of 2046 is served")
	}
	_, err := pki.OpenAuthority(config(t.TempDir(), &clock{t: time.Unix(0, 0)}))
	wantCode(t, "a first start in 1970", err, errs.NotNow)
}

// What was lost is never replaced in silence.
func TestADamagedAuthority(t *testing.T) {
	c := &clock{t: start}
	whole := t.TempDir()
	open(t, whole, c)
	foreign := t.TempDir()
	open(t, foreign, c)
	for _, file := range []string{"ca.pem", "ca-key.pem", "signing-key.pem"} {
		for what, spoil := range map[string]func(path string) error{
			"missing": os.Remove,
			"cut off": func(path string) error { return os.Truncate(path, 40) },
		} {
			dir := t.TempDir()
			copyFiles(t, whole, dir)
			if err := spoil(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
			_, err := pki.OpenAuthority(config(dir, c))
			wantCode(t, file+" "+what, err, errs.Unavailable)
		}
	}
	mixed := t.TempDir()
	copyFiles(t, whole, mixed)
	text, err := os.ReadFile(filepath.Join(foreign, "ca-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(mixed, "ca-key.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = pki.OpenAuthority(config(mixed, c))
	wantCode(t, "another school's key", err, errs.Unavailable)
}

func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// Mosquitto checks certificates with OpenSSL.
func TestOpenSSLAgrees(t *testing.T) {
	c := &clock{t: time.Now()}
	s := found(t)
	s.clock.set(c.t)
	id := t.TempDir()
	s.join(t, s.invite(t, bankB, false), id)
	ca, server, _ := s.Authority.ServerFiles()
	s.clock.set(c.t)
	for _, args := range [][]string{
		{"verify", "-x509_strict", "-CAfile", ca, "-purpose", "sslclient", filepath.Join(id, "cert.pem")},
		{"verify", "-x509_strict", "-CAfile", ca, "-purpose", "sslserver", "-verify_ip", "127.0.0.1", server},
	} {
		if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
			t.Errorf("openssl %v: %v\n%s", args, err, out)
		}
	}
}
