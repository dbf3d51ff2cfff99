package wait

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := For(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		began = time.Now()
		if err := For(ctx, time.Hour); err != context.DeadlineExceeded || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := For(ctx, 0); err != context.DeadlineExceeded {
			t.Errorf("no time at all, in a context that has ended: %v", err)
		}
	})
}

// However rings and questions fall together, nobody sleeps through a change.
func TestUntilMissesNoChange(t *testing.T) {
	var (
		s     Signal
		mu    sync.Mutex
		count int
		group sync.WaitGroup
	)
	const changes, waiters = 2000, 4
	for range waiters {
		group.Go(func() {
			for seen := 0; seen < changes; {
				err := s.Until(t.Context(), func() bool {
					mu.Lock()
					defer mu.Unlock()
					more := count > seen
					seen = count
					return more
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range changes {
		mu.Lock()
		count++
		s.Ring() // with the lock of the question held
		mu.Unlock()
	}
	group.Wait()
}

func TestUntilEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Signal
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := s.Until(ctx, func() bool { return false }); err != context.DeadlineExceeded {
			t.Error(err)
		}
	})
}
