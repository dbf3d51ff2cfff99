package kerong

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
	bus, boards := hwtest.Start(t, hardware.Size{Boards: cfg.Boards, Channels: 16 - cfg.IndexBase},
		hwtest.Dialect{Parse: b.parse, Status: b.status, Unlocked: b.unlocked, Swapped: b.swapped},
		func(line hardware.Line) (hardware.LockBus, error) { return New(line, cfg) })
	return bus.(*Bus), boards
}

// testBoards is a chain of boards, written from the wire format alone.
type testBoards struct {
	cfg Config // of what is on the cable
}

func (b testBoards) parse(w []byte) (r hwtest.Request, ok bool) {
	if len(w) != 5 || w[0] != 2 || w[3] != 3 || w[4] != w[1]+w[2]+5 || w[2] != 0x30 && w[2] != 0x31 {
		return r, false
	}
	r.Channel.Board = int(w[1] / 16)
	if w[2] == 0x31 {
		r.Unlock, r.Channel.Index = true, int(w[1]%16)-b.cfg.IndexBase
	}
	return r, true
}

func (b testBoards) status(board int, open []bool) []byte {
	var low, high byte
	for i := range 16 {
		is := i < len(open) && open[i]
		if is == (b.cfg.Polarity == hardware.SetIsOpen) {
			if i < 8 {
				low += 1 << i
			} else {
				high += 1 << (i - 8)
			}
		}
	}
	if b.cfg.ByteOrder == HighFirst {
		low, high = high, low
	}
	return addUp([]byte{2, byte(16 * board), 0x35, low, high, 0, 0, 3, 0})
}

func (b testBoards) unlocked(r hwtest.Request, open []bool, asked bool) ([]byte, time.Duration) {
	if !asked {
		return nil, 0
	}
	return b.status(r.Channel.Board, open), 0
}

// swapped exchanges the board and the lock in the address.
func (b testBoards) swapped(f []byte) []byte {
	f[1] = f[1]/16 + f[1]%16*16
	return addUp(f)
}

// addUp puts in the last byte.
func addUp(f []byte) []byte {
	total := 0
	for _, v := range f[:len(f)-1] {
		total += int(v)
	}
	f[len(f)-1] = byte(total % 256)
	return f
}
