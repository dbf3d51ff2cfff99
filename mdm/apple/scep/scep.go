// Package scep gives each iPad that is expected the certificate by which it is told
// from all others, by the Simple Certificate Enrolment Protocol (RFC 8894), as far as
// iPads need it.
//
//	GET  ?operation=GetCACaps      lines: what this server knows
//	GET  ?operation=GetCACert      DER: the certificate of the devices' authority
//	POST ?operation=PKIOperation   DER: pkiMessage in, CertRep out
//
// A pkiMessage is CMS signed data (RFC 5652) around CMS enveloped data, to the
// authority's RSA key, around a PKCS #10 request (RFC 2986). The request carries a
// challenge password: it was made for one device, holds for a while and once. Everything
// else in the request but its key is passed over: the certificate's common name is the
// id of the device that the challenge was made for.
//
// What cannot be read is answered 400 or 413, what is refused by a CertRep that says
// so and not why.
package scep

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/smallstep/pkcs7"
	"github.com/smallstep/scep"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/cms"
)

// Limits.
const (
	MaxMessage   = 64 << 10 // bytes of a pkiMessage
	MaxChallenge = 128      // bytes
	atOnce       = 8        // messages being opened: each costs two private-key operations
	leastBits    = 2048     // of a device's key
	mostBits     = 4096
	capabilities = "AES\nPOSTPKIOperation\nSCEPStandard\nSHA-256\n"
)

// Challenges knows those that were made.
type Challenges interface {
	// Redeem uses a challenge up and says which device it is for. Errors: denied.
	Redeem(ctx context.Context, challenge string, now time.Time) (device string, err error)
	// Issued notes the hash of the certificate that came of a challenge.
	Issued(ctx context.Context, challenge, hash string) error
}

// Server is the endpoint.
type Server struct {
	CA         *CA
	Challenges Challenges
	Now        func() time.Time                   // machine time
	Tell       func(device string, refused error) // of what was refused, device "" where it is not known; nil for nobody
	Log        *slog.Logger                       // nil for none

	once sync.Once
	room chan struct{}
}

// useAES has what is sent back encrypted as devices of today expect. The CMS package
// has a variable for that, and no other way.
var useAES = sync.OnceFunc(func() { pkcs7.ContentEncryptionAlgorithm = pkcs7.EncryptionAlgorithmAES256CBC })

// prepare completes a server at its first request.
func (s *Server) prepare() {
	useAES()
	s.room = make(chan struct{}, atOnce)
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Tell == nil {
		s.Tell = func(string, error) {}
	}
}

// ServeHTTP answers one operation.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.once.Do(s.prepare)
	w.Header().Set("Cache-Control", "no-store")
	switch operation := r.URL.Query().Get("operation"); {
	case r.Method == http.MethodGet && operation == "GetCACaps":
		reply(w, "text/plain", []byte(capabilities))
	case r.Method == http.MethodGet && operation == "GetCACert":
		reply(w, "application/x-x509-ca-cert", s.CA.Cert.Raw)
	case r.Method == http.MethodPost && operation == "PKIOperation":
		s.operate(w, r)
	default:
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
	}
}

func reply(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body) // the device has gone if it cannot read
}

func (s *Server) operate(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxMessage))
	if err != nil {
		s.Tell("", errors.New("a certificate request is too long or was cut off"))
		http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
		return
	}
	select { // once it is here: who sends slowly holds nobody up
	case s.room <- struct{}{}:
		defer func() { <-s.room }()
	case <-r.Context().Done():
		return
	}
	m, err := s.read(raw)
	if err != nil {
		s.Tell("", fmt.Errorf("a certificate request cannot be read: %w", err))
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	rep, err := s.answer(r.Context(), m)
	if err != nil {
		s.Log.Error("a certificate could not be given out", "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	reply(w, "application/x-pki-message", rep.Raw)
}

// read opens a message and checks that it is whole: signed by the key that it asks a
// certificate for.
func (s *Server) read(raw []byte) (m *scep.PKIMessage, err error) {
	defer func() { // the parsers of CMS are made for messages of friends
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("it made the reader fail: %v", p)
		}
	}()
	if err = whole(raw); err != nil {
		return nil, err
	}
	if m, err = scep.ParsePKIMessage(raw); err != nil {
		return nil, err
	}
	if m.MessageType != scep.PKCSReq {
		return nil, errors.New("it asks for no new certificate")
	}
	if err = m.DecryptPKIEnvelope(s.CA.Cert, s.CA.Key); err != nil {
		return nil, err
	}
	if err = m.CSR.CheckSignature(); err != nil {
		return nil, err
	}
	return m, nil
}

// whole refuses what its reader should not be given, or has such a thing in it.
func whole(raw []byte) error {
	if err := cms.Check(raw); err != nil {
		return err
	}
	signed, err := pkcs7.Parse(raw)
	if err != nil {
		return err
	}
	return cms.Check(signed.Content)
}

// answer gives a certificate out or refuses.
func (s *Server) answer(ctx context.Context, m *scep.PKIMessage) (*scep.PKIMessage, error) {
	cert, device, err := s.issue(ctx, m)
	if errs.CodeOf(err) == errs.Denied {
		s.Tell(device, err)
		return m.Fail(s.CA.Cert, s.CA.Key, scep.BadRequest)
	}
	if err != nil {
		return nil, err
	}
	s.Log.Info("a device has a certificate", "device", device)
	return m.Success(s.CA.Cert, s.CA.Key, cert)
}

func (s *Server) issue(ctx context.Context, m *scep.PKIMessage) (cert *x509.Certificate, device string, err error) {
	key, ok := m.CSR.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < leastBits || key.N.BitLen() > mostBits {
		return nil, "", errs.New(errs.Denied, "A certificate was asked for a key of the wrong kind.", "")
	}
	if m.ChallengePassword == "" || len(m.ChallengePassword) > MaxChallenge {
		return nil, "", errs.New(errs.Denied, "A certificate was asked for without a challenge.", "")
	}
	now := s.Now()
	if device, err = s.Challenges.Redeem(ctx, m.ChallengePassword, now); err != nil {
		return nil, device, err
	}
	if cert, err = s.CA.Issue(key, device, now); err != nil {
		return nil, device, err
	}
	return cert, device, s.Challenges.Issued(ctx, m.ChallengePassword, Hash(cert))
}

// Hash tells certificates apart: SHA-256 of the whole, in lower-case hexadecimal.
func Hash(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}
