package world

import (
	"slices"
	"time"
)

// The bytes that both Kerong protocols share.
const (
	stx = 0x02
	etx = 0x03
)

// cu16 is a Kerong CU16: see the package comment.
type cu16 struct{ Personality }

func (cu16) requestLen() int     { return 5 }
func (cu16) starts(b byte) bool  { return b == stx }
func (cu16) busy() time.Duration { return 0 }

func (c cu16) understand(f []byte) (request, bool) {
	r := request{board: int(f[1] >> 4), lock: int(f[1]&0x0f) - c.Base}
	switch {
	case f[2] == 0x30:
		r.wish = askStatus
	case f[2] == 0x31 && r.lock >= 0:
		r.wish = moveLatch
	}
	return r, f[3] == etx && f[4] == sum(f[:4])
}

func (c cu16) status(r request, locks, items []bool) []byte {
	low, things := packed(locks, 2), packed(items, 2)
	if c.HighFirst {
		slices.Reverse(low)
		slices.Reverse(things)
	}
	b := []byte{stx, byte(r.board << 4), 0x35, low[0], low[1], things[0], things[1], etx}
	return append(b, sum(b))
}

func (cu16) obeyed(request, bool) []byte { return nil }

// cu48 is a Kerong CU48 of the older kind.
type cu48 struct{ Personality }

func (cu48) requestLen() int     { return 6 }
func (cu48) starts(b byte) bool  { return b == stx }
func (cu48) busy() time.Duration { return 0 }

func (c cu48) understand(f []byte) (request, bool) {
	r := request{board: int(f[1]), lock: int(f[2])}
	if c.LockFirst {
		r.board, r.lock = r.lock, r.board
	}
	switch f[3] {
	case 0x60:
		r.wish = askStatus
	case 0x61:
		r.wish = moveLatch
	}
	return r, f[4] == etx && f[5] == sum(f[:5])
}

func (c cu48) status(r request, locks, items []bool) []byte {
	b := []byte{stx, byte(r.board), 0, 0x75}
	if c.LockFirst {
		b[1], b[2] = b[2], b[1]
	}
	b = append(b, packed(locks, 6)...)
	b = append(b, packed(items, 6)...)
	b = append(b, etx)
	return append(b, sum(b))
}

func (cu48) obeyed(request, bool) []byte { return nil }
