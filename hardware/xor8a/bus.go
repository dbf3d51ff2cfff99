package xor8a

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
)

// earliest is how soon after an unlock frame its answer may come. What looks
// like it before is an adapter that hears itself.
const earliest = 100 * time.Millisecond

// Bus is one bus of boards. One goroutine owns it.
type Bus struct {
	line *halfduplex.Bus
	cfg  Config
}

var _ hardware.LockBus = (*Bus)(nil)

// New gives the bus on line, which it then owns. It fails with every fault of
// cfg.
func New(line hardware.Line, cfg Config) (*Bus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Bus{line: halfduplex.New(line, format(cfg.statusBytes()), cfg.Reply, 0), cfg: cfg}, nil
}

// Unlock sends one unlock frame and does not wait for anything after it, but
// whatever is done next on this bus does, for about a second: until the board
// has answered or Config.Block is over. An error after the frame was written
// means that nobody knows.
func (b *Bus) Unlock(ctx context.Context, ch hardware.Channel) error {
	if err := b.cfg.Size().Check(ch); err != nil {
		return err
	}
	board, lock := byte(ch.Board+1), byte(ch.Index+1)
	return b.line.Order(ctx, ch, unlockFrame(board, lock), b.cfg.block(), func(f []byte, after time.Duration) bool {
		return f[0] == headUnlock && f[1] == board && f[2] == lock && after >= earliest
	})
}

// Read asks a board for its state, up to three times, and gives as many
// readings as it has locks. A context that ends is obeyed within
// hardware.ReadTimeout.
func (b *Bus) Read(ctx context.Context, board int) ([]hardware.Reading, error) {
	if err := b.cfg.Size().CheckBoard(board); err != nil {
		return nil, err
	}
	number := byte(board + 1)
	f, err := b.line.Ask(ctx, statusFrame(number), func(f []byte) bool { return f[0] == headStatus && f[1] == number })
	if err != nil {
		return nil, halfduplex.Silent(board, err,
			"Look at its power, the bus cable (A and B the right way round), its address switches, and how many locks it has.")
	}
	return b.cfg.readings(f[2 : 2+b.cfg.statusBytes()]), nil
}

// readings explains status bytes, lock by lock.
func (c Config) readings(status []byte) []hardware.Reading {
	all := make([]hardware.Reading, c.Locks)
	for i := range all {
		at := i / 8
		if c.ByteOrder == HighFirst {
			at = len(status) - 1 - at
		}
		all[i].Contact = c.Polarity.Contact(status[at]>>(i%8)&1 == 1)
	}
	return all
}

// Stats gives the counters. Its caller is the goroutine that owns the bus.
func (b *Bus) Stats() halfduplex.Stats { return b.line.Stats() }

// Strays implements hardware.Listener.
func (b *Bus) Strays() uint64 { return b.Stats().Strays() }

// Close closes the line.
func (b *Bus) Close() error { return b.line.Close() }
