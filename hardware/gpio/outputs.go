package gpio

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// outputRequest asks for lines as outputs that have these levels from their
// first moment on.
func outputRequest(offsets []uint32, levels uint64) *unix.GPIOV2LineRequest {
	r := request(offsets, flagOutput)
	r.Config.Num_attrs = 1
	r.Config.Attrs[0].Attr = unix.GPIOV2LineAttribute{Id: unix.GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, Flags: levels}
	r.Config.Attrs[0].Mask = mask(len(offsets))
	return r
}

// outputs are the relays on a chip.
type outputs struct {
	lines *os.File
	n     int
	off   uint64 // the levels that are off
}

// requestOutputs takes lines of chip, all off.
func requestOutputs(chip *gpioChip, offsets []uint32, trigger Trigger) (*outputs, error) {
	o := &outputs{n: len(offsets), off: offLevels(trigger, len(offsets))}
	f, err := lines(chip, outputRequest(offsets, o.off))
	if err != nil {
		return nil, err
	}
	o.lines = f
	return o, nil
}

// Switch sets every line at once.
func (o *outputs) Switch(on uint64) error {
	v := unix.GPIOV2LineValues{Bits: o.off ^ on, Mask: mask(o.n)}
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
