package ui

import (
	"sync"
	"time"
)

// Limiter lets each key act burst times at once and once more every interval:
// a token bucket for each key, for at most maxKeys keys. When there is no room
// for a new key it says no.
type Limiter struct {
	burst   float64
	every   time.Duration
	maxKeys int
	now     func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// NewLimiter makes a Limiter. now is machine time.
func NewLimiter(burst int, every time.Duration, maxKeys int, now func() time.Time) *Limiter {
	return &Limiter{burst: float64(burst), every: every, maxKeys: maxKeys, now: now,
		buckets: map[string]bucket{}}
}

// Allow takes one token of key, if there is one.
func (l *Limiter) Allow(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, known := l.buckets[key]
	if !known {
		if len(l.buckets) >= l.maxKeys && !l.sweep(now) {
			return false
		}
		b = bucket{l.burst, now}
	}
	b.tokens, b.at = l.level(b, now), now
	ok := b.tokens >= 1
	if ok {
		b.tokens--
	}
	l.buckets[key] = b
	return ok
}

// level is what has gathered in b until now.
func (l *Limiter) level(b bucket, now time.Time) float64 {
	return min(l.burst, b.tokens+float64(now.Sub(b.at))/float64(l.every))
}

// sweep forgets full buckets, which say nothing, and tells whether there is
// room now.
func (l *Limiter) sweep(now time.Time) bool {
	for key, b := range l.buckets {
		if l.level(b, now) >= l.burst {
			delete(l.buckets, key)
		}
	}
	return len(l.buckets) < l.maxKeys
}
