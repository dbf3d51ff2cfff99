package world

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/democlock"
)

// A script shows each view some time after the kiosk was first looked at; what
// it has not shown yet cannot be seen.
type script []struct {
	after time.Duration
	view  View
}

func (s script) eyes() Eyes {
	start := time.Now()
	return LookFunc(func(ctx context.Context, after uint64) (View, error) {
		for _, step := range s {
			if step.view.N <= after {
				continue
			}
			if err := rest(ctx, step.after-time.Since(start)); err != nil {
				return View{}, err
			}
			return step.view, nil
		}
		<-ctx.Done()
		return View{}, context.Cause(ctx)
	})
}

func TestAnswerToAScan(t *testing.T) {
	putIn := View{N: 9, Word: SayPutIn, Door: 3}
	tests := []struct {
		name  string
		after uint64
		shows script
		want  View
		took  time.Duration
	}{
		{"at once", 8, script{{time.Second, putIn}}, putIn, time.Second},
		{"after the screen went back to scan", 7,
			script{{time.Second, View{N: 8, Word: SayScan}}, {2 * time.Second, putIn}}, putIn, 2 * time.Second},
		{"not what was there before", 9, script{{0, putIn}}, View{}, screenPatience},
		{"too late", 8, script{{7 * time.Second, putIn}}, View{}, screenPatience},
		{"forgotten by a bank that was started anew", 8,
			script{{time.Second, View{N: 9, Word: SayStarting}}, {2 * time.Second, View{N: 10, Word: SayScan}}, {3 * time.Second, View{N: 11, Word: SayPutIn}}}, View{}, 2 * time.Second},
		{"never", 8, nil, View{}, screenPatience},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newKiosk("1", nil)
				k.setEyes(tt.shows.eyes())
				began := time.Now()
				got := k.answer(t.Context(), tt.after)
				if took := time.Since(began); got != tt.want || took != tt.took {
					t.Errorf("read %+v after %v, want %+v after %v", got, took, tt.want, tt.took)
				}
			})
		})
	}
}

func TestADarkScreenIsLookedAtAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKiosk("1", nil)
		began := time.Now()
		if n := k.glance(t.Context()); n != 0 {
			t.Errorf("a dark screen has number %d", n)
		}
		k.setEyes(LookFunc(func(context.Context, uint64) (View, error) {
			if time.Since(began) < time.Second {
				return View{}, errors.New("dark")
			}
			return View{N: 1, Word: SayKeep}, nil
		}))
		if v := k.answer(t.Context(), 0); v.Word != SayKeep {
			t.Errorf("read %+v", v)
		}
	})
}

func TestOneAtATimeAtAKiosk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newKiosk("a", nil), newKiosk("b", nil)
		must(t, a.enter(t.Context()))
		if shortest([]*kiosk{a, b}) != b {
			t.Error("the longer queue was chosen")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := a.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second person got the turn: %v", err)
		}
		a.leave()
		if a.queue.Load() != 0 {
			t.Errorf("%d people are left", a.queue.Load())
		}
		must(t, a.enter(t.Context()))
	})
}

// Hands take 3 to 8 s of school time, but never less than 400 ms of machine
// time.
func TestHandTime(t *testing.T) {
	tests := []struct {
		speed     float64
		brisk     bool
		from, til time.Duration
	}{
		{1, false, 3 * time.Second, 8 * time.Second},
		{600, false, handFloor, handFloor},
		{1, true, handFloor, handFloor},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			clock := democlock.New(monday, tt.speed)
			w := &World{ctx: t.Context(), cfg: Config{Now: clock.Now, Sleep: clock.Sleep}}
			c := w.newCrowd(t.Context())
			k := c.newWalk(Pupil{ID: "p"}, Deposit)
			k.brisk = tt.brisk
			began := time.Now()
			must(t, k.handTime(t.Context()))
			if took := time.Since(began); took < tt.from || took > tt.til {
				t.Errorf("at speed %v, brisk %v: %v, want %v to %v", tt.speed, tt.brisk, took, tt.from, tt.til)
			}
			must(t, c.wait())
		})
	}
}
