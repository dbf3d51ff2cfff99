package modbusrelay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// afterSlave is how long a board may take to store its slave id.
const afterSlave = 500 * time.Millisecond

// SetSlave gives the one board on line a slave id, 1 to 247, and makes sure that
// it answers to it. Every board that hears the order obeys, so all others must
// be off the line; one that answers to the id already is found, one with another
// id is not. The line stays open. Errors: invalid for the id, conflict when a
// board has it, unavailable when none answers to it afterwards.
func SetSlave(ctx context.Context, line hardware.Line, baud, id int) error {
	if id < 1 || id > maxSlave || baud < 1 {
		return errs.New(errs.Invalid, fmt.Sprintf("A relay board cannot be slave %d at %d baud.", id, baud),
			fmt.Sprintf("Choose a slave id from 1 to %d that no other board has.", maxSlave))
	}
	const inputs = 8 // every board has so many
	talk := halfduplex.New(line, format(inputs/8), 0, silence(baud))
	there := func() error {
		_, err := talk.Ask(ctx, request(byte(id), readInputs, 0, inputs), func(f []byte) bool {
			return f[0] == byte(id) && f[1]&^refused == readInputs
		})
		return err
	}
	switch err := there(); {
	case err == nil:
		return errs.New(errs.Conflict, fmt.Sprintf("A relay board answers as slave %d already.", id),
			"If it is the one that was to be set, there is nothing to do. Otherwise take it off the line first.")
	case !errors.Is(err, hardware.ErrTimeout):
		return err
	}
	if err := talk.Send(ctx, request(broadcast, writeOne, slaveID, uint16(id)), afterSlave, nil); err != nil {
		return err
	}
	if err := there(); err != nil {
		return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("No relay board answers as slave %d.", id),
			"Look at its power, the bus cable (A and B the right way round) and the speed; then try again.")
	}
	return nil
}
