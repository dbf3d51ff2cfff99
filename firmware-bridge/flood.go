package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// flood bounds how many events of a kind are recorded one by one, so that
// nobody fills the disk with a torch and a photocopy.
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
	if f.over(e.At.Mono) {
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

// drain gives the number of events not recorded, once their window is over.
func (f *flood) drain(now time.Duration) (int, bool) {
	if f.withheld == 0 || !f.over(now) {
		return 0, false
	}
	n := f.withheld
	f.withheld = 0
	return n, true
}

func (f *flood) over(now time.Duration) bool {
	return now-f.window > floodWindow || now < f.window
}
