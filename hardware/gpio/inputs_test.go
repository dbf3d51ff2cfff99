package gpio

import (
	"encoding/binary"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

// edge is one as the kernel hands it over.
func edge(offset uint32) []byte {
	p := make([]byte, 48)
	binary.NativeEndian.PutUint64(p, 123456789) // time, ns
	binary.NativeEndian.PutUint32(p[8:], 2)     // falling
	binary.NativeEndian.PutUint32(p[12:], offset)
	binary.NativeEndian.PutUint32(p[16:], 7) // counts
	binary.NativeEndian.PutUint32(p[20:], 3)
	return p
}

func pipeInputs(t *testing.T, offsets ...uint32) (*inputs, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return &inputs{lines: r, offsets: offsets}, w
}

func TestEdgesAreOfContacts(t *testing.T) {
	in, kernel := pipeInputs(t, 17, 27, 5)
	for _, offset := range []uint32{5, 17, 5, 99} { // 99 is nobody's
		if _, err := kernel.Write(edge(offset)); err != nil {
			t.Fatal(err)
		}
	}
	if moved, err := in.Edges(20 * time.Millisecond); moved != 0b101 || err != nil {
		t.Errorf("Edges = %b, %v; want 101", moved, err)
	}
	if moved, err := in.Edges(time.Millisecond); moved != 0 || err != nil {
		t.Errorf("later Edges = %b, %v; want none", moved, err)
	}
}

func TestLinesThatEndAreGone(t *testing.T) {
	in, kernel := pipeInputs(t, 17)
	_ = kernel.Close()
	if _, err := in.Edges(time.Second); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Edges = %v, want gone", err)
	}
	if _, err := in.Levels(); !errors.Is(err, hardware.ErrGone) {
		t.Errorf("Levels = %v, want gone", err)
	}
}
