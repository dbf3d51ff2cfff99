package pki

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"sync"

	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

// OwnTLS is how the server itself connects as a client, to a broker of the school
// that is another program. id is one that no bank or device can have. Its key is
// never written: each start makes a new one, and each renewal.
func (a *Authority) OwnTLS(id string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(a.root)
	own := &ownCertificate{authority: a, id: id}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: roots, Time: a.now,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own.get() },
	}
}

// ownCertificate is the server's as a client.
type ownCertificate struct {
	authority *Authority
	id        string

	mu   sync.Mutex
	made *tls.Certificate
}

// get gives the certificate in use, and a new one in time.
func (o *ownCertificate) get() (*tls.Certificate, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := o.authority.now(); o.made != nil && !now.Before(o.made.Leaf.NotBefore) && now.Before(cert.RenewAt(o.made.Leaf)) {
		return o.made, nil
	}
	key, err := cert.NewKey()
	if err != nil {
		return nil, err
	}
	leaf, err := o.authority.leaf(&x509.Certificate{
		Subject:     pkix.Name{CommonName: o.id},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, key.Public())
	if err != nil {
		return nil, err
	}
	o.made = o.authority.tlsCertificate(leaf, key)
	return o.made, nil
}
