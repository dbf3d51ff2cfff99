package gpio

import (
	"errors"

	"github.com/bellkeep/bellkeep/hardware"
)

// Open opens the boards of cfg with every relay off. Failures carry the code
// Invalid, NotFound (no such chip, line or I²C bus), Denied (permissions),
// Conflict (in use) or Unavailable.
func Open(cfg Config) (hardware.LockBus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	var boards []Board
	for _, pins := range cfg.Boards {
		open := openLines
		if pins.Chip == "" {
			open = openExpander
		}
		board, err := open(pins, cfg)
		if err != nil {
			for _, b := range boards {
				err = errors.Join(err, b.Close())
			}
			return nil, err
		}
		boards = append(boards, board)
	}
	return New(cfg, boards...)
}
