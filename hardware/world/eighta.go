package world

import (
	"slices"
	"time"
)

// eightA is a board whose unlock frame begins with 8A.
type eightA struct{ Personality }

// eightABusy is how long it keeps the line after an unlock frame.
const eightABusy = time.Second

func (eightA) requestLen() int     { return 5 }
func (eightA) starts(b byte) bool  { return b == 0x80 || b == 0x8A }
func (eightA) busy() time.Duration { return eightABusy }

func (eightA) understand(f []byte) (request, bool) {
	r := request{board: int(f[1]) - 1, lock: int(f[2]) - 1}
	switch {
	case f[0] == 0x80 && f[2] == 0 && f[3] == 0x33:
		r.wish = askStatus
	case f[0] == 0x8A && f[2] != 0 && f[3] == 0x11:
		r.wish = moveLatch
	}
	return r, f[0]^f[1]^f[2]^f[3] == f[4]
}

func (e eightA) status(r request, locks, _ []bool) []byte {
	size := 3
	if e.Locks() > 24 {
		size = 4
	}
	bits := packed(locks, size)
	if e.HighFirst {
		slices.Reverse(bits)
	}
	return crossed(append(append([]byte{0x80, byte(r.board + 1)}, bits...), 0x33))
}

func (eightA) obeyed(r request, lock bool) []byte {
	state := byte(0x00)
	if lock {
		state = 0x11
	}
	return crossed([]byte{0x8A, byte(r.board + 1), byte(r.lock + 1), state})
}

// crossed appends the exclusive or of all bytes.
func crossed(f []byte) []byte {
	x := byte(0)
	for _, b := range f {
		x ^= b
	}
	return append(f, x)
}
