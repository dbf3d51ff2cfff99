package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/micromdm/nanolib/log"
	"github.com/micromdm/nanomdm/certverify"
	"github.com/micromdm/nanomdm/cryptoutil"
	httpmdm "github.com/micromdm/nanomdm/http/mdm"
	"github.com/micromdm/nanomdm/service"
	"github.com/micromdm/nanomdm/service/certauth"
	"github.com/micromdm/nanomdm/service/nanomdm"
	"golang.org/x/net/netutil"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/cms"
	"github.com/bellkeep/bellkeep/mdm/apple/scep"
)

// Paths of the endpoints.
const (
	PathMDM  = "/mdm"
	PathSCEP = "/scep"
	PathRoot = "/enrol/" // of Config.Enrol
)

// signatureHeader says whose a message is.
const signatureHeader = "Mdm-Signature"

const checkInType = "application/x-apple-aspen-mdm-checkin"

// Serve answers devices until ctx ends. secure is nil behind a web server with a
// certificate. Errors: unavailable.
func (g *Gateway) Serve(ctx context.Context, listener net.Listener, secure *tls.Config) error {
	listener = netutil.LimitListener(listener, MaxConns)
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	s := &http.Server{
		Handler: g, BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: idle, MaxHeaderBytes: 2 * MaxSignature,
	}
	defer context.AfterFunc(ctx, func() { _ = s.Close() })() // no device waits for the rest of an answer
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return errs.Wrap(err, errs.Unavailable, "The address for iPads is lost.", "Start the gateway again.")
	}
	return nil
}

// ServeHTTP answers a device. A fault in here ends no more than the request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	leave, known := g.enter(r)
	if leave == nil { // it comes again
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	defer leave()
	if !known { // nothing else that they send is longer
		r.Body = http.MaxBytesReader(w, r.Body, MaxCheckIn)
	}
	if !g.safely(r.URL.Path, func() { g.handler.ServeHTTP(w, r) }) {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// routes lays one thing before the other, from the device's side: limits, whose
// signature it is, whether we vouch for them, what is in the message, who may say it.
func (g *Gateway) routes() (http.Handler, error) {
	verifier, err := certverify.NewPoolVerifier(g.CA.PEM(), nil, x509.ExtKeyUsageClientAuth)
	if err != nil {
		return nil, err
	}
	kept := nanoStore{g.store, g}
	var core service.CheckinAndCommandService = nanomdm.New(kept)
	core = admission{g, certauth.New(core, kept)}
	var h http.Handler = httpmdm.CheckinAndCommandHandler(core, log.NopLogger) // its log would hold secrets
	h = g.readable(h)
	h = httpmdm.CertVerifyMiddleware(h, issuedByUs{verifier, g}, log.NopLogger)
	h = httpmdm.CertExtractMdmSignatureMiddleware(h, httpmdm.MdmSignatureVerifierFunc(g.signature))
	mux := http.NewServeMux()
	mux.Handle("PUT "+PathMDM, g.limited(h))
	mux.Handle(PathSCEP, &scep.Server{CA: g.CA, Challenges: g.store, Now: time.Now, Tell: func(id string, err error) { g.refuse(id, "refused", err) }, Log: g.Log})
	if g.Enrol != nil {
		mux.Handle(PathRoot, g.Enrol)
	}
	return mux, nil
}

// limited refuses what is too long before any of it is looked at, and has what was
// read whole looked at a few at a time: who sends slowly holds nobody up.
func (g *Gateway) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := int64(apple.MaxAnswer)
		if strings.HasPrefix(r.Header.Get("Content-Type"), checkInType) {
			limit = MaxCheckIn
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err == nil && len(r.Header.Get(signatureHeader)) > MaxSignature {
			err = errors.New("its signature")
		}
		if err != nil {
			g.refuse("", "refused", fmt.Errorf("a message is too long or was cut off: %w", err))
			http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
			return
		}
		select {
		case g.answering <- struct{}{}:
			defer func() { <-g.answering }()
		case <-r.Context().Done():
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, withTurn(r))
	})
}

// signature finds whose a message is.
func (g *Gateway) signature(header string, body []byte) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(header)
	if err == nil {
		err = cms.Check(der)
	}
	var cert *x509.Certificate
	if err == nil {
		cert, err = cryptoutil.VerifyMdmSignature(header, body)
	}
	if err != nil {
		g.refuse("", "refused", fmt.Errorf("a message has no true signature: %w", err))
	}
	return cert, err
}

// issuedByUs records whose certificate is none of ours.
type issuedByUs struct {
	httpmdm.CertVerifier
	g *Gateway
}

func (v issuedByUs) Verify(ctx context.Context, cert *x509.Certificate) error {
	err := v.CertVerifier.Verify(ctx, cert)
	if err != nil {
		v.g.refuse("", "refused", fmt.Errorf("a message is not from a device with a certificate of ours: %w", err))
	}
	return err
}

// readable refuses what no decoder should be given.
func (g *Gateway) readable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body) // from memory
		if err == nil {
			err = apple.CheckPlist(body)
		}
		id := httpmdm.GetCert(r.Context()).Subject.CommonName
		if err != nil {
			g.refuse(id, "refused", err)
			http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		t, _ := r.Context().Value(turnKey{}).(*turn)
		next.ServeHTTP(&answerWatch{ResponseWriter: w, turn: t, bad: func() { g.refuse(id, "refused", errors.New("a message is of no use here")) }}, r)
	})
}

// answerWatch tells of an answer that a message is of no use: what NanoMDM's decoders
// refuse. Of some they say that the fault is here.
type answerWatch struct {
	http.ResponseWriter
	turn *turn
	bad  func()
}

func (n *answerWatch) WriteHeader(status int) {
	if n.turn != nil && !n.turn.taken {
		status = http.StatusBadRequest
	}
	if status == http.StatusBadRequest {
		n.bad()
	}
	n.ResponseWriter.WriteHeader(status)
}
