package uplink

import "fmt"

// window is the sending half of a journal: go-back-N with a cumulative
// acknowledgement. It knows numbers only, all of them counts of records.
type window struct {
	size  uint64 // the ledger's
	acked uint64 // on the server's disk
	sent  uint64 // on their way beyond acked
	known bool   // the server has said where it stands since the last reset
}

// inFlight is how many records may be on their way.
const inFlight = 1024

// reset forgets what the server is believed to have: after a reconnection, or
// when it has been silent for too long.
func (w *window) reset() { w.known = false }

// ack takes the server's word for how much it has. A server that has fewer than
// it had lost some, and gets them again. One that has more than there are
// knows a part of this ledger that is gone.
func (w *window) ack(size uint64) error {
	if size > w.size {
		return fmt.Errorf("the server holds %d records of a ledger that has %d", size, w.size)
	}
	if !w.known || size < w.acked || size > w.sent {
		w.sent = size
	}
	w.acked, w.known = size, true
	return nil
}

// next is the run of records to send now, at most limit of them.
func (w *window) next(limit uint64) (from, until uint64, ok bool) {
	if !w.known || w.sent >= w.size || w.sent-w.acked >= inFlight {
		return 0, 0, false
	}
	return w.sent, min(w.size, w.sent+limit, w.acked+inFlight), true
}

// waiting reports whether an answer is due.
func (w *window) waiting() bool { return !w.known || w.sent > w.acked }

// complete reports whether the server has everything there is.
func (w *window) complete() bool { return w.known && w.acked == w.size }
