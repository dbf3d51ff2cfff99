// Package passkeytest is passkeys without people: authenticators that sign whatever
// they are asked to, for tests and demonstrations.
package passkeytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// Site is what the passkeys are for, and Origin its page.
const (
	Site   = "keep.school.test"
	Origin = "https://" + Site
)

// Authenticator holds one person's passkey.
type Authenticator struct {
	Person string
	ID     []byte
	Signer crypto.Signer
	Count  uint32
}

// New makes an authenticator with an ES256 key, the commonest kind.
func New(person string) *Authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return With(person, key)
}

// With makes one that holds a key of P-256, Ed25519 or RSA.
func With(person string, key crypto.Signer) *Authenticator {
	sum := sha256.Sum256([]byte(person))
	return &Authenticator{Person: person, ID: sum[:16], Signer: key}
}

// Pretend is the authenticator of somebody in a demonstration: the same for the same
// name, and a secret to nobody.
func Pretend(name, person string) *Authenticator {
	seed := sha256.Sum256([]byte("a pretend passkey of " + name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		panic(err) // once in 2^32 names
	}
	return With(person, key)
}

// Credential is what an account keeps of the passkey.
func (a *Authenticator) Credential() []byte {
	data, err := json.Marshal(map[string]any{"id": a.ID, "publicKey": a.Key().Public, "attestationType": "none", "flags": map[string]bool{"userPresent": true, "userVerified": true}})
	if err != nil {
		panic(err) // bytes and strings
	}
	return data
}

// Set is what a bank knows of some of them.
func Set(of ...*Authenticator) passkey.Set {
	s := passkey.Set{Site: Site, Origins: []string{Origin}}
	for _, a := range of {
		s.Keys = append(s.Keys, a.Key())
	}
	return s.Sorted()
}

// Key is the public half.
func (a *Authenticator) Key() passkey.Key {
	return passkey.Key{ID: a.ID, Public: cose(a.Signer.Public()), Person: a.Person}
}

// Sign says yes to a wish, on the school's own page.
func (a *Authenticator) Sign(w passkey.Wish) passkey.Assertion {
	return a.SignAt(w, Site, Origin, 0b101)
}

// SignAt says yes to a wish for a site, on a page of some origin, with some flags.
func (a *Authenticator) SignAt(w passkey.Wish, site, origin string, flags byte) passkey.Assertion {
	a.Count++
	challenge := w.Challenge()
	client, err := json.Marshal(map[string]any{
		"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "origin": origin, "crossOrigin": false,
	})
	if err != nil {
		panic(err) // strings and a bool
	}
	name := sha256.Sum256([]byte(site))
	auth := binary.BigEndian.AppendUint32(append(name[:], flags), a.Count)
	return passkey.Assertion{Key: a.ID, AuthData: auth, ClientData: client, Signature: a.signature(auth, client)}
}

func (a *Authenticator) signature(auth, client []byte) []byte {
	hash := sha256.Sum256(client)
	message, opts := slices.Concat(auth, hash[:]), crypto.SignerOpts(crypto.Hash(0))
	if _, whole := a.Signer.Public().(ed25519.PublicKey); !whole {
		sum := sha256.Sum256(message)
		message, opts = sum[:], crypto.SHA256
	}
	signed, err := a.Signer.Sign(rand.Reader, message, opts)
	if err != nil {
		panic(err) // a key of a kind it was not made for
	}
	return signed
}

// cose writes a key as an authenticator does.
func cose(key crypto.PublicKey) []byte {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			panic(err)
		}
		return slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33], []byte{0x22, 0x58, 32}, point[33:])
	case ed25519.PublicKey:
		return slices.Concat([]byte{0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32}, key)
	case *rsa.PublicKey:
		n := key.N.Bytes()
		return slices.Concat([]byte{0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, byte(len(n) >> 8), byte(len(n))}, n, []byte{0x21, 0x43, 1, 0, 1})
	}
	panic("a key of a kind that passkeys are not")
}

// Answer is Sign as a browser sends it.
func (a *Authenticator) Answer(w passkey.Wish) string {
	s, text := a.Sign(w), base64.RawURLEncoding.EncodeToString
	data, err := json.Marshal(map[string]any{"id": text(s.Key), "rawId": text(s.Key), "type": "public-key", "response": map[string]string{
		"authenticatorData": text(s.AuthData), "clientDataJSON": text(s.ClientData), "signature": text(s.Signature),
	}})
	if err != nil {
		panic(err) // strings
	}
	return string(data)
}
