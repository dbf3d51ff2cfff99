package modbusrelay

import (
	"math/bits"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

// bench gives a driver, with its configuration, and boards to match.
func bench(t *testing.T, cfg Config) (*Bus, *hwtest.Boards) {
	t.Helper()
	b := testBoards{cfg}
	bus, boards := hwtest.Start(t, hardware.Size{Boards: cfg.Boards, Channels: cfg.Relays},
		hwtest.Dialect{Parse: b.parse, Status: b.status, Unlocked: b.unlocked, Swapped: b.swapped},
		func(line hardware.Line) (hardware.LockBus, error) { return New(line, cfg) })
	return bus.(*Bus), boards
}

// testBoards is a chain of boards, written from the wire format alone.
type testBoards struct {
	cfg Config // of what is on the cable
}

func (b testBoards) parse(w []byte) (r hwtest.Request, ok bool) {
	if len(w) != 8 || [2]byte(w[6:]) != remainder(w[:6]) {
		return r, false
	}
	r.Channel.Board = int(w[0]) - b.cfg.FirstSlave
	switch {
	case w[1] == 2 && w[2] == 0 && w[3] == 0 && w[4] == 0 && int(w[5]) == b.cfg.Relays:
		return r, true
	case w[1] == 5 && w[2] == 2 && w[4] == 0 && time.Duration(w[5]) == b.cfg.Pulse/(100*time.Millisecond):
		r.Unlock, r.Channel.Index, r.Answer = true, int(w[3]), w
		return r, true
	case w[1] == 5 && w[2] == 0 && w[3] == 0xFF && w[4] == 0 && w[5] == 0:
		r.Other, r.Answer = true, w
		return r, true
	}
	return r, false
}

func (b testBoards) status(board int, open []bool) []byte {
	f := []byte{byte(board + b.cfg.FirstSlave), 2, 0}
	for i, is := range open {
		if i%8 == 0 {
			f = append(f, 0)
			f[2]++
		}
		if is == (b.cfg.Polarity == hardware.SetIsOpen) {
			f[len(f)-1] += 1 << (i % 8)
		}
	}
	return seal(f)
}

// unlocked echoes, always.
func (b testBoards) unlocked(r hwtest.Request, _ []bool, _ bool) ([]byte, time.Duration) {
	return append([]byte(nil), r.Answer...), 0
}

func (b testBoards) swapped(f []byte) []byte {
	f[0], f[1] = f[1], f[0]
	return seal(f[:len(f)-2])
}

func seal(f []byte) []byte {
	r := remainder(f)
	return append(f, r[:]...)
}

// remainder is the CRC by division as one does it on paper: highest bit first,
// on bytes turned round, by x^16 + x^15 + x^2 + 1.
func remainder(p []byte) [2]byte {
	rest := uint32(0xFFFF)
	for _, b := range p {
		rest ^= uint32(bits.Reverse8(b)) << 8
		for range 8 {
			rest <<= 1
			if rest > 0xFFFF {
				rest ^= 0x18005
			}
		}
	}
	turned := bits.Reverse16(uint16(rest))
	return [2]byte{byte(turned), byte(turned >> 8)}
}
