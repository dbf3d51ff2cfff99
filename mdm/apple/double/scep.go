package double

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/smallstep/scep"
	"github.com/smallstep/scep/x509util"
)

// SCEPRequest is a pkiMessage that asks for a certificate, and what opens the answer.
type SCEPRequest struct {
	Raw    []byte
	signer *x509.Certificate
	key    *rsa.PrivateKey
	ca     *x509.Certificate
}

// NewSCEPRequest makes a request to an authority.
func NewSCEPRequest(ca *x509.Certificate, key *rsa.PrivateKey, challenge string) (*SCEPRequest, error) {
	template := x509util.CertificateRequest{
		CertificateRequest: x509.CertificateRequest{Subject: pkix.Name{CommonName: "a device"}, SignatureAlgorithm: x509.SHA256WithRSA},
		ChallengePassword:  challenge,
	}
	der, err := x509util.CreateCertificateRequest(rand.Reader, &template, key)
	if err != nil {
		return nil, err
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, err
	}
	signer, err := selfSigned(key)
	if err != nil {
		return nil, err
	}
	m, err := scep.NewCSRRequest(csr, &scep.PKIMessage{MessageType: scep.PKCSReq, Recipients: []*x509.Certificate{ca}, SignerKey: key, SignerCert: signer})
	if err != nil {
		return nil, err
	}
	return &SCEPRequest{m.Raw, signer, key, ca}, nil
}

func selfSigned(key *rsa.PrivateKey) (*x509.Certificate, error) {
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "SCEP signer"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// Open reads the answer to a request.
func (r *SCEPRequest) Open(answer []byte) (*x509.Certificate, error) {
	m, err := scep.ParsePKIMessage(answer, scep.WithCACerts([]*x509.Certificate{r.ca}))
	if err != nil {
		return nil, err
	}
	if m.PKIStatus != scep.SUCCESS {
		return nil, fmt.Errorf("refused, failInfo %s", string(m.FailInfo))
	}
	if err := m.DecryptPKIEnvelope(r.signer, r.key); err != nil {
		return nil, err
	}
	return m.Certificate, nil
}

// fetchIdentity does what a SCEP payload asks a device to.
func fetchIdentity(ctx context.Context, client *http.Client, s EnrolmentProfile, key *rsa.PrivateKey) (*x509.Certificate, error) {
	der, err := fetch(ctx, client, http.MethodGet, s.SCEP+"?operation=GetCACert", nil)
	if err != nil {
		return nil, err
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	request, err := NewSCEPRequest(ca, key, s.Challenge)
	if err != nil {
		return nil, err
	}
	answer, err := fetch(ctx, client, http.MethodPost, s.SCEP+"?operation=PKIOperation", request.Raw)
	if err != nil {
		return nil, err
	}
	cert, err := request.Open(answer)
	if err == nil && !key.PublicKey.Equal(cert.PublicKey) {
		err = errors.New("the certificate is for another key")
	}
	return cert, err
}

func fetch(ctx context.Context, client *http.Client, method, url string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return answer, err
}
