// Package serialport opens a serial line of Linux as a hardware.Line: 8 data
// bits, no parity, 1 stop bit, one owner.
//
// The driver underneath, tarm/serial, has habits that this package hides:
//
//   - It counts its read timeout in tenths of a second, and with none at all
//     Close hangs until a byte arrives. A line is always opened with
//     hardware.ReadTimeout.
//   - A timeout and the end of the file are both io.EOF. A slow one is a
//     timeout; three in a row in no time mean that the adapter was unplugged,
//     where a plain loop would read for ever at full speed.
//   - It lets two programs open one line, and the second changes the speed
//     under the first. A lock on the device node keeps a second one of ours
//     out before it touches anything, TIOCEXCL those of others (root excepted).
//   - Its Flush also throws away bytes that were written and not sent yet,
//     which would cut an unlock frame in two. Only the input is flushed here.
//   - Its Write has no deadline. Writing goes through a second descriptor, which
//     has one.
package serialport

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/tarm/serial"
	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Config names a line. Path is best taken from /dev/serial/by-path: two
// adapters of one make may have no number of their own to tell them apart.
type Config struct {
	Path string
	Baud int // bits per second, one of Bauds
}

// Bauds gives the speeds that lock boards and scanners can be set to.
func Bauds() []int { return []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200} }

// Validate gives every fault of c, joined, or nil.
func (c Config) Validate() error {
	var faults []error
	if c.Path == "" {
		faults = append(faults, errs.New(errs.Invalid,
			"The serial line has no path.",
			"Give one from /dev/serial/by-path."))
	}
	if !slices.Contains(Bauds(), c.Baud) {
		faults = append(faults, errs.New(errs.Invalid,
			fmt.Sprintf("A serial line cannot run at %d baud.", c.Baud),
			fmt.Sprintf("Use the speed the device is set to, one of %v.", Bauds())))
	}
	return errors.Join(faults...)
}

// Open opens the line and makes the caller its only owner. Bytes that arrived
// before are discarded. Failures carry the code Invalid (speed, or not a
// serial port), NotFound (no such path), Denied (permissions), Conflict (in
// use) or Unavailable.
func Open(c Config) (*Port, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	own, err := claim(c.Path)
	if err != nil {
		return nil, explain(c.Path, err)
	}
	line, err := serial.OpenPort(&serial.Config{Name: c.Path, Baud: c.Baud, ReadTimeout: hardware.ReadTimeout})
	if err != nil {
		return nil, explain(c.Path, errors.Join(err, own.Close()))
	}
	p := &Port{line: line, own: own}
	if err := errors.Join(exclude(own), p.Flush()); err != nil {
		return nil, explain(c.Path, errors.Join(err, p.Close()))
	}
	return p, nil
}

// claim opens the node and locks it, before anything about the line is
// changed. The descriptor does not block, so that writes can have a deadline.
func claim(path string) (*os.File, error) {
	own, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	err = control(own, func(fd int) error {
		if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
			return err
		}
		return unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	})
	if err != nil {
		return nil, errors.Join(err, own.Close())
	}
	return own, nil
}

// exclude keeps other programs from opening the line. A real line forgets the
// mark with its last descriptor; a pseudo-terminal keeps it for as long as its
// far side lives, and after a crash would keep us out too, so it gets none.
func exclude(own *os.File) error {
	return control(own, func(fd int) error {
		var node unix.Stat_t
		if err := unix.Fstat(fd, &node); err != nil {
			return err
		}
		const firstPTY, lastPTY = 136, 143 // device numbers of Unix98 pseudo-terminals
		if major := unix.Major(node.Rdev); major >= firstPTY && major <= lastPTY {
			return nil
		}
		return unix.IoctlSetInt(fd, unix.TIOCEXCL, 0)
	})
}

// control runs do with the descriptor of f, which stays open meanwhile.
func control(f *os.File, do func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := conn.Control(func(fd uintptr) { result = do(int(fd)) }); err != nil {
		return err
	}
	return result
}

// explain turns a failure to open path into a sentence and a next step.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errs.Wrap(err, errs.NotFound,
			fmt.Sprintf("There is no serial port %s.", path),
			"Plug the adapter in and look for its name in /dev/serial/by-path.")
	case errors.Is(err, fs.ErrPermission):
		return errs.Wrap(err, errs.Denied,
			fmt.Sprintf("This user may not open the serial port %s.", path),
			"Add the user to the group dialout and start the program again.")
	case errors.Is(err, unix.ENOTTY):
		return errs.Wrap(err, errs.Invalid,
			fmt.Sprintf("%s is not a serial port.", path),
			"Give the path of the adapter, from /dev/serial/by-path.")
	case errors.Is(err, unix.EWOULDBLOCK), errors.Is(err, unix.EBUSY):
		return errs.Wrap(err, errs.Conflict,
			fmt.Sprintf("The serial port %s is in use.", path),
			"Stop the other program that has it open; fuser -v names it.")
	}
	return errs.Wrap(err, errs.Unavailable,
		fmt.Sprintf("The serial port %s cannot be opened.", path),
		"Unplug the adapter, plug it in again and look at the kernel's log.")
}
