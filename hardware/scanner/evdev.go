package scanner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// eviocgrab takes an input device for this program alone: _IOW('E', 0x90, int).
const eviocgrab = 0x40044590

// maxEvents is how many events are read at once.
const maxEvents = 64

// OpenKeyboard opens a scanner that poses as a keyboard, and takes it for
// itself: nothing it types reaches a console or a page, for a printed code may
// say anything, Ctrl-Alt-Del included. Failures carry the code NotFound (no
// such device), Denied (permissions), Conflict (taken), Invalid (no input
// device) or Unavailable.
func OpenKeyboard(path string) (*Scanner, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // which gives reads a deadline
	if err != nil {
		return nil, explain(path, err)
	}
	if err := grab(f); err != nil {
		return nil, explain(path, errors.Join(err, f.Close()))
	}
	return New(&keyboard{events: f}), nil
}

func grab(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	err = conn.Control(func(fd uintptr) { result = unix.IoctlSetInt(int(fd), eviocgrab, 1) })
	return errors.Join(err, result)
}

// keyboard reads what a keyboard types as a hardware.Line reads bytes. Enter
// is CR.
type keyboard struct {
	events interface {
		io.ReadCloser
		SetReadDeadline(time.Time) error
	}
	keys  keys
	typed []byte // and not read yet
}

// Read gives what was typed, or hardware.ErrTimeout when nothing was within
// hardware.ReadTimeout. Events that type nothing do not end the wait: a line
// must not seem to be over because somebody let go of a key.
func (k *keyboard) Read(p []byte) (int, error) {
	buf := make([]byte, maxEvents*eventSize)
	if err := k.events.SetReadDeadline(time.Now().Add(hardware.ReadTimeout)); err != nil {
		return 0, gone(err)
	}
	for len(k.typed) == 0 {
		n, err := k.events.Read(buf)
		k.typed = k.keys.push(buf[:n])
		switch {
		case len(k.typed) > 0 || err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			return 0, hardware.ErrTimeout
		default:
			return 0, gone(err)
		}
	}
	n := copy(p, k.typed)
	k.typed = k.typed[n:]
	return n, nil
}

// Close lets the device go, and with it the grab.
func (k *keyboard) Close() error { return k.events.Close() }

func gone(err error) error {
	return errs.Wrap(fmt.Errorf("%w: %v", hardware.ErrGone, err), errs.Unavailable,
		"The scanner is no longer there.", "Plug it in again, into the same socket; it is then picked up by itself.")
}

// explain turns a failure to open path into a sentence and a next step.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errs.Wrap(err, errs.NotFound, fmt.Sprintf("There is no scanner %s.", path),
			"Plug it in and look for its name in /dev/input/by-id or /dev/input/by-path.")
	case errors.Is(err, fs.ErrPermission):
		return errs.Wrap(err, errs.Denied, fmt.Sprintf("This user may not open the scanner %s.", path),
			"Add the user to the group input and start the program again.")
	case errors.Is(err, unix.EBUSY):
		return errs.Wrap(err, errs.Conflict, fmt.Sprintf("The scanner %s is taken by another program.", path),
			"Stop that program; fuser -v names it.")
	case errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EINVAL), errors.Is(err, unix.EISDIR):
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("%s is not an input device.", path),
			"Give the name that ends in event-kbd, from /dev/input/by-id. A scanner on a serial port is a port, not an input.")
	}
	return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The scanner %s cannot be opened.", path),
		"Unplug it, plug it in again and look at the kernel's log.")
}
