package kerong

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/creack/pty"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/serialport"
)

// overLine gives a bus on a serial line of the kernel, with one board behind
// it whose locks are all shut. The board reports unlock frames on a channel.
func overLine(t testing.TB) (*Bus, <-chan []byte) {
	t.Helper()
	far, near, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	port, err := serialport.Open(serialport.Config{Path: near.Name(), Baud: 19200})
	if err != nil {
		t.Fatal(err)
	}
	bus, err := New(port, Config{Boards: 1, Polarity: hardware.SetIsClosed, ByteOrder: LowFirst})
	if err != nil {
		t.Fatal(err)
	}
	unlocks, done := make(chan []byte, 16), make(chan bool)
	go func() {
		defer close(done)
		shutBoard(far, unlocks)
	}()
	t.Cleanup(func() {
		bus.Close()
		far.Close()
		<-done
	})
	return bus, unlocks
}

// shutBoard answers until the line ends.
func shutBoard(far *os.File, unlocks chan<- []byte) {
	for {
		frame := make([]byte, 5)
		if _, err := io.ReadFull(far, frame); err != nil {
			return
		}
		if frame[2] == 0x31 {
			unlocks <- frame
			continue
		}
		if _, err := far.Write(allShut); err != nil {
			return
		}
	}
}

func TestOverALineOfTheKernel(t *testing.T) {
	bus, unlocks := overLine(t)
	for range 5 {
		if err := bus.Unlock(t.Context(), hardware.Channel{Index: 1}); err != nil {
			t.Fatal(err)
		}
		got, err := bus.Read(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range got {
			if r.Contact != hardware.Closed {
				t.Errorf("channel %d is %v", i, r.Contact)
			}
		}
		if frame := <-unlocks; !bytes.Equal(frame, []byte{0x02, 0x01, 0x31, 0x03, 0x37}) {
			t.Errorf("the board saw % x", frame)
		}
	}
	if len(unlocks) != 0 {
		t.Errorf("%d more unlock frames were seen", len(unlocks))
	}
}

func BenchmarkReadOverALineOfTheKernel(b *testing.B) {
	bus, _ := overLine(b)
	for b.Loop() {
		if _, err := bus.Read(b.Context(), 0); err != nil {
			b.Fatal(err)
		}
	}
}
