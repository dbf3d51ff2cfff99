package enrol

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/micromdm/nanomdm/cryptoutil"
	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

var noon = time.Now().UTC().Truncate(time.Second)

// gate is a gateway with one push certificate and devices ipad-1 to ipad-3.
type gate struct {
	mu      sync.Mutex
	push    gateway.Push
	key     []byte
	invited []gateway.Invitation
	serials []string
	state   map[string]gateway.Status
}

func (g *gate) Invite(_ context.Context, id, serial string, life time.Duration) (gateway.Invitation, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := gateway.Invitation{Device: id, Challenge: rand.Text(), Expires: noon.Add(life)}
	g.invited, g.serials = append(g.invited, i), append(g.serials, serial)
	return i, nil
}

func (g *gate) Status(id string) (gateway.Status, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state[id], strings.HasPrefix(id, "ipad-"), nil
}

func (g *gate) Push() (gateway.Push, error) {
	if g.push.Topic == "" {
		return g.push, errs.New(errs.NotFound, "There is no push certificate.", "")
	}
	return g.push, nil
}

func (g *gate) SetPush(_ context.Context, cert, key []byte) error {
	topic, err := cryptoutil.TopicFromPEMCert(cert)
	if err != nil {
		return err
	}
	if g.push.Topic != "" && g.push.Topic != topic {
		return errs.New(errs.Conflict, "That push certificate has another topic than the one in use.", "Choose Renew.")
	}
	g.push, g.key = gateway.Push{Topic: topic, Until: noon.Add(364 * 24 * time.Hour), PEM: cert}, key
	return nil
}

// mask turns every bit over.
type mask struct{}

func (mask) Seal(plain []byte) ([]byte, error) {
	out := bytes.Clone(plain)
	for i := range out {
		out[i] ^= 0xff
	}
	return out, nil
}

func (m mask) Open(sealed []byte) ([]byte, error) { return m.Seal(sealed) }

type rig struct {
	*Office
	t     *testing.T
	gate  *gate
	clock time.Time
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newRig(t *testing.T, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, gate: &gate{state: map[string]gateway.Status{}}, clock: noon}
	c := Config{File: filepath.Join(t.TempDir(), "enrolment.json"), URL: "https://ipads.elmfield.example/", School: "Elmfield", Seal: mask{}, Now: func() time.Time { return r.clock }}
	for _, f := range change {
		f(&c)
	}
	var err error
	r.Office, err = Open(c)
	must(t, err)
	r.For(r.gate)
	return r
}

// withPush is newRig with a push certificate, signed profiles and serial numbers.
func withPush(t *testing.T, change ...func(*Config)) *rig {
	t.Helper()
	r := newRig(t, change...)
	r.gate.push = gateway.Push{Topic: "com.apple.mgmt.External.one", Until: noon.Add(time.Hour)}
	key, cert := vendorOf(t)
	r.Sign = Signer(cert, key)
	list, err := ReadSheet("id,serial\nipad-1,DMPC0000001\nipad-2,DMPC0000002\n", nil)
	must(t, err)
	must(t, r.Expect(list))
	return r
}

var vendorKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func vendorOf(t testing.TB) (*rsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := vendorKey()
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "A vendor"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return key, cert
}

// vendor signs a request, DER, as if it were for another.
func vendor(t testing.TB, csr, over []byte) []byte {
	t.Helper()
	key, cert := vendorOf(t)
	sum := sha256.Sum256(over)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	must(t, err)
	text, err := plist.Marshal(signedRequest{base64.StdEncoding.EncodeToString(csr), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})), base64.StdEncoding.EncodeToString(signature)})
	must(t, err)
	return []byte(base64.StdEncoding.EncodeToString(text))
}

// refused wants an error of a code at a field that has a next step.
func refused(t *testing.T, what string, err error, code errs.Code, field, says string) {
	t.Helper()
	var e *errs.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("%s: %v", what, err)
	case e.Code != code || e.Field != field || !strings.Contains(e.Message, says) || e.Hint == "":
		t.Errorf("%s: %s at %q: %s %s", what, e.Code, e.Field, e.Message, e.Hint)
	}
}

func certificateFor(t *testing.T, r *rig, a *double.Authority, topic string, until time.Time) []byte {
	t.Helper()
	csr, err := x509.ParseCertificateRequest(r.look().Request.CSR)
	must(t, err)
	cert, err := a.PushCertificateFor(csr.PublicKey, topic, until)
	must(t, err)
	return cert
}
