package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

const (
	// Life is how long the certificates of clients and server live.
	Life = 90 * 24 * time.Hour

	rootYears = 30

	// A certificate begins a little early, for peers whose clock is a little slow.
	backdate = 5 * time.Minute
)

// The product is younger than its first school: a clock before that is wrong.
var firstSchool = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// newRoot makes the CA's certificate: for the school's servers and clients
// only, with no other authority below it, for addresses of private networks
// (RFC 1918, 6598, 3927, 4193, 4291) and the domains of c.
func newRoot(c Config, key crypto.Signer) (*x509.Certificate, error) {
	now := c.Now()
	if now.Before(firstSchool) {
		return nil, wrongClock(now)
	}
	name := "Bellkeep school authority"
	if c.School != "" {
		name = c.School + " (Bellkeep)"
	}
	return sign(&x509.Certificate{
		Subject:                     pkix.Name{CommonName: name},
		NotBefore:                   now.Add(-backdate),
		NotAfter:                    now.AddDate(rootYears, 0, 0),
		IsCA:                        true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         c.Domains,
		PermittedIPRanges:           private(),
	}, nil, key.Public(), key)
}

// client certifies a key for a subject.
func (a *Authority) client(s cert.Subject, public crypto.PublicKey) (*x509.Certificate, error) {
	if !cert.Accepted(public) {
		return nil, errs.New(errs.Invalid, "Only P-256 and Ed25519 keys are certified.", "")
	}
	return a.leaf(&x509.Certificate{
		Subject:     pkix.Name{CommonName: s.ID},
		URIs:        []*url.URL{s.URI()},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, public)
}

func (a *Authority) leaf(t *x509.Certificate, public crypto.PublicKey) (*x509.Certificate, error) {
	now := a.now()
	if now.Before(a.root.NotBefore) {
		return nil, wrongClock(now)
	}
	t.NotBefore = now.Add(-backdate)
	t.NotAfter = now.Add(Life)
	t.KeyUsage = x509.KeyUsageDigitalSignature
	return sign(t, a.root, public, a.key)
}

// sign gives t a random 128-bit serial and the issuer's signature; without an
// issuer it signs itself.
func sign(t, issuer *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	var serial [16]byte
	rand.Read(serial[:]) // never fails
	t.SerialNumber = new(big.Int).SetBytes(serial[:])
	t.BasicConstraintsValid = true
	if issuer == nil {
		issuer = t
	}
	der, err := x509.CreateCertificate(rand.Reader, t, issuer, public, key)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "A certificate cannot be made.", "")
	}
	return x509.ParseCertificate(der)
}

func wrongClock(now time.Time) error {
	return errs.New(errs.NotNow, "The school server's clock says "+now.UTC().Format("2 January 2006")+", so it can give out no certificates.",
		"Set the server's clock or connect it to a time server, then try again.")
}

// private is every range of addresses that a school's own network can have.
func private() []*net.IPNet {
	var nets []*net.IPNet
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
		"169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"} {
		_, n, _ := net.ParseCIDR(text) // they are well formed
		nets = append(nets, n)
	}
	return nets
}
