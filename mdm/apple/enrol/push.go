package enrol

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"net/mail"
	"strings"
	"time"

	"github.com/micromdm/nanomdm/cryptoutil"
	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// request is a push certificate on its way: the key never leaves this server.
type request struct {
	Made   time.Time `json:"made,omitzero"`
	Key    []byte    `json:"key,omitempty"`    // PEM, sealed
	CSR    []byte    `json:"csr,omitempty"`    // DER
	Signed []byte    `json:"signed,omitempty"` // what the vendor made of it, as Apple wants it uploaded
}

// Push is how the push certificate stands.
type Push struct {
	Topic   string // "" for none
	Until   time.Time
	Account string // the Apple Account it is renewed with
	Asked   time.Time
	Signed  bool // the vendor's signature is here
}

// Left is how many whole days it is good for.
func (p Push) Left(now time.Time) int { return max(0, int(p.Until.Sub(now)/(24*time.Hour))) }

// Push gives it. Errors: unavailable.
func (o *Office) Push() (Push, error) {
	kept := o.look()
	p := Push{Account: kept.Account, Asked: kept.Request.Made, Signed: kept.Request.Signed != nil}
	has, err := o.gateway.Push()
	if errs.CodeOf(err) == errs.NotFound {
		return p, nil
	}
	p.Topic, p.Until = has.Topic, has.Until
	return p, err
}

// keyBits is what Apple asks of the key of a push certificate.
const keyBits = 2048

// Request makes a key and the request for its certificate, in place of one that was
// made before.
func (o *Office) Request() error {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return err
	}
	template := x509.CertificateRequest{Subject: pkix.Name{CommonName: "Bellkeep push", Organization: []string{o.School}}, SignatureAlgorithm: x509.SHA256WithRSA}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &template, key)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	sealed, err := o.Seal.Seal(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		return err
	}
	return o.change(func(s *state) error {
		s.Request = request{Made: o.Now().UTC(), Key: sealed, CSR: csr}
		return nil
	})
}

var errNoRequest = errs.New(errs.NotFound, "No request for a push certificate was made here.", "Make one: its key stays on this server.")

// CSR is the request, PEM, for the vendor to sign. Errors: not_found.
func (o *Office) CSR() ([]byte, error) {
	csr := o.look().Request.CSR
	if csr == nil {
		return nil, errNoRequest
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr}), nil
}

// signedRequest is what a vendor gives back, in base64: the request, its signature
// over the request, and who vouches for the vendor.
type signedRequest struct {
	CSR       string `plist:"PushCertRequestCSR"`
	Chain     string `plist:"PushCertCertificateChain"`
	Signature string `plist:"PushCertSignature"`
}

// TakeSigned keeps what the vendor made of the request. Errors: invalid at signed,
// not_found.
func (o *Office) TakeSigned(file []byte) error {
	asked := o.look().Request
	if asked.CSR == nil {
		return errNoRequest
	}
	if err := checkSigned(file, asked.CSR); err != nil {
		return err
	}
	return o.change(func(s *state) error {
		if !bytes.Equal(s.Request.CSR, asked.CSR) {
			return errs.New(errs.Conflict, "Another request was made meanwhile.", "Have that one signed.")
		}
		s.Request.Signed = bytes.TrimSpace(file)
		return nil
	})
}

func checkSigned(file, csr []byte) error {
	const again = "Upload the file as the vendor sent it, without opening it in between."
	raw, err := decoded(string(file))
	var said signedRequest
	if err == nil {
		err = plist.Unmarshal(raw, &said)
	}
	if err != nil || len(file) > MaxUpload {
		return errs.At("signed", "That file is not a request signed by a vendor.", again)
	}
	theirs, err := decoded(said.CSR)
	if block, _ := pem.Decode([]byte(said.CSR)); block != nil {
		theirs, err = block.Bytes, nil
	}
	if err != nil || !bytes.Equal(theirs, csr) {
		return errs.At("signed", "The vendor signed another request than the one made here last.", "Send the vendor the request below, and upload what comes back.")
	}
	block, _ := pem.Decode([]byte(said.Chain))
	signature, err := decoded(said.Signature)
	if block == nil || err != nil {
		return errs.At("signed", "The vendor's certificate or signature is missing in that file.", again)
	}
	vendor, err := x509.ParseCertificate(block.Bytes)
	if err != nil || vendor.CheckSignature(x509.SHA256WithRSA, csr, signature) != nil {
		return errs.At("signed", "The vendor's signature in that file is not over this request.", again)
	}
	return nil
}

// decoded reads base64 with lines in it.
func decoded(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// Signed is what is uploaded to Apple. Errors: not_found.
func (o *Office) Signed() ([]byte, error) {
	b := o.look().Request.Signed
	if b == nil {
		return nil, errs.New(errs.NotFound, "There is no request with a vendor's signature yet.", "Have the request signed, and upload what comes back.")
	}
	return b, nil
}

// TakePush takes in the certificate that Apple made of the request, and notes the
// Apple Account it was made with. Errors: invalid at certificate or account, conflict
// for another topic, not_found, unavailable.
func (o *Office) TakePush(ctx context.Context, file []byte, account string) error {
	account = strings.TrimSpace(account)
	if a, err := mail.ParseAddress(account); err != nil || a.Address != account || len(account) > 200 {
		return errs.At("account", "Say which Apple Account it was made with", "The address you signed in with at identity.apple.com: in a year only that one can renew it.")
	}
	asked := o.look().Request
	if asked.Key == nil {
		return errNoRequest
	}
	key, err := o.Seal.Open(asked.Key)
	if err != nil {
		return err
	}
	if err := checkPush(file, key, o.Now()); err != nil {
		return err
	}
	if err := o.gateway.SetPush(ctx, file, key); err != nil {
		return err
	}
	return o.change(func(s *state) error {
		s.Account, s.Request = account, request{}
		return nil
	})
}

// checkPush says why a file is not the push certificate of a key.
func checkPush(file, key []byte, now time.Time) error {
	const which = "Upload the .pem file that identity.apple.com offers as Download."
	block, _ := pem.Decode(file)
	if block == nil || block.Type != "CERTIFICATE" || len(file) > MaxUpload {
		return errs.At("certificate", "That file is no certificate.", which)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return errs.At("certificate", "That certificate cannot be read.", which)
	}
	topic, err := cryptoutil.TopicFromCert(cert)
	if err != nil || !strings.HasPrefix(topic, "com.apple.mgmt.") {
		return errs.At("certificate", "That certificate is not for waking managed devices.", which)
	}
	if _, err := tls.X509KeyPair(file, key); err != nil {
		return errs.At("certificate", "That certificate was made from another request than the last one here.", "Upload the request of this page to Apple once more, and bring what comes back.")
	}
	if now.Before(cert.NotBefore) {
		return errs.At("certificate", "That certificate is good from "+day(cert.NotBefore)+" on, by this server's clock.", "Set this server's clock.")
	}
	if !now.Before(cert.NotAfter) {
		return errs.At("certificate", "That certificate ended on "+day(cert.NotAfter)+".", "Choose Renew beside it at identity.apple.com, with the same Apple Account.")
	}
	return nil
}

func day(t time.Time) string { return t.Format("2 January 2006") }
