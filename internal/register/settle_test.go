package register

import (
	"context"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// appending tells when the ledger has grown and the book not yet.
type appending struct {
	Log
	grown func()
}

func (a appending) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	receipts, err := a.Log.Append(ctx, entries...)
	a.grown()
	return receipts, err
}

// Who settles a book after reading how long its ledger is finds in it everything
// the ledger had.
func TestSettle(t *testing.T) {
	k := newKit(t)
	settled := make(chan bool, 1)
	k.Book.log = appending{k.log, func() {
		go func() {
			k.Settle()
			_, known := k.Person("p-1")
			settled <- known
		}()
		select { // give one that does not wait the time to be wrong
		case known := <-settled:
			settled <- known
		case <-time.After(20 * time.Millisecond):
		}
	}}
	if err := k.Apply(t.Context(), "it", Changes{New: []Entry{{ID: "p-1", Kind: Pupil, Details: Details{MIS: "1", Given: "A", Family: "B"}}}}, Stated{}); err != nil {
		t.Fatal(err)
	}
	if !<-settled {
		t.Error("what is on the ledger is not in the settled book")
	}
}
