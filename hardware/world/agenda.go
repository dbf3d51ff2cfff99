package world

import (
	"sync"
	"time"
)

// agenda knows what is planned and whether anybody is acting.
type agenda struct {
	mu     sync.Mutex
	last   int
	coming map[int]time.Time
	acting int
}

// enter notes something planned.
func (a *agenda) enter(at time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.coming == nil {
		a.coming = map[int]time.Time{}
	}
	a.last++
	a.coming[a.last] = at
	return a.last
}

// begin notes that somebody acts on an entry.
func (a *agenda) begin(entry int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.coming, entry)
	a.acting++
}

// leave notes that an entry is done with, begun or not.
func (a *agenda) leave(entry int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, waiting := a.coming[entry]; waiting {
		delete(a.coming, entry)
		return
	}
	a.acting--
}

// next gives the earliest time planned, if nobody is acting.
func (a *agenda) next() (time.Time, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var first time.Time
	for _, at := range a.coming {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first, a.acting == 0 && len(a.coming) > 0
}

// busy reports whether anybody is acting.
func (a *agenda) busy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.acting > 0
}
