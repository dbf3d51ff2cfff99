// Package xor8a drives the lock boards that are sold under many names with 8 to
// 32 locks and whose unlock frame begins with 8A: one RS-485 bus, usually at
// 9600 baud, 8N1. The makers give the protocol no name; both halves of this one
// are what all sources agree on.
//
// # Wire format
//
// The last byte of every frame, X, is all bytes before it joined by exclusive
// or. Boards count from 01, by the switches on them, and locks from 01. Lock 00
// would be every lock of the board, so it is never written.
//
//	8A BOARD LOCK 11 X    unlock
//	80 BOARD 00   33 X    status of all locks
//
//	8A 01 01 11 9B        unlock lock 1 of board 1
//	80 01 00 33 B2        status of board 1
//
// The length of a status reply depends on the size of the board: three status
// bytes up to 24 locks, four above.
//
//	80 BOARD S1 S2 S3 33 X
//	80 BOARD S1 S2 S3 S4 33 X
//
// In the sources the last status byte is locks 1 to 8, lock 1 in bit 0. They
// differ about what a set bit means, and not all were seen with a lock open; so
// polarity and byte order are configuration, to be settled at the cabinet.
//
// # The second after an unlock
//
// The board answers an unlock frame only when it has driven the coil, about a
// second later, and until then the two wires are its own:
//
//	8A BOARD LOCK 11 X    or    8A BOARD LOCK 00 X
//
// Which of 11 and 00 means "open" is told both ways, so neither is believed: the
// next status says what the door does. The answer counts as the end of the
// second if it names the board and the lock of the order, and does not come so
// soon that it could be an echo of the order itself, which looks the same. No
// answer ends it too, after Config.Block. Nothing is sent meanwhile. So thirty
// doors on one bus take half a minute to open: have several buses.
//
// The board times the pulse to the coil itself.
//
// # What the check byte is worth
//
// Exclusive or finds every single flipped bit, but two flips of the same bit of
// two bytes cancel out, whichever way they go. Of all pairs of flipped bits in a
// status reply 1 in 32 is accepted as another reply of the same board, 1 in 25
// of the longer one, and of random damage to the bytes that may vary 1 in 256.
// A single reading is therefore a rumour: whoever acts on one wants a second
// that agrees.
package xor8a

import "github.com/bellkeep/bellkeep/hardware/halfduplex"

const (
	headStatus = 0x80
	headUnlock = 0x8A
	endStatus  = 0x33
	endUnlock  = 0x11

	allLocks  = 0x00
	unlockLen = 5
)

// unlockFrame moves one latch. Both numbers count from 1.
func unlockFrame(board, lock byte) []byte { return sealed(headUnlock, board, lock, endUnlock) }

// statusFrame asks for all locks of a board, which counts from 1.
func statusFrame(board byte) []byte { return sealed(headStatus, board, allLocks, endStatus) }

func sealed(f ...byte) []byte { return append(f, xor(f)) }

func xor(p []byte) (x byte) {
	for _, b := range p {
		x ^= b
	}
	return x
}

// format is that of replies with so many status bytes.
func format(status int) halfduplex.Format {
	size := status + 4
	return halfduplex.Format{
		Length: func(w []byte) int {
			switch {
			case w[0] == headUnlock && (len(w) < 4 || w[3] == endUnlock || w[3] == 0):
				return unlockLen
			case w[0] == headStatus && (len(w) < size-1 || w[size-2] == endStatus):
				return size
			}
			return -1
		},
		Sum: func(f []byte) bool {
			last := len(f) - 1
			return f[last] == xor(f[:last])
		},
	}
}
