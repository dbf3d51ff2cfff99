// Package pins says which PINs staff may choose, and makes and checks their
// verifiers (package phc). A directory carries verifiers to the banks, so that a
// bank can check a PIN on its own.
//
// Six digits are a million guesses: a verifier only makes each of them cost
// something to whoever steals a directory. What protects a PIN at the kiosk is
// the bank's limit on tries.
package pins

import (
	"fmt"
	"io"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/phc"
)

// The lengths of a PIN, in digits.
const (
	MinDigits = 6
	MaxDigits = 12
)

// New makes the verifier of a PIN with a salt from random, which is
// crypto/rand.Reader outside demonstrations. Errors: invalid when the PIN is no
// number of MinDigits to MaxDigits digits, or one that everybody tries first.
func New(pin string, random io.Reader) (string, error) {
	if err := check(pin); err != nil {
		return "", err
	}
	return phc.Hash(pin, random)
}

func check(pin string) error {
	if len(pin) < MinDigits || len(pin) > MaxDigits || strings.Trim(pin, "0123456789") != "" {
		return errs.New(errs.Invalid, fmt.Sprintf("A PIN has %d to %d digits.", MinDigits, MaxDigits), "Choose another PIN.")
	}
	if step, even := stepOf(pin); even && step >= -1 && step <= 1 {
		return errs.New(errs.Invalid, "That PIN is one of the first that anybody tries.", "Choose one that is no run of digits.")
	}
	return nil
}

// stepOf is the step from each digit to the next, if it is always the same.
func stepOf(pin string) (step int, even bool) {
	step = int(pin[1]) - int(pin[0])
	for i := 2; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return 0, false
		}
	}
	return step, true
}

// Checker checks PINs. The zero value is ready to use.
type Checker struct{}

// Verify reports whether pin is the one a verifier was made of.
func (Checker) Verify(text, pin string) bool {
	return len(pin) <= MaxDigits && phc.Verify(text, pin)
}
