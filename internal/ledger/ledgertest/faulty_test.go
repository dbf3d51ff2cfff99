package ledgertest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
)

func TestFaulty(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   ledgertest.Fault
		size    uint64 // after three appends of which the second is spoilt
		thirdOK bool
	}{
		{"before", ledgertest.FailBefore, 2, false},
		{"after", ledgertest.FailAfter, 3, false},
		{"block", ledgertest.Block, 3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := memlog.New("bank-a", time.Now)
			if err != nil {
				t.Fatal(err)
			}
			f := &ledgertest.Faulty{Appender: l, Nth: 2, Fault: c.fault}
			ledgertest.MustAppend(t, f, ledgertest.Entry(1))
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
			defer cancel()
			_, err = f.Append(ctx, ledgertest.Entry(2))
			if want := c.fault == ledgertest.Block; err == nil || errors.Is(err, context.DeadlineExceeded) != want {
				t.Fatalf("second append: %v", err)
			}
			_, err = f.Append(context.Background(), ledgertest.Entry(3))
			if (err == nil) != c.thirdOK || !c.thirdOK && errs.CodeOf(err) != errs.Unavailable {
				t.Fatalf("third append: %v", err)
			}
			if l.Size() != c.size || f.Calls() != 3 {
				t.Fatalf("size %d after %d calls, want %d", l.Size(), f.Calls(), c.size)
			}
		})
	}
}
