package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Type says what an envelope carries. It is part of what is signed.
type Type string

// The types.
const (
	TypeDirectory Type = "application/vnd.bellkeep.directory+json;v=1"
	TypePlan      Type = "application/vnd.bellkeep.plan+json;v=1"
	TypeOrder     Type = "application/vnd.bellkeep.order+json;v=1"
	TypeTime      Type = "application/vnd.bellkeep.time+json;v=1"
	TypeDesired   Type = "application/vnd.bellkeep.desired+json;v=1"
	TypeCommand   Type = "application/vnd.bellkeep.command+json;v=1"
	TypeDevices   Type = "application/vnd.bellkeep.devices+json;v=1"
)

// Key signs envelopes. It never leaves the school server.
type Key struct {
	ID      string
	Private ed25519.PrivateKey
}

// NewKey names a private key after its public half.
func NewKey(private ed25519.PrivateKey) *Key {
	return &Key{ID: KeyID(private.Public().(ed25519.PublicKey)), Private: private}
}

// Public is what banks and devices check the key's signatures by.
func (k *Key) Public() Keys { return Keys{k.ID: k.Private.Public().(ed25519.PublicKey)} }

// Keys are the public keys whose envelopes are taken, by id.
type Keys map[string]ed25519.PublicKey

// KeyID is "k-" and the first 60 bits of the key's SHA-256 in base32.
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return "k-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:12])
}

type envelope struct {
	V       int    `json:"v"`
	Key     string `json:"key"`
	Payload []byte `json:"payload"`
	Sig     []byte `json:"sig"`
}

// Seal signs a payload and puts it into an envelope.
func Seal(k *Key, t Type, payload []byte) ([]byte, error) {
	return Encode(envelope{V: V, Key: k.ID, Payload: payload, Sig: ed25519.Sign(k.Private, preAuth(t, payload))})
}

// Open gives the payload of an envelope that one of keys has signed as type t.
// It is strict: an envelope has one form only. Errors: invalid for what is no
// envelope, denied for a signature that does not hold.
func Open(keys Keys, t Type, data []byte) ([]byte, error) {
	e, err := decodeEnvelope(data)
	if err != nil {
		return nil, err
	}
	public, known := keys[e.Key]
	if !known || len(public) != ed25519.PublicKeySize {
		return nil, errs.New(errs.Denied, "A message is signed with a key of somebody else.", "Join this school again if its server was set up anew.")
	}
	if !ed25519.Verify(public, preAuth(t, e.Payload), e.Sig) {
		return nil, errs.New(errs.Denied, "A message has a false signature.", "Look for a second server on this network.")
	}
	return e.Payload, nil
}

// decodeEnvelope is Decode in one pass: an envelope is long. Package json goes on
// after a member of the wrong form, so the version is known all the same.
func decodeEnvelope(data []byte) (e envelope, err error) {
	if len(data) > MaxMessage {
		return e, refused("it is longer than %d bytes", MaxMessage)
	}
	var broken *json.SyntaxError
	switch err := json.Unmarshal(data, &e); {
	case errors.As(err, &broken):
		return e, refused("it is not a JSON object: %w", err)
	case e.V != V:
		return e, refused("its version is %d, not %d", e.V, V)
	case err != nil:
		return e, refused("a member has the wrong form: %w", err)
	}
	return e, nil
}

// preAuth is the pre-authentication encoding of DSSE v1.
func preAuth(t Type, payload []byte) []byte {
	b := make([]byte, 0, len(payload)+len(t)+32)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(t)), 10)
	b = append(append(append(b, ' '), t...), ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	return append(append(b, ' '), payload...)
}

// UnmarshalJSON reads keys in base64 by id and refuses a key under a name not its own.
func (k *Keys) UnmarshalJSON(data []byte) error {
	var raw map[string][]byte
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*k = Keys{}
	for id, public := range raw {
		if len(public) != ed25519.PublicKeySize || KeyID(public) != id {
			return refused("key %.40q is not what its name says", id)
		}
		(*k)[id] = public
	}
	return nil
}
