package world

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	portRest      = 10 * time.Millisecond // between looks at a line nobody has open
	writePatience = time.Second           // a reader that takes nothing for so long loses bytes
)

// port is the device's end of a serial line. The computer's end is found
// under a link that stays the same when the line is unplugged and plugged in
// again. Like a real line it keeps nothing for later: bytes sent while nobody
// has it open are lost.
type port struct {
	link string

	mu    sync.Mutex
	tty   *os.File // nil while unplugged
	path  string   // of the computer's end
	dirty bool     // bytes were sent since the line was last emptied
}

// plug makes a new line and points the link at it.
func (p *port) plug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tty != nil {
		return nil
	}
	tty, path, err := openLine()
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "No pseudo-terminal could be made.",
			"Check that /dev/ptmx exists and that the system has pseudo-terminals left.")
	}
	if err := pointAt(p.link, path); err != nil {
		return errors.Join(err, tty.Close())
	}
	p.tty, p.path, p.dirty = tty, path, false
	return nil
}

// unplug ends the line: whoever has it open gets an error, like from a serial
// adapter that was pulled out.
func (p *port) unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tty == nil {
		return
	}
	_ = p.tty.Close() // nothing is buffered on our side
	_ = os.Remove(p.link)
	p.tty = nil
}

func (p *port) line() *os.File {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tty
}

// read waits for bytes. It gives 0 only when ctx ended.
func (p *port) read(ctx context.Context, b []byte) int {
	for ctx.Err() == nil {
		if tty := p.line(); tty != nil {
			n, err := tty.Read(b)
			if n > 0 {
				return n
			}
			if errors.Is(err, syscall.EIO) { // nobody has the line open
				p.empty()
			}
		}
		if rest(ctx, portRest) != nil {
			return 0
		}
	}
	return 0
}

// write sends bytes. It says false when nobody was there to take them.
func (p *port) write(b []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tty == nil || deserted(p.tty) {
		return false
	}
	p.dirty = true
	_ = p.tty.SetWriteDeadline(time.Now().Add(writePatience)) // a line that cannot be polled fails on Write
	_, err := p.tty.Write(b)
	return err == nil
}

// empty throws away what the last computer left unread, so that the next one
// does not find it. A real line would not have kept it.
func (p *port) empty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tty == nil || !p.dirty || !deserted(p.tty) {
		return
	}
	end, err := os.OpenFile(p.path, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return // somebody took the line for themselves just now; they empty it as they please
	}
	_ = unix.IoctlSetInt(int(end.Fd()), unix.TCFLSH, unix.TCIFLUSH) // cannot fail on a terminal
	_ = end.Close()
	p.dirty = false
}

// openLine makes a pseudo-terminal in raw mode, with nobody at the other end.
func openLine() (*os.File, string, error) {
	master, end, err := pty.Open()
	if err != nil {
		return nil, "", err
	}
	defer master.Close()
	defer end.Close()
	if _, err := term.MakeRaw(int(end.Fd())); err != nil {
		return nil, "", err
	}
	// The pty package leaves its file in blocking mode; a copy that can be
	// polled lets Close end a Read.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, "", err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, "", errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), master.Name()), end.Name(), nil
}

// deserted says that nobody has the other end open.
func deserted(tty *os.File) bool {
	conn, err := tty.SyscallConn()
	if err != nil {
		return true
	}
	fds := make([]unix.PollFd, 1)
	err = conn.Control(func(fd uintptr) {
		fds[0].Fd = int32(fd)
		_, _ = unix.Poll(fds, 0) // on failure Revents stays 0: taken for present
	})
	return err != nil || fds[0].Revents&unix.POLLHUP != 0
}

// pointAt makes link point at path in one step. Only a link is replaced.
func pointAt(link, path string) error {
	if info, err := os.Lstat(link); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return errs.New(errs.Conflict, fmt.Sprintf("%s is in the way of a device link.", link),
			"Move it away or name another folder.")
	}
	fresh := link + ".new"
	_ = os.Remove(fresh) // left by a run that was killed; Symlink reports anything worse
	err := os.Symlink(path, fresh)
	if err == nil {
		err = os.Rename(fresh, link)
	}
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The device link %s cannot be made.", link),
			"Name a folder that exists and that you may write to.")
	}
	return nil
}

// rest waits d of machine time or until ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
