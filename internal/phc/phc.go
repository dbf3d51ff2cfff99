// Package phc keeps secrets that people remember as verifiers that say nothing of
// them: an argon2id hash (RFC 9106) in the PHC string format,
//
//	$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH
//
// m in KiB, salt and hash in base64 without padding.
package phc

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// cost is what one check takes: memory in KiB, passes over it, lanes.
type cost struct {
	memory, passes uint32
	lanes          uint8
}

// usual is the smallest cost that OWASP's password advice names for argon2id:
// 19 MiB and two passes, small enough for a bank's computer.
var usual = cost{memory: 19 << 10, passes: 2, lanes: 1}

// The most a verifier may ask for: a damaged or hostile one must not eat a
// small computer's memory.
const (
	maxMemory = 64 << 10 // KiB
	maxPasses = 4
	maxLanes  = 4
	maxText   = 256 // bytes of a verifier
)

const (
	saltBytes = 16
	hashBytes = 32
)

// maxSecret bounds what is hashed, in bytes.
const maxSecret = 1024

// Hash makes the verifier of a secret with a salt from random, which is
// crypto/rand.Reader outside demonstrations.
func Hash(secret string, random io.Reader) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("drawing a salt: %w", err)
	}
	v := verifier{cost: usual, salt: salt}
	v.hash = v.hashOf(secret, hashBytes)
	return v.String(), nil
}

// Verify reports whether secret is the one a verifier was made of. A verifier
// that cannot be read, or asks for more than the limits here, fits no secret.
// One call takes 19 MiB: whoever serves many at once must bound them.
func Verify(text, secret string) bool {
	v, err := parse(text)
	if err != nil || len(secret) > maxSecret {
		return false
	}
	return subtle.ConstantTimeCompare(v.hash, v.hashOf(secret, uint32(len(v.hash)))) == 1
}

// verifier is a PHC string, read.
type verifier struct {
	cost
	salt, hash []byte
}

func (v verifier) hashOf(secret string, length uint32) []byte {
	return argon2.IDKey([]byte(secret), v.salt, v.passes, v.memory, v.lanes, length)
}

// encoding takes one text for one value: no stray bits in the last character.
var encoding = base64.RawStdEncoding.Strict()

// String gives the PHC string.
func (v verifier) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, v.memory, v.passes, v.lanes,
		encoding.EncodeToString(v.salt), encoding.EncodeToString(v.hash))
}

// parse reads exactly what String gives.
func parse(text string) (v verifier, err error) {
	var version int
	fields := strings.Split(text, "$")
	if len(text) > maxText || len(fields) != 6 || fields[1] != "argon2id" {
		return v, errs.New(errs.Invalid, "That is no argon2id verifier.", "Set the PIN or password anew.")
	}
	if _, err = fmt.Sscanf(fields[2]+" "+fields[3], "v=%d m=%d,t=%d,p=%d", &version, &v.memory, &v.passes, &v.lanes); err == nil {
		v.salt, err = encoding.DecodeString(fields[4])
	}
	if err == nil {
		v.hash, err = encoding.DecodeString(fields[5])
	}
	switch {
	case err != nil:
		return v, errs.Wrap(err, errs.Invalid, "A verifier cannot be read.", "Set the PIN or password anew.")
	case version != argon2.Version || !v.bounded() || v.String() != text:
		return v, errs.New(errs.Invalid, "A verifier is of another make, or asks for too much.", "Set the PIN or password anew.")
	}
	return v, nil
}

func (v verifier) bounded() bool {
	return v.passes >= 1 && v.passes <= maxPasses && v.lanes >= 1 && v.lanes <= maxLanes &&
		v.memory >= 8*uint32(v.lanes) && v.memory <= maxMemory &&
		len(v.salt) >= 8 && len(v.salt) <= 64 && len(v.hash) >= 16 && len(v.hash) <= 64
}
