package hardware

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Polarity says what a set bit of a door contact means. It depends on the
// switch inside the lock, so it has no default: open one door by hand and look.
type Polarity string

// The polarities.
const (
	SetIsClosed Polarity = "set-is-closed"
	SetIsOpen   Polarity = "set-is-open"
)

// Contact explains one bit.
func (p Polarity) Contact(set bool) Contact {
	if set == (p == SetIsClosed) {
		return Closed
	}
	return Open
}

// Validate refuses all but the two.
func (p Polarity) Validate() error {
	if p == SetIsClosed || p == SetIsOpen {
		return nil
	}
	return errs.New(errs.Invalid, fmt.Sprintf("The bits of door contacts cannot have the polarity %q.", string(p)),
		fmt.Sprintf("Choose %q or %q: read the status with one door open.", SetIsClosed, SetIsOpen))
}
