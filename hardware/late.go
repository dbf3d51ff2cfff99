package hardware

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// TooLate explains why an Unlock sent nothing: its context had ended, which is
// cause, before its turn came. The code is denied, for then it is certain that
// the door stays as it is.
func TooLate(ch Channel, cause error) error {
	return errs.Wrap(cause, errs.Denied,
		fmt.Sprintf("The order to unlock channel %v was not sent: its time was over before the bus was free.", ch),
		"Scan the badge, or ask for the door, again.")
}
