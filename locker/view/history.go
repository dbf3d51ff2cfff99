package view

import (
	"slices"

	"github.com/bellkeep/bellkeep/locker"
)

// What is kept in memory of the past: the ledger has all of it.
const (
	mostHistory = 24  // events of a person
	mostOfItems = 500 // events about items and holds together
)

// history is the newest events of everybody, oldest first.
type history map[string][]locker.Event

func (h history) apply(e locker.Event) {
	if e.Person != "" {
		h[e.Person] = pushed(h[e.Person], e, mostHistory)
	}
}

// pushed adds an event to a list of at most so many, in place: a school year is
// millions of events.
func pushed(list []locker.Event, e locker.Event, most int) []locker.Event {
	if len(list) < most {
		return append(list, e)
	}
	copy(list, list[1:])
	list[len(list)-1] = e
	return list
}

// History is the newest events of one person at this bank, newest first.
func (l *Live) History(person string) []locker.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.Clone(l.fold.history[person])
	slices.Reverse(list)
	return list
}

// ItemHistory is the newest events about one item at this bank, newest first.
func (l *Live) ItemHistory(item string) []locker.Event {
	return l.ofItems(func(e locker.Event) bool { return e.Item == item })
}

// HoldHistory is the newest holds that were placed here or ended, newest first.
func (l *Live) HoldHistory() []locker.Event {
	return l.ofItems(func(e locker.Event) bool { return e.Kind == locker.HoldPlaced || e.Kind == locker.HoldEnded })
}

func (l *Live) ofItems(wanted func(locker.Event) bool) (list []locker.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range slices.Backward(l.fold.ofItems) {
		if wanted(e) {
			list = append(list, e)
		}
	}
	return list
}
