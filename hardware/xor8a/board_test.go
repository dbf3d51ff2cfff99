package xor8a

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

// bench gives a driver, with its configuration, and boards to match.
func bench(t *testing.T, cfg Config) (*Bus, *hwtest.Boards) {
	t.Helper()
	b := testBoards{cfg}
	bus, boards := hwtest.Start(t, hardware.Size{Boards: cfg.Boards, Channels: cfg.Locks},
		hwtest.Dialect{Parse: b.parse, Status: b.status, Unlocked: b.unlocked, Swapped: b.swapped},
		func(line hardware.Line) (hardware.LockBus, error) { return New(line, cfg) })
	return bus.(*Bus), boards
}

// testBoards is a chain of boards, written from the wire format alone.
type testBoards struct {
	cfg Config // of what is on the cable
}

func (b testBoards) parse(w []byte) (r hwtest.Request, ok bool) {
	if len(w) != 5 || w[0]^w[1]^w[2]^w[3] != w[4] {
		return r, false
	}
	r.Channel.Board = int(w[1]) - 1
	switch {
	case w[0] == 0x80 && w[2] == 0 && w[3] == 0x33:
		return r, true
	case w[0] == 0x8A && w[2] != 0 && w[3] == 0x11:
		r.Unlock, r.Channel.Index = true, int(w[2])-1
		return r, true
	}
	return r, false
}

func (b testBoards) status(board int, open []bool) []byte {
	groups := 3 // of eight locks
	if b.cfg.Locks > 24 {
		groups = 4
	}
	f := []byte{0x80, byte(board + 1)}
	for g := range groups {
		if b.cfg.ByteOrder == HighFirst {
			g = groups - 1 - g
		}
		var bits byte
		for i := range 8 {
			lock := 8*g + i
			if lock < len(open) && open[lock] == (b.cfg.Polarity == hardware.SetIsOpen) {
				bits += 1 << i
			}
		}
		f = append(f, bits)
	}
	return combine(append(f, 0x33, 0))
}

// unlocked answers when the coil has had its second, always.
func (b testBoards) unlocked(r hwtest.Request, open []bool, _ bool) ([]byte, time.Duration) {
	state := byte(0)
	if open[r.Channel.Index] {
		state = 0x11
	}
	return combine([]byte{0x8A, byte(r.Channel.Board + 1), byte(r.Channel.Index + 1), state, 0}), time.Second
}

func (b testBoards) swapped(f []byte) []byte {
	f[0], f[1] = f[1], f[0]
	return combine(f)
}

// combine puts in the last byte.
func combine(f []byte) []byte {
	f[len(f)-1] = 0
	for _, v := range f[:len(f)-1] {
		f[len(f)-1] ^= v
	}
	return f
}
