package health

import (
	"slices"
	"sync"
	"time"
)

// lasting is how long a problem stands after it was last seen: a supply that is
// too weak is so only while a lock pulls.
const lasting = 5 * time.Minute

// Book keeps since when each problem has stood. It is safe for concurrent use.
type Book struct {
	mu    sync.Mutex
	lines []line
}

type line struct {
	Problem
	seen time.Time // machine time
}

// Take notes what is the matter now: now by machine time, and at by school time,
// zero when that is not known. It gives what is new of it. Undervoltage stands for
// five minutes more.
func (b *Book) Take(problems []Problem, now, at time.Time) (fresh []Problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []line
	for _, p := range Tidy(problems) {
		if slices.ContainsFunc(lines, func(l line) bool { return l.Same(p) }) {
			continue // found in two ways
		}
		p.Since = at
		if i := slices.IndexFunc(b.lines, func(l line) bool { return l.Same(p) }); i >= 0 {
			p.Since = b.lines[i].Since
		} else {
			fresh = append(fresh, p)
		}
		lines = append(lines, line{p, now})
	}
	for _, old := range b.lines {
		gone := !slices.ContainsFunc(lines, func(l line) bool { return l.Same(old.Problem) })
		if gone && old.Code == Undervoltage && now.Sub(old.seen) < lasting {
			lines = append(lines, old)
		}
	}
	b.lines = lines
	return fresh
}

// Problems are those that stand, in the order in which they were given.
func (b *Book) Problems() []Problem {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Problem
	for _, l := range b.lines {
		list = append(list, l.Problem)
	}
	return Tidy(list)
}
