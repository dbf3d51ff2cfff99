package bridge

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
)

// latches counts what the gate let through.
type latches struct {
	opened []int
	err    error
}

func (l *latches) Unlock(_ context.Context, door int) error {
	l.opened = append(l.opened, door)
	return l.err
}

var committed = time.Date(2026, 11, 23, 8, 20, 0, 0, time.UTC)

func receiptFor(i *ledger.Issuer, seq uint64, door int, purpose locker.Purpose) ledger.Receipt {
	return i.Issue(seq, ledger.Entry{Kind: "intent", Door: door, Purpose: string(purpose)}, committed)
}

func TestGateRefusesWhatIsNotItsReceipt(t *testing.T) {
	ours := ledger.NewIssuer("a", 1)
	genuine := receiptFor(ours, 7, 12, locker.Deposit)
	soon := committed.Add(time.Second)
	cases := []struct {
		name  string
		order Order
		at    time.Time
	}{
		{"zero", Order{Door: 12, Purpose: locker.Deposit}, soon},
		{"zero for no door", Order{}, soon},
		{"forged with another key", Order{Door: 12, Purpose: locker.Deposit, Receipt: receiptFor(ledger.NewIssuer("a", 1), 7, 12, locker.Deposit)}, soon},
		{"of another bank", Order{Door: 12, Purpose: locker.Deposit, Receipt: receiptFor(ledger.NewIssuer("b", 1), 7, 12, locker.Deposit)}, soon},
		{"for another door", Order{Door: 13, Purpose: locker.Deposit, Receipt: genuine}, soon},
		{"for another purpose", Order{Door: 12, Purpose: locker.Collection, Receipt: genuine}, soon},
		{"of an event that opens nothing", Order{Door: 12, Purpose: "", Receipt: receiptFor(ours, 8, 12, "")}, soon},
		{"of an event without a door", Order{Door: 0, Purpose: locker.Deposit, Receipt: receiptFor(ours, 9, 0, locker.Deposit)}, soon},
		{"late", Order{Door: 12, Purpose: locker.Deposit, Receipt: genuine}, committed.Add(OrderLife + time.Nanosecond)},
		{"for a scan long ago", Order{Door: 12, Purpose: locker.Deposit, Receipt: genuine, Scanned: soon.Add(-OrderLife - 1)}, soon},
		{"from before its commit", Order{Door: 12, Purpose: locker.Deposit, Receipt: genuine}, committed.Add(-time.Nanosecond)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var lock latches
			err := NewGate("a", ours).Open(t.Context(), c.order, &lock, c.at)
			if errs.CodeOf(err) != errs.Denied {
				t.Errorf("err = %v, want denied", err)
			}
			if len(lock.opened) != 0 {
				t.Errorf("doors %v were opened", lock.opened)
			}
		})
	}
}

// patient is a lock on a bus that is never free.
type patient struct{ left time.Duration }

func (p *patient) Unlock(ctx context.Context, _ int) error {
	end, _ := ctx.Deadline()
	p.left = time.Until(end)
	<-ctx.Done()
	return ctx.Err()
}

// A busy bus must not carry an order out for somebody who has gone.
func TestAnOrderDiesWhileItsBusIsBusy(t *testing.T) {
	for _, c := range []struct{ committed, scanned, left time.Duration }{
		{0, 0, OrderLife}, {3 * time.Second, 0, OrderLife - 3*time.Second}, {time.Second, 4 * time.Second, OrderLife - 4*time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ours := ledger.NewIssuer("a", 1)
			now := committed.Add(c.committed)
			order := Order{Door: 12, Purpose: locker.Deposit, Receipt: receiptFor(ours, 7, 12, locker.Deposit)}
			if c.scanned != 0 {
				order.Scanned = now.Add(-c.scanned)
			}
			var lock patient
			if err := NewGate("a", ours).Open(t.Context(), order, &lock, now); !errors.Is(err, context.DeadlineExceeded) || lock.left != c.left {
				t.Errorf("the lock was left %v, want %v; %v", lock.left, c.left, err)
			}
		})
	}
}

// A bank's gate must refuse another bank's receipt even if it trusts the
// issuer's key.
func TestGateRefusesAnotherBanksWriter(t *testing.T) {
	var lock latches
	theirs := ledger.NewIssuer("b", 1)
	err := NewGate("a", theirs).Open(t.Context(), Order{Door: 12, Purpose: locker.Deposit, Receipt: receiptFor(theirs, 7, 12, locker.Deposit)}, &lock, committed)
	if errs.CodeOf(err) != errs.Denied || len(lock.opened) != 0 {
		t.Errorf("err = %v, opened %v", err, lock.opened)
	}
}

func TestGateUsesAReceiptOnce(t *testing.T) {
	ours := ledger.NewIssuer("a", 1)
	gate := NewGate("a", ours)
	var lock latches
	order := Order{Door: 12, Purpose: locker.Deposit, Receipt: receiptFor(ours, 7, 12, locker.Deposit)}
	if err := gate.Open(t.Context(), order, &lock, committed); err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{0, time.Second, OrderLife, OrderLife + 1, time.Hour} {
		if err := gate.Open(t.Context(), order, &lock, committed.Add(after)); errs.CodeOf(err) != errs.Denied {
			t.Errorf("after %s: err = %v, want denied", after, err)
		}
	}
	if len(lock.opened) != 1 {
		t.Errorf("%d openings with one receipt", len(lock.opened))
	}
}

// A lock that failed may have moved: its receipt is used up all the same.
func TestGateUsesUpAReceiptOnError(t *testing.T) {
	ours := ledger.NewIssuer("a", 1)
	gate := NewGate("a", ours)
	lock := latches{err: errors.New("wire fell out")}
	order := Order{Door: 12, Purpose: locker.Deposit, Receipt: receiptFor(ours, 7, 12, locker.Deposit)}
	if err := gate.Open(t.Context(), order, &lock, committed); !errors.Is(err, lock.err) {
		t.Fatalf("err = %v", err)
	}
	if err := gate.Open(t.Context(), order, &lock, committed); errs.CodeOf(err) != errs.Denied {
		t.Errorf("err = %v, want denied", err)
	}
}

func TestGateForgetsOnlyTheDead(t *testing.T) {
	ours := ledger.NewIssuer("a", 1)
	gate := NewGate("a", ours)
	var lock latches
	for seq := range uint64(100) {
		at := committed.Add(time.Duration(seq) * time.Second)
		r := ours.Issue(seq, ledger.Entry{Door: 1, Purpose: string(locker.Deposit)}, at)
		if err := gate.Open(t.Context(), Order{Door: 1, Purpose: locker.Deposit, Receipt: r}, &lock, at); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(gate.used); n > 7 {
		t.Errorf("the gate remembers %d receipts, all but 6 of them dead", n)
	}
}
