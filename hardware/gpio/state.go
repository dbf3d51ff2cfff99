package gpio

import (
	"context"
	"time"
)

// settleTries is how many debounce times a look waits for contacts to come to
// rest.
const settleTries = 4

// state is what is believed of one board's contacts.
type state struct {
	levels uint64
	known  uint64 // contacts that have been at rest once
}

// settle gives the levels of n contacts, and those that are not at rest. Only
// contacts that differ from what is believed are waited for.
func (s *state) settle(ctx context.Context, c Contacts, n int, debounce time.Duration) (levels, unsteady uint64, err error) {
	all := mask(n)
	seen, err := c.Levels()
	if err != nil {
		return 0, 0, err
	}
	pending := ((seen ^ s.levels) | ^s.known) & all
	for try := 0; pending != 0 && try < settleTries; try++ {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		moved, err := c.Edges(debounce)
		if err != nil {
			return 0, 0, err
		}
		again, err := c.Levels()
		if err != nil {
			return 0, 0, err
		}
		moved |= seen ^ again
		rest := pending &^ moved
		s.levels = s.levels&^rest | again&rest
		s.known |= rest
		seen, pending = again, ((again^s.levels)|^s.known|moved)&all
	}
	return s.levels, pending, nil
}
