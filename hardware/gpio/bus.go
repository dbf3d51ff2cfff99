package gpio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// How often switching off is tried before the bus is given up, and how long
// after one another. Off, unlike on, may be said again.
const (
	offTries = 5
	offPause = 5 * time.Millisecond
)

// Bus is a number of boards on one supply. One goroutine owns it.
type Bus struct {
	cfg    Config
	boards []Board
	states []state
	gone   error // why nothing more is done; nil while all is well
}

var _ hardware.LockBus = (*Bus)(nil)

// New gives the bus with these boards, which it then owns, in the order of
// cfg.Boards. It fails with every fault of cfg.
func New(cfg Config, boards ...Board) (*Bus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(boards) != len(cfg.Boards) {
		return nil, errs.New(errs.Internal, fmt.Sprintf("%d boards were given for %d.", len(boards), len(cfg.Boards)), "")
	}
	return &Bus{cfg: cfg.usual(), boards: boards, states: make([]state, len(boards))}, nil
}

// Unlock gives a coil its pulse, and returns when it is over. A context that is
// cancelled cuts it short. Any error after the coil was switched on means that
// nobody knows whether the door opened.
func (b *Bus) Unlock(ctx context.Context, ch hardware.Channel) (err error) {
	if err := b.cfg.Size().Check(ch); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return hardware.TooLate(ch, err)
	}
	if b.gone != nil {
		return b.gone
	}
	relays := b.boards[ch.Board].Relays
	if err := relays.Switch(0); err != nil {
		return err // a board that does not hear off never gets to hear on
	}
	defer func() { err = errors.Join(err, b.off(relays, ch.Board)) }()
	if err := relays.Switch(1 << ch.Index); err != nil {
		return unsure(err, ch)
	}
	if err := b.hold(ctx); err != nil {
		return unsure(err, ch)
	}
	return nil
}

// hold waits for the end of a pulse. The end of the program cuts it short; that
// of the order does not, for it was given in time, and half a pulse is a jam.
func (b *Bus) hold(ctx context.Context) error {
	timer := time.NewTimer(b.cfg.Pulse)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	<-timer.C
	return nil
}

func unsure(err error, ch hardware.Channel) error {
	return errs.Wrap(err, errs.Unavailable,
		fmt.Sprintf("The pulse for channel %v may not have reached its lock.", ch),
		"Look at the door before trying again.")
}

// off switches a whole board off. A bus that cannot is given up: opening it
// anew begins with switching everything off.
func (b *Bus) off(relays Relays, board int) error {
	var err error
	for try := range offTries {
		if try > 0 {
			time.Sleep(offPause)
		}
		if err = relays.Switch(0); err == nil {
			return nil
		}
	}
	b.gone = errs.Wrap(fmt.Errorf("%w: %v", hardware.ErrGone, err), errs.Unavailable,
		fmt.Sprintf("The relays of the %s could not be switched off; a coil may have current.", b.cfg.Boards[board].Name()),
		"Cut the power of the locks now, then look at the cable between the computer and the relays.")
	return b.gone
}

// Read looks at the contacts of a board. It takes no time while nothing has
// changed, and up to settleTries debounce times else.
func (b *Bus) Read(ctx context.Context, board int) ([]hardware.Reading, error) {
	if err := b.cfg.Size().CheckBoard(board); err != nil {
		return nil, err
	}
	if err := errors.Join(ctx.Err(), b.gone); err != nil {
		return nil, err
	}
	channels := b.cfg.Size().Channels
	levels, unsteady, err := b.states[board].settle(ctx, b.boards[board].Contacts, channels, b.cfg.Debounce)
	if err != nil {
		return nil, err
	}
	readings := make([]hardware.Reading, channels)
	for i := range readings {
		if unsteady>>i&1 == 0 {
			readings[i].Contact = b.cfg.Polarity.Contact(levels>>i&1 == 1)
		}
	}
	return readings, nil
}

// Close switches everything off and gives the pins back. A chip that is no
// longer there takes no order, which is no fault of closing.
func (b *Bus) Close() error {
	var all []error
	for _, board := range b.boards {
		for _, c := range []io.Closer{board.Relays, board.Contacts} {
			if err := c.Close(); !errors.Is(err, hardware.ErrGone) {
				all = append(all, err)
			}
		}
	}
	return errors.Join(all...)
}
