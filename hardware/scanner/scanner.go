// Package scanner reads a QR or barcode scanner: one on a serial line, be it USB
// (CDC) or a UART, or one that poses as a USB keyboard. The first is better: it
// types into nothing, ever.
//
// # On a serial line
//
// The scanner sends the text of a code and a suffix: CR, LF or CR LF. Several
// codes may come in one read, and one code in several.
//
//	text CR
//
// A line has at most 300 bytes, which is the longest joining code; a badge has
// 30. A longer one is thrown away whole, up to its suffix. Bytes other than
// printable ASCII are dropped, so that a printed code cannot carry control
// characters further. Empty lines are ignored.
//
// A line ends with its suffix and is handed on at once. Some modules leave the
// factory without a suffix; so a line after which nothing came for 150 ms is
// handed on too (noticed up to one read timeout later). If it was half a code,
// the check character of the badge tells.
//
// # As a keyboard
//
// The kernel gives an input_event for each key that goes down (value 1) or up
// (0), and one that says a group is complete (SYN_REPORT):
//
//	time (two longs)  type (16 bits)  code (16 bits)  value (32 bits, signed)
//
// Codes name places on a keyboard, so the scanner must be set to the US layout.
// Digits and letters count, letters as upper case; Enter ends the line, as CR
// does above. Any other key, and any with Ctrl, Alt or Meta, is a question mark,
// which no badge has. Where the kernel had to drop events (SYN_DROPPED) stands
// one too. The device is taken for this program alone (EVIOCGRAB) before
// anything is read from it.
package scanner

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

const (
	// MaxLine is the length of the longest line handed on, in bytes.
	MaxLine = 300

	// idleGap is how long nothing may come before a line counts as ended.
	idleGap = 150 * time.Millisecond
)

// Scanner is a scanner on a line, or one that reads as if it were. One goroutine calls Scan.
type Scanner struct {
	line  io.ReadCloser // reads as hardware.Line does
	split splitter
	ready []string  // lines not handed on yet, of one read at most
	last  time.Time // when bytes last came
}

var _ hardware.Scanner = (*Scanner)(nil)

// New gives the scanner on line, which it then owns.
func New(line io.ReadCloser) *Scanner { return &Scanner{line: line} }

// Scan waits for the next line. A context that ends is obeyed within
// hardware.ReadTimeout, and nothing read so far is lost. An unplugged adapter
// gives hardware.ErrGone.
func (s *Scanner) Scan(ctx context.Context) (string, error) {
	buf := make([]byte, 2*MaxLine)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if len(s.ready) > 0 {
			line := s.ready[0]
			s.ready = s.ready[1:]
			return line, nil
		}
		n, err := s.line.Read(buf)
		if err != nil && !errors.Is(err, hardware.ErrTimeout) {
			return "", err
		}
		s.take(buf[:n], time.Now())
	}
}

// take deals with what one read gave. Only a read of nothing can end a line by
// the gap: it shows that the scanner was silent, where a long time between two
// pieces may just as well mean that this program was slow.
func (s *Scanner) take(p []byte, now time.Time) {
	if len(p) > 0 {
		s.last = now
		s.ready = append(s.ready, s.split.push(p)...)
		return
	}
	if now.Sub(s.last) < idleGap {
		return
	}
	if line := s.split.end(); line != "" {
		s.ready = append(s.ready, line)
	}
}

// Close closes the line.
func (s *Scanner) Close() error { return s.line.Close() }
