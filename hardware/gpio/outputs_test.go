package gpio

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The request as linux/gpio.h lays it out, with offsets counted by hand. This
// is what keeps relays that are switched by low from a moment of low.
func TestOutputRequestHasItsLevelsFromTheStart(t *testing.T) {
	want := make([]byte, 592)
	put32 := func(at int, v uint32) { binary.NativeEndian.PutUint32(want[at:], v) }
	put64 := func(at int, v uint64) { binary.NativeEndian.PutUint64(want[at:], v) }
	put32(0, 17) // offsets
	put32(4, 27)
	put32(8, 5)
	copy(want[256:], "bellkeep-bank") // consumer
	put64(288, 1<<3)                  // config: flags: output, and nothing else
	put32(296, 1)                     // one attribute:
	put32(320, 2)                     // output values
	put64(328, 0b111)                 // all high, which is off for relays switched by low
	put64(336, 0b111)                 // for all three lines
	put32(560, 3)                     // lines

	r := outputRequest([]uint32{17, 27, 5}, offLevels(ActiveLow, 3))
	got := unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r))
	if size := unix.GPIO_V2_GET_LINE_IOCTL >> 16 & 0x3FFF; len(got) != len(want) || size != len(want) {
		t.Fatalf("the request has %d bytes, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("byte %d is %#02x, want %#02x", i, got[i], want[i])
		}
	}
	if at := unsafe.Offsetof(r.fd); at != 588 {
		t.Errorf("the descriptor is read from %d, want 588", at)
	}
	if size := unsafe.Sizeof(lineValues{}); size != 16 {
		t.Errorf("values have %d bytes, want 16", size)
	}
}

func TestOffLevels(t *testing.T) {
	for _, tc := range []struct {
		trigger Trigger
		n       int
		want    uint64
	}{{ActiveHigh, 64, 0}, {ActiveLow, 1, 1}, {ActiveLow, 4, 0b1111}, {ActiveLow, 64, 1<<64 - 1}} {
		if got := offLevels(tc.trigger, tc.n); got != tc.want {
			t.Errorf("%d relays %s are off at %b, want %b", tc.n, tc.trigger, got, tc.want)
		}
	}
}
