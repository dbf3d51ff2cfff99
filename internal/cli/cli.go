// Package cli is how Bellkeep's programs end: the one place where an error meets
// the person at the terminal.
package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// The exit codes.
const (
	Done   = 0
	Failed = 1
	Misuse = 2
)

// MisuseError is a command line that cannot be meant. Its text is empty when the
// reason has been printed already.
type MisuseError struct{ Text string }

// Error is the sentence for the person.
func (e MisuseError) Error() string { return e.Text }

// ErrHelp ends a command that has printed its help.
var ErrHelp = errors.New("help was printed")

// Exit prints why a program ends and what to do next, and gives the exit code.
func Exit(program string, err error, stderr io.Writer) int {
	var wrong MisuseError
	switch {
	case err == nil, errors.Is(err, ErrHelp):
		return Done
	case errors.As(err, &wrong):
		if wrong.Text != "" {
			fmt.Fprintf(stderr, "%s: %s\n", program, wrong.Text)
		}
		return Misuse
	}
	fmt.Fprintf(stderr, "%s: %v\n", program, err)
	if hint := errs.HintOf(err); hint != "" {
		fmt.Fprintln(stderr, "Next step:", hint)
	}
	return Failed
}
