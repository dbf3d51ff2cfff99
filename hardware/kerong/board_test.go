package kerong

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

// testBoards is a chain of boards, written from the wire format alone.
type testBoards struct {
	*hwtest.Line
	cfg Config // of what is on the cable

	mu      sync.Mutex
	open    [16][16]bool
	faults  [16]hwtest.Fault
	unlocks map[hardware.Channel]int
	strange [][]byte // what was written and is no request
}

// bench gives a driver, with its configuration, and boards to match.
func bench(t *testing.T, cfg Config) (*Bus, *testBoards) {
	t.Helper()
	b := &testBoards{Line: hwtest.NewLine(), cfg: cfg, unlocks: map[hardware.Channel]int{}}
	bus, err := New(b.Line, cfg)
	if err != nil {
		t.Fatal(err)
	}
	go b.run()
	t.Cleanup(func() {
		synctest.Wait()
		for _, w := range b.strange {
			t.Errorf("the boards were sent % x", w)
		}
		bus.Close()
	})
	return bus, b
}

func (b *testBoards) run() {
	for {
		select {
		case w := <-b.Written():
			b.hear(w)
		case <-b.Closed():
			return
		}
	}
}

// hear takes one write, which has to be one request.
func (b *testBoards) hear(w []byte) {
	b.mu.Lock()
	good := len(w) == 5 && w[0] == 2 && w[3] == 3 && w[4] == w[1]+w[2]+5 && int(w[1]/16) < b.cfg.Boards
	if !good || w[2] != 0x30 && w[2] != 0x31 {
		b.strange = append(b.strange, w)
		b.mu.Unlock()
		return
	}
	board, lock := int(w[1]/16), int(w[1]%16)
	fault, state := b.faults[board], b.frame(board, b.open[board])
	if w[2] == 0x31 {
		b.unlocks[hardware.Channel{Board: board, Index: lock - b.cfg.IndexBase}]++
	}
	b.mu.Unlock()
	if w[2] == 0x30 || fault.UnlockReply {
		b.answer(board, state, fault)
	}
}

// answer sends a reply the way the fault has it.
func (b *testBoards) answer(board int, state []byte, f hwtest.Fault) {
	if f.Silent {
		return
	}
	time.Sleep(f.Delay)
	out := append([]byte(nil), f.Garbage...)
	if f.Foreign {
		var wide [16]bool
		for i := range wide {
			wide[i] = true
		}
		out = append(out, b.frame((board+1)%b.cfg.Boards, wide)...)
	}
	if f.Corrupt {
		state[8] ^= 0x40
	}
	out = append(out, state...)
	if !f.Bytewise {
		b.Send(out)
		return
	}
	for i := range out {
		b.Send(out[i : i+1])
		time.Sleep(520 * time.Microsecond)
	}
}

// frame gives a status reply.
func (b *testBoards) frame(board int, open [16]bool) []byte {
	var low, high byte
	for i, is := range open {
		if is == (b.cfg.Polarity == SetIsOpen) {
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
	f := []byte{2, byte(16 * board), 0x35, low, high, 0, 0, 3, 0}
	total := 0
	for _, v := range f {
		total += int(v)
	}
	f[8] = byte(total % 256)
	return f
}

func (b *testBoards) Size() (boards, channels int) { return b.cfg.Boards, 16 - b.cfg.IndexBase }

func (b *testBoards) SetContact(ch hardware.Channel, c hardware.Contact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[ch.Board][ch.Index] = c == hardware.Open
}

func (b *testBoards) Unlocks() map[hardware.Channel]int {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[hardware.Channel]int{}
	for ch, n := range b.unlocks {
		seen[ch] = n
	}
	return seen
}

func (b *testBoards) SetFault(board int, f hwtest.Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults[board] = f
}

func (b *testBoards) Speak(board int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Send(b.frame(board, b.open[board]))
}
