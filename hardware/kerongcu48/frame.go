// Package kerongcu48 drives lock boards of the Kerong CU48 kind, in the older of
// the two protocols sold under that name, on one RS-485 bus. (The newer one is
// Modbus, at 115200 baud; it is not spoken here.)
//
// # Wire format
//
// A request has 6 bytes. A1 and A2 are the board and the lock, both counted from
// zero. SUM is the low byte of the sum of all bytes before it.
//
//	02 A1 A2 CMD 03 SUM
//
//	02 00 00 60 03 65    status of board 0
//	02 00 00 61 03 66    unlock lock 1 of board 0
//
// A status reply has 18 bytes: the address as asked for, 48 lock bits and 48
// bits of item sensors. Bit 0 of the first byte is lock 1.
//
//	02 A1 A2 75 L1 L2 L3 L4 L5 L6 I1 I2 I3 I4 I5 I6 03 SUM
//
// An unlock frame is not known to be answered; should a board do it, the answer
// is kept out of what comes next. The board times the pulse to the coil itself.
// No other command is ever sent.
//
// # Which of A1 and A2 is the board
//
// One program unlocks lock 2 of board 0 with the first of these frames, a later
// one of the same author with the second:
//
//	02 00 01 61 03 67    board first
//	02 01 00 61 03 67    lock first
//
// The sum cannot tell them apart. Both are good frames, and where a bus has more
// than one board each opens a door in the other's order: lock 2 of board 0 is
// lock 1 of board 1. So the order is configuration without a default, to be
// settled at the cabinet before anything lies behind a door. So is what a set
// lock bit means, although in all captures known it means a closed door.
//
// # What the checksum is worth
//
// A sum of 8 bits finds every single flipped bit, but two flips of opposite
// direction in the same bit of two bytes cancel out, and so does swapping two
// bytes. Of all pairs of flipped bits in a reply 1 in 29 is accepted as another
// reply of the same board, and of random damage to the bytes that may vary 1 in
// 256. A single reading is therefore a rumour: whoever acts on one wants a
// second that agrees.
package kerongcu48

import "github.com/bellkeep/bellkeep/hardware/halfduplex"

const (
	stx = 0x02
	etx = 0x03

	cmdStatus = 0x60
	cmdUnlock = 0x61
	cmdReply  = 0x75

	replyLen    = 18
	statusBytes = 6 // of locks, and as many of items
)

// request encodes a request frame.
func request(a1, a2, cmd byte) []byte {
	f := []byte{stx, a1, a2, cmd, etx}
	return append(f, sum(f))
}

// sum adds bytes up and keeps the low byte.
func sum(p []byte) (s byte) {
	for _, b := range p {
		s += b
	}
	return s
}

// format is that of status replies.
func format() halfduplex.Format {
	return halfduplex.Format{
		Length: func(w []byte) int {
			if w[0] != stx || len(w) > 3 && w[3] != cmdReply || len(w) > 16 && w[16] != etx {
				return -1
			}
			return replyLen
		},
		Sum: func(f []byte) bool { return f[replyLen-1] == sum(f[:replyLen-1]) },
	}
}

// reply is a status reply.
type reply struct {
	a1, a2       byte
	locks, items [statusBytes]byte
}

// decode reads a whole one.
func decode(f []byte) reply {
	return reply{a1: f[1], a2: f[2], locks: [statusBytes]byte(f[4:]), items: [statusBytes]byte(f[4+statusBytes:])}
}

// set gives the bit of the lock that counts from zero.
func set(bits [statusBytes]byte, lock int) bool { return bits[lock/8]>>(lock%8)&1 == 1 }
