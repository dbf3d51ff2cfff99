package kerongcu48

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
)

// afterUnlock is how long an answer to an unlock frame, which none is known to
// give, is waited out: 10 ms on the wire, 16 ms in some USB adapters, and as
// much again for the board.
const afterUnlock = 60 * time.Millisecond

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
	return &Bus{line: halfduplex.New(line, format(), cfg.Reply, 0), cfg: cfg}, nil
}

// Unlock sends one unlock frame and does not wait for anything after it. Only
// right after another unlock it first waits, up to 60 ms, for the line to be
// free. An error after the frame was written means that nobody knows.
func (b *Bus) Unlock(ctx context.Context, ch hardware.Channel) error {
	if err := b.cfg.Size().Check(ch); err != nil {
		return err
	}
	a1, a2 := b.cfg.address(ch)
	return b.line.Order(ctx, ch, request(a1, a2, cmdUnlock), afterUnlock, nil)
}

// Read asks a board for its state, up to three times, and gives 48 readings. A
// context that ends is obeyed within hardware.ReadTimeout.
func (b *Bus) Read(ctx context.Context, board int) ([]hardware.Reading, error) {
	if err := b.cfg.Size().CheckBoard(board); err != nil {
		return nil, err
	}
	a1, a2 := b.cfg.address(hardware.Channel{Board: board})
	f, err := b.line.Ask(ctx, request(a1, a2, cmdStatus), func(f []byte) bool { return f[1] == a1 && f[2] == a2 })
	if err != nil {
		return nil, halfduplex.Silent(board, err,
			"Look at its power, the bus cable (A and B the right way round), its address switch, and the address order.")
	}
	return b.cfg.readings(decode(f)), nil
}

// readings explains a reply, lock by lock.
func (c Config) readings(r reply) []hardware.Reading {
	all := make([]hardware.Reading, locksPerBoard)
	for i := range all {
		all[i].Contact = c.Polarity.Contact(set(r.locks, i))
		switch {
		case c.Items && set(r.items, i):
			all[i].Item = hardware.Present
		case c.Items:
			all[i].Item = hardware.Absent
		}
	}
	return all
}

// Stats gives the counters. Its caller is the goroutine that owns the bus.
func (b *Bus) Stats() halfduplex.Stats { return b.line.Stats() }

// Strays implements hardware.Listener.
func (b *Bus) Strays() uint64 { return b.Stats().Strays() }

// Close closes the line.
func (b *Bus) Close() error { return b.line.Close() }
