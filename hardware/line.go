package hardware

import (
	"io"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// ReadTimeout is how long a Read on a Line waits for the first byte. The
// kernel counts it in tenths of a second, so this is the shortest there is.
const ReadTimeout = 100 * time.Millisecond

// Line is one serial line. Read gives what has arrived, or ErrTimeout when
// nothing did within ReadTimeout; it may cut a frame anywhere. Flush discards
// bytes that arrived and were not read, and never bytes on their way out.
// Every method but Close gives ErrGone once the adapter has been unplugged,
// and keeps giving it: open the line anew. Close may be called from another
// goroutine, and twice.
type Line interface {
	io.ReadWriteCloser
	Flush() error
}

// ErrTimeout says that nothing arrived in time. It is no fault of the line.
var ErrTimeout error = timeoutError{}

// ErrGone says that the device behind a line is no longer there.
var ErrGone error = errs.New(errs.Unavailable,
	"The serial adapter is no longer there.",
	"Plug it in again, into the same socket; it is then picked up by itself.")

type timeoutError struct{}

func (timeoutError) Error() string { return "nothing arrived on the line in time" }
func (timeoutError) Timeout() bool { return true }
