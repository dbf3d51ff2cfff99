package joining

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// The limits of the talk, in bytes.
const (
	MaxRequest = 16 << 10
	MaxAnswer  = 4 << 20 // directory and plan of a large school
)

// The paths of the talk.
const (
	PathJoin  = "/join"
	PathRenew = "/renew"
)

// MediaType is that of requests and answers.
const MediaType = "application/json"

const version = 1

// JoinRequest asks to become a member.
type JoinRequest struct {
	Token Token
	CSR   *x509.CertificateRequest
}

// RenewRequest asks for the next certificate.
type RenewRequest struct {
	CSR *x509.CertificateRequest
}

type request struct {
	V     int    `json:"v"`
	Token []byte `json:"token,omitempty"`
	CSR   []byte `json:"csr"`
}

// Encode writes the request. It holds the token.
func (r JoinRequest) Encode() ([]byte, error) {
	return json.Marshal(request{V: version, Token: r.Token[:], CSR: r.CSR.Raw})
}

// Encode writes the request.
func (r RenewRequest) Encode() ([]byte, error) {
	return json.Marshal(request{V: version, CSR: r.CSR.Raw})
}

// DecodeJoin reads a request. The token is not looked at, the CSR's signature
// and sort of key are. Errors: invalid, which never quote the request.
func DecodeJoin(data []byte) (JoinRequest, error) {
	r, csr, err := decode(data)
	if err != nil {
		return JoinRequest{}, err
	}
	var token Token
	if len(r.Token) != len(token) {
		return JoinRequest{}, refused("its token has the wrong length")
	}
	copy(token[:], r.Token)
	return JoinRequest{Token: token, CSR: csr}, nil
}

// DecodeRenew reads a request as DecodeJoin does, without a token.
func DecodeRenew(data []byte) (RenewRequest, error) {
	r, csr, err := decode(data)
	if err != nil {
		return RenewRequest{}, err
	}
	if len(r.Token) != 0 {
		return RenewRequest{}, refused("a renewal has no token")
	}
	return RenewRequest{CSR: csr}, nil
}

func decode(data []byte) (request, *x509.CertificateRequest, error) {
	var r request
	if len(data) > MaxRequest {
		return r, nil, refused("it is too long")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&r) != nil { // its error could quote the token
		return r, nil, refused("it is not the JSON expected")
	}
	if _, err := d.Token(); err != io.EOF {
		return r, nil, refused("something follows it")
	}
	if r.V != version {
		return r, nil, refused("it is of another version")
	}
	csr, err := x509.ParseCertificateRequest(r.CSR)
	if err != nil || !cert.Accepted(csr.PublicKey) || csr.CheckSignature() != nil {
		return r, nil, refused("its certificate request is not one for a P-256 or Ed25519 key, signed with it")
	}
	return r, csr, nil
}

func refused(why string) error {
	return errs.New(errs.Invalid, "The request is refused: "+why+".", "Bring both programs to the same version.")
}

// NewCSR asks for a certificate for key. Who it is for, the server says.
func NewCSR(key crypto.Signer) (*x509.CertificateRequest, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificateRequest(der)
}

// Answer makes a member.
type Answer struct {
	V           int             `json:"v"`
	ID          string          `json:"id"`
	Kind        cert.Kind       `json:"kind"`
	Certificate string          `json:"certificate"` // PEM
	CA          string          `json:"ca"`          // PEM
	Keys        wire.Keys       `json:"keys"`
	MQTT        string          `json:"mqtt"` // "host:port" of the broker
	Welcome     json.RawMessage `json:"welcome,omitempty"`
}

// Encode writes the answer.
func (a Answer) Encode() ([]byte, error) {
	a.V = version
	return json.Marshal(a)
}

// DecodeAnswer reads an answer. What it says is for the caller to check.
// Members it does not know are ignored: a server may be newer. Errors: invalid.
func DecodeAnswer(data []byte) (Answer, error) {
	var a Answer
	if len(data) > MaxAnswer {
		return a, badAnswer(nil)
	}
	if err := json.Unmarshal(data, &a); err != nil || a.V != version {
		return Answer{}, badAnswer(err)
	}
	return a, nil
}

func badAnswer(err error) error {
	return errs.Wrap(err, errs.Invalid, "The server's answer cannot be understood.", "Bring both programs to the same version.")
}
