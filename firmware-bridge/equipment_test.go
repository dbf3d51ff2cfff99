package bridge

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/health"
)

// What is pulled out is a problem within seconds, and none once it is back.
func TestEquipmentThatGoesAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := work(t, func(*fakeBus) {})
		want := func(what string, list ...health.Problem) {
			t.Helper()
			time.Sleep(time.Minute)
			if got := r.equipment.Problems(); !slices.Equal(got, list) {
				t.Errorf("%s: %+v, want %+v", what, got, list)
			}
		}
		want("all there")
		r.bus.set(func() { r.bus.silent[1] = true })
		want("a silent board", boardSilent("left", 1))
		r.bus.set(func() { r.bus.gone = true })
		want("no adapter", busLost("left"))
		r.bus.set(func() { r.bus.gone = false })
		want("the adapter again", boardSilent("left", 1))
		r.bus.set(func() { r.bus.silent[1] = false })
		want("the board again")
		r.end(t)
	})
}
