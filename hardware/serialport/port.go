package serialport

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	// WriteTimeout is how long a Write may wait for room in the kernel's
	// buffer, which a working line always has.
	WriteTimeout = 200 * time.Millisecond

	// maxEarly is how many ends of file in a row, each quicker than half the
	// read timeout, are taken for an unplugged adapter.
	maxEarly = 3
)

// Port is an open line. Read has one caller at a time, as has Write; Close may
// come from anywhere.
type Port struct {
	line io.ReadCloser // tarm's side: line settings and reading
	own  *os.File      // our side: the lock, flushing and writing

	early int // ends of file in a row that came too early
	gone  atomic.Bool
	close sync.Once
	fault error // what closing gave
}

var _ hardware.Line = (*Port)(nil)

// Read gives the bytes that have arrived, hardware.ErrTimeout after
// hardware.ReadTimeout without any, or hardware.ErrGone.
func (p *Port) Read(b []byte) (int, error) {
	if p.gone.Load() {
		return 0, hardware.ErrGone
	}
	began := time.Now()
	n, err := p.line.Read(b)
	switch {
	case n > 0 || err == nil:
		p.early = 0
		return n, nil
	case errors.Is(err, io.EOF):
		return 0, p.nothing(time.Since(began))
	}
	return 0, p.failed(err)
}

// nothing says what an end of file after waited means.
func (p *Port) nothing(waited time.Duration) error {
	if waited >= hardware.ReadTimeout/2 {
		p.early = 0
		return hardware.ErrTimeout
	}
	if p.early++; p.early < maxEarly {
		return hardware.ErrTimeout
	}
	p.gone.Store(true)
	return hardware.ErrGone
}

// Write writes b in one go. After an error some of it may have been sent.
func (p *Port) Write(b []byte) (int, error) {
	if p.gone.Load() {
		return 0, hardware.ErrGone
	}
	if err := p.own.SetWriteDeadline(time.Now().Add(WriteTimeout)); err != nil {
		return 0, p.failed(err)
	}
	n, err := p.own.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, errs.Wrap(err, errs.Unavailable,
			"The serial adapter takes no more bytes.",
			"Unplug it and plug it in again.")
	}
	if err != nil {
		return n, p.failed(err)
	}
	return n, nil
}

// Flush discards what has arrived and was not read.
func (p *Port) Flush() error {
	if p.gone.Load() {
		return hardware.ErrGone
	}
	err := control(p.own, func(fd int) error {
		return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH)
	})
	if err != nil {
		return p.failed(err)
	}
	return nil
}

// failed remembers that the device has gone if err says so.
func (p *Port) failed(err error) error {
	for _, sign := range []error{unix.EIO, unix.ENXIO, unix.ENODEV} {
		if errors.Is(err, sign) {
			p.gone.Store(true)
			return hardware.ErrGone
		}
	}
	return err
}

// Close gives the line back. It waits for a Read in flight, which lasts no
// longer than hardware.ReadTimeout.
func (p *Port) Close() error {
	p.close.Do(func() {
		p.fault = errors.Join(p.line.Close(), p.own.Close())
	})
	return p.fault
}
