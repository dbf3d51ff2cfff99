package cert

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// VerifyServer checks that the peer is the server called host, a name or an
// address, and that its certificate leads to the authority root. Errors: denied.
//
// A computer without a battery wakes up in the past, and learns the time only
// from the server it is about to check. So a certificate that is not valid yet
// is taken: its own authority signed it, and forging one is no easier for its
// date. One that has run out is refused.
func VerifyServer(peer tls.ConnectionState, root *x509.Certificate, host string, now time.Time) error {
	if len(peer.PeerCertificates) == 0 {
		return errs.New(errs.Denied, "The server showed no certificate.", "")
	}
	leaf := peer.PeerCertificates[0]
	err := verify(peer.PeerCertificates, root, x509.ExtKeyUsageServerAuth, now)
	if err == nil {
		err = leaf.VerifyHostname(host)
	}
	return explain(err, leaf, now)
}

// VerifyClient checks that the peer is a client of the authority root, with the
// same leniency as VerifyServer: the server may be the one that woke up in the
// past. Errors: denied.
func VerifyClient(peer tls.ConnectionState, root *x509.Certificate, now time.Time) error {
	if len(peer.PeerCertificates) == 0 {
		return errs.New(errs.Denied, "The client showed no certificate.", "")
	}
	leaf := peer.PeerCertificates[0]
	if _, err := SubjectOf(leaf); err != nil {
		return errs.Wrap(err, errs.Denied, "The client's certificate names nobody.", "")
	}
	return explain(verify(peer.PeerCertificates, root, x509.ExtKeyUsageClientAuth, now), leaf, now)
}

// PinnedRoot finds in what a server sent the authority whose certificate has
// the fingerprint pinned: nothing else is trusted yet. Errors: denied.
func PinnedRoot(sent []*x509.Certificate, pinned Fingerprint) (*x509.Certificate, error) {
	for _, c := range sent {
		if c.IsCA && FingerprintOf(c) == pinned {
			return c, nil
		}
	}
	return nil, errs.New(errs.Denied,
		"The server at this address belongs to another school: its certificates come from another authority than the joining code says.",
		"Make the joining code on this school's own server and scan that one.")
}

// NotBefore is the earliest moment at which c can be checked, for whoever
// cannot trust a clock yet.
func NotBefore(c *x509.Certificate) time.Time { return c.NotBefore.Add(time.Second) }

func verify(sent []*x509.Certificate, root *x509.Certificate, use x509.ExtKeyUsage, now time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(root)
	leaf := sent[0]
	if earliest := NotBefore(leaf); now.Before(earliest) {
		now = earliest
	}
	// There is no authority between root and leaf.
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{use}})
	return err
}

// explain says in a sentence why a certificate is refused.
func explain(err error, leaf *x509.Certificate, now time.Time) error {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &name):
		return errs.Wrap(err, errs.Denied, "The server's certificate is for another name than "+name.Host+".",
			"Add this name to the names of the server, or connect by one it has.")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return errs.Wrap(err, errs.Denied, "The certificate ran out on "+day(leaf.NotAfter)+"; this computer's clock says "+day(now)+".",
			"Check the clocks of both computers. If they are right, join again with a new code.")
	case errors.As(err, &unknown):
		return errs.Wrap(err, errs.Denied, "The certificate comes from another school's authority.",
			"Check the address. If the school's server was set up anew, join it again with a new code.")
	}
	return errs.Wrap(err, errs.Denied, "The certificate cannot be trusted.", "Join again with a new code.")
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }
