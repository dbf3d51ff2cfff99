package kerong

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
)

// afterUnlock is how long a board may take to answer an unlock frame that it
// need not answer: 5 ms on the wire, 16 ms in some USB adapters, and as much
// again for the board. Nothing is sent meanwhile, for the two would collide.
const afterUnlock = 50 * time.Millisecond

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
// right after another unlock it first waits, up to 50 ms, for the line to be
// free. An error after the frame was written means that nobody knows.
func (b *Bus) Unlock(ctx context.Context, ch hardware.Channel) error {
	if err := b.cfg.Size().Check(ch); err != nil {
		return err
	}
	frame := request(address(ch.Board, ch.Index+b.cfg.IndexBase), cmdUnlock)
	return b.line.Order(ctx, ch, frame, afterUnlock, nil)
}

// Read asks a board for its state, up to three times. It gives 16 readings,
// or 15 where locks count from 1. A context that ends is obeyed within
// hardware.ReadTimeout.
func (b *Bus) Read(ctx context.Context, board int) ([]hardware.Reading, error) {
	if err := b.cfg.Size().CheckBoard(board); err != nil {
		return nil, err
	}
	addr := address(board, 0)
	f, err := b.line.Ask(ctx, request(addr, cmdStatus), func(f []byte) bool { return f[1] == addr })
	if err != nil {
		return nil, halfduplex.Silent(board, err,
			"Look at its power, the bus cable (A and B the right way round) and its address switch.")
	}
	return b.cfg.readings(decode(f)), nil
}

// readings explains a reply, lock by lock.
func (c Config) readings(r reply) []hardware.Reading {
	locks, items := c.word(r.locks), c.word(r.items)
	all := make([]hardware.Reading, c.Size().Channels)
	for i := range all {
		all[i].Contact = c.Polarity.Contact(locks>>i&1 == 1)
		if c.Items {
			all[i].Item = hardware.Absent + hardware.Item(items>>i&1)
		}
	}
	return all
}

// word joins two status bytes so that bit 0 is the first lock.
func (c Config) word(p [2]byte) uint16 {
	if c.ByteOrder == HighFirst {
		p[0], p[1] = p[1], p[0]
	}
	return uint16(p[0]) | uint16(p[1])<<8
}

// Stats gives the counters. Its caller is the goroutine that owns the bus.
func (b *Bus) Stats() halfduplex.Stats { return b.line.Stats() }

// Strays implements hardware.Listener.
func (b *Bus) Strays() uint64 { return b.Stats().Strays() }

// Close closes the line.
func (b *Bus) Close() error { return b.line.Close() }
