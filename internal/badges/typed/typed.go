// Package typed is the code on a badge that can be typed where a scanner or a
// badge's QR code has failed.
//
// A code has 8 characters of Crockford's base32, which leaves out I, L, O and
// U. The first 7 carry 35 random bits. The last makes
//
//	c₀·2⁸ + c₁·2⁷ + … + c₇·2¹ = 0
//
// in the field of 32 elements built on x⁵+x²+1, a Reed-Solomon code with one
// check symbol: any one wrong character is noticed, and any two characters
// swapped. It is printed in two groups of four. Reading takes lower case, O for
// 0, I and L for 1, and any spaces or dashes.
//
// A code is a secret of its own, not derived from the badge's token. It is
// short, so it is stored as HMAC-SHA-256 under a Key kept apart from the
// ledger: whoever has only the ledger cannot try all the codes.
package typed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	length   = 8
	maxText  = 24 // bytes worth reading: a code with a space after every character, and some
)

// Code is a valid code, without its dash. It hides from logs; Text shows it.
type Code struct{ text string }

// Hash is what may be stored of a code.
type Hash [sha256.Size]byte

// Key is a school's secret for hashing codes.
type Key [32]byte

// NewKey draws a key. Errors: those of random.
func NewKey(random io.Reader) (k Key, err error) {
	if _, err := io.ReadFull(random, k[:]); err != nil {
		return Key{}, fmt.Errorf("drawing the key of typed codes: %w", err)
	}
	return k, nil
}

// New draws a code. Errors: those of random.
func New(random io.Reader) (Code, error) {
	var drawn [length - 1]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return Code{}, fmt.Errorf("drawing a typed code: %w", err)
	}
	var text [length]byte
	sum := byte(0)
	for i, d := range drawn {
		text[i] = alphabet[d%32] // 256 is a multiple of 32: no character is likelier
		sum = double(sum ^ d%32)
	}
	text[length-1] = alphabet[sum]
	return Code{string(text[:])}, nil
}

// Parse reads what a person typed. Errors: invalid.
func Parse(typed string) (Code, error) {
	if len(typed) > maxText {
		return Code{}, mistyped()
	}
	text := forgiving.Replace(strings.ToUpper(typed))
	if len(text) != length {
		return Code{}, mistyped()
	}
	sum := byte(0)
	for _, c := range []byte(text) {
		d := strings.IndexByte(alphabet, c)
		if d < 0 {
			return Code{}, mistyped()
		}
		sum = double(sum ^ byte(d))
	}
	if sum != 0 {
		return Code{}, mistyped()
	}
	return Code{text}, nil
}

var forgiving = strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1")

// Text is the code to print, in two groups.
func (c Code) Text() string {
	if c.text == "" {
		return ""
	}
	return c.text[:length/2] + "-" + c.text[length/2:]
}

// String keeps a code out of logs.
func (Code) String() string { return "a typed code" }

// GoString keeps a code out of dumps.
func (Code) GoString() string { return "typed.Code{}" }

// Hash gives what may be stored, under the school's key.
func (c Code) Hash(k Key) (h Hash) {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte(c.text))
	mac.Sum(h[:0])
	return h
}

// MarshalText gives the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads MarshalText's form. Errors: invalid.
func (h *Hash) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(h) {
		return errs.New(errs.Invalid, "The hash of a typed code is 64 hexadecimal digits.", "")
	}
	copy(h[:], raw)
	return nil
}

// double multiplies by 2 in the field.
func double(x byte) byte {
	x <<= 1
	if x&32 != 0 {
		x ^= 0b100101
	}
	return x
}

func mistyped() error {
	return errs.New(errs.Invalid, "That is not the code of a badge.", "Type the eight characters under the QR code again.")
}
