package gpio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	devices     = "/dev"
	getChipInfo = 0x8044b401 // GPIO_GET_CHIPINFO_IOCTL (linux/gpio.h)
)

// gpioChip is one that is open.
type gpioChip struct {
	file  *os.File
	label string
	count uint32 // of its lines
}

// findChip opens the chip with a label, of those in folder. A chip may be there
// under two names.
func findChip(folder, label string) (*gpioChip, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "gpiochip*"))
	if err != nil {
		return nil, err
	}
	var seen []string
	var denied error
	for _, path := range paths {
		chip, err := openChip(path)
		switch {
		case errors.Is(err, fs.ErrPermission):
			denied = explain(filepath.Base(path), err)
			continue
		case err != nil:
			continue // it went, or never was one
		case chip.label == label:
			return chip, nil
		}
		seen = append(seen, chip.label)
		_ = chip.file.Close() // nothing was asked of it
	}
	switch {
	case denied != nil:
		return nil, denied
	case len(seen) == 0:
		return nil, errs.New(errs.NotFound, "This computer has no GPIO chip.", "gpiodetect lists the chips there are.")
	}
	return nil, errs.New(errs.NotFound, fmt.Sprintf("This computer has no GPIO chip %q.", label),
		fmt.Sprintf("Use the label of one it has: %s.", strings.Join(seen, ", ")))
}

func openChip(path string) (*gpioChip, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	var info unix.GPIOChipInfo
	if err := ioctl(f, getChipInfo, unsafe.Pointer(&info)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &gpioChip{file: f, label: unix.ByteSliceToString(info.Label[:]), count: info.Lines}, nil
}

// numbers gives the chip's numbers of lines with these names. The first line of
// a name counts.
func (c *gpioChip) numbers(names []string) ([]uint32, error) {
	byName := map[string]uint32{}
	for n := range c.count {
		info := unix.GPIOV2LineInfo{Offset: n}
		if err := ioctl(c.file, unix.GPIO_V2_GET_LINEINFO_IOCTL, unsafe.Pointer(&info)); err != nil {
			return nil, explain(c.label, err)
		}
		name := unix.ByteSliceToString(info.Name[:])
		if _, twice := byName[name]; !twice {
			byName[name] = n
		}
	}
	list := make([]uint32, len(names))
	for i, name := range names {
		n, ok := byName[name]
		if !ok || name == "" {
			return nil, errs.New(errs.NotFound, fmt.Sprintf("The GPIO chip %s has no line %q.", c.label, name),
				"gpioinfo lists the lines by name, like GPIO17.")
		}
		list[i] = n
	}
	return list, nil
}
