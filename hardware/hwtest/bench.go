package hwtest

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

// Bench is a hand-written bus of boards behind the driver under test. It
// shares no code with the driver: what both get wrong, neither shows.
type Bench interface {
	// Size gives how many boards there are, at least 2, and the channels of each.
	Size() (boards, channels int)
	SetContact(ch hardware.Channel, c hardware.Contact)
	// Unlocks gives the unlock frames seen so far, by channel, once every byte
	// that was sent has been dealt with.
	Unlocks() map[hardware.Channel]int
	// SetFault makes a board misbehave from now on; the zero Fault ends it.
	SetFault(board int, f Fault)
	// Speak sends a status reply of a board that nobody asked for.
	Speak(board int)
	// Unplug pulls the adapter; Replug puts it back and opens the driver anew.
	Unplug()
	Replug() hardware.LockBus
}

// Fault is how a board misbehaves.
type Fault struct {
	Silent      bool          // hears everything, says nothing
	Delay       time.Duration // waits before each reply
	Bytewise    bool          // sends each byte of a reply by itself, 520 µs apart
	Garbage     []byte        // sends this before each reply
	Foreign     bool          // another board, all its doors open, answers first
	Corrupt     bool          // sends wrong checksums
	Swapped     bool          // sends its address the wrong way round, in frames that are good otherwise
	UnlockReply bool          // answers an unlock frame, with the state before it
}

// Open gives a driver with its bench. It registers whatever ends both with
// t.Cleanup. It is called inside a synctest bubble.
type Open func(t *testing.T) (hardware.LockBus, Bench)
