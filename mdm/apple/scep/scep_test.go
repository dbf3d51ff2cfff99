package scep_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/cms/cmstest"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/scep"
)

// book holds challenges in memory.
type book struct {
	mu     sync.Mutex
	open   map[string]string // challenge → device
	issued map[string]string // device → hash
}

func (b *book) Redeem(_ context.Context, challenge string, _ time.Time) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id, ok := b.open[challenge]
	if !ok {
		return "", errs.New(errs.Denied, "unknown", "")
	}
	delete(b.open, challenge)
	return id, nil
}

func (b *book) Issued(_ context.Context, _, hash string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.issued["ipad-1"] = hash
	return nil
}

type rig struct {
	*httptest.Server
	ca   *scep.CA
	book *book
	key  *rsa.PrivateKey

	mu   sync.Mutex
	told []string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	ca, err := scep.OpenCA(filepath.Join(t.TempDir(), "ca.pem"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{ca: ca, key: key, book: &book{open: map[string]string{"right": "ipad-1"}, issued: map[string]string{}}}
	r.Server = httptest.NewServer(&scep.Server{CA: ca, Challenges: r.book, Now: time.Now, Tell: func(_ string, err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told = append(r.told, err.Error())
	}})
	t.Cleanup(r.Close)
	return r
}

func (r *rig) ask(t *testing.T, key *rsa.PrivateKey, challenge string) *double.SCEPRequest {
	t.Helper()
	q, err := double.NewSCEPRequest(r.ca.Cert, key, challenge)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (r *rig) post(t *testing.T, body []byte) (int, []byte) {
	t.Helper()
	resp, err := http.Post(r.URL+"?operation=PKIOperation", "application/x-pki-message", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func TestACertificateForWhomTheChallengeWasMade(t *testing.T) {
	r := newRig(t)
	q := r.ask(t, r.key, "right")
	status, answer := r.post(t, q.Raw)
	cert, err := q.Open(answer)
	if status != http.StatusOK || err != nil {
		t.Fatalf("status %d, %v", status, err)
	}
	if cert.Subject.CommonName != "ipad-1" || r.book.issued["ipad-1"] != scep.Hash(cert) {
		t.Errorf("it is for %q, noted as %q", cert.Subject.CommonName, r.book.issued["ipad-1"])
	}
	if life := time.Until(cert.NotAfter); life < 4*365*24*time.Hour || cert.NotBefore.After(time.Now()) {
		t.Errorf("it lives %s", life)
	}
	roots := x509.NewCertPool()
	roots.AddCert(r.ca.Cert)
	if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if cert.IsCA {
		t.Error("a device may make certificates")
	}

	status, answer = r.post(t, q.Raw)
	if _, err := q.Open(answer); status != http.StatusOK || err == nil {
		t.Errorf("sent once more, the same message: status %d, %v", status, err)
	}
	again := r.ask(t, r.key, "right")
	if _, answer = r.post(t, again.Raw); len(answer) == 0 {
		t.Error("no answer")
	}
	if _, err := again.Open(answer); err == nil {
		t.Error("a challenge was used twice")
	}
}

func TestWhatIsRefused(t *testing.T) {
	r := newRig(t)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]*double.SCEPRequest{
		"a wrong challenge": r.ask(t, r.key, "wrong"),
		"no challenge":      r.ask(t, r.key, ""),
		"a long challenge":  r.ask(t, r.key, string(bytes.Repeat([]byte("x"), scep.MaxChallenge+1))),
		"a short key":       r.ask(t, short, "right"),
	} {
		status, answer := r.post(t, q.Raw)
		if _, err := q.Open(answer); status != http.StatusOK || err == nil {
			t.Errorf("%s: status %d, %v", name, status, err)
		}
	}
	if r.book.open["right"] == "" {
		t.Error("a challenge was used up by what was refused")
	}
	if len(r.told) != 4 {
		t.Errorf("told of %q", r.told)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	r := newRig(t)
	good := r.ask(t, r.key, "right").Raw
	other, err := scep.OpenCA(filepath.Join(t.TempDir(), "ca.pem"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := double.NewSCEPRequest(other.Cert, r.key, "right")
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(good)
	changed[len(changed)/2] ^= 1
	for name, c := range map[string]struct {
		body   []byte
		status int
	}{
		"nothing":             {nil, 400},
		"text":                {[]byte("hello"), 400},
		"half of a message":   {good[:len(good)/2], 400},
		"a changed message":   {changed, 400},
		"to another school":   {stranger.Raw, 400},
		"a message too long":  {append(bytes.Clone(good), make([]byte, scep.MaxMessage)...), 413},
		"sequences in depth":  {bytes.Repeat([]byte{0x30, 0x80}, 30_000), 400},
		"a length that lies":  {[]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff}, 400},
		"an empty enveloping": {[]byte{0x30, 0x00}, 400},
	} {
		if status, _ := r.post(t, c.body); status != c.status {
			t.Errorf("%s: status %d, want %d", name, status, c.status)
		}
	}
	if r.book.open["right"] == "" {
		t.Error("a challenge was used up by what cannot be read")
	}
	for _, path := range []string{"", "?operation=GetNextCACert", "?operation=PKIOperation&message=AAAA"} {
		resp, err := http.Get(r.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("GET %q: %s", path, resp.Status)
		}
	}
}

// What would take its reader hours and all memory is refused before that, and so is a
// message with such a thing in it.
func TestBombsAreNotRead(t *testing.T) {
	r := newRig(t)
	signed, err := pkcs7.NewSignedData(cmstest.Bomb())
	if err == nil {
		err = signed.AddSigner(r.ca.Cert, r.ca.Key, pkcs7.SignerInfoConfig{ExtraSignedAttributes: []pkcs7.Attribute{
			{Type: asn1.ObjectIdentifier{2, 16, 840, 1, 113733, 1, 9, 7}, Value: "1"},
			{Type: asn1.ObjectIdentifier{2, 16, 840, 1, 113733, 1, 9, 2}, Value: "19"},
			{Type: asn1.ObjectIdentifier{2, 16, 840, 1, 113733, 1, 9, 5}, Value: make([]byte, 16)},
		}})
	}
	if err != nil {
		t.Fatal(err)
	}
	inside, err := signed.Finish()
	if err != nil {
		t.Fatal(err)
	}
	for what, body := range map[string][]byte{"a bomb": cmstest.Bomb(), "one inside": inside} {
		cost := cmstest.Cost(func() {
			if status, _ := r.post(t, body); status != http.StatusBadRequest {
				t.Errorf("%s: status %d", what, status)
			}
		})
		if cost > cmstest.Much {
			t.Errorf("%s took %d bytes to be refused", what, cost)
		}
	}
}

func TestTheAuthorityIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ca.pem")
	first, err := scep.OpenCA(path, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its file: %v, %v", info.Mode(), err)
	}
	second, err := scep.OpenCA(path, time.Now())
	if err != nil || !second.Cert.Equal(first.Cert) || !second.Key.Equal(first.Key) {
		t.Errorf("read again it is another one: %v", err)
	}
	if err := os.WriteFile(path, []byte("-----BEGIN"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := scep.OpenCA(path, time.Now()); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a damaged file: %v", err)
	}
}

func TestDevicesOfOtherKeysCanBeGivenCertificates(t *testing.T) {
	r := newRig(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err := r.ca.Issue(&key.PublicKey, "ipad-2", time.Now()); err != nil || cert.Subject.CommonName != "ipad-2" {
		t.Error(err)
	}
}

func FuzzPKIOperation(f *testing.F) {
	ca, err := scep.OpenCA(filepath.Join(f.TempDir(), "ca.pem"), time.Now())
	if err != nil {
		f.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	for _, challenge := range []string{"right", "wrong", ""} {
		q, err := double.NewSCEPRequest(ca.Cert, key, challenge)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(q.Raw)
	}
	f.Add([]byte{0x30, 0x80})
	s := &scep.Server{CA: ca, Challenges: &book{open: map[string]string{}, issued: map[string]string{}}, Now: time.Now}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/scep?operation=PKIOperation", bytes.NewReader(body)))
		if w.Code == http.StatusInternalServerError {
			t.Errorf("answered %d: %s", w.Code, w.Body)
		}
	})
}
