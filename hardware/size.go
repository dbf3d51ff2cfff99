package hardware

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Size is how many boards a bus has, and how many channels each of them.
type Size struct {
	Boards   int
	Channels int
}

// Check says whether there is such a channel.
func (s Size) Check(ch Channel) error {
	if err := s.CheckBoard(ch.Board); err != nil {
		return err
	}
	if last := s.Channels - 1; ch.Index < 0 || ch.Index > last {
		return errs.New(errs.Invalid,
			fmt.Sprintf("Channel %v does not exist: a board of this bus has channels 0 to %d.", ch, last),
			"Correct the map of doors.")
	}
	return nil
}

// CheckBoard says whether there is such a board.
func (s Size) CheckBoard(board int) error {
	if board < 0 || board >= s.Boards {
		return errs.New(errs.Invalid,
			fmt.Sprintf("Board %d does not exist: this bus has boards 0 to %d.", board, s.Boards-1),
			"Correct the map of doors, or the number of boards.")
	}
	return nil
}
