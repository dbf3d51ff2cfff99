package pki_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

// What does not come from a client of ours is answered with a problem too.
func TestStrangeRequests(t *testing.T) {
	s := found(t)
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // only answers are of interest here
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		code               errs.Code
	}{
		"another path":        {"POST", "/", "", 404, errs.NotFound},
		"reading":             {"GET", joining.PathJoin, "", 404, errs.NotFound},
		"no body":             {"POST", joining.PathJoin, "", 400, errs.Invalid},
		"no JSON":             {"POST", joining.PathJoin, "hello", 400, errs.Invalid},
		"too long":            {"POST", joining.PathJoin, strings.Repeat("x", joining.MaxRequest+1), 400, errs.Invalid},
		"renewal of a nobody": {"POST", joining.PathRenew, "{}", 403, errs.Denied},
	} {
		request, err := http.NewRequestWithContext(t.Context(), c.method, "https://"+s.Server+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		data, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		p, err2 := joining.DecodeProblem(bytes.TrimSpace(data))
		kind, _, err3 := mime.ParseMediaType(response.Header.Get("Content-Type"))
		if err != nil || err2 != nil || err3 != nil || kind != joining.ProblemType {
			t.Errorf("%s: %q as %s, %v %v %v", name, data, kind, err, err2, err3)
		}
		if name == "too long" && !strings.Contains(p.Detail, "16 KiB") {
			t.Errorf("it was read whole before it was refused: %s", p.Detail)
		}
		if response.StatusCode != c.status || p.Status != c.status || p.Code != c.code || p.Hint == "" {
			t.Errorf("%s: status %d, %+v", name, response.StatusCode, p)
		}
	}
}

// Whatever name a client asks for, it gets the one it was invited by.
func TestTheServerGivesTheName(t *testing.T) {
	s := found(t)
	code := s.invite(t, bankB, false)
	key, err := cert.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "c", OrganizationalUnit: []string{"server"}}, DNSNames: []string{"localhost"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	body, err := joining.JoinRequest{Token: code.Token, CSR: csr}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", joining.PathJoin, bytes.NewReader(body)))
	answer, err := joining.DecodeAnswer(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	chain, err := cert.ParseChain([]byte(answer.Certificate))
	if err != nil {
		t.Fatal(err)
	}
	c := chain[0]
	if who, err := cert.SubjectOf(c); err != nil || who != bankB || c.Subject.String() != "CN=b" || len(c.DNSNames) != 0 {
		t.Errorf("the certificate is for %v %v, %v", c.Subject, c.DNSNames, err)
	}
	if c.IsCA || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth || c.SerialNumber.BitLen() < 96 {
		t.Errorf("the certificate may do more than it should, or has serial %v", c.SerialNumber)
	}
}

// A server that mixes up its clients is not believed.
func TestAnAnswerForSomebodyElse(t *testing.T) {
	s := found(t)
	code, other := s.invite(t, bankB, false), s.invite(t, phone, false)
	mixed := s.HTTPServer()
	mixed.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing is refused below
		request, err := joining.DecodeJoin(body)
		if err != nil {
			t.Error(err)
			return
		}
		request.Token = other.Token
		if body, err = request.Encode(); err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.Handler().ServeHTTP(w, r)
	})
	code.Server = serve(t, "127.0.0.1", mixed)
	_, _, err := identity.Join(t.Context(), code, t.TempDir(), s.options())
	wantCode(t, "an answer for somebody else", err, errs.Invalid)
}

func TestTheServerWaitsForNobody(t *testing.T) {
	server := found(t).HTTPServer()
	for name, limit := range map[string]time.Duration{"header": server.ReadHeaderTimeout, "body": server.ReadTimeout, "answer": server.WriteTimeout, "idle": server.IdleTimeout} {
		if limit <= 0 || limit > time.Minute {
			t.Errorf("%s may take %v", name, limit)
		}
	}
	if server.TLSConfig.MinVersion < tls.VersionTLS12 || server.MaxHeaderBytes > 16<<10 {
		t.Error("TLS or headers have no bound")
	}
}
