package scenario

import (
	"container/heap"
	"time"
)

// clock is the simulated time and what is still to happen: earliest first, and
// of two things at one moment the one planned first.
type clock struct {
	now     time.Time
	planned int
	queue   queue
}

type event struct {
	at    time.Time
	order int
	do    func()
}

// after plans something.
func (c *clock) after(d time.Duration, do func()) { c.at(c.now.Add(d), do) }

func (c *clock) at(when time.Time, do func()) {
	c.planned++
	heap.Push(&c.queue, event{when, c.planned, do})
}

// next takes what comes next, if that is not after the given moment.
func (c *clock) next(until time.Time) (event, bool) {
	if len(c.queue) == 0 || c.queue[0].at.After(until) {
		return event{}, false
	}
	e := heap.Pop(&c.queue).(event)
	if e.at.After(c.now) {
		c.now = e.at
	}
	return e, true
}

type queue []event

// Len, Less, Swap, Push and Pop are for container/heap.
func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(e any)   { *q = append(*q, e.(event)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = event{} // let go of its closure
	*q = old[:len(old)-1]
	return last
}
