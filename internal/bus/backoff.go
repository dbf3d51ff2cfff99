package bus

import (
	"context"
	"math/rand/v2"
	"time"
)

// firstPause is about how long a client waits after its first failed attempt.
const firstPause = 500 * time.Millisecond

// pause gives the wait before an attempt to connect, after so many failures in
// a row; chance draws from [0, n). A connection that was up and was lost
// (failures 0) may have been lost by everybody at once, so it waits anywhere
// in the whole jitter. After failures the wait doubles, from half of the
// first pause, up to jitter.
func pause(failures int, jitter time.Duration, chance func(n int64) int64) time.Duration {
	if failures == 0 {
		return time.Duration(chance(int64(jitter)))
	}
	longest := jitter
	if doubled := firstPause << min(failures-1, 16); doubled < jitter {
		longest = doubled
	}
	half := longest / 2
	return half + time.Duration(chance(int64(longest-half)))
}

// rest waits and reports whether ctx still lives.
func rest(ctx context.Context, failures int, jitter time.Duration) bool {
	timer := time.NewTimer(pause(failures, jitter, rand.Int64N))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
