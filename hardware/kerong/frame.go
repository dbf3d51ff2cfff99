// Package kerong drives lock boards of the Kerong KR-CU16 family (also sold as
// CU12 and NCU16L) on one RS-485 bus, usually at 19200 baud, 8N1.
//
// # Wire format
//
// A request has 5 bytes. ADDR is the board in the upper half and the lock in
// the lower one. SUM is the low byte of the sum of all bytes before it.
//
//	02 ADDR CMD 03 SUM
//
//	02 00 30 03 35    status of board 0
//	02 10 30 03 45    status of board 1
//	02 01 31 03 37    unlock lock 2 of board 0
//	02 0F 31 03 45    unlock lock 16 of board 0
//
// The board answers a status request with 9 bytes: its address as asked for,
// 16 lock bits and 16 bits of item sensors. Bit 0 of L1 is lock 1, of L2 lock 9.
//
//	02 ADDR 35 L1 L2 I1 I2 03 SUM
//
// An unlock frame is not answered, except that some boards do answer it, with
// a status reply. The board times the pulse to the coil itself. No other
// command is ever sent; least of all 33, which opens every door.
//
// The makers' pages and the programs in use differ about some of this, so it
// is configuration, to be settled at the cabinet: whether a set bit means a
// closed door, which status byte comes first, and whether the bus counts locks
// from 0. A bus has up to 16 boards by its addresses, up to 10 by the manual.
//
// # What the checksum is worth
//
// A sum of 8 bits finds every single flipped bit, but two flips of opposite
// direction in the same bit of two bytes cancel out, and so does swapping two
// bytes. Of all pairs of flipped bits in a reply 1 in 57 is accepted as another
// reply to the same request, and of random damage to the bytes that may vary 1
// in 256. A single reading is therefore a rumour: whoever acts on one wants a
// second that agrees. Bytes of pure chance pass for the reply awaited in
// one place of 2^40: the other four decide what five of the nine must be.
package kerong

import "github.com/bellkeep/bellkeep/hardware/halfduplex"

const (
	stx = 0x02
	etx = 0x03

	cmdStatus = 0x30
	cmdUnlock = 0x31
	cmdReply  = 0x35

	replyLen = 9
)

// request encodes a request frame.
func request(addr, cmd byte) []byte {
	f := []byte{stx, addr, cmd, etx}
	return append(f, sum(f))
}

// address packs a board and the number the bus gives a lock on it, both 0 to
// 15.
func address(board, lock int) byte { return byte(board<<4 | lock) }

// sum adds bytes up and keeps the low byte.
func sum(p []byte) (s byte) {
	for _, b := range p {
		s += b
	}
	return s
}

// reply is a status reply, its bytes in the order of the wire.
type reply struct {
	addr  byte
	locks [2]byte
	items [2]byte
}

// format is that of status replies.
func format() halfduplex.Format {
	return halfduplex.Format{
		Length: func(w []byte) int {
			if w[0] != stx || len(w) > 2 && w[2] != cmdReply || len(w) > 7 && w[7] != etx {
				return -1
			}
			return replyLen
		},
		Sum: func(f []byte) bool { return f[replyLen-1] == sum(f[:replyLen-1]) },
	}
}

// decode reads a whole status reply.
func decode(f []byte) reply {
	return reply{addr: f[1], locks: [2]byte{f[3], f[4]}, items: [2]byte{f[5], f[6]}}
}
