// Package hardware holds the ports to the physical world: lock outputs, their
// sensors and badge scanners. It speaks of channels on boards on a bus; which
// door number is painted on a channel is known further up.
//
// A bus is one serial line with one or more boards on it. A board has a fixed
// number of channels, each a lock output with a door contact and, on some
// boards, an item sensor. Drivers live in sub-packages and may be imported by
// the bank's runtime only; hardware/hwtest holds the fakes and the suite that
// every driver passes.
package hardware

import (
	"context"
	"fmt"
)

// Channel is one lock output on a bus. Both numbers count from zero, whatever
// the board's own protocol does.
type Channel struct {
	Board int
	Index int
}

// String gives "board/index", as used in logs and maps.
func (c Channel) String() string { return fmt.Sprintf("%d/%d", c.Board, c.Index) }

// Contact is what a door contact says. The zero value is Unknown: a sensor
// that was never read says nothing.
type Contact uint8

// The states of a door contact.
const (
	Unknown Contact = iota
	Open
	Closed
)

// String gives the word used in records and on pages.
func (c Contact) String() string { return [...]string{"unknown", "open", "closed"}[c] }

// Item is what an item sensor says. The zero value is NoSensor.
type Item uint8

// The states of an item sensor.
const (
	NoSensor Item = iota
	Absent
	Present
)

// String gives the word used in records and on pages.
func (i Item) String() string { return [...]string{"no-sensor", "absent", "present"}[i] }

// Reading is one look at one channel.
type Reading struct {
	Contact Contact
	Item    Item
}

// Unlocker moves one latch. A call writes at most one unlock frame and never
// repeats it: a second frame is a second opening. A context that ends before the
// frame could be written is denied; any other error means unknown, not "did not
// open".
type Unlocker interface {
	Unlock(ctx context.Context, ch Channel) error
}

// Sensors reads every channel of one board, in index order.
type Sensors interface {
	Read(ctx context.Context, board int) ([]Reading, error)
}

// LockBus is one bus of lock boards. It is not safe for concurrent use: one
// goroutine owns it.
type LockBus interface {
	Unlocker
	Sensors
	Close() error
}

// Listener is a bus that knows how much it has heard that answered nothing: bytes
// in no frame, frames with wrong check bytes, answers nobody asked for. Where that
// grows, an order could arrive as another one.
type Listener interface {
	Strays() uint64
}

// Scanner gives the lines a badge scanner reads, without their line ending.
// Scan returns when a line arrived, ctx ended, or the scanner is gone.
type Scanner interface {
	Scan(ctx context.Context) (string, error)
	Close() error
}
