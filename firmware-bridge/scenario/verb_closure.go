package scenario

import (
	"context"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
)

// closureVerbs are the hours when the lockers cannot be used as usual.
var closureVerbs = []verb{
	{"evacuate", "a member of staff", "Have the building left: no locker opens until the all-clear.",
		[]param{{name: "drill", kind: yesNo, about: "yes for a drill"}}, evacuate},
	{"fire-alarm", "", "Let the fire alarm that is wired to a bank sound, or fall silent.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank"}, {name: "sounds", kind: yesNo, needed: true, about: "yes or no"}}, fireAlarm},
	{"all-clear", "a member of staff", "End the evacuation, the school's and what banks began.", nil, allClear},
	{"lose-access", "a member of staff", "Say that nobody can get at the lockers: what is behind the doors is frozen.", nil, loseAccess},
	{"regain-access", "a member of staff", "Say that the lockers can be reached again: every door is then to be looked at.", nil, regainAccess},
	{"key-out", "a member of staff", "Give the key of a bank to somebody.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank"}, {name: "to", kind: aPerson, needed: true, about: "who takes it"}}, keyOut},
	{"key-back", "a member of staff", "Take the key of a bank back.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank"}}, keyBack},
	{"power-cut", "", "The current of a bank fails and comes back after a minute. Somebody may have been at a door meanwhile.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank"}, {name: "opened", kind: aText, about: "a door that was opened with the key and stands open, like a/12 or own P"}}, powerCut},
	{"type-in", "a member of staff", "Type in a line of a list on paper.",
		[]param{{name: "of", kind: aPerson, needed: true, about: "whose device"}, {name: "what", kind: aChoice, needed: true, among: []string{"in", "out", "desk"}, about: "what happened"},
			{name: "door", kind: aText, needed: true, about: "the door, like a/12 or own P"}, {name: "time", kind: aTime, needed: true, about: "when, by the paper"},
			{name: "ticked", kind: aPerson, needed: true, about: "the member of staff who ticked it"}, {name: "despite", kind: yesNo, about: "yes if it contradicts the record and is right"}}, typeIn},
}

func evacuate(w *world, c call) error {
	by, err := w.staff(c.who)
	if err == nil {
		_, err = w.books.Closure.Evacuate(context.Background(), by.actor, c.yes("drill"))
	}
	return err
}

func fireAlarm(w *world, c call) error {
	b, err := w.bank(c.text("of"))
	if err == nil {
		b.handle(bridge.FireHeard{Sounds: c.yes("sounds")})
	}
	return err
}

// allClear ends the school's evacuation, then what the banks that can be reached began.
func allClear(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	if _, err = w.books.Closure.AllClear(context.Background(), by.actor); err != nil {
		return err
	}
	for _, b := range w.banks {
		if b.core.State().Evacuation.Local() && !b.cut {
			if _, err := b.order(locker.Order{Kind: locker.OrderAllClear, By: by.actor.Account}); err != nil {
				return err
			}
		}
	}
	return nil
}

func loseAccess(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	var i closure.Inventory
	for _, b := range w.banks {
		board := b.board.Board(b.rulesNow(), w.instant("school"), w.zone)
		i.Words = append(i.Words, closure.Word{Bank: b.id, Heard: board.Heard, Online: !b.cut})
		for _, d := range board.Doors {
			if d.Person+d.Item != "" {
				i.Doors = append(i.Doors, closure.Behind{Bank: b.id, Door: d.Number, Person: d.Person, Item: d.Item})
			}
		}
	}
	_, err = w.books.Closure.LoseAccess(context.Background(), by.actor, i)
	return err
}

func regainAccess(w *world, c call) error {
	by, err := w.staff(c.who)
	if err == nil {
		err = w.books.Closure.AccessBack(context.Background(), by.actor)
	}
	return err
}

func keyOut(w *world, c call) error {
	by, to, err := w.pair(c, "to")
	if err == nil {
		_, err = w.books.Closure.KeyOut(context.Background(), by.actor, closure.Key{Bank: c.text("of"), Why: closure.NoPower, Taker: to.actor.Person})
	}
	return err
}

func keyBack(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	for _, k := range w.books.Closure.Keys() {
		if k.Bank == c.text("of") && !k.In.Done() {
			return w.books.Closure.KeyBack(context.Background(), by.actor, k.ID)
		}
	}
	return errs.New(errs.NotFound, "No key of that bank is out.", "")
}

// powerCut ends the bank's program where it is and starts it again over its ledger.
func powerCut(w *world, c call) error {
	b, err := w.bank(c.text("of"))
	if err != nil {
		return err
	}
	if text := c.text("opened"); text != "" {
		d, err := w.door(text)
		if err != nil {
			return err
		}
		b.open[d.n] = true
	}
	b.dark = true
	b.after(time.Minute, func() {
		b.dark = false
		b.log.Restart()
		if err := b.start(); err != nil {
			b.broken("bank %s does not start again: %v", b.id, err)
		}
		b.rule()
	})
	return nil
}

func typeIn(w *world, c call) error {
	by, of, err := w.pair(c, "of")
	if err != nil {
		return err
	}
	d, err := w.door(c.text("door"))
	if err != nil {
		return err
	}
	witness, err := w.staff(c.text("ticked"))
	if err != nil {
		return err
	}
	clock, _ := time.Parse("15:04", c.text("time")) // it was checked when the file was read
	day := w.now.In(w.zone)
	at := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, w.zone)
	l := closure.Line{What: closure.What(c.text("what")), Bank: d.bank, Door: d.n, Person: of.id, At: at, Witness: witness.actor.Person}
	var known closure.Known
	for _, b := range w.banks {
		if h := b.core.State().Holdings[of.id]; h != nil && !h.Since.Wall.After(at) {
			known = closure.Known{In: true, Bank: b.id, Door: h.Door}
		}
	}
	return w.books.Closure.Type(context.Background(), by.actor, l, known, c.yes("despite"))
}

// hearAlarm has the whole school leave when a bank says that its building is left.
func (w *world) hearAlarm(b *bank, seq uint64, e locker.Event) error {
	if e.Kind != locker.EvacuationBegan || e.Cause == locker.BySchool {
		return nil
	}
	_, err := w.books.Closure.Heard(context.Background(), b.id, seq, e.Cause, e.At.Wall)
	return err
}
