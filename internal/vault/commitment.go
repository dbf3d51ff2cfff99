// Package vault keeps personal content out of the ledger: names, notes,
// contacts. A ledger's leaf holds only a Commitment, from which nobody can
// tell or guess the content; the vault holds content and salt, and forgets
// both when it is told to. The ledger's hashes stay whole.
//
// The vault is one bbolt file, mode 0600, with two buckets:
//
//	content      id → 32-byte salt ‖ content
//	commitments  32-byte commitment → id; the id is empty once erased
//
// A commitment is SHA-256 over the domain "bellkeep vault commitment v1\n",
// the salt, the id and the content, the last two each behind its length as a
// big-endian u64.
package vault

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// The limits of the vault, in bytes.
const (
	MaxContent = 64 << 10
	MaxID      = 128
)

const (
	saltSize = 32
	domain   = "bellkeep vault commitment v1\n"
)

// Commitment stands for content in a ledger. Its text is 64 hex digits.
type Commitment [sha256.Size]byte

// String gives the 64 hex digits.
func (c Commitment) String() string { return hex.EncodeToString(c[:]) }

// MarshalText gives the 64 hex digits.
func (c Commitment) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the 64 lower-case hex digits. Errors: invalid.
func (c *Commitment) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(c) || hex.EncodeToString(raw) != string(text) {
		return errs.New(errs.Invalid, "A commitment is 64 lower-case hex digits.", "")
	}
	copy(c[:], raw)
	return nil
}

// commit makes the commitment to content under a salt of 32 bytes.
func commit(salt []byte, id string, content []byte) (c Commitment) {
	h := sha256.New()
	h.Write([]byte(domain))
	h.Write(salt)
	for _, part := range [][]byte{[]byte(id), content} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	h.Sum(c[:0])
	return c
}
