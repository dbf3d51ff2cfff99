package sealed

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Key opens sealed texts. It is 32 random bytes.
type Key [32]byte

// NewKey makes a key.
func NewKey() (k Key) {
	rand.Read(k[:])
	return k
}

// Fingerprint tells keys apart and reveals nothing of them: 8 hex digits.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(append([]byte("bellkeep sealed key v1\n"), k[:]...))
	return hex.EncodeToString(sum[:markSize])
}

// String hides the key from logs.
func (k Key) String() string { return "key " + k.Fingerprint() }

// LoadKey reads the key in a file. Errors: not_found, invalid, unavailable.
func LoadKey(path string) (k Key, err error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return k, errs.New(errs.NotFound, "The key of the safeguarding texts is not there.",
			"Bring it back from its two paper halves: bellkeep safeguarding recover --key "+path)
	case err != nil:
		return k, errs.Wrap(err, errs.Unavailable, "The key of the safeguarding texts cannot be read.", "Look at the rights of "+path+".")
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(data)))
	if err != nil || len(raw) != len(k) {
		return k, errs.New(errs.Invalid, "The file "+path+" holds no key.", "Bring it back from its two paper halves: bellkeep safeguarding recover --key "+path)
	}
	copy(k[:], raw)
	return k, nil
}

// Save writes the key to a file that only its owner reads. Errors: unavailable.
func (k Key) Save(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The folder of the key cannot be made.", "Choose one that this user may write to.")
	}
	return durable.WriteFile(path, []byte(hex.EncodeToString(k[:])+"\n"), 0o600)
}

// A paper half is a line that people can type,
//
//	BS1A- or BS1B-, then groups of four of the base32 (RFC 4648) of
//	4-byte fingerprint of the key ‖ 32 bytes ‖ 4-byte checksum
//
// The 32 bytes of A are random, those of B are the key exclusive-or A: one half
// alone says nothing about the key. The checksum is the beginning of the SHA-256
// of what stands before it and the letter.
const (
	halfA = "BS1A"
	halfB = "BS1B"
)

// How long its parts are, in bytes.
const (
	markSize     = 4                     // the fingerprint
	bodySize     = markSize + len(Key{}) // what the checksum is of
	checksumSize = 4
	halfSize     = bodySize + checksumSize
)

var errHalf = errs.New(errs.Invalid, "That is not a half of a key.", "Compare it with the paper, letter by letter.")

// Halves splits the key in two, anew each time.
func (k Key) Halves() (a, b string) {
	pad := NewKey()
	other := k
	for i := range other {
		other[i] ^= pad[i]
	}
	return half(halfA, k, pad), half(halfB, k, other)
}

func half(name string, of, part Key) string {
	mark, _ := hex.DecodeString(of.Fingerprint())
	body := append(mark, part[:]...)
	body = append(body, sum(name, body)...)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(body)
	groups := []string{name}
	for group := range slices.Chunk([]byte(text), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, "-")
}

func sum(name string, body []byte) []byte {
	s := sha256.Sum256(append([]byte(name), body...))
	return s[:checksumSize]
}

// Join makes the key of its two halves, in any order. Errors: invalid.
func Join(first, second string) (k Key, err error) {
	nameA, markA, a, err := readHalf(first)
	if err != nil {
		return k, err
	}
	nameB, markB, b, err := readHalf(second)
	switch {
	case err != nil:
		return k, err
	case nameA == nameB:
		return k, errs.New(errs.Invalid, "Both are the same half.", "Take the paper A and the paper B.")
	case !bytes.Equal(markA, markB):
		return k, errs.New(errs.Invalid, "These halves are of two different keys.", "Compare the numbers at the head of the papers.")
	}
	for i := range k {
		k[i] = a[i] ^ b[i]
	}
	if k.Fingerprint() != hex.EncodeToString(markA) {
		return Key{}, errs.New(errs.Invalid, "These halves were not made together.", "Compare the dates on the papers.")
	}
	return k, nil
}

// maxHalf bounds what is read as a half, in bytes.
const maxHalf = 200

func readHalf(text string) (name string, mark []byte, part Key, err error) {
	if len(text) > maxHalf {
		return "", nil, part, errHalf
	}
	text = strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\t", "").Replace(strings.TrimSpace(text)))
	for _, name := range []string{halfA, halfB} {
		rest, is := strings.CutPrefix(text, name)
		if !is {
			continue
		}
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(rest)
		if err != nil || len(raw) != halfSize || !bytes.Equal(raw[bodySize:], sum(name, raw[:bodySize])) {
			return "", nil, part, errHalf
		}
		copy(part[:], raw[markSize:bodySize])
		return name, raw[:markSize], part, nil
	}
	return "", nil, part, errHalf
}

// HalvesMade reports whether paper halves were made of the key in a file, and not of
// another that lay there before.
func HalvesMade(path string) bool {
	key, err := LoadKey(path)
	if err != nil {
		return false
	}
	made, err := os.ReadFile(path + halvesNote)
	return err == nil && strings.TrimSpace(string(made)) == key.Fingerprint()
}

// NoteHalves notes beside the file of the key that its paper halves were made.
// Errors: unavailable.
func (k Key) NoteHalves(path string) error {
	return durable.WriteFile(path+halvesNote, []byte(k.Fingerprint()+"\n"), 0o600)
}

// halvesNote is how the file is called in which the fingerprint of the key stands of
// which paper halves were made: the name of the key's own file with this after it.
const halvesNote = ".halves"
