package view

import (
	"slices"

	"github.com/bellkeep/bellkeep/locker"
)

// mostHistory is how many of a person's events are kept in memory: the ledger
// has all of them.
const mostHistory = 24

// history is the newest events of everybody, oldest first.
type history map[string][]locker.Event

func (h history) apply(e locker.Event) {
	if e.Person == "" {
		return
	}
	list := h[e.Person]
	if len(list) < mostHistory {
		h[e.Person] = append(list, e)
		return
	}
	copy(list, list[1:]) // in place: a school year is millions of events
	list[len(list)-1] = e
}

// History is the newest events of one person at this bank, newest first.
func (l *Live) History(person string) []locker.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.Clone(l.fold.history[person])
	slices.Reverse(list)
	return list
}
