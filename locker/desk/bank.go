package desk

import (
	"context"

	"github.com/bellkeep/bellkeep/locker"
)

// From is the first record of a bank's ledger that these records do not go by
// yet; 0, 0 for all.
func (c *Custody) From(bank string) (epoch, seq uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	heard, some := c.heard[bank]
	if !some {
		return 0, 0
	}
	return heard.Epoch, heard.Seq + 1
}

// Tell takes what a bank's ledger says of an item or a hold. What moves something
// goes on the school's ledger, with the bank's record named; the rest is the
// bank's own. Telling again changes nothing. Errors: those of the ledger.
func (c *Custody) Tell(ctx context.Context, ref Ref, e locker.Event) error {
	c.command.Lock()
	defer c.command.Unlock()
	if c.told(ref) {
		return nil
	}
	kind, b := c.hears(e)
	if kind == "" {
		return nil
	}
	b.Ref, b.Door, b.At, b.By = &ref, e.Door, e.At.Wall, e.By
	if b.Place != nil {
		b.Place.Since = b.At
	}
	return c.write(ctx, kind, c.Stamp(), b, nil)
}

func (c *Custody) told(ref Ref) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	heard, some := c.heard[ref.Bank]
	return some && !heard.before(ref)
}

// hears says which record of ours an event of a bank's becomes; "" for none.
func (c *Custody) hears(e locker.Event) (string, body) {
	switch {
	case e.Kind == locker.HoldPlaced && e.Since.IsZero(): // no news when another machine goes on with it
		return KindDoorHeld, body{}
	case e.Kind == locker.HoldEnded:
		return KindDoorFreed, body{}
	case e.Item == "":
		return "", body{}
	case e.Kind == locker.Deposited:
		return KindHandedOut, body{Item: e.Item, Case: c.caseOf(e.Item)}
	case e.Kind == locker.Collected:
		to := c.leavesTo(e)
		return KindTakenIn, body{Item: e.Item, Case: c.caseOf(e.Item), Place: &to}
	}
	return "", body{}
}

func (c *Custody) caseOf(item string) string {
	i, err := c.Item(item)
	if err != nil {
		return ""
	}
	return i.Case
}

// leavesTo is where an item is that a bank has let out.
func (c *Custody) leavesTo(e locker.Event) Place {
	i, err := c.Item(e.Item)
	if err != nil {
		return InHandsOf(e.By) // nobody here asked; whoever did at the bank has it
	}
	if i.Asked.Kind == AskedLeave { // two people said where it goes
		return i.Asked.To
	}
	if file, err := c.Case(i.Case); err == nil && file.Release != nil {
		return Place{Kind: Gone, To: file.Release.To}
	}
	if i.Asked.Kind == AskedTake {
		return InHandsOf(i.Asked.Person)
	}
	return InHandsOf(e.By)
}
