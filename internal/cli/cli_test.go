package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestExit(t *testing.T) {
	cases := []struct {
		name string
		err  error
		code int
		says string
	}{
		{"done", nil, Done, ""},
		{"help", fmt.Errorf("demo: %w", ErrHelp), Done, ""},
		{"misuse", MisuseError{"Say which."}, Misuse, "bellkeep: Say which.\n"},
		{"misuse that was said", MisuseError{}, Misuse, ""},
		{"failure", errs.New(errs.Conflict, "It is in use.", "Stop the other."), Failed, "bellkeep: It is in use.\nNext step: Stop the other.\n"},
		{"failure without a next step", errors.New("no"), Failed, "bellkeep: no\n"},
	}
	for _, c := range cases {
		var said strings.Builder
		if code := Exit("bellkeep", c.err, &said); code != c.code || said.String() != c.says {
			t.Errorf("%s: %d, %q", c.name, code, said.String())
		}
	}
}
