// Package halfduplex is the common ground of drivers for lock boards on a
// two-wire bus: one side asks, boards answer, and whoever speaks at the same
// time as another is not understood. It knows no protocol; a driver brings the
// look of its frames as a Format.
//
// Three rules are kept here for all of them:
//
//   - A status may be asked for again, an order never: its frame is written
//     once, and an error after that means that nobody knows.
//   - A late answer looks like the one to the next question. Only time tells
//     them apart, so after an order and after a question without an answer the
//     line is left alone for as long as an answer may take, and what came is
//     thrown away.
//   - An answer counts only if its check bytes fit and its sender is the one
//     that was asked. Everything else is counted and dropped.
package halfduplex

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
	// Tries is how often a status is asked for. An order has one.
	Tries = 3

	// AfterMiss is how long a late answer to a question is kept out of the next
	// try.
	AfterMiss = 50 * time.Millisecond

	// DefaultReply is how long to wait for an answer when nothing else is said,
	// MaxReply the longest that may be. On a silent line it is rounded up to a
	// multiple of hardware.ReadTimeout.
	DefaultReply = hardware.ReadTimeout
	MaxReply     = 2 * time.Second
)

// Bus is one line with boards. One goroutine owns it.
type Bus struct {
	line  hardware.Line
	reply time.Duration
	gap   time.Duration
	dec   *Decoder
	quiet time.Time // nothing is sent before
	wrote time.Time
	over  func(f []byte, after time.Duration) bool // a frame that ends quiet early; may be nil
	stats Stats
}

// Stats counts what a bus has been through since it was opened.
type Stats struct {
	Replies  uint64 // answers that were asked for
	Timeouts uint64 // questions without an answer in time
	BadSums  uint64 // frames with wrong check bytes
	Foreign  uint64 // good frames that were not asked for
	Garbage  uint64 // bytes in no frame
}

// Strays is what of all that was no answer.
func (s Stats) Strays() uint64 { return s.BadSums + s.Foreign + s.Garbage }

// New gives the bus on line, which it then owns. It waits for an answer as
// long as reply, DefaultReply when 0, and leaves the line alone for gap after
// each.
func New(line hardware.Line, f Format, reply, gap time.Duration) *Bus {
	return &Bus{line: line, dec: NewDecoder(f), reply: cmp.Or(reply, DefaultReply), gap: gap}
}

// CheckReply refuses a wait for answers that New cannot keep.
func CheckReply(reply time.Duration) error {
	if reply < 0 || reply > MaxReply {
		return errs.New(errs.Invalid,
			fmt.Sprintf("The wait for a reply must be between 0 and %v, not %v.", MaxReply, reply),
			fmt.Sprintf("Leave it out for %v.", DefaultReply))
	}
	return nil
}

// Send writes one frame and waits for nothing after it. The line is then left
// alone for the time given, or until a frame arrives of which over, unless nil,
// says that it ends the wait; over also learns how long ago the frame was
// written. Right after another such frame it is this wait that Send spends first.
func (b *Bus) Send(ctx context.Context, frame []byte, alone time.Duration, over func(f []byte, after time.Duration) bool) error {
	if err := b.free(ctx); err != nil {
		return err
	}
	return b.write(frame, alone, over)
}

// Order is Send for an unlock frame for ch. When ctx ends before the line is free
// the error is denied, and nothing was sent; one after the frame was written
// means that nobody knows.
func (b *Bus) Order(ctx context.Context, ch hardware.Channel, frame []byte, alone time.Duration, over func(f []byte, after time.Duration) bool) error {
	if err := b.freeFor(ctx, ch); err != nil {
		return err
	}
	return unsure(ch, b.write(frame, alone, over))
}

func (b *Bus) write(frame []byte, alone time.Duration, over func([]byte, time.Duration) bool) error {
	_, err := b.line.Write(frame)
	b.over, b.wrote = over, time.Now()
	b.quiet = b.wrote.Add(alone)
	return err
}

// OrderEchoed writes one unlock frame for ch and gives the first frame after it
// of which mine says that it answers. No answer is an error that means unknown.
func (b *Bus) OrderEchoed(ctx context.Context, ch hardware.Channel, frame []byte, mine func(frame []byte) bool) ([]byte, error) {
	if err := b.freeFor(ctx, ch); err != nil {
		return nil, err
	}
	answer, err := b.exchange(ctx, frame, mine)
	return answer, unsure(ch, err)
}

// freeFor is free before an order, which may end first.
func (b *Bus) freeFor(ctx context.Context, ch hardware.Channel) error {
	err := b.free(ctx)
	if err == nil || ctx.Err() == nil {
		return err
	}
	return hardware.TooLate(ch, err)
}

func unsure(ch hardware.Channel, err error) error {
	if err == nil {
		return nil
	}
	return errs.Wrap(err, errs.Unavailable,
		fmt.Sprintf("The order to unlock channel %v may not have reached its board.", ch),
		"Look at the door before trying again.")
}

// Ask puts a question up to Tries times and gives the first frame of which mine
// says that it answers. When none comes the error is hardware.ErrTimeout; a
// context that ends is obeyed within hardware.ReadTimeout.
func (b *Bus) Ask(ctx context.Context, question []byte, mine func(frame []byte) bool) ([]byte, error) {
	for range Tries {
		if err := b.free(ctx); err != nil {
			return nil, err
		}
		answer, err := b.exchange(ctx, question, mine)
		if err == nil || !errors.Is(err, hardware.ErrTimeout) {
			return answer, err
		}
	}
	return nil, hardware.ErrTimeout
}

// Silent explains the error of Ask for a person, who is told where to look.
func Silent(board int, err error, look string) error {
	if !errors.Is(err, hardware.ErrTimeout) {
		return err
	}
	return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("Lock board %d does not answer.", board), look)
}

// free waits until no earlier frame can be answered any more, and throws away
// what came.
func (b *Bus) free(ctx context.Context) error {
	if err := b.hearOut(ctx); err != nil {
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
	b.dec.Reset()
	return b.line.Flush()
}

// hearOut listens for the frame that ends the quiet early.
func (b *Bus) hearOut(ctx context.Context) error {
	for b.over != nil && ctx.Err() == nil && time.Now().Before(b.quiet) {
		frames, err := b.read()
		if err != nil {
			return err
		}
		for _, f := range frames {
			if b.over != nil && b.over(f, time.Since(b.wrote)) {
				b.over, b.quiet = nil, time.Now().Add(b.gap)
			}
		}
	}
	return ctx.Err()
}

// exchange asks once.
func (b *Bus) exchange(ctx context.Context, question []byte, mine func([]byte) bool) ([]byte, error) {
	if err := b.write(question, AfterMiss, nil); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(b.reply)
	for ctx.Err() == nil && time.Now().Before(deadline) {
		frames, err := b.read()
		if err != nil {
			return nil, err
		}
		for _, f := range frames {
			if mine(f) {
				b.stats.Replies++
				b.quiet = time.Now().Add(b.gap)
				return f, nil
			}
			b.stats.Foreign++
		}
	}
	b.quiet = time.Now().Add(AfterMiss)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.stats.Timeouts++
	return nil, hardware.ErrTimeout
}

// read gives the frames that one read of the line completes. Nothing in time is
// no error.
func (b *Bus) read() ([][]byte, error) {
	buf := make([]byte, MaxFrame)
	n, err := b.line.Read(buf)
	if err != nil && !errors.Is(err, hardware.ErrTimeout) {
		return nil, err
	}
	return b.dec.Push(buf[:n]), nil
}

// Stats gives the counters. Its caller is the goroutine that owns the bus.
func (b *Bus) Stats() Stats {
	s := b.stats
	s.BadSums, s.Garbage = b.dec.BadSums(), b.dec.Garbage()
	return s
}

// Close closes the line.
func (b *Bus) Close() error { return b.line.Close() }
