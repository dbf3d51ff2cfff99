package gpio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// openLines opens a board on a GPIO chip: relays first, for they must be off.
func openLines(p Pins, cfg Config) (Board, error) {
	chip, err := findChip(devices, p.Chip)
	if err != nil {
		return Board{}, err
	}
	defer chip.file.Close() // lines are files of their own
	relays, err1 := chip.numbers(p.Relays)
	contacts, err2 := chip.numbers(p.Contacts)
	if err := errors.Join(err1, err2); err != nil {
		return Board{}, err
	}
	out, err := requestOutputs(chip, relays, cfg.Trigger)
	if err != nil {
		return Board{}, explain(p.Chip, err)
	}
	in, err := requestInputs(chip, contacts, cfg.Pull)
	if err != nil {
		return Board{}, errors.Join(explain(p.Chip, err), out.Close())
	}
	return Board{Relays: out, Contacts: in}, nil
}

// Flags of lines (linux/gpio.h).
const (
	flagInput    = 1 << 2
	flagOutput   = 1 << 3
	flagRising   = 1 << 4
	flagFalling  = 1 << 5
	flagPullUp   = 1 << 8
	flagPullDown = 1 << 9
)

// request is one for lines of a chip with the same flags.
func request(offsets []uint32, flags uint64) *unix.GPIOV2LineRequest {
	r := &unix.GPIOV2LineRequest{Num_lines: uint32(len(offsets))}
	copy(r.Offsets[:], offsets)
	copy(r.Consumer[:], "bellkeep-bank")
	r.Config.Flags = flags
	return r
}

// lines asks chip for them, as a file that is named like it and whose reads
// have deadlines.
func lines(chip *gpioChip, r *unix.GPIOV2LineRequest) (*os.File, error) {
	if err := ioctl(chip.file, unix.GPIO_V2_GET_LINE_IOCTL, unsafe.Pointer(r)); err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(int(r.Fd), true); err != nil {
		return nil, errors.Join(err, unix.Close(int(r.Fd)))
	}
	return os.NewFile(uintptr(r.Fd), chip.label), nil
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

func gone(chip string, err error) error {
	return errs.Wrap(fmt.Errorf("%w: %v", hardware.ErrGone, err), errs.Unavailable,
		fmt.Sprintf("The GPIO chip %s does not answer any more.", chip), "Start the computer again; if it stays, its pins are broken.")
}

// explain turns a failure to get lines into a sentence and a next step.
func explain(chip string, err error) error {
	switch {
	case errors.Is(err, unix.EBUSY):
		return errs.Wrap(err, errs.Conflict, fmt.Sprintf("A line of the GPIO chip %s is in use.", chip),
			"gpioinfo names who has it; stop that program, or take the line out of config.txt.")
	case errors.Is(err, fs.ErrPermission):
		return errs.Wrap(err, errs.Denied, fmt.Sprintf("This user may not use the GPIO chip %s.", chip),
			"Add the user to the group gpio and start the program again.")
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOTTY):
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("The GPIO chip %s does not do what was asked of it.", chip),
			"It needs Linux 5.10 or newer, and a pull that the chip has.")
	}
	return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The lines of the GPIO chip %s cannot be had.", chip),
		"Look at the kernel's log.")
}
