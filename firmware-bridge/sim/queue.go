package sim

import (
	"container/heap"
	"time"
)

// queue is what is still to happen: earliest first, and of two things at the
// same moment the one planned first.
type queue struct {
	events  []event
	planned uint64
}

type event struct {
	at    time.Duration
	order uint64
	do    func()
}

func (q *queue) plan(at time.Duration, do func()) {
	q.planned++
	heap.Push(q, event{at, q.planned, do})
}

func (q *queue) next() event { return heap.Pop(q).(event) }

// Len, Less, Swap, Push and Pop are for container/heap.

func (q *queue) Len() int { return len(q.events) }

func (q *queue) Less(i, j int) bool {
	a, b := &q.events[i], &q.events[j]
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (q *queue) Swap(i, j int) { q.events[i], q.events[j] = q.events[j], q.events[i] }
func (q *queue) Push(e any)    { q.events = append(q.events, e.(event)) }

func (q *queue) Pop() any {
	last := len(q.events) - 1
	e := q.events[last]
	q.events[last] = event{} // let go of its closure
	q.events = q.events[:last]
	return e
}
