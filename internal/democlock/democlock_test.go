package democlock_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/democlock"
)

var bell = time.Date(2026, 11, 23, 8, 15, 0, 0, time.UTC)

func TestSchoolTimeRunsAtItsSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := democlock.New(bell, 60)
		time.Sleep(10 * time.Second)
		wantNow(t, c, bell.Add(10*time.Minute))
		c.SetSpeed(1)
		time.Sleep(5 * time.Second)
		wantNow(t, c, bell.Add(10*time.Minute+5*time.Second))
		c.SetSpeed(-3)
		time.Sleep(time.Hour)
		wantNow(t, c, bell.Add(10*time.Minute+5*time.Second))
		if got := c.Speed(); got != 0 {
			t.Errorf("Speed() = %v after SetSpeed(-3), want 0", got)
		}
	})
}

func TestSkipGoesForwardOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := democlock.New(bell, 1)
		c.Skip(bell.Add(-time.Hour))
		wantNow(t, c, bell)
		c.Skip(bell.Add(time.Hour))
		wantNow(t, c, bell.Add(time.Hour))
		if got := c.Mono(); got != time.Hour {
			t.Errorf("Mono() = %v, want 1h", got)
		}
		c.Skip(bell.Add(30 * time.Minute))
		wantNow(t, c, bell.Add(time.Hour))
	})
}

func TestSleepTakesSchoolTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := democlock.New(bell, 60)
		began := time.Now()
		if err := c.Sleep(t.Context(), 2*time.Minute); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("2 school minutes at 60 took %v of machine time, want 2s", took)
		}
	})
}

// Each case changes the clock a second into a sleep of ten school minutes and
// says how much machine time the whole sleep may take.
func TestSleepFollowsChanges(t *testing.T) {
	tests := []struct {
		name   string
		speed  float64
		change func(*democlock.Clock)
		want   time.Duration
	}{
		{"past the end", 1, func(c *democlock.Clock) { c.Skip(bell.Add(time.Hour)) }, time.Second},
		{"part of the way", 1, func(c *democlock.Clock) { c.Skip(bell.Add(9 * time.Minute)) }, 61 * time.Second},
		{"faster", 1, func(c *democlock.Clock) { c.SetSpeed(599) }, 2 * time.Second},
		{"slower", 60, func(c *democlock.Clock) { c.SetSpeed(30) }, 19 * time.Second},
		{"out of a stop", 0, func(c *democlock.Clock) { c.SetSpeed(600) }, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := democlock.New(bell, tt.speed)
				began := time.Now()
				time.AfterFunc(time.Second, func() { tt.change(c) })
				if err := c.Sleep(t.Context(), 10*time.Minute); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != tt.want {
					t.Errorf("took %v of machine time, want %v", took, tt.want)
				}
			})
		})
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := democlock.New(bell, 0)
		why := errors.New("the demo was stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		if err := c.Sleep(ctx, time.Minute); !errors.Is(err, why) {
			t.Errorf("Sleep = %v, want the cause", err)
		}
		if err := c.Sleep(ctx, 0); !errors.Is(err, why) {
			t.Errorf("Sleep(0) on an ended context = %v, want the cause", err)
		}
	})
}

func wantNow(t *testing.T, c *democlock.Clock, want time.Time) {
	t.Helper()
	if got := c.Now(); !got.Equal(want) {
		t.Errorf("Now() = %v, want %v", got, want)
	}
}
