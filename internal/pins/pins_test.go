package pins

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestNewAndVerify(t *testing.T) {
	text, err := New("271828", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the verifier is %s", text)
	}
	for pin, want := range map[string]bool{"271828": true, "271829": false, "": false, "2718280": false, "02718": false} {
		if got := (Checker{}).Verify(text, pin); got != want {
			t.Errorf("Verify(%q) = %v", pin, got)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, pin := range []string{"", "12345", "1234567890123", "12345a", "27182 ", "000000", "123456", "987654", "٢٧١٨٢٨"} {
		if _, err := New(pin, rand.Reader); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("New(%q): %v", pin, err)
		}
	}
	if _, err := New("271828", failing{}); err == nil {
		t.Error("a verifier without a salt")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no chance") }
