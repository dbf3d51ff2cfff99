package world

import "time"

// The bytes of the boards' protocol.
const (
	stx       = 0x02
	etx       = 0x03
	cmdStatus = 0x30
	cmdUnlock = 0x31
	ansStatus = 0x35

	requestLen = 5
	boardLocks = 16 // locks of one board
	maxBoards  = 16 // boards of one bus
)

// requestGap is how long a board waits for the rest of a request. Far longer
// than a wire needs, because the sender may be a busy computer.
const requestGap = 250 * time.Millisecond

// request is one frame with a good sum.
type request struct {
	addr, cmd byte
}

func (r request) board() int { return int(r.addr >> 4) }
func (r request) lock() int  { return int(r.addr & 0x0f) }

// sum is the checksum byte that follows b.
func sum(b []byte) byte {
	total := 0
	for _, x := range b {
		total += int(x)
	}
	return byte(total & 0xff)
}

// ear takes frames out of a stream of bytes. It keeps at most one unfinished
// frame; bytes that cannot belong to one are counted and dropped.
type ear struct {
	held []byte
	last time.Time
	bad  uint64 // bytes dropped
}

// hear adds what arrived at a time and gives the complete frames.
func (e *ear) hear(b []byte, at time.Time) []request {
	if len(e.held) > 0 && at.Sub(e.last) > requestGap {
		e.drop(len(e.held))
	}
	e.last = at
	var found []request
	for _, x := range b {
		e.held = append(e.held, x)
		if r, ok := e.take(); ok {
			found = append(found, r)
		}
	}
	return found
}

// take gives the frame in held if it is complete, and drops leading bytes
// that cannot start one.
func (e *ear) take() (request, bool) {
	for len(e.held) > 0 {
		switch {
		case e.held[0] != stx:
			e.drop(1)
		case len(e.held) < requestLen:
			return request{}, false
		case e.held[3] != etx || e.held[4] != sum(e.held[:4]):
			e.drop(1)
		default:
			r := request{addr: e.held[1], cmd: e.held[2]}
			e.held = e.held[:0]
			return r, true
		}
	}
	return request{}, false
}

func (e *ear) drop(n int) {
	e.bad += uint64(n)
	e.held = append(e.held[:0], e.held[n:]...)
}

// answer builds a status frame of a board.
func answer(board int, locks, items [2]byte) []byte {
	b := []byte{stx, byte(board << 4), ansStatus, locks[0], locks[1], items[0], items[1], etx}
	return append(b, sum(b))
}
