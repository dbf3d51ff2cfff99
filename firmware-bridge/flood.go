package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// flood bounds how many scans that open nothing are recorded one by one, so
// that nobody fills the disk with a torch and a photocopy.
type flood struct {
	window   time.Duration // start of the current window, bank's monotonic time
	recorded int
	withheld int
}

const (
	floodWindow = 10 * time.Second
	floodLimit  = 20 // records a window
)

// admit returns the event to record, or false to count it only.
func (f *flood) admit(e locker.Event) (locker.Event, bool) {
	if e.At.Mono-f.window > floodWindow || e.At.Mono < f.window {
		f.window, f.recorded = e.At.Mono, 0
	}
	if f.recorded >= floodLimit {
		f.withheld++
		return locker.Event{}, false
	}
	f.recorded++
	e.Withheld, f.withheld = f.withheld, 0
	return e, true
}
