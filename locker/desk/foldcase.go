package desk

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

func (c *Custody) foldOpened(e body, r ledger.Record) {
	if e.Facts == nil {
		return
	}
	i := c.item(e.Item, r.Stamp.Wall)
	if e.Place != nil { // a device that was not known before
		i.move(*e.Place, e.By, nil)
	}
	i.Why, i.What, i.Whose, i.Case, i.content = Confiscated, e.What, e.Whose, e.Case, e.Content
	c.cases[e.Case] = &Case{ID: e.Case, Item: e.Item, Whose: e.Whose, Opened: r.Stamp.Wall, By: e.By, Facts: *e.Facts, content: e.Content}
}

func (c *Custody) foldCode(e body, r ledger.Record) {
	if file := c.cases[e.Case]; file != nil {
		file.Code = &Code{Made: r.Stamp.Wall, Until: e.Until, hash: e.Hash, content: e.Content}
		c.codes[e.Hash] = e.Case
	}
}

func (c *Custody) foldRefused(e body, r ledger.Record) {
	if file := c.cases[e.Case]; file != nil {
		file.Refused = append(file.Refused, Refusal{At: r.Stamp.Wall, By: e.By, content: e.Content})
	}
}

func (c *Custody) foldSeen(e body, r ledger.Record) {
	if file := c.cases[e.Case]; file != nil {
		for n := range file.Refused {
			if file.Refused[n].Seen.IsZero() {
				file.Refused[n].Seen = r.Stamp.Wall
			}
		}
	}
}

// foldReleased hands the item over, unless it is still behind a door.
func (c *Custody) foldReleased(e body, r ledger.Record) {
	file := c.cases[e.Case]
	if file == nil {
		return
	}
	i := c.item(file.Item, r.Stamp.Wall)
	file.Release = &Released{At: r.Stamp.Wall, By: e.By, To: e.To, Identity: e.Identity, Pending: i.Place.Kind == Behind}
	file.receiver = e.Content
	if e.Hash != "" && file.Code != nil && file.Code.hash == e.Hash {
		file.Code.Used = r.Stamp.Wall
	}
	if file.Release.Pending {
		return
	}
	i.move(Place{Kind: Gone, To: e.To, Since: r.Stamp.Wall}, e.By, nil)
	file.end(r.Stamp.Wall, e.To)
}

func (c *Custody) foldWithdrawn(e body, _ ledger.Record) {
	if file := c.cases[e.Case]; file != nil {
		file.Release, file.receiver = nil, ""
	}
}

func (c *Custody) foldReturned(e body, r ledger.Record) {
	file := c.cases[e.Case]
	if file == nil {
		return
	}
	c.item(file.Item, r.Stamp.Wall).move(Place{Kind: Gone, To: ToOwner, Since: r.Stamp.Wall}, e.By, nil)
	file.Outcome, file.Closed = Returned, r.Stamp.Wall
}

// end closes a case whose device has been handed over.
func (file *Case) end(at time.Time, to To) {
	if to == ToPolice && file.Outcome == "" {
		file.Outcome, file.Closed, file.Release = HandedToPolice, at, nil
		return
	}
	if file.Release == nil || file.Outcome != "" {
		return
	}
	file.Release.Pending = false
	file.Outcome, file.Closed = ReleasedToAdult, at
	if file.Release.To == ToOwner {
		file.Outcome = ReleasedToPupil
	}
}

// reopen opens a case again whose device was believed to be gone.
func (file *Case) reopen(was Place) {
	if file != nil && was.Kind == Gone {
		file.Outcome, file.Closed, file.Release, file.receiver = "", time.Time{}, nil, ""
	}
}
