package desk

import (
	"cmp"
	"context"
	"errors"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Receipt is what the police leave for a device that nobody claimed, or that was
// reported lost.
type Receipt struct {
	Officer   string `json:"officer"`   // name and number
	Reference string `json:"reference"` // of the force, for whoever asks later
}

// HandToPolice gives a device that nobody confiscated to the police. Nothing goes
// while a bar or hold stands on it; a confiscated device goes by what two people sign.
// Errors: denied, not_found, conflict, invalid by field, those of vault and
// ledger.
func (c *Custody) HandToPolice(ctx context.Context, by By, item string, r Receipt) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.ReleaseItem, now); err != nil {
		return err
	}
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	if i.Case != "" || i.Why == Confiscated || i.Why == PutInAtBank {
		return errs.New(errs.Denied, "Two people hand a confiscated device over, each with a passkey.", "Open the device's page and choose: Hand to the police.")
	}
	if err := cmp.Or(i.movable(), c.barred(i, now), r.check()); err != nil {
		return err
	}
	return c.record(ctx, by, KindItemMoved, body{Item: item, Place: &Place{Kind: Gone, To: ToPolice, Since: now}}, r)
}

// maxReceipt bounds each line of a receipt, in bytes.
const maxReceipt = 200

func (r Receipt) check() error {
	var faults []error
	for _, line := range [][2]string{{"officer", r.Officer}, {"reference", r.Reference}} {
		switch {
		case line[1] == "":
			faults = append(faults, errs.At(line[0], "This is empty.", "Write it down from the officer's card or receipt."))
		case len(line[1]) > maxReceipt:
			faults = append(faults, errs.At(line[0], "The text is too long.", "Use up to 200 characters."))
		}
	}
	return errors.Join(faults...)
}

// Receipt is what the police left for an item; zero for none. Errors: unavailable.
func (c *Custody) Receipt(ctx context.Context, i Item) (r Receipt, err error) {
	return r, vault.Read(ctx, c.Vault, i.receipt, &r)
}
