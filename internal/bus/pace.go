package bus

import (
	"sync"
	"time"
)

// pacer counts how often each client connects, so that one that does nothing else
// slows nobody: what is beyond limit in a minute is refused before anything is
// looked up for it.
type pacer struct {
	limit int // connections of one client in a minute

	mu      sync.Mutex
	windows map[string]window
}

// window is the minute in which a client was first counted, and how often since.
type window struct {
	from time.Time // machine time
	n    int
}

const (
	paceOver    = time.Minute
	maxConnects = 60   // of one client in that time, unless somebody says otherwise
	maxWindows  = 8192 // clients remembered; then those whose minute is over go
)

func newPacer(limit int) *pacer { return &pacer{limit: limit, windows: map[string]window{}} }

// admit counts a connection of a client at now. first tells the refusal that a
// log should say: the others of the minute say the same.
func (p *pacer) admit(client string, now time.Time) (ok, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.windows[client]
	if now.Sub(w.from) >= paceOver {
		w = window{from: now}
	}
	w.n++
	p.trim(now)
	p.windows[client] = w
	return w.n <= p.limit, w.n == p.limit+1
}

// trim makes room; for callers that hold mu. Were everybody in their minute all
// would be forgotten, which costs only the counting.
func (p *pacer) trim(now time.Time) {
	if len(p.windows) < maxWindows {
		return
	}
	for client, w := range p.windows {
		if now.Sub(w.from) >= paceOver {
			delete(p.windows, client)
		}
	}
	if len(p.windows) >= maxWindows {
		clear(p.windows)
	}
}
