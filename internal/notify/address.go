package notify

import (
	"net/mail"
	"strings"
)

const maxAddress = 254 // bytes; RFC 5321, section 4.5.3.1.3, without the brackets

// ValidAddress reports whether text is a plain address, user@domain, in ASCII,
// and nothing else: no name, no comment, no quotes, no line break. What a mail
// server may take for more than one thing is not accepted.
func ValidAddress(text string) bool {
	if len(text) > maxAddress || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>()[]\,;:`, r) }) {
		return false
	}
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || a.Name != "" {
		return false
	}
	_, domain, _ := strings.Cut(text, "@")
	return strings.Contains(domain, ".")
}
