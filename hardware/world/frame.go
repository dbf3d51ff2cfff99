package world

import "time"

const (
	boardLocks = 48 // most locks of one board
	maxBoards  = 16 // boards of one bus
)

// requestGap is how long a board waits for the rest of a request. Far longer
// than a wire needs, because the sender may be a busy computer.
const requestGap = 250 * time.Millisecond

// tongue is what boards of one make understand and say.
type tongue interface {
	// requestLen is the length of every request, in bytes.
	requestLen() int
	// starts says whether a request may begin with b.
	starts(b byte) bool
	// understand reads so many bytes, check bytes and all.
	understand(frame []byte) (request, bool)
	// status tells the bits of a board's locks and items.
	status(r request, locks, items []bool) []byte
	// obeyed answers an unlock frame, whose lock has the bit given when the
	// answer is sent; nil for no answer. Until then, for busy, the line is the
	// board's own and nobody else is understood.
	obeyed(r request, lock bool) []byte
	busy() time.Duration
}

// wish is what a request asks for.
type wish int

// The wishes. A board ignores what it does not know, and answers what changes
// nothing here.
const (
	unknown wish = iota
	askStatus
	moveLatch
	answerOnly
)

// request is one good frame. Board and lock count from zero and may be beyond
// what is there.
type request struct {
	wish        wish
	board, lock int
	frame       []byte
}

// tongueOf gives the tongue of a make, with its personality.
func tongueOf(p Personality) tongue {
	switch p.Make {
	case CU48:
		return cu48{p}
	case EightA:
		return eightA{p}
	case Relay:
		return relay{p}
	}
	return cu16{p}
}

// sum is the low byte of the sum of b.
func sum(b []byte) byte {
	total := 0
	for _, x := range b {
		total += int(x)
	}
	return byte(total & 0xff)
}

// packed puts bits into so many bytes, the first bit lowest.
func packed(bits []bool, bytes int) []byte {
	out := make([]byte, bytes)
	for i, set := range bits {
		if set && i/8 < bytes {
			out[i/8] |= 1 << (i % 8)
		}
	}
	return out
}

// ear takes frames out of a stream of bytes. It keeps at most one unfinished
// frame; bytes that cannot belong to one are counted and dropped.
type ear struct {
	tongue tongue
	held   []byte
	last   time.Time
	bad    uint64 // bytes dropped
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
		if e.tongue.starts(e.held[0]) {
			if len(e.held) < e.tongue.requestLen() {
				return request{}, false
			}
			if r, ok := e.tongue.understand(e.held); ok {
				r.frame = append([]byte(nil), e.held...)
				e.held = e.held[:0]
				return r, true
			}
		}
		e.drop(1)
	}
	return request{}, false
}

func (e *ear) drop(n int) {
	e.bad += uint64(n)
	e.held = append(e.held[:0], e.held[n:]...)
}
