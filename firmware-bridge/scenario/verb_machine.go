package scenario

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// machineVerbs are what happens to the computers of banks.
var machineVerbs = []verb{
	{"replace-bank", "a member of staff", "The bank's computer dies, and another with an empty card takes its place. What did not reach the school is lost.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank"}}, replaceBank},
	{"look-at-doors", "a member of staff", "Walk along all doors of a bank that are in doubt, and say that they are as they should be. Of evidence doors it takes a second person.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank"}}, lookAtDoors},
}

// replaceBank starts another computer with what the school knows of the doors.
func replaceBank(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	b, err := w.bank(c.text("of"))
	if err != nil {
		return err
	}
	if b.cut {
		return errs.New(errs.Unavailable, "The school's server cannot be reached.", "Mend the line first.")
	}
	var entries []ledger.Entry
	for _, e := range b.board.Legacy(b.given.Current().Directory.Grants).Events(b.sent, w.instant(b.id)) {
		entry, err := record.Entry(e)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	b.epoch++
	b.log, err = memlog.Begin(ledger.Opening{Writer: b.id, Epoch: b.epoch, By: by.actor.Account, Why: "the computer died"}, w.time, entries...)
	if err != nil {
		return err
	}
	b.sent, w.counted[b.id] = 0, 1 // the opening is no news
	b.rules = locker.Rules{}
	b.deliverSoon()
	return b.start()
}

// lookAtDoors says to the bank that somebody has looked at all its doors.
func lookAtDoors(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	b, err := w.bank(c.text("of"))
	if err != nil {
		return err
	}
	var doors, evidence []int
	for _, d := range b.board.Board(b.rulesNow(), w.instant("school"), w.zone).Doors {
		switch {
		case !d.InDoubt:
		case d.Class == locker.ClassEvidence:
			evidence = append(evidence, d.Number)
		default:
			doors = append(doors, d.Number)
		}
	}
	looks := []locker.Order{{Doors: doors}}
	if len(evidence) > 0 {
		first, ok := w.books.Closure.Looked(b.id, evidence[0], by.actor.Person, time.Time{})
		if !ok {
			if err := w.books.Closure.First(context.Background(), by.actor, b.id, evidence); err != nil {
				return err
			}
			evidence = nil
		}
		looks = append(looks, locker.Order{Doors: evidence, Looked: [2]string{first.Person, by.actor.Person}})
	}
	for _, o := range looks {
		if len(o.Doors) == 0 {
			continue
		}
		o.Kind, o.By = locker.OrderLook, by.actor.Account
		result, err := b.order(o)
		if err == nil && result.Answer != "" {
			err = refusedBy(b, result.Answer)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
