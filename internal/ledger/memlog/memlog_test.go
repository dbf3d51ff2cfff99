package memlog_test

import (
	"context"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
)

func open(t *testing.T, now func() time.Time) *memlog.Log {
	l, err := memlog.New("bank-a", now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Log { return open(t, time.Now) })
}

func TestReceiptsUseTheGivenClock(t *testing.T) {
	monday := time.Date(2026, 9, 7, 7, 30, 0, 0, time.UTC)
	l := open(t, func() time.Time { return monday })
	receipts, err := l.Append(context.Background(), ledger.Entry{Kind: "test"})
	if err != nil || !receipts[0].Committed().Equal(monday) {
		t.Fatalf("committed at %v, %v", receipts[0].Committed(), err)
	}
}

func TestRestartVoidsReceipts(t *testing.T) {
	l := open(t, time.Now)
	receipts, err := l.Append(context.Background(), ledger.Entry{Kind: "test", Door: 3})
	if err != nil || l.Check(receipts[0]) != nil {
		t.Fatal("a fresh receipt is refused", err)
	}
	l.Restart()
	if l.Check(receipts[0]) == nil {
		t.Fatal("the receipt outlived the restart")
	}
	if l.Size() != 2 {
		t.Fatalf("size is %d after the restart", l.Size())
	}
}
