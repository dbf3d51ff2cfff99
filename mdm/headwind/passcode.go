package headwind

import "crypto/rand"

// newPasscode makes a passcode that every rule here takes: four letters and four
// digits, of those that are not taken for others.
func newPasscode() string {
	const letters, digits = "abcdefghkmnprtwx", "23456789" // 16 and 8, so that each is as likely
	random := make([]byte, 8)
	_, _ = rand.Read(random) // it never fails
	for n, b := range random {
		if n < 4 {
			random[n] = letters[b%16]
		} else {
			random[n] = digits[b%8]
		}
	}
	return string(random)
}
