package kerongcu48

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

// bench gives a driver, with its configuration, and boards to match.
func bench(t *testing.T, cfg Config) (*Bus, *hwtest.Boards) {
	t.Helper()
	return benchOf(t, cfg, cfg)
}

// benchOf gives a driver and boards that need not match.
func benchOf(t *testing.T, cfg, boards Config) (*Bus, *hwtest.Boards) {
	t.Helper()
	b := testBoards{boards}
	bus, bench := hwtest.Start(t, hardware.Size{Boards: cfg.Boards, Channels: 48},
		hwtest.Dialect{Parse: b.parse, Status: b.status, Unlocked: b.unlocked, Swapped: b.swapped},
		func(line hardware.Line) (hardware.LockBus, error) { return New(line, cfg) })
	return bus.(*Bus), bench
}

// testBoards is a chain of boards, written from the wire format alone.
type testBoards struct {
	cfg Config // of what is on the cable
}

func (b testBoards) parse(w []byte) (r hwtest.Request, ok bool) {
	if len(w) != 6 || w[0] != 2 || w[4] != 3 || w[5] != w[1]+w[2]+w[3]+5 {
		return r, false
	}
	r.Channel = hardware.Channel{Board: int(w[1]), Index: int(w[2])}
	if b.cfg.AddressOrder == LockFirst {
		r.Channel = hardware.Channel{Board: int(w[2]), Index: int(w[1])}
	}
	r.Unlock = w[3] == 0x61
	return r, r.Unlock || w[3] == 0x60
}

func (b testBoards) status(board int, open []bool) []byte {
	f := make([]byte, 18)
	f[0], f[3], f[16] = 2, 0x75, 3
	if b.cfg.AddressOrder == LockFirst {
		f[2] = byte(board)
	} else {
		f[1] = byte(board)
	}
	for i, is := range open {
		if is == (b.cfg.Polarity == hardware.SetIsOpen) {
			f[4+i/8] += 1 << (i % 8)
		}
	}
	return addUp(f)
}

func (b testBoards) unlocked(r hwtest.Request, open []bool, asked bool) ([]byte, time.Duration) {
	if !asked {
		return nil, 0
	}
	return b.status(r.Channel.Board, open), 0
}

func (b testBoards) swapped(f []byte) []byte {
	f[1], f[2] = f[2], f[1]
	return addUp(f)
}

// addUp puts in the last byte.
func addUp(f []byte) []byte {
	total := 0
	for _, v := range f[:17] {
		total += int(v)
	}
	f[17] = byte(total % 256)
	return f
}
