package gateway

import "time"

// window counts what happens within a minute.
type window struct {
	since time.Time
	n     int
}

// take counts one more, unless it is one too many.
func (w *window) take(now time.Time, limit int) bool {
	if now.Sub(w.since) >= time.Minute || now.Before(w.since) {
		*w = window{since: now}
	}
	w.n = min(w.n+1, limit+1)
	return w.n <= limit
}
