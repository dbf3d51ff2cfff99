package identity

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Failures are tried again at longer and longer intervals; after a success all
// begins anew.
func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start, fail := time.Now(), errors.New("no network")
		var at []time.Duration
		failures := 0
		look := func() error {
			at = append(at, time.Since(start))
			switch n := len(at); {
			case n == 12:
				cancel()
				return ctx.Err()
			case n == 10:
				return nil
			}
			return fail
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			keep(ctx, look, func(err error) {
				if !errors.Is(err, fail) {
					t.Errorf("reported %v", err)
				}
				failures++
			})
		}()
		<-done
		minutes := []int{0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 304}
		want := make([]time.Duration, len(minutes))
		for i, m := range minutes {
			want[i] = time.Duration(m) * time.Minute
		}
		if !slices.Equal(at, want) {
			t.Errorf("looked at %v, want %v", at, want)
		}
		if failures != 10 {
			t.Errorf("%d failures reported", failures)
		}
	})
}

func TestKeepingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			keep(ctx, func() error { return nil }, func(error) {})
		}()
		synctest.Wait()
		cancel()
		<-done
	})
}
