package gpio

import (
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An edge as it is read from the lines: time, kind, offset, two counts, and
// what is reserved.
const (
	edgeSize   = 48
	edgeOffset = 12 // where the offset is
	maxEdges   = 16 // read at once
)

// inputs are the contacts on a chip.
type inputs struct {
	lines   *os.File
	offsets []uint32 // in the order of the contacts
}

func inputRequest(offsets []uint32, pull Pull) *unix.GPIOV2LineRequest {
	bias := map[Pull]uint64{PullUp: flagPullUp, PullDown: flagPullDown}[pull]
	return request(offsets, flagInput|flagRising|flagFalling|bias)
}

// requestInputs takes lines of chip as inputs that tell of both edges.
func requestInputs(chip *gpioChip, offsets []uint32, pull Pull) (*inputs, error) {
	f, err := lines(chip, inputRequest(offsets, pull))
	if err != nil {
		return nil, err
	}
	return &inputs{lines: f, offsets: offsets}, nil
}

// Levels reads all lines at once.
func (in *inputs) Levels() (uint64, error) {
	v := unix.GPIOV2LineValues{Mask: mask(len(in.offsets))}
	if err := ioctl(in.lines, unix.GPIO_V2_LINE_GET_VALUES_IOCTL, unsafe.Pointer(&v)); err != nil {
		return 0, gone(in.lines.Name(), err)
	}
	return v.Bits & v.Mask, nil
}

// Edges gives the lines with an edge until wait is over. Old edges come at once
// and count as new ones: they make a look a little longer, never wrong.
func (in *inputs) Edges(wait time.Duration) (moved uint64, err error) {
	if err := in.lines.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return 0, gone(in.lines.Name(), err)
	}
	for buf := make([]byte, maxEdges*edgeSize); ; {
		n, err := in.lines.Read(buf)
		moved |= in.edges(buf[:n])
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return moved, nil
		case err != nil:
			return 0, gone(in.lines.Name(), err)
		}
	}
}

// edges gives the lines that edges are of.
func (in *inputs) edges(p []byte) (moved uint64) {
	for ; len(p) >= edgeSize; p = p[edgeSize:] {
		offset := binary.NativeEndian.Uint32(p[edgeOffset:])
		if i := slices.Index(in.offsets, offset); i >= 0 {
			moved |= 1 << i
		}
	}
	return moved
}

func (in *inputs) Close() error { return in.lines.Close() }
