package joining

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/school"
)

// MaxCode is the length of the longest code, in characters.
const MaxCode = 300

const (
	codePrefix = "BKJ1"
	maxServer  = 92 // bytes of "host:port"
	checkBytes = 4
)

var base32Crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Token is the one-time secret of a code. It prints as dots.
type Token [16]byte

// NewToken draws a token.
func NewToken() (t Token) {
	rand.Read(t[:]) // never fails
	return t
}

// Hash is all that may be kept of a token.
func (t Token) Hash() [sha256.Size]byte { return sha256.Sum256(t[:]) }

// Format keeps a token out of whatever is printed.
func (Token) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte("…")) } // fmt has nowhere to tell

// LogValue keeps a token out of logs.
func (Token) LogValue() slog.Value { return slog.StringValue("…") }

// Code invites one client to one school.
type Code struct {
	CA     cert.Fingerprint
	Token  Token
	Kind   cert.Kind
	ID     string
	Server string // "host:port"
}

// IsCode reports whether text was meant to be a joining code, for a scanner
// that reads badges too.
func IsCode(text string) bool { return strings.HasPrefix(text, codePrefix) }

// Check tells whether c can be written as a code. Errors: invalid.
func (c Code) Check() error {
	switch {
	case !c.Kind.Valid():
		return errs.New(errs.Invalid, "Only a bank, a device or a gateway can join.", "")
	case !school.ValidID(c.ID):
		return errs.New(errs.Invalid, "An id has 1 to 36 small letters, digits and hyphens.", "Choose another id.")
	case !ValidAddress(c.Server):
		return errs.New(errs.Invalid, fmt.Sprintf("The server's address is not a host and a port, or longer than %d bytes.", maxServer),
			"Write it like bellkeep.local:8444.")
	}
	return nil
}

// ValidAddress reports whether text is "host:port" and fits into a code.
func ValidAddress(server string) bool {
	if len(server) > maxServer || strings.ContainsFunc(server, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil || host == "" {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0 && strconv.FormatUint(n, 10) == port
}

// Text is what the QR code says. It holds the secret, so it is shown to the one
// who asked for it and never kept. Errors: those of Check.
func (c Code) Text() (string, error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	p := append(c.CA[:len(c.CA):len(c.CA)], c.Token[:]...)
	p = append(p, kindByte(c.Kind))
	p = append(append(p, byte(len(c.ID))), c.ID...)
	p = append(append(p, byte(len(c.Server))), c.Server...)
	p = binary.BigEndian.AppendUint32(p, crc32.ChecksumIEEE(p))
	return codePrefix + base32Crockford.EncodeToString(p), nil
}

// ParseCode reads the text of a code. It takes exactly what Text gives. Errors:
// invalid.
func ParseCode(text string) (Code, error) {
	if len(text) > MaxCode || !IsCode(text) {
		return Code{}, notACode()
	}
	payload, err := base32Crockford.DecodeString(text[len(codePrefix):])
	if err != nil || len(payload) < checkBytes {
		return Code{}, notACode()
	}
	r := reader{payload[:len(payload)-checkBytes]}
	var c Code
	copy(c.CA[:], r.take(len(c.CA)))
	copy(c.Token[:], r.take(len(c.Token)))
	c.Kind = kindOf(r.byte())
	c.ID = string(r.take(int(r.byte())))
	c.Server = string(r.take(int(r.byte())))
	if again, err := c.Text(); err != nil || again != text { // this compares the check too
		return Code{}, notACode()
	}
	return c, nil
}

// reader takes bytes from the front. It is lenient about what is missing: the
// comparison at the end of ParseCode catches it.
type reader struct{ rest []byte }

func (r *reader) take(n int) []byte {
	n = min(n, len(r.rest))
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func kindByte(k cert.Kind) byte {
	switch k {
	case cert.Bank:
		return 1
	case cert.Gateway:
		return 3
	}
	return 2
}

func kindOf(b byte) cert.Kind {
	switch b {
	case 1:
		return cert.Bank
	case 2:
		return cert.Device
	case 3:
		return cert.Gateway
	}
	return ""
}

func notACode() error {
	return errs.New(errs.Invalid, "That is not a readable joining code.", "Scan it again from nearby, or make a new one.")
}
