//go:build bench

package bench

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// later is when a second scan of a badge is no longer one of the first.
const later = 4 * time.Second

// Nothing clicks at a start, nor at an orderly end.
func TestNothingMovesWhileABankStartsAndEnds(t *testing.T) {
	w, _ := newWall(t), newGadget(t)
	b := newBank(t, bankFile)
	b.start()
	for n, d := range w.doors {
		if len(w.scope.of(d.coil())) == 0 {
			t.Errorf("the bank has not taken the relay of door %d", n)
		}
		if !w.pulledUp(n) {
			t.Errorf("the contact of door %d has no pull-up", n)
		}
	}
	b.stop()
	w.inspect()
}

// A phone goes in and comes out again, on both kinds of relays.
func TestAPhoneGoesInAndOut(t *testing.T) {
	w, g := newWall(t), newGadget(t)
	b := newBank(t, bankFile)
	b.start()
	for _, n := range []int{2, 7} {
		for _, word := range []locker.Word{locker.PutIn, locker.TakeOut} {
			g.scan(badge(n))
			b.shows(word, n)
			w.shut(n)
			time.Sleep(later)
		}
		for _, p := range w.pulses(n) {
			if p.long() < usualPulse || p.long() > usualPulse+50*time.Millisecond {
				t.Errorf("door %d: a pulse of %v, not %v", n, p.long(), usualPulse)
			}
			t.Logf("door %d: a pulse of %v", n, p.long())
		}
		if got := len(w.pulses(n)); got != 2 {
			t.Errorf("door %d had %d pulses, want 2", n, got)
		}
	}
	b.stop()
	w.inspect(2, 7)
	for _, n := range []int{2, 7} {
		b.tells(n, locker.Intent, locker.Outcome, locker.Deposited, locker.Intent, locker.Outcome, locker.Collected)
	}
}
