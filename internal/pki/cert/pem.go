package cert

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// MaxPEM bounds a file or message of certificates, in bytes, and maxChain the
// certificates in it.
const (
	MaxPEM   = 16 << 10
	maxChain = 4
)

const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"
)

// Fingerprint is the SHA-256 of a certificate's DER form.
type Fingerprint [sha256.Size]byte

// FingerprintOf gives the fingerprint of c.
func FingerprintOf(c *x509.Certificate) Fingerprint { return sha256.Sum256(c.Raw) }

// String gives the fingerprint in hexadecimal.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// NewKey makes a P-256 key.
func NewKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// EncodeChain writes certificates as PEM, in order.
func EncodeChain(chain ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range chain {
		_ = pem.Encode(&b, &pem.Block{Type: certificateBlock, Bytes: c.Raw}) // a buffer takes everything
	}
	return b.Bytes()
}

// ParseChain reads 1 to 4 certificates in PEM and nothing else. Errors: invalid.
func ParseChain(data []byte) ([]*x509.Certificate, error) {
	if len(data) > MaxPEM {
		return nil, unreadable("certificate", nil)
	}
	var chain []*x509.Certificate
	for len(bytes.TrimSpace(data)) > 0 {
		block, rest := pem.Decode(data)
		if block == nil || block.Type != certificateBlock || len(chain) == maxChain {
			return nil, unreadable("certificate", nil)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, unreadable("certificate", err)
		}
		chain, data = append(chain, c), rest
	}
	if len(chain) == 0 {
		return nil, unreadable("certificate", nil)
	}
	return chain, nil
}

// EncodeKey writes a private key as PKCS #8 in PEM.
func EncodeKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

// ParseKey reads a private key: P-256 or Ed25519, nothing else. The error never
// quotes the file. Errors: invalid.
func ParseKey(data []byte) (crypto.Signer, error) {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != keyBlock || len(bytes.TrimSpace(rest)) > 0 {
		return nil, unreadable("key", nil)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, unreadable("key", nil)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok || !Accepted(key.Public()) {
		return nil, unreadable("key", nil)
	}
	return key, nil
}

// Accepted reports whether the school certifies keys of this sort: P-256 and
// Ed25519.
func Accepted(public crypto.PublicKey) bool {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		return key.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return len(key) == ed25519.PublicKeySize
	}
	return false
}

func unreadable(what string, err error) error {
	return errs.Wrap(err, errs.Invalid, "A "+what+" cannot be read.", "")
}

// Fits reports whether c certifies the public half of key.
func Fits(c *x509.Certificate, key crypto.Signer) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}
