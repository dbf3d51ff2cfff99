package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

const ipadName = "ipads.elmfield.example"

// cart is a gateway to iPads beside a school at work: the gateway, its TLS and what
// wakes the iPads are real, on loopback; iPads, vendor and Apple are doubles.
type cart struct {
	*workday
	office *ipadOffice
	apple  *double.APNs
	server *httptest.Server
	client *http.Client // of the iPads
	vendor *rsa.PrivateKey

	manager *double.SchoolManager // Apple School Manager

	mu    sync.Mutex
	known bool                      // the name of the gateway is in the DNS
	pads  map[string]*double.Device // by token
	polls chan *double.Device
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

// newCart sets a gateway up, with pages that know it.
func newCart(w *workday) *cart {
	w.t.Helper()
	c := &cart{workday: w, pads: map[string]*double.Device{}, polls: make(chan *double.Device, 100)}
	var err error
	c.vendor, err = rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	c.apple, err = double.NewAPNs(c.wake)
	w.must(err)
	root, pair := privateRoot(w.t, ipadName)
	keys := w.demo.server.Authority.SigningKey().Public()
	o := &appleOptions{url: "https://" + ipadName, root: root, school: w.school.Name}
	o.Config = gateway.Config{
		ID: apple.Platform, Root: w.demo.server.Root, Dir: filepath.Join(w.t.TempDir(), "apple"), Now: func() time.Time { return w.clock.Now().In(w.school.Calendar.Zone) }, Seal: mask{},
		Open:    func(t wire.Type, sealed []byte) ([]byte, error) { return wire.Open(keys, t, sealed) },
		PushURL: c.apple.URL(), PushRoots: c.apple.Roots(),
	}
	c.office, err = openIPadOffice(o, nil)
	w.must(err)
	o.Config.Enrol = c.office
	gate, err := gateway.New(o.Config)
	w.must(err)
	c.office.attach(gate)
	c.server = httptest.NewUnstartedServer(gate)
	c.server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	c.server.StartTLS()
	c.manager = &double.SchoolManager{Org: "Elmfield Academy", PerPage: 2, Devices: []string{"DMPC0000001", "DMPC0000009", "DMPC0000002"}, Foreign: map[string]bool{"DMPC0000001": true}}
	manager := httptest.NewServer(c.manager)
	w.t.Cleanup(manager.Close)
	c.office.ASMURL = manager.URL
	c.office.Probe.Lookup, c.office.Probe.Dial = c.lookup, c.dial
	pool := x509.NewCertPool()
	anchor, err := x509.ParseCertificate(root)
	w.must(err)
	pool.AddCert(anchor)
	c.client = &http.Client{Transport: &http.Transport{DialContext: c.dial, TLSClientConfig: &tls.Config{RootCAs: pool}}}
	c.open()
	c.run(gate)
	return c
}

// run has everybody at work until the test ends.
func (c *cart) run(gate *gateway.Gateway) {
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { c.apple.Run(ctx) })
	all.Go(func() {
		if err := gate.Run(ctx, c.demo.server.GatewayConn(apple.Platform)); !errors.Is(err, context.Canceled) {
			c.t.Errorf("the gateway ended with %v", err)
		}
	})
	all.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case d := <-c.polls:
				_, _ = d.Poll(ctx) // one that is refused comes again when it is woken
			}
		}
	})
	c.t.Cleanup(func() {
		stop()
		all.Wait()
		c.client.CloseIdleConnections()
		c.server.Close()
		if err := gate.Close(); err != nil {
			c.t.Error(err)
		}
	})
}

// open serves pages that know the gateway, in place of those of the demonstration.
func (c *cart) open() {
	server := *c.demo.server // it is told where its pages are
	pages, err := openPages(&server, webOptions{listen: "127.0.0.1:0", idle: demoIdle, orders: c.visitors, pretend: c.signFor, ipads: c.office}, c.clock)
	c.must(err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- pages.run(ctx) }()
	c.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			c.t.Error(err)
		}
	})
	d := *c.demo
	d.pages = pages
	c.workday.demo = &d
}

// privateRoot is a school's own authority, DER, and a certificate of it for a name.
func privateRoot(t *testing.T, name string) (root []byte, pair tls.Certificate) {
	t.Helper()
	sign := func(template, parent *x509.Certificate, public, by any) []byte {
		template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(200*24*time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{Subject: pkix.Name{CommonName: "Elmfield"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root = sign(ca, ca, &caKey.PublicKey, caKey)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, ca, &key.PublicKey, caKey)
	return root, tls.Certificate{Certificate: [][]byte{leaf, root}, PrivateKey: key}
}

// inDNS says whether the name of the gateway is there.
func (c *cart) inDNS(known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = known
}

func (c *cart) lookup(context.Context, string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return nil, &net.DNSError{Err: "no such host", Name: ipadName, IsNotFound: true}
	}
	return []string{"10.0.0.7"}, nil
}

// dial leads the name of the gateway to loopback.
func (c *cart) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address == ipadName+":443" {
		address = c.server.Listener.Addr().String()
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// wake is Apple doing so.
func (c *cart) wake(token []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := c.pads[string(token)]; d != nil {
		c.polls <- d
	}
}

// pad is an iPad of the cart that has a passcode and no management.
func (c *cart) pad(serial string, supervised bool) *double.Device {
	c.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	c.must(err)
	return &double.Device{UDID: "00008110-" + serial, Serial: serial, Model: "iPad13,18", OS: "18.1", Supervised: supervised, Client: c.client, Key: key, Now: c.clock.Now}
}

// install has an iPad install what an address gives it.
func (c *cart) install(d *double.Device, address string) {
	c.t.Helper()
	resp, err := c.client.Get(address)
	c.must(err)
	page, err := io.ReadAll(resp.Body)
	c.must(errors.Join(err, resp.Body.Close()))
	if !bytes.Contains(page, []byte(`href="/enrol/`)) {
		c.t.Fatalf("at its address there is no profile: %s", page)
	}
	resp, err = c.client.Get(address + "/profile")
	c.must(err)
	c.installs(d, resp)
	if resp, err = c.client.Get(address + "/profile"); err != nil || resp.StatusCode != http.StatusNotFound {
		c.t.Errorf("an address works twice: %v %v", resp.Status, err)
	}
	c.must(resp.Body.Close())
}

// installs has an iPad install the profile of an answer, and enrol.
func (c *cart) installs(d *double.Device, resp *http.Response) {
	c.t.Helper()
	profile, err := io.ReadAll(resp.Body)
	c.must(errors.Join(err, resp.Body.Close()))
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "application/x-apple-aspen-config" {
		c.t.Fatalf("instead of a profile: %s %s %s", resp.Status, kind, profile)
	}
	settings, by, err := double.ReadProfile(profile)
	c.must(err)
	if by == nil {
		c.t.Error("nobody signed the profile")
	}
	c.must(d.FetchIdentity(c.t.Context(), settings))
	d.SetPasscode(8)
	c.mu.Lock()
	c.pads[string(d.Token())] = d // it is woken as soon as it said how
	c.mu.Unlock()
	c.must(d.Authenticate(c.t.Context()))
	c.must(d.TokenUpdate(c.t.Context()))
}

func (c *cart) signed(csr []byte) []byte { return signedRequest(c.t, c.vendor, csr) }

func (c *cart) certified(signed []byte, topic string) []byte {
	return certified(c.t, c.apple, signed, topic)
}

// signedRequest is what a vendor makes of a request.
func signedRequest(t *testing.T, vendor *rsa.PrivateKey, csr []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(csr)
	if block == nil {
		t.Fatalf("that is no request: %.40q", csr)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "A vendor"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &vendor.PublicKey, vendor)
	must(t, err)
	sum := sha256.Sum256(block.Bytes)
	signature, err := rsa.SignPKCS1v15(rand.Reader, vendor, crypto.SHA256, sum[:])
	must(t, err)
	text, err := plist.Marshal(map[string]string{
		"PushCertRequestCSR": base64.StdEncoding.EncodeToString(block.Bytes), "PushCertSignature": base64.StdEncoding.EncodeToString(signature),
		"PushCertCertificateChain": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	})
	must(t, err)
	return []byte(base64.StdEncoding.EncodeToString(text))
}

// certified is what Apple makes of a request that a vendor signed.
func certified(t *testing.T, a *double.APNs, signed []byte, topic string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(string(signed))
	must(t, err)
	var said struct{ PushCertRequestCSR string }
	must(t, plist.Unmarshal(raw, &said))
	der, err := base64.StdEncoding.DecodeString(said.PushCertRequestCSR)
	must(t, err)
	csr, err := x509.ParseCertificateRequest(der)
	must(t, err)
	cert, err := a.PushCertificateFor(csr.PublicKey, topic, time.Now().Add(364*24*time.Hour+time.Hour))
	must(t, err)
	return cert
}
