package school

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// A badge is a QR code with the text
//
//	BK1 + 26 characters + 1 check character
//
// The 26 characters are a random 128-bit token in Crockford's base32, most
// significant bits first. The check character is ISO 7064 MOD 37,36 over the 26
// characters. Upper-case letters and digits are all that a scanner posing as a
// keyboard passes on unharmed. Reading accepts lower case, and O, I and L for
// the digits they look like.

const (
	badgePrefix = "BK1"
	crockford   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	iso7064     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	tokenChars  = 26
	badgeChars  = len(badgePrefix) + tokenChars + 1
)

// Token is the secret on a badge: it says nothing about its holder.
type Token [16]byte

// BadgeHash is the SHA-256 of a token, all that banks and servers keep.
type BadgeHash [sha256.Size]byte

// NewToken draws a token from random, which is crypto/rand.Reader outside
// demonstrations.
func NewToken(random io.Reader) (Token, error) {
	var t Token
	if _, err := io.ReadFull(random, t[:]); err != nil {
		return Token{}, fmt.Errorf("drawing a badge token: %w", err)
	}
	return t, nil
}

// Hash is what may be stored of a token.
func (t Token) Hash() BadgeHash { return sha256.Sum256(t[:]) }

// Badge is the text to print. It is shown once, on the badge itself.
func (t Token) Badge() string {
	var text [tokenChars]byte
	for i := range text {
		text[i] = crockford[t.digit(i)]
	}
	return badgePrefix + string(text[:]) + string(checkChar(string(text[:])))
}

// digit is the i-th group of five bits; the first group has three.
func (t Token) digit(i int) (d byte) {
	for bit := i*5 - 2; bit < i*5+3; bit++ {
		d <<= 1
		if bit >= 0 && t[bit/8]&(0x80>>(bit%8)) != 0 {
			d |= 1
		}
	}
	return d
}

// ParseBadge reads what a scanner or a person gives. Errors: invalid, for a
// text that cannot be a badge of this make or whose check character is wrong.
func ParseBadge(text string) (Token, error) {
	if len(text) != badgeChars {
		return Token{}, mistyped()
	}
	text = strings.ToUpper(text)
	if !strings.HasPrefix(text, badgePrefix) {
		return Token{}, mistyped()
	}
	body := lookAlikes.Replace(text[len(badgePrefix) : badgeChars-1])
	var t Token
	for i := range tokenChars {
		d := strings.IndexByte(crockford, body[i])
		if d < 0 || (i == 0 && d > 7) {
			return Token{}, mistyped()
		}
		t.setDigit(i, byte(d))
	}
	if checkChar(body) != text[badgeChars-1] {
		return Token{}, mistyped()
	}
	return t, nil
}

func (t *Token) setDigit(i int, d byte) {
	for bit := i*5 + 2; bit >= i*5-2 && bit >= 0; bit-- {
		if d&1 != 0 {
			t[bit/8] |= 0x80 >> (bit % 8)
		}
		d >>= 1
	}
}

var lookAlikes = strings.NewReplacer("O", "0", "I", "1", "L", "1")

func mistyped() error {
	return errs.New(errs.Invalid, "That is not a readable badge.", "Hold the badge flat and scan it again.")
}

// checkChar is the ISO 7064 MOD 37,36 hybrid check character of body, whose
// characters are digits and upper-case letters.
func checkChar(body string) byte {
	p := 36
	for i := range len(body) {
		p += strings.IndexByte(iso7064, body[i])
		if p > 36 {
			p -= 36
		}
		p = p * 2 % 37
	}
	return iso7064[(37-p)%36]
}

// MarshalText gives the hash in hexadecimal.
func (h BadgeHash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads MarshalText's form.
func (h *BadgeHash) UnmarshalText(text []byte) error {
	notOne := errs.New(errs.Invalid, "A badge hash is 64 hexadecimal digits.", "")
	if len(text) != 2*len(h) {
		return notOne // before decoding, which would run beyond h
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return notOne
	}
	return nil
}
