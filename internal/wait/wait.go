// Package wait is waiting that ends when its context does.
package wait

import (
	"context"
	"sync"
	"time"
)

// For waits d of machine time, or returns ctx's error.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Signal wakes everybody who waits for something that has changed. The zero
// value is ready.
type Signal struct {
	mu   sync.Mutex
	rung chan struct{} // closed by the next Ring; nil while nobody waits
}

// Ring says that something has changed. It may be called with locks held that
// the question of Until takes.
func (s *Signal) Ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rung != nil {
		close(s.rung)
		s.rung = nil
	}
}

// next is closed by the next Ring.
func (s *Signal) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rung == nil {
		s.rung = make(chan struct{})
	}
	return s.rung
}

// Until waits until so says yes, or returns ctx's error. so is asked at once and
// again after every Ring: no change goes by unseen.
func (s *Signal) Until(ctx context.Context, so func() bool) error {
	for {
		rung := s.next() // before asking
		if so() {
			return nil
		}
		select {
		case <-rung:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
