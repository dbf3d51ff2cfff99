package ledgertest

import (
	"context"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// Fault says what happens to an append.
type Fault int

// The faults. After FailBefore and FailAfter every later append fails too, as
// it does on a log that has died.
const (
	FailBefore Fault = iota + 1 // nothing is recorded, and the call fails
	FailAfter                   // it is recorded, and the call fails all the same
	Block                       // the call hangs until its context ends; nothing is recorded
)

// Faulty lets the appends before the Nth pass and spoils the Nth. It is safe
// for concurrent use.
type Faulty struct {
	Appender ledger.Appender
	Nth      int // counted from 1; 0 for never
	Fault    Fault

	mu    sync.Mutex
	calls int
	dead  bool
}

// Append passes the call on, or does what the fault says. Errors: unavailable,
// and those of the appender behind it.
func (f *Faulty) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	f.mu.Lock()
	f.calls++
	fault := Fault(0)
	switch {
	case f.dead:
		fault = FailBefore
	case f.calls == f.Nth:
		fault = f.Fault
		f.dead = fault != Block
	}
	f.mu.Unlock()
	died := errs.New(errs.Unavailable, "The ledger has stopped, as the test asked.", "")
	switch fault {
	case FailBefore:
		return nil, died
	case FailAfter:
		if _, err := f.Appender.Append(ctx, entries...); err != nil {
			return nil, err
		}
		return nil, died
	case Block:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return f.Appender.Append(ctx, entries...)
}

// Calls is the number of appends so far.
func (f *Faulty) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}
