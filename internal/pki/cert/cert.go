// Package cert is what both ends know of a school's certificates: whom one
// speaks for, whether it leads to the school's own authority, and when it is
// time for the next.
//
// Whom a client's certificate speaks for stands in it twice: the common name is
// the id, which is also the user name at the broker, and one URI names kind and
// id together, as in bellkeep://bank/a. (Under an authority with name constraints
// a URI must have a host, so the kind is one.)
package cert

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Kind is what a client is.
type Kind string

// The kinds.
const (
	Bank    Kind = "bank"
	Device  Kind = "device"
	Gateway Kind = "gateway" // speaks for devices; its id is the platform of these
)

// Valid reports whether k is one of the kinds.
func (k Kind) Valid() bool { return k == Bank || k == Device || k == Gateway }

// Subject is whom a client's certificate speaks for.
type Subject struct {
	Kind Kind
	ID   string
}

const scheme = "bellkeep"

// URI is the subject as it stands in a certificate.
func (s Subject) URI() *url.URL {
	return &url.URL{Scheme: scheme, Host: string(s.Kind), Path: "/" + s.ID}
}

// SubjectOf reads whom c speaks for. Errors: invalid for a certificate that is
// not a client's.
func SubjectOf(c *x509.Certificate) (Subject, error) {
	s := Subject{ID: c.Subject.CommonName}
	if len(c.URIs) == 1 {
		s.Kind = Kind(c.URIs[0].Host)
	}
	if s.Kind.Valid() && school.ValidID(s.ID) && c.URIs[0].String() == s.URI().String() {
		return s, nil
	}
	return Subject{}, errs.New(errs.Invalid, "That certificate is not a bank's, a device's or a gateway's.", "")
}

// Serial is the serial number as it is recorded: lower-case hexadecimal.
func Serial(c *x509.Certificate) string { return c.SerialNumber.Text(16) }

// KeyHash is the SHA-256 of the public key's DER form, in hexadecimal.
func KeyHash(subjectPublicKeyInfo []byte) string {
	sum := sha256.Sum256(subjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// RenewAt is when c should be renewed: at two thirds of its life.
func RenewAt(c *x509.Certificate) time.Time {
	return c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) * 2 / 3)
}
