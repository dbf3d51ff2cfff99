package gpio

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/driver/driverreg"
	conngpio "periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// openLines opens a board on a GPIO chip: relays first, for they must be off.
func openLines(p Pins, cfg Config) (Board, error) {
	chip, err := findChip(p.Chip)
	if err != nil {
		return Board{}, err
	}
	relays, err := numbers(chip, p.Relays)
	if err != nil {
		return Board{}, err
	}
	out, err := requestOutputs(chip.Path(), relays, cfg.Trigger)
	if err != nil {
		return Board{}, explain(p.Chip, err)
	}
	in, err := requestInputs(chip, p.Contacts, cfg.Pull)
	if err != nil {
		return Board{}, errors.Join(err, out.Close())
	}
	return Board{Relays: out, Contacts: in}, nil
}

// findChip finds a chip by its label. Chips are looked for once in the life of
// a program: those of a computer do not come and go.
func findChip(label string) (*gpioioctl.GPIOChip, error) {
	if _, err := driverreg.Init(); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The GPIO chips of this computer cannot be looked for.", "Look at the program's log.")
	}
	var labels []string
	for _, chip := range gpioioctl.Chips {
		if chip.Label() == label {
			return chip, nil
		}
		labels = append(labels, chip.Label())
	}
	if len(labels) == 0 {
		return nil, errs.New(errs.NotFound, "This user finds no GPIO chip on this computer.",
			"Add the user to the group gpio; gpiodetect lists the chips there are.")
	}
	return nil, errs.New(errs.NotFound, fmt.Sprintf("This computer has no GPIO chip %q.", label),
		fmt.Sprintf("Use the label of one it has: %s.", strings.Join(labels, ", ")))
}

// findLine finds a line by its name. gpioioctl puts the chip before a name that
// two chips have.
func findLine(chip *gpioioctl.GPIOChip, name string) (*gpioioctl.GPIOLine, error) {
	for _, n := range []string{name, chip.Name() + "-" + name} {
		if line := chip.ByName(n); line != nil {
			return line, nil
		}
	}
	return nil, errs.New(errs.NotFound, fmt.Sprintf("The GPIO chip %s has no line %q.", chip.Label(), name),
		"gpioinfo lists the lines by name, like GPIO17.")
}

// numbers gives the chip's numbers of lines.
func numbers(chip *gpioioctl.GPIOChip, names []string) ([]uint32, error) {
	var list []uint32
	for _, name := range names {
		line, err := findLine(chip, name)
		if err != nil {
			return nil, err
		}
		list = append(list, uint32(line.Number()))
	}
	return list, nil
}

// inputs are the contacts on a chip.
type inputs struct {
	chip    string
	set     *gpioioctl.LineSet
	numbers []int // of the chip, in the order of the contacts
}

func requestInputs(chip *gpioioctl.GPIOChip, names []string, pull Pull) (*inputs, error) {
	in := &inputs{chip: chip.Label()}
	var found []string
	for _, name := range names {
		line, err := findLine(chip, name)
		if err != nil {
			return nil, err
		}
		found, in.numbers = append(found, line.Name()), append(in.numbers, line.Number())
	}
	bias := map[Pull]conngpio.Pull{PullUp: conngpio.PullUp, PullDown: conngpio.PullDown, PullNone: conngpio.PullNoChange}[pull]
	set, err := chip.LineSet(gpioioctl.LineInput, conngpio.BothEdges, bias, found...)
	if err != nil {
		return nil, explain(in.chip, err)
	}
	in.set = set
	return in, nil
}

// Levels reads all lines at once.
func (in *inputs) Levels() (uint64, error) {
	v, err := in.set.Read(0)
	if err != nil {
		return 0, gone(in.chip, err)
	}
	return uint64(v), nil
}

// Edges waits in pieces that are never 0 long, which would mean for ever. Old
// edges come at once and count as new ones: they make a look a little longer,
// never wrong.
func (in *inputs) Edges(wait time.Duration) (moved uint64, err error) {
	for end := time.Now().Add(wait); ; {
		left := time.Until(end)
		if left <= 0 {
			return moved, nil
		}
		number, edge, err := in.set.WaitForEdge(left)
		switch {
		case err == nil && edge != conngpio.NoEdge:
			if i := slices.Index(in.numbers, number); i >= 0 {
				moved |= 1 << i
			}
		case err != nil && !isTimeout(err):
			return 0, gone(in.chip, err)
		}
	}
}

func (in *inputs) Close() error { return in.set.Close() }

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

func gone(chip string, err error) error {
	return errs.Wrap(fmt.Errorf("%w: %v", hardware.ErrGone, err), errs.Unavailable,
		fmt.Sprintf("The GPIO chip %s does not answer any more.", chip), "Start the computer again; if it stays, its pins are broken.")
}

// explain turns a failure to get lines into a sentence and a next step. periph
// hands on the text of the kernel's error, not the error.
func explain(chip string, err error) error {
	is := func(e unix.Errno) bool { return errors.Is(err, e) || strings.Contains(err.Error(), e.Error()) }
	switch {
	case is(unix.EBUSY):
		return errs.Wrap(err, errs.Conflict, fmt.Sprintf("A line of the GPIO chip %s is in use.", chip),
			"gpioinfo names who has it; stop that program, or take the line out of config.txt.")
	case errors.Is(err, fs.ErrPermission), is(unix.EPERM):
		return errs.Wrap(err, errs.Denied, fmt.Sprintf("This user may not use the GPIO chip %s.", chip),
			"Add the user to the group gpio and start the program again.")
	case is(unix.EINVAL), is(unix.ENOTTY):
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("The GPIO chip %s does not do what was asked of it.", chip),
			"It needs Linux 5.10 or newer, and a pull that the chip has.")
	}
	return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The lines of the GPIO chip %s cannot be had.", chip),
		"Look at the kernel's log.")
}
