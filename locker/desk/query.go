package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// Item finds an item. Errors: not found.
func (c *Custody) Item(id string) (Item, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if i := c.items[id]; i != nil && !c.hides(id) {
		return i.copied(), nil
	}
	return Item{}, errs.New(errs.NotFound, "There is no such device on record.", "Look at the list of devices.")
}

// Items are the items in custody, those here longest first.
func (c *Custody) Items() []Item { return c.itemsWhere(Item.Open) }

// ItemsOf are all items of a person, those that are gone too.
func (c *Custody) ItemsOf(person string) []Item {
	return c.itemsWhere(func(i Item) bool { return person != "" && i.Whose == person })
}

func (c *Custody) itemsWhere(want func(Item) bool) []Item {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []Item
	for _, i := range c.items {
		if want(*i) && !c.hides(i.ID) {
			list = append(list, i.copied())
		}
	}
	slices.SortFunc(list, func(a, b Item) int { return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID)) })
	return list
}

func (i Item) copied() Item {
	i.Trail = slices.Clone(i.Trail)
	if i.Conflict != nil {
		believed := *i.Conflict
		i.Conflict = &believed
	}
	return i
}

// Case finds a case. Errors: not found.
func (c *Custody) Case(id string) (Case, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if file := c.cases[id]; file != nil && !c.hides(file.Item) {
		return file.copied(), nil
	}
	return Case{}, errs.New(errs.NotFound, "There is no such case.", "Look at the list of cases.")
}

// Cases are all cases, the newest first.
func (c *Custody) Cases() []Case { return c.casesWhere(func(Case) bool { return true }) }

// CasesOf are all cases of a pupil, the newest first.
func (c *Custody) CasesOf(person string) []Case {
	return c.casesWhere(func(file Case) bool { return person != "" && file.Whose == person })
}

func (c *Custody) casesWhere(want func(Case) bool) []Case {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []Case
	for _, file := range c.cases {
		if want(*file) && !c.hides(file.Item) {
			list = append(list, file.copied())
		}
	}
	slices.SortFunc(list, func(a, b Case) int { return cmp.Or(b.Opened.Compare(a.Opened), strings.Compare(a.ID, b.ID)) })
	return list
}

func (file Case) copied() Case {
	file.Refused, file.Entries = slices.Clone(file.Refused), slices.Clone(file.Entries)
	if file.Release != nil {
		release := *file.Release
		file.Release = &release
	}
	if file.Code != nil {
		code := *file.Code
		file.Code = &code
	}
	return file
}

// Condition is what was written of an item's condition when it came. Errors:
// unavailable.
func (c *Custody) Condition(ctx context.Context, i Item) (string, error) {
	var a Account
	err := vault.Read(ctx, c.Vault, i.content, &a)
	return a.Condition, err
}

// Account is how a case's device was taken, in words. Errors: unavailable.
func (c *Custody) Account(ctx context.Context, file Case) (a Account, err error) {
	return a, vault.Read(ctx, c.Vault, file.content, &a)
}

// Receiver is the adult a device was released to; zero before. Errors:
// unavailable.
func (c *Custody) Receiver(ctx context.Context, file Case) (r Receiver, err error) {
	return r, vault.Read(ctx, c.Vault, file.receiver, &r)
}

// Turned is the adult that nothing was handed to. Errors: unavailable.
func (c *Custody) Turned(ctx context.Context, refusal Refusal) (r Receiver, err error) {
	return r, vault.Read(ctx, c.Vault, refusal.content, &r)
}

// Text reads the words of an entry into out: a Note, a Search or a Deletion.
// Errors: unavailable.
func (c *Custody) Text(ctx context.Context, e Entry, out any) error {
	return vault.Read(ctx, c.Vault, e.content, out)
}

// Keeps refuses to let a person's record go while a device of theirs is in
// custody or a case of theirs is open. Errors: conflict.
func (c *Custody) Keeps(person string) error {
	if slices.ContainsFunc(c.ItemsOf(person), Item.Open) || slices.ContainsFunc(c.CasesOf(person), Case.Open) {
		return errs.New(errs.Conflict, "A device of theirs is in custody, or a case is open.", "Give the device back and close the case first.")
	}
	return nil
}

// ForBanks are bars that send whoever has a confiscated device here to the office,
// at every kiosk and without a reason, until the school day on which it was put
// on record is over. What they handed in themselves they collect as always.
func (c *Custody) ForBanks(now time.Time) []locker.Bar {
	var list []locker.Bar
	for _, file := range c.casesWhere(Case.Open) {
		if end, school := c.Ends(file.Opened); school && now.Before(end) {
			list = append(list, locker.Bar{ID: file.ID, Subject: locker.Subject{Person: file.Whose}, From: file.Opened, Until: end})
		}
	}
	slices.Reverse(list) // an older one keeps its place when a new one comes
	return list
}

// ForAdult reports whether a case's device waits for an adult at now: it is here, the
// day on which it was taken is over, and it may go out at all.
func (c *Custody) ForAdult(file Case, now time.Time) bool {
	end, school := c.Ends(file.Opened)
	return file.Open() && !file.Facts.Reason.Restricted() && (!school || !now.Before(end))
}

// Stands reports whether a stop or hold keeps an item here now.
func (c *Custody) Stands(i Item) bool {
	return c.barred(i, c.Stamp().Wall) != nil
}
