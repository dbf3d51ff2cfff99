package scep

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"time"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	caLife     = 20 * 365 * 24 * time.Hour
	deviceLife = 5 * 365 * 24 * time.Hour // a certificate that ends has its device enrol again
	backdated  = 10 * time.Minute         // for devices whose clock is behind
	caBits     = 2048                     // what devices of every age can speak to
	maxCAFile  = 32 << 10
)

// CA is the devices' authority: it vouches for nothing but who an iPad is to this
// gateway.
type CA struct {
	Cert *x509.Certificate
	Key  *rsa.PrivateKey
}

// OpenCA reads the authority in a file, mode 0600, or makes it. Errors: unavailable,
// invalid.
func OpenCA(path string, now time.Time) (*CA, error) {
	b, err := durable.ReadFile(path, maxCAFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeCA(path, now)
	case err != nil:
		return nil, errs.Wrap(err, errs.Unavailable, "The iPads' authority cannot be read.", "Look at the rights of "+path+".")
	}
	ca, err := parseCA(b)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "The iPads' authority is damaged.", "Bring back "+path+" from a backup; without it every iPad enrols again.")
	}
	return ca, nil
}

func parseCA(b []byte) (*CA, error) {
	keyBlock, rest := pem.Decode(b)
	certBlock, _ := pem.Decode(rest)
	if keyBlock == nil || certBlock == nil {
		return nil, errors.New("a part is missing")
	}
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("its key is not RSA")
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err == nil && !private.PublicKey.Equal(cert.PublicKey) {
		err = errors.New("key and certificate do not belong together")
	}
	return &CA{cert, private}, err
}

func makeCA(path string, now time.Time) (*CA, error) {
	key, err := rsa.GenerateKey(rand.Reader, caBits)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Bellkeep iPads"},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(caLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	cert, err := sign(template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	b := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	return &CA{cert, key}, durable.WriteFile(path, b, 0o600)
}

// Issue gives a key the certificate of a device.
func (c *CA) Issue(key crypto.PublicKey, device string, now time.Time) (*x509.Certificate, error) {
	return sign(&x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: device},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(deviceLife),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}, c.Cert, key, c.Key)
}

// PEM is the authority's certificate.
func (c *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Cert.Raw})
}

func sign(template, parent *x509.Certificate, key crypto.PublicKey, by *rsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// serial is a serial number of 126 random bits, positive and not nought.
func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails
	b[0] = b[0]&0x3f | 0x40
	return new(big.Int).SetBytes(b)
}
