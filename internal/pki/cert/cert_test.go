package cert

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

var born = time.Date(2026, 9, 7, 7, 0, 0, 0, time.UTC)

// authority makes certificates that live 90 days from born on.
type authority struct {
	root *x509.Certificate
	key  crypto.Signer
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	a := authority{key: newKey(t)}
	a.root = a.sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "School"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, a.key)
	return a
}

func (a authority) sign(t testing.TB, c *x509.Certificate, key crypto.Signer) *x509.Certificate {
	t.Helper()
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(10), born, born.Add(90*24*time.Hour)
	parent := a.root
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func server() *x509.Certificate {
	return &x509.Certificate{DNSNames: []string{"bellkeep.local"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
}

func client(s Subject) *x509.Certificate {
	return &x509.Certificate{Subject: pkix.Name{CommonName: s.ID}, URIs: []*url.URL{s.URI()}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
}

func TestSubjects(t *testing.T) {
	a := newAuthority(t)
	for _, want := range []Subject{{Bank, "b"}, {Device, "tablet-7"}} {
		if got, err := SubjectOf(a.sign(t, client(want), newKey(t))); err != nil || got != want {
			t.Errorf("%v is read as %v, %v", want, got, err)
		}
	}
	for name, spoil := range map[string]func(*x509.Certificate){
		"no URI":        func(c *x509.Certificate) { c.URIs = nil },
		"two":           func(c *x509.Certificate) { c.URIs = append(c.URIs, c.URIs[0]) },
		"another id":    func(c *x509.Certificate) { c.Subject.CommonName = "c" },
		"a bad id":      func(c *x509.Certificate) { c.Subject.CommonName, c.URIs[0].Path = "B", "/B" },
		"a web address": func(c *x509.Certificate) { c.URIs[0].Scheme = "https" },
		"another kind":  func(c *x509.Certificate) { c.URIs[0].Host = "server" },
		"a query":       func(c *x509.Certificate) { c.URIs[0].RawQuery = "x" },
	} {
		c := client(Subject{Bank, "b"})
		spoil(c)
		if s, err := SubjectOf(a.sign(t, c, newKey(t))); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

func TestVerify(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	good := ours.sign(t, server(), newKey(t))
	bank := ours.sign(t, client(Subject{Bank, "b"}), newKey(t))
	middle := ours.sign(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, theirs.key)
	below := authority{middle, theirs.key}.sign(t, server(), newKey(t))
	alive, end := born.Add(24*time.Hour), born.Add(90*24*time.Hour)
	for name, c := range map[string]struct {
		sent []*x509.Certificate
		host string
		now  time.Time
		says string
	}{
		"good":                    {[]*x509.Certificate{good}, "bellkeep.local", alive, ""},
		"in 1970":                 {[]*x509.Certificate{good}, "bellkeep.local", time.Unix(0, 0), ""},
		"the last second":         {[]*x509.Certificate{good}, "bellkeep.local", end, ""},
		"run out":                 {[]*x509.Certificate{good}, "bellkeep.local", end.Add(time.Second), "ran out on 6 December 2026"},
		"another name":            {[]*x509.Certificate{good}, "bank.local", alive, "another name"},
		"no name":                 {[]*x509.Certificate{good}, "", alive, "another name"},
		"none":                    {nil, "bellkeep.local", alive, "no certificate"},
		"another school":          {[]*x509.Certificate{theirs.sign(t, server(), newKey(t)), theirs.root}, "bellkeep.local", alive, "another school"},
		"another with our root":   {[]*x509.Certificate{theirs.sign(t, server(), newKey(t)), ours.root}, "bellkeep.local", alive, "another school"},
		"an authority between us": {[]*x509.Certificate{below, middle}, "bellkeep.local", alive, "another school"},
		"a client":                {[]*x509.Certificate{bank}, "bellkeep.local", alive, "cannot be trusted"},
	} {
		err := VerifyServer(tls.ConnectionState{PeerCertificates: c.sent}, ours.root, c.host, c.now)
		checkDenied(t, name, err, c.says)
	}
	for name, c := range map[string]struct {
		sent []*x509.Certificate
		now  time.Time
		says string
	}{
		"good":           {[]*x509.Certificate{bank}, alive, ""},
		"in 1970":        {[]*x509.Certificate{bank}, time.Unix(0, 0), ""},
		"run out":        {[]*x509.Certificate{bank}, end.Add(time.Second), "ran out"},
		"none":           {nil, alive, "no certificate"},
		"a server":       {[]*x509.Certificate{good}, alive, "names nobody"},
		"another school": {[]*x509.Certificate{theirs.sign(t, client(Subject{Bank, "b"}), newKey(t))}, alive, "another school"},
	} {
		checkDenied(t, "client: "+name, VerifyClient(tls.ConnectionState{PeerCertificates: c.sent}, ours.root, c.now), c.says)
	}
}

func checkDenied(t *testing.T, name string, err error, says string) {
	t.Helper()
	switch {
	case says == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case says != "" && (errs.CodeOf(err) != errs.Denied || !strings.Contains(err.Error(), says)):
		t.Errorf("%s: %v, want something with %q", name, err, says)
	}
}

func TestPinnedRoot(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	leaf := ours.sign(t, server(), newKey(t))
	pinned := FingerprintOf(ours.root)
	if got, err := PinnedRoot([]*x509.Certificate{leaf, theirs.root, ours.root}, pinned); err != nil || !got.Equal(ours.root) {
		t.Errorf("not found: %v", err)
	}
	for name, sent := range map[string][]*x509.Certificate{"nothing": nil, "leaf only": {leaf}, "another": {leaf, theirs.root}} {
		_, err := PinnedRoot(sent, pinned)
		checkDenied(t, name, err, "another school")
	}
	_, err := PinnedRoot([]*x509.Certificate{leaf}, FingerprintOf(leaf))
	checkDenied(t, "a pinned leaf", err, "another school")
}

func TestPEM(t *testing.T) {
	a := newAuthority(t)
	text := EncodeChain(a.root, a.root)
	if chain, err := ParseChain(text); err != nil || len(chain) != 2 || !chain[1].Equal(a.root) {
		t.Errorf("a chain: %v, %v", chain, err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []crypto.Signer{a.key, ed} {
		text, err := EncodeKey(key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseKey(text)
		if err != nil || !Accepted(got.Public()) {
			t.Errorf("a key: %v", err)
		}
	}
	if !Fits(a.root, a.key) || Fits(a.root, ed) || Fits(a.root, newKey(t)) {
		t.Error("keys and certificates are mixed up")
	}
}

func TestPEMRefused(t *testing.T) {
	a := newAuthority(t)
	text := string(EncodeChain(a.root))
	keyText, err := EncodeKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty": "", "not PEM": "certificate", "a key": string(keyText), "half": text[:len(text)/2],
		"something behind": text + "x", "five": strings.Repeat(text, 5), "too long": strings.Repeat("\n", MaxPEM) + text,
		"empty block": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
	} {
		if _, err := ParseChain([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("chain, %s: %v", name, err)
		}
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"P-384": p384, "RSA": big} {
		text, err := EncodeKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseKey(text); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("a key, %s: %v", name, err)
		}
	}
	for name, bad := range map[string]string{"empty": "", "a certificate": text, "twice": string(keyText) + string(keyText)} {
		if _, err := ParseKey([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("a key, %s: %v", name, err)
		}
	}
}

func FuzzParseChain(f *testing.F) {
	a := newAuthority(f)
	for _, seed := range [][]byte{EncodeChain(a.root), EncodeChain(a.root, a.root), []byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		chain, err := ParseChain(data)
		if (err == nil) != (len(chain) > 0) || len(chain) > maxChain {
			t.Errorf("%d certificates, %v", len(chain), err)
		}
	})
}

func TestRenewAt(t *testing.T) {
	a := newAuthority(t)
	if got := RenewAt(a.root); !got.Equal(born.Add(60 * 24 * time.Hour)) {
		t.Errorf("to be renewed on %v", got)
	}
	if got := Serial(a.root); got != "a" {
		t.Errorf("serial %s", got)
	}
}
