// Package bustest is what a broker must do for this product, as tests that run
// against any of them, and what such tests need: a certificate authority and a
// Mosquitto of their own.
package bustest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// CA issues certificates that are good for an hour.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool

	mu     sync.Mutex
	issued map[string][]*big.Int // serials by name
}

// NewCA makes an authority with a key of its own.
func NewCA(t testing.TB) *CA {
	t.Helper()
	ca := &CA{pool: x509.NewCertPool(), issued: map[string][]*big.Int{}}
	template := certificate(t, "test authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	ca.key = newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, ca.key.Public(), ca.key)
	must(t, err)
	ca.cert, err = x509.ParseCertificate(der)
	must(t, err)
	ca.pool.AddCert(ca.cert)
	return ca
}

func certificate(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	must(t, err)
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

// Issue makes a certificate for a client of that name, or for a server on
// 127.0.0.1.
func (ca *CA) Issue(t testing.TB, name string) tls.Certificate {
	t.Helper()
	template := certificate(t, name)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	must(t, err)
	leaf, err := x509.ParseCertificate(der)
	must(t, err)
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.issued[name] = append(ca.issued[name], leaf.SerialNumber)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// Client is the TLS side of a client of that name.
func (ca *CA) Client(t testing.TB, name string) *tls.Config {
	t.Helper()
	return &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{ca.Issue(t, name)}}
}

// Server is the TLS side of a broker on 127.0.0.1 that wants certificates of
// this authority.
func (ca *CA) Server(t testing.TB) *tls.Config {
	t.Helper()
	return &tls.Config{
		Certificates: []tls.Certificate{ca.Issue(t, "broker")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ca.pool,
	}
}

// Revoke keeps a list of all certificates of these names as a PEM file, the nth list.
func (ca *CA) Revoke(t testing.TB, path string, nth int, names ...string) {
	t.Helper()
	ca.mu.Lock()
	defer ca.mu.Unlock()
	dated := ca.cert.NotBefore.Add(time.Duration(nth) * time.Second) // a broker goes by the newest
	list := &x509.RevocationList{Number: big.NewInt(int64(nth)), ThisUpdate: dated, NextUpdate: ca.cert.NotAfter}
	for _, name := range names {
		for _, serial := range ca.issued[name] {
			list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: dated})
		}
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, ca.cert, ca.key)
	must(t, err)
	writePEM(t, path, "X509 CRL", der)
}

// Files are the paths of what a program needs to connect.
type Files struct{ CA, Certificate, Key string }

// Write issues a certificate and keeps it in dir as PEM files.
func (ca *CA) Write(t testing.TB, dir, name string) Files {
	t.Helper()
	issued := ca.Issue(t, name)
	key, err := x509.MarshalPKCS8PrivateKey(issued.PrivateKey)
	must(t, err)
	f := Files{CA: filepath.Join(dir, name+"-ca.pem"), Certificate: filepath.Join(dir, name+".pem"), Key: filepath.Join(dir, name+"-key.pem")}
	writePEM(t, f.CA, "CERTIFICATE", ca.cert.Raw)
	writePEM(t, f.Certificate, "CERTIFICATE", issued.Certificate[0])
	writePEM(t, f.Key, "PRIVATE KEY", key)
	return f
}

func writePEM(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
