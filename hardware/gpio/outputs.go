package gpio

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What linux/gpio.h calls gpio_v2_line_request, with its parts. Every 8-byte
// field lies on a multiple of 8, so the layout is the same on 32 and 64 bits.
type (
	lineRequest struct {
		offsets  [64]uint32
		consumer [32]byte
		config   lineConfig
		lines    uint32
		_        [6]uint32 // size of the event buffer, padding
		fd       int32     // what the kernel gives
	}
	lineConfig struct {
		flags      uint64
		attributes uint32 // how many of attrs are used
		_          [5]uint32
		attrs      [10]lineAttribute
	}
	lineAttribute struct {
		id    uint32
		_     uint32
		value uint64
		mask  uint64 // of the lines it is for
	}
	lineValues struct {
		bits uint64
		mask uint64
	}
)

const flagOutput = 1 << 3 // GPIO_V2_LINE_FLAG_OUTPUT

// outputRequest asks for lines as outputs that have these levels from their
// first moment on.
func outputRequest(offsets []uint32, levels uint64) *lineRequest {
	r := &lineRequest{lines: uint32(len(offsets))}
	copy(r.offsets[:], offsets)
	copy(r.consumer[:], "bellkeep-bank")
	r.config.flags = flagOutput
	r.config.attributes = 1
	r.config.attrs[0] = lineAttribute{id: unix.GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, value: levels, mask: mask(len(offsets))}
	return r
}

// outputs are the relays on a chip.
type outputs struct {
	lines *os.File
	n     int
	off   uint64 // the levels that are off
}

// requestOutputs takes the lines of the chip at path, all off.
func requestOutputs(path string, offsets []uint32, trigger Trigger) (*outputs, error) {
	chip, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer chip.Close() // the lines are a file of their own
	o := &outputs{n: len(offsets), off: offLevels(trigger, len(offsets))}
	r := outputRequest(offsets, o.off)
	if err := ioctl(chip, unix.GPIO_V2_GET_LINE_IOCTL, unsafe.Pointer(r)); err != nil {
		return nil, err
	}
	o.lines = os.NewFile(uintptr(r.fd), path+" relays")
	return o, nil
}

// Switch sets every line at once.
func (o *outputs) Switch(on uint64) error {
	v := lineValues{bits: o.off ^ on, mask: mask(o.n)}
	if err := ioctl(o.lines, unix.GPIO_V2_LINE_SET_VALUES_IOCTL, unsafe.Pointer(&v)); err != nil {
		return gone(o.lines.Name(), err)
	}
	return nil
}

func (o *outputs) Close() error { return errors.Join(o.Switch(0), o.lines.Close()) }

// offLevels gives the levels at which n relays are off.
func offLevels(t Trigger, n int) uint64 {
	if t == ActiveLow {
		return mask(n)
	}
	return 0
}

// mask has the lowest n bits set, 1 to 64.
func mask(n int) uint64 { return ^uint64(0) >> (maxChannels - n) }

// ioctl hands arg to the kernel, which may write to it.
func ioctl(f *os.File, request uintptr, arg unsafe.Pointer) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	err = conn.Control(func(fd uintptr) {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(arg)); errno != 0 {
			result = errno
		}
	})
	return errors.Join(err, result)
}
