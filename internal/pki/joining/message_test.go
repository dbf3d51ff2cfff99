package joining

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

func csr(t testing.TB, key crypto.Signer) *x509.CertificateRequest {
	t.Helper()
	r, err := NewCSR(key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func key(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := cert.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func joinBytes(t testing.TB, token, der []byte) string {
	t.Helper()
	return fmt.Sprintf(`{"v":1,"token":%q,"csr":%q}`, base64.StdEncoding.EncodeToString(token), base64.StdEncoding.EncodeToString(der))
}

func TestJoinRequestsReadBack(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []crypto.Signer{key(t), ed} {
		want := JoinRequest{Token: NewToken(), CSR: csr(t, k)}
		data, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeJoin(data)
		if err != nil || got.Token != want.Token || string(got.CSR.Raw) != string(want.CSR.Raw) {
			t.Errorf("read back as %v, %v", got, err)
		}
		data, err = RenewRequest{want.CSR}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeRenew(data); err != nil || string(got.CSR.Raw) != string(want.CSR.Raw) {
			t.Errorf("renewal read back as %v, %v", got, err)
		}
	}
}

func TestJoinRequestsRefused(t *testing.T) {
	token := []byte("sixteen secrets!")
	good := csr(t, key(t))
	forged := append([]byte(nil), good.Raw...)
	forged[len(forged)-1] ^= 1
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	whole := joinBytes(t, token, good.Raw)
	for name, bad := range map[string]string{
		"empty":            "",
		"no JSON":          "joining, please",
		"an array":         "[]",
		"other version":    strings.Replace(whole, `"v":1`, `"v":2`, 1),
		"no version":       strings.Replace(whole, `"v":1,`, "", 1),
		"unknown member":   strings.Replace(whole, `"v":1`, `"v":1,"id":"b"`, 1),
		"something behind": whole + "{}",
		"no token":         joinBytes(t, nil, good.Raw),
		"short token":      joinBytes(t, token[:15], good.Raw),
		"long token":       joinBytes(t, append(token, 1), good.Raw),
		"no request":       joinBytes(t, token, nil),
		"half a request":   joinBytes(t, token, good.Raw[:len(good.Raw)/2]),
		"bytes behind it":  joinBytes(t, token, append(good.Raw[:len(good.Raw):len(good.Raw)], 0)),
		"wrong signature":  joinBytes(t, token, forged),
		"P-384":            joinBytes(t, token, csr(t, p384).Raw),
		"RSA":              joinBytes(t, token, csr(t, rsaKey).Raw),
		"too long":         strings.Repeat(" ", MaxRequest) + whole,
	} {
		_, err := DecodeJoin([]byte(bad))
		if errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), base64.StdEncoding.EncodeToString(token)[:10]) {
			t.Errorf("%s: the error quotes the token: %v", name, err)
		}
	}
	if _, err := DecodeRenew([]byte(whole)); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a renewal with a token: %v", err)
	}
}

func FuzzDecodeJoin(f *testing.F) {
	good := csr(f, key(f))
	for _, seed := range []string{joinBytes(f, make([]byte, 16), good.Raw), joinBytes(f, nil, good.Raw), joinBytes(f, make([]byte, 16), good.Raw[:60]), "{}", `{"v":1}`, "null"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := DecodeJoin(data)
		if err != nil {
			if errs.CodeOf(err) != errs.Invalid {
				t.Errorf("code %s", errs.CodeOf(err))
			}
			return
		}
		if !cert.Accepted(r.CSR.PublicKey) || r.CSR.CheckSignature() != nil {
			t.Error("a request was let through unchecked")
		}
		again, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeJoin(again); err != nil || back.Token != r.Token {
			t.Errorf("not read back: %v", err)
		}
	})
}

func TestAnswersRefused(t *testing.T) {
	for name, bad := range map[string]string{
		"no JSON": "no", "other version": `{"v":2}`, "too long": `{"v":1,"id":"` + strings.Repeat("b", MaxAnswer) + `"}`,
		"a key under a false name": `{"v":1,"keys":{"k-aaaaaaaaaaaa":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}`,
	} {
		if _, err := DecodeAnswer([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a, err := DecodeAnswer([]byte(`{"v":1,"id":"b","newer":true}`)); err != nil || a.ID != "b" {
		t.Errorf("a newer server's answer: %v", err)
	}
}

func TestProblems(t *testing.T) {
	for code, status := range map[errs.Code]int{
		errs.Invalid: 400, errs.Denied: 403, errs.NotFound: 404, errs.Conflict: 409, errs.NotNow: 429, errs.Unavailable: 503,
	} {
		sent := errs.New(code, "It is so.", "Do this.")
		p := ProblemOf(fmt.Errorf("around: %w", sent))
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeProblem(data)
		if err != nil || got != p || p.Status != status || p.Title != http.StatusText(status) {
			t.Errorf("%s: %+v, %v", code, got, err)
		}
		if err := got.Err(); errs.CodeOf(err) != code || err.Error() != "It is so." || errs.HintOf(err) != "Do this." {
			t.Errorf("%s came out as %v", code, err)
		}
	}
	for _, err := range []error{errors.New("open /secret/ca-key.pem"), errs.New(errs.Internal, "The secret folder is broken.", "Look at it.")} {
		p := ProblemOf(err)
		if p.Status != 500 || strings.Contains(p.Detail, "secret") || errs.CodeOf(p.Err()) != errs.Unavailable {
			t.Errorf("an internal error travels as %+v", p)
		}
	}
	for _, bad := range []string{"", "<html>", "{}", `{"detail":"` + strings.Repeat("x", maxProblem) + `"}`} {
		if _, err := DecodeProblem([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%.20q is a problem", bad)
		}
	}
}
