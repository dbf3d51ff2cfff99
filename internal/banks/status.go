package banks

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// Status is a bank with how it is connected and what it goes by.
type Status struct {
	Bank
	Board   view.Board
	Online  bool
	Since   time.Time // of Online; machine time; zero before the first word
	State   wire.BankState
	Refused string // why its ledger is no longer followed or understood, or who else comes in its name
}

// Banks are all banks as they are now, by id.
func (h *House) Banks() []Status {
	var list []Status
	for _, b := range h.List.All() {
		if l := h.line(b.Setup.Bank); l != nil {
			status := l.status()
			if h.hidden != nil {
				status.Board = status.Board.Without(h.hidden)
			}
			list = append(list, status)
		}
	}
	return list
}

// Board is a bank as its ledger says; false for one that is not there.
func (h *House) Board(bank string) (view.Board, bool) {
	l := h.line(bank)
	if l == nil {
		return view.Board{}, false
	}
	return l.live().Board(), true
}

// Copy is the server's copy of a bank's current ledger, if there is one.
func (h *House) Copy(bank string) (*boltlog.Copy, bool) {
	l := h.line(bank)
	if l == nil {
		return nil, false
	}
	newest, _, _ := l.follower.current()
	return newest, newest != nil
}

// AllCopies are the copies of every bank's ledgers, those of earlier epochs too.
func (h *House) AllCopies() []*boltlog.Copy {
	var list []*boltlog.Copy
	for _, b := range h.List.All() {
		if l := h.line(b.Setup.Bank); l != nil {
			list = append(list, l.follower.copies()...)
		}
	}
	return list
}

// Happening is one event at a bank.
type Happening struct {
	Bank string
	locker.Event
}

// History is what the banks' records say of a person lately, newest first.
func (h *House) History(person string) []Happening {
	return h.gather(func(l *view.Live) []locker.Event { return l.History(person) })
}

func (h *House) gather(of func(*view.Live) []locker.Event) []Happening {
	var list []Happening
	for _, b := range h.List.All() {
		if l := h.line(b.Setup.Bank); l != nil {
			for _, e := range of(l.live()) {
				list = append(list, Happening{b.Setup.Bank, e})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Happening) int { return b.At.Wall.Compare(a.At.Wall) })
	return list
}

// Items are the items at a bank as it is now; none of a bank that is not there.
func (h *House) Items(bank string) []view.Item {
	l := h.line(bank)
	if l == nil {
		return nil
	}
	return slices.DeleteFunc(l.live().Items(), func(i view.Item) bool { return h.hides(i.ID) })
}

// ItemHistory is what the banks' records say of an item lately, newest first.
func (h *House) ItemHistory(item string) []Happening {
	if h.hides(item) {
		return nil
	}
	return h.gather(func(l *view.Live) []locker.Event { return l.ItemHistory(item) })
}

// Force says of one bank whether it goes by a directory.
type Force struct {
	Bank   Bank
	Since  time.Time // school time; zero while it is not in force there
	Online bool
	Seen   time.Time // when the bank came or went, machine time
}

// InForce says, bank by bank, since when the rules hold that the record at seq
// of the school's ledger decided.
func (h *House) InForce(seq uint64) []Force {
	directory, given := h.Rules.Since(seq)
	var list []Force
	for _, b := range h.List.All() {
		l := h.line(b.Setup.Bank)
		if l == nil {
			continue
		}
		f := l.connected()
		if given {
			f.Since, _ = l.live().InForce(directory)
		}
		list = append(list, f)
	}
	return list
}
