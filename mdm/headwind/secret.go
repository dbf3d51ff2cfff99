package headwind

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"io"
	"net/url"
	"strings"
)

// Published is the secret in the agent as it is published.
const Published Secret = "changeme-C3z9vi54"

// User is every phone's name at the pager.
const User = "hmdm"

// Secret is what is built into the agents of a school.
type Secret string

// sign gives the signature of parts. SHA-1 is what the agent knows.
func (s Secret) sign(parts ...string) string {
	h := sha1.New()
	_, _ = io.WriteString(h, string(s)) // a hash takes everything
	for _, p := range parts {
		_, _ = io.WriteString(h, p)
	}
	return strings.ToUpper(hex.EncodeToString(h.Sum(nil)))
}

// fetch is the signature of a request for a configuration.
func (s Secret) fetch(number string) string { return s.sign(number) }

// poll is the signature of a request for news.
func (s Secret) poll(project, number string) string {
	return s.sign(project, "/rest/notification/polling/", url.QueryEscape(number))
}

// answer is the signature of a configuration.
func (s Secret) answer(data []byte) string { return s.sign(strings.Map(unspaced, string(data))) }

// unspaced drops white space as Java's \s knows it.
func unspaced(r rune) rune {
	if strings.ContainsRune(" \t\n\v\f\r", r) {
		return -1
	}
	return r
}

// Password is every phone's at the pager.
func (s Secret) Password() string { return Secret(User).sign(string(s)) }

// Key is a school's own secret, from which each phone's project is made.
type Key []byte

// MinKey is the least length of a key, in bytes.
const MinKey = 32

var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Project is the path by which a phone is known, 26 letters and digits: the first
// 128 bits of an HMAC with SHA-256. Nobody who lacks the key can tell it from the
// number.
func (k Key) Project(number string) string {
	mac := hmac.New(sha256.New, k)
	_, _ = io.WriteString(mac, "bellkeep headwind project\n"+number)
	return lower.EncodeToString(mac.Sum(nil)[:16])
}
