package bridge

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
)

// Only a bus that hangs ends a bank. One that is away, or whose boards are
// silent, is looked for, and starting anew would not bring it back.
func TestOnlyABusThatHangsIsLate(t *testing.T) {
	for name, c := range map[string]struct {
		befalls func(*fakeBus)
		late    []string
	}{
		"nothing":        {func(*fakeBus) {}, nil},
		"unplugged":      {func(b *fakeBus) { b.gone = true }, nil},
		"silent boards":  {func(b *fakeBus) { b.silent[0], b.silent[1] = true, true }, nil},
		"driver blocked": {func(b *fakeBus) { b.hangs = make(chan struct{}) }, []string{"bus left"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := work(t, func(*fakeBus) {})
				r.bus.set(func() { c.befalls(r.bus) })
				time.Sleep(time.Hour)
				if late := r.watch.Late(time.Now()); !slices.Equal(late, c.late) {
					t.Errorf("late are %q, want %q", late, c.late)
				}
				r.bus.set(func() {
					if r.bus.hangs != nil {
						close(r.bus.hangs)
					}
				})
				r.end(t)
				time.Sleep(time.Hour)
				if late := r.watch.Late(time.Now()); late != nil {
					t.Errorf("late are %q of a bank that has ended", late)
				}
			})
		})
	}
}

// A bank is ready once it has looked at its doors, or can look at none.
func TestReadyOnceDoorsWereLookedAt(t *testing.T) {
	for name, befalls := range map[string]func(*fakeBus){
		"all answer": func(*fakeBus) {},
		"unplugged":  func(b *fakeBus) { b.gone = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := work(t, befalls)
				time.Sleep(surveyWithin)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				heard := make(chan string, 9)
				r.watch.Tell(ctx, watchdog.Manager{Say: func(state string) error { heard <- state; return nil }})
				if first := <-heard; first != "READY=1" {
					t.Errorf("it said %q", first)
				}
				r.end(t)
			})
		})
	}
}
