package gpio

import (
	"errors"
	"time"
)

// Relays are the coils of one board. Whoever gives them has switched all of
// them off before the first could have been on.
type Relays interface {
	// Switch turns on the relays whose bits are set, and all others off. Saying
	// it again does no harm. After an error nobody knows.
	Switch(on uint64) error
	// Close switches all off and gives them back.
	Close() error
}

// Contacts are the door contacts of one board.
type Contacts interface {
	// Levels gives the level of every contact; a set bit is high.
	Levels() (uint64, error)
	// Edges listens for so long, which is more than 0, and gives the contacts
	// that changed meanwhile, as far as it noticed.
	Edges(wait time.Duration) (uint64, error)
	Close() error
}

// Board is one board as the bus needs it. An error that is hardware.ErrTimeout
// means that this board does not answer; any other, that the bus is gone.
type Board struct {
	Relays
	Contacts
}

// Close switches the relays off before all else.
func (b Board) Close() error { return errors.Join(b.Relays.Close(), b.Contacts.Close()) }
