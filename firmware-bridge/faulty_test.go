package bridge

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"github.com/bellkeep/bellkeep/locker"
)

// The ledger fails on its Nth append, before or after the commit, for every N
// of a deposit. No order is ever sent that is not on the ledger, and after a
// restart the same badge brings the deposit to its end.
func TestBankOnAFailingLedger(t *testing.T) {
	for _, fault := range []ledgertest.Fault{ledgertest.FailBefore, ledgertest.FailAfter} {
		for nth, failed := 1, true; failed; nth++ {
			failed = false
			t.Run(fmt.Sprintf("fault %d on append %d", fault, nth), func(t *testing.T) {
				r := newRig(t)
				faulty := &ledgertest.Faulty{Appender: r.log, Nth: nth, Fault: fault}
				r.appender = faulty
				failed = !r.deposits()
				for _, o := range r.orders {
					if e := r.events(o.Receipt.Seq())[0]; e.Kind != locker.Intent || e.Door != o.Door {
						t.Errorf("an order for door %d was sent on record %+v", o.Door, e)
					}
				}
				r.appender = nil
				r.now.School.Boot = "two"
				r.start()
				r.read(hardware.Closed)
				if h := r.bank.State().Holdings["ann"]; h == nil || h.Unsure {
					r.deposits()
				}
				if h := r.bank.State().Holdings["ann"]; h == nil || !h.Secured {
					t.Errorf("after the restart the holding is %+v", h)
				}
			})
		}
	}
}

// deposits takes ann's deposit as far as the ledger lets it, and reports
// whether that was to its end.
func (r *rig) deposits() bool {
	steps := []func() []Input{
		func() []Input { return []Input{Scanned{Kiosk: "front", Line: ann.Badge()}} },
		func() []Input {
			if len(r.orders) == 0 {
				return nil
			}
			return []Input{Sent{Order: r.orders[len(r.orders)-1], At: r.now.Machine}}
		},
	}
	for _, contact := range []hardware.Contact{hardware.Open, hardware.Closed} {
		for range 7 {
			steps = append(steps, func() []Input {
				return []Input{Looked{At: r.now.Machine, Doors: map[int]hardware.Reading{1: {Contact: contact}, 2: {Contact: hardware.Closed}, 3: {Contact: hardware.Closed}}}}
			})
		}
	}
	for _, step := range steps {
		if err := r.bank.Handle(r.t.Context(), r.now, step()...); err != nil {
			return false
		}
		r.pass(100 * time.Millisecond)
	}
	return true
}
