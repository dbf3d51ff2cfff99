// Package ssotest is an OpenID Connect provider for tests, in their own process.
package ssotest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// Provider is an OpenID Connect provider as small as one can be: it signs in
// whoever comes as who its claims say, and can be told to lie.
type Provider struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	Claims map[string]any // beside issuer, audience, times and nonce
	Lie    map[string]any // in place of what would be right
	Forged bool           // signs with a key it does not show

	codes map[string]url.Values // given out and not yet taken, with what was asked
}

// New starts a provider that lasts as long as its test.
func New(t *testing.T) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{key: key, Claims: map[string]any{}, Lie: map[string]any{}, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.describe)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *Provider) describe(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256"},
	})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a test that hung up
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	point, _ := p.key.PublicKey.Bytes() // 4, x, y
	answer(w, map[string]any{"keys": []any{map[string]any{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k", "x": b64(point[1:33]), "y": b64(point[33:]),
	}}})
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// Authorize is somebody saying yes at the provider: it gives what their browser
// brings back.
func (p *Provider) Authorize(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	code := rand.Text()
	p.codes[code] = u.Query()
	return url.Values{"code": {code}, "state": {u.Query().Get("state")}}
}

// token changes a code for a signed token, once, for whoever holds the verifier.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	asked, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || asked.Get("code_challenge") != b64(challenge[:]) {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{
		"iss": p.URL, "aud": asked.Get("client_id"), "sub": "subject-1", "nonce": asked.Get("nonce"),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	}
	for _, more := range []map[string]any{p.Claims, p.Lie} {
		for k, v := range more {
			claims[k] = v
		}
	}
	answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.sign(claims)})
}

// sign makes a JWT (RFC 7515) with ES256.
func (p *Provider) sign(claims map[string]any) string {
	body, _ := json.Marshal(claims)
	text := b64([]byte(`{"alg":"ES256","kid":"k","typ":"JWT"}`)) + "." + b64(body)
	hash := sha256.Sum256([]byte(text))
	key := p.key
	if p.Forged {
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	r, s, _ := ecdsa.Sign(rand.Reader, key, hash[:])
	signature := append(fixed(r), fixed(s)...)
	return text + "." + b64(signature)
}

func fixed(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }
