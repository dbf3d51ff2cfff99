package pki

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/folder"
)

// renewRetry is how long a server that could not renew its certificate goes on
// with the one it has before it tries again.
const renewRetry = time.Minute

// serverCertificate is the one in use.
type serverCertificate struct {
	tls     *tls.Certificate
	leaf    *x509.Certificate
	retryAt time.Time
}

// ServerTLS is how the server listens to clients of its school. With require a
// client must show a certificate, without it may; one that is shown must lead to
// the CA. Whether it still counts is for Roll.Known.
//
// Go's own check of client certificates is not used because it goes by the
// clock: a server that wakes up in the past would shut out every bank.
func (a *Authority) ServerTLS(require bool) *tls.Config {
	clients := x509.NewCertPool()
	clients.AddCert(a.root)
	auth := tls.RequestClientCert
	if require {
		auth = tls.RequireAnyClientCert
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return a.serverCertificate() },
		ClientAuth:     auth,
		ClientCAs:      clients, // told to clients, so that they pick the right certificate
		Time:           a.now,
		VerifyConnection: func(peer tls.ConnectionState) error {
			if !require && len(peer.PeerCertificates) == 0 {
				return nil
			}
			return cert.VerifyClient(peer, a.root, a.now())
		},
	}
}

// ServerFiles are the paths of CA, server certificate and its key in PEM, for a
// broker that is a program of its own.
func (a *Authority) ServerFiles() (ca, certificate, key string) {
	return a.folder.Path(caFile), a.folder.Path(serverFile), a.folder.Path(serverKeyFile)
}

// openServer takes the certificate in the folder if it still fits, else makes
// one.
func (a *Authority) openServer(files map[string][]byte) error {
	chain, err := cert.ParseChain(files[serverFile])
	key, err2 := cert.ParseKey(files[serverKeyFile])
	if err == nil && err2 == nil && cert.Fits(chain[0], key) && a.names.are(chain[0]) && chain[0].CheckSignatureFrom(a.root) == nil {
		a.server = serverCertificate{tls: a.tlsCertificate(chain[0], key), leaf: chain[0]}
	}
	_, err = a.serverCertificate()
	return err
}

// serverCertificate gives the certificate in use and renews it in time.
func (a *Authority) serverCertificate() (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if a.server.tls != nil && (!a.stale(now) || now.Before(a.server.retryAt)) {
		return a.server.tls, nil
	}
	err := a.renewServer()
	if err != nil && a.server.tls == nil {
		return nil, err
	}
	if err != nil { // the old one serves on: a third of its life is left to repair what is wrong
		a.server.retryAt = now.Add(renewRetry)
		a.log.Error("the server's certificate could not be renewed", "not_after", a.server.leaf.NotAfter, "err", err)
	}
	return a.server.tls, nil
}

// stale tells whether the certificate in use should be replaced: in time before
// its end, or because it was made by a clock that has been set back since.
func (a *Authority) stale(now time.Time) bool {
	leaf := a.server.leaf
	return now.Before(leaf.NotBefore) || !now.Before(cert.RenewAt(leaf))
}

func (a *Authority) renewServer() error {
	key, err := cert.NewKey()
	if err != nil {
		return err
	}
	leaf, err := a.leaf(&x509.Certificate{
		Subject:     pkix.Name{CommonName: a.names.first},
		DNSNames:    a.names.dns,
		IPAddresses: a.names.ips,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, key.Public())
	if err != nil {
		return err
	}
	server := a.tlsCertificate(leaf, key)
	if err := a.allowed(leaf); err != nil {
		return err
	}
	text, err := cert.EncodeKey(key)
	if err != nil {
		return err
	}
	err = a.folder.Write(folder.File{Name: serverFile, Data: cert.EncodeChain(leaf, a.root)},
		folder.File{Name: serverKeyFile, Data: text})
	if err == nil {
		a.server = serverCertificate{tls: server, leaf: leaf}
	}
	return err
}

// allowed checks that the CA may vouch for the names.
func (a *Authority) allowed(leaf *x509.Certificate) error {
	roots := x509.NewCertPool()
	roots.AddCert(a.root)
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: cert.NotBefore(leaf)})
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "One of the server's names is outside what the school's authority may vouch for.",
			"Use a name in the school's domains or an address of its own network.")
	}
	return nil
}

// tlsCertificate sends the CA along, so that a client that joins can find it by
// its fingerprint.
func (a *Authority) tlsCertificate(leaf *x509.Certificate, key any) *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw, a.root.Raw}, PrivateKey: key, Leaf: leaf}
}
