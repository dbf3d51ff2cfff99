package passkey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
)

// The limits of an assertion, in bytes.
const (
	MaxAuthData   = 256
	MaxClientData = 1024
	MaxSignature  = 512
)

// Assertion is one person's passkey saying yes to a wish.
type Assertion struct {
	Key        []byte `json:"key"`  // id of the credential
	AuthData   []byte `json:"auth"` // authenticator data
	ClientData []byte `json:"client"`
	Signature  []byte `json:"sig"`
}

// Why an assertion does not count.
var (
	ErrUnknownKey = errors.New("it is made with a key that is not known")
	ErrOtherWish  = errors.New("it is for another wish")
	ErrOtherSite  = errors.New("it was asked for by another site")
	ErrUnverified = errors.New("the authenticator did not verify who was there")
	ErrForged     = errors.New("its signature does not hold")
	ErrMalformed  = errors.New("it is no assertion")
)

// The flags of authenticator data.
const (
	flagPresent    = 1 << 0
	flagVerified   = 1 << 2
	flagAttested   = 1 << 6
	flagExtensions = 1 << 7
)

const authDataSize = 37 // without extensions

// Verify says whose key made an assertion of w, if it counts. Errors: those above.
func (s Set) Verify(w Wish, a Assertion) (Key, error) {
	key, known := s.Find(a.Key)
	if !known {
		return Key{}, ErrUnknownKey
	}
	if len(a.AuthData) > MaxAuthData || len(a.ClientData) > MaxClientData || len(a.Signature) > MaxSignature || w.Check() != nil {
		return Key{}, ErrMalformed
	}
	if err := s.checkClient(w, a.ClientData); err != nil {
		return Key{}, err
	}
	if err := s.checkAuthenticator(a.AuthData); err != nil {
		return Key{}, err
	}
	public, err := parseKey(key.Public)
	if err != nil {
		return Key{}, ErrUnknownKey
	}
	client := sha256.Sum256(a.ClientData)
	if !holds(public, slices.Concat(a.AuthData, client[:]), a.Signature) {
		return Key{}, ErrForged
	}
	return key, nil
}

// clientData is the part of the browser's word that counts.
type clientData struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
}

func (s Set) checkClient(w Wish, data []byte) error {
	var c clientData
	if err := json.Unmarshal(data, &c); err != nil || c.Type != "webauthn.get" {
		return ErrMalformed
	}
	challenge := w.Challenge()
	switch {
	case c.Challenge != base64.RawURLEncoding.EncodeToString(challenge[:]):
		return ErrOtherWish
	case c.CrossOrigin || !slices.Contains(s.Origins, c.Origin):
		return ErrOtherSite
	}
	return nil
}

func (s Set) checkAuthenticator(data []byte) error {
	if len(data) < authDataSize {
		return ErrMalformed
	}
	site, flags := sha256.Sum256([]byte(s.Site)), data[32]
	switch {
	case !bytes.Equal(data[:32], site[:]):
		return ErrOtherSite
	case flags&flagPresent == 0 || flags&flagVerified == 0:
		return ErrUnverified
	case flags&flagAttested != 0 || len(data) > authDataSize && flags&flagExtensions == 0:
		return ErrMalformed
	}
	return nil
}

// Count is how many signatures the authenticator says it has made; 0 where it does
// not count.
func (a Assertion) Count() uint32 {
	if len(a.AuthData) < authDataSize {
		return 0
	}
	return binary.BigEndian.Uint32(a.AuthData[33:37])
}

func holds(key crypto.PublicKey, signed, signature []byte) bool {
	sum := sha256.Sum256(signed)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, sum[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(key, signed, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	}
	return false
}
