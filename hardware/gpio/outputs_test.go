package gpio

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Structures are as long on 32 bits as on 64; a vet for either says so.
var (
	_ [592]byte = [unsafe.Sizeof(unix.GPIOV2LineRequest{})]byte{}
	_ [256]byte = [unsafe.Sizeof(unix.GPIOV2LineInfo{})]byte{}
	_ [68]byte  = [unsafe.Sizeof(unix.GPIOChipInfo{})]byte{}
)

// The requests as linux/gpio.h lays them out, with offsets counted by hand. The
// first is what keeps relays that are switched by low from a moment of low.
func TestRequestsAreLaidOutAsTheKernelReadsThem(t *testing.T) {
	pins := []uint32{17, 27, 5}
	relays := outputRequest(pins, offLevels(ActiveLow, 3))
	wantBytes(t, "relays", relays, map[int]uint64{
		288: 1 << 3, // flags: output, and nothing else
		296: 1,      // one attribute:
		320: 2,      // output values
		328: 0b111,  // all high, which is off for relays switched by low
		336: 0b111,  // for all three lines
	})
	for pull, bias := range map[Pull]uint64{PullUp: 1 << 8, PullDown: 1 << 9, PullNone: 0} {
		wantBytes(t, "contacts, pull "+string(pull), inputRequest(pins, pull), map[int]uint64{
			288: 1<<2 | 1<<4 | 1<<5 | bias, // flags: input, rising, falling edges
		})
	}
	if at := unsafe.Offsetof(relays.Fd); at != 588 {
		t.Errorf("the descriptor is read from %d, want 588", at)
	}
	if size := unsafe.Sizeof(unix.GPIOV2LineValues{}); size != 16 {
		t.Errorf("values have %d bytes, want 16", size)
	}
}

// wantBytes compares a request for lines 17, 27 and 5 with these fields,
// besides those that every request has.
func wantBytes(t *testing.T, what string, r *unix.GPIOV2LineRequest, fields map[int]uint64) {
	t.Helper()
	want := make([]byte, 592)
	for at, v := range map[int]uint32{0: 17, 4: 27, 8: 5, 560: 3} { // offsets, how many
		binary.NativeEndian.PutUint32(want[at:], v)
	}
	copy(want[256:], "bellkeep-bank") // consumer
	for at, v := range fields {
		if at == 296 || at == 320 {
			binary.NativeEndian.PutUint32(want[at:], uint32(v))
		} else {
			binary.NativeEndian.PutUint64(want[at:], v)
		}
	}
	got := unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r))
	if size := unix.GPIO_V2_GET_LINE_IOCTL >> 16 & 0x3FFF; len(got) != len(want) || size != len(want) {
		t.Fatalf("%s: the request has %d bytes, want %d", what, len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: byte %d is %#02x, want %#02x", what, i, got[i], want[i])
		}
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
