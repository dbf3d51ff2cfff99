package kerong

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	// tries is how often a status is asked for. An unlock has one.
	tries = 3

	// afterUnlock is how long a board may take to answer an unlock frame that
	// it need not answer: 5 ms on the wire, 16 ms in some USB adapters, and as
	// much again for the board. Nothing is sent meanwhile, for the two would
	// collide.
	afterUnlock = 50 * time.Millisecond

	// afterMiss is how long a late answer to a status request is kept out of
	// the next try.
	afterMiss = 50 * time.Millisecond
)

// Bus is one bus of boards. One goroutine owns it.
type Bus struct {
	line  hardware.Line
	cfg   Config
	dec   decoder
	quiet time.Time // until then an answer to an earlier frame may come
	stats Stats
}

var _ hardware.LockBus = (*Bus)(nil)

// Stats counts what a bus has been through since it was opened.
type Stats struct {
	Replies  uint64 // status replies that were asked for
	Timeouts uint64 // status requests without an answer in time
	BadSums  uint64 // replies with a wrong checksum
	Foreign  uint64 // replies of a board that was not asked
	Garbage  uint64 // bytes in no reply
}

// New gives the bus on line, which it then owns. It fails with every fault of
// cfg.
func New(line hardware.Line, cfg Config) (*Bus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Reply == 0 {
		cfg.Reply = DefaultReply
	}
	return &Bus{line: line, cfg: cfg}, nil
}

// Unlock sends one unlock frame and does not wait for anything after it. Only
// right after another unlock it first waits, up to 50 ms, for the line to be
// free. An error after the frame was written means that nobody knows.
func (b *Bus) Unlock(ctx context.Context, ch hardware.Channel) error {
	if err := b.cfg.Check(ch); err != nil {
		return err
	}
	if err := b.free(ctx); err != nil {
		return err
	}
	err := b.send(address(ch.Board, ch.Index+b.cfg.IndexBase), cmdUnlock)
	b.quiet = time.Now().Add(afterUnlock)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable,
			fmt.Sprintf("The order to unlock channel %v may not have reached its board.", ch),
			"Look at the door before trying again.")
	}
	return nil
}

// Read asks a board for its state, up to three times. It gives 16 readings,
// or 15 where locks count from 1. A context that ends is obeyed within
// hardware.ReadTimeout.
func (b *Bus) Read(ctx context.Context, board int) ([]hardware.Reading, error) {
	if err := b.cfg.checkBoard(board); err != nil {
		return nil, err
	}
	for range tries {
		if err := b.free(ctx); err != nil {
			return nil, err
		}
		r, err := b.status(ctx, address(board, 0))
		switch {
		case err == nil:
			b.stats.Replies++
			return b.cfg.readings(r), nil
		case !errors.Is(err, hardware.ErrTimeout):
			return nil, err
		}
		b.stats.Timeouts++
		b.quiet = time.Now().Add(afterMiss)
	}
	return nil, errs.Wrap(hardware.ErrTimeout, errs.Unavailable,
		fmt.Sprintf("Lock board %d does not answer.", board),
		"Look at its power, the bus cable (A and B the right way round) and its address switch.")
}

// free waits until no earlier frame can be answered any more, and throws away
// what came. A late answer looks like the one to the next request: only time
// tells them apart.
func (b *Bus) free(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if wait := time.Until(b.quiet); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	b.dec.reset()
	return b.line.Flush()
}

// send writes one request in one call.
func (b *Bus) send(addr, cmd byte) error {
	_, err := b.line.Write(request(addr, cmd))
	return err
}

// status asks once and waits for the reply that bears the address asked for.
func (b *Bus) status(ctx context.Context, addr byte) (reply, error) {
	if err := b.send(addr, cmdStatus); err != nil {
		return reply{}, err
	}
	deadline := time.Now().Add(b.cfg.Reply)
	buf := make([]byte, 4*replyLen)
	for ctx.Err() == nil && time.Now().Before(deadline) {
		n, err := b.line.Read(buf)
		if err != nil && !errors.Is(err, hardware.ErrTimeout) {
			return reply{}, err
		}
		for _, r := range b.dec.push(buf[:n]) {
			if r.addr == addr {
				return r, nil
			}
			b.stats.Foreign++
		}
	}
	return reply{}, cmp.Or(ctx.Err(), hardware.ErrTimeout)
}

// readings explains a reply, lock by lock.
func (c Config) readings(r reply) []hardware.Reading {
	locks, items := c.word(r.locks), c.word(r.items)
	all := make([]hardware.Reading, c.channels())
	for i := range all {
		set := locks>>i&1 == 1
		all[i].Contact = hardware.Open
		if set == (c.Polarity == SetIsClosed) {
			all[i].Contact = hardware.Closed
		}
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
func (b *Bus) Stats() Stats {
	s := b.stats
	s.BadSums, s.Garbage = b.dec.badSums, b.dec.garbage
	return s
}

// Close closes the line.
func (b *Bus) Close() error { return b.line.Close() }
