package visit

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Take takes a visitor's device in, and gives the token for their slip: it is printed
// once and kept nowhere. Errors: denied, invalid by field, conflict, those of the
// custody and the ledger.
func (b *Book) Take(ctx context.Context, by desk.By, visit string, in desk.Intake) (Deposit, school.Token, error) {
	b.command.Lock()
	defer b.command.Unlock()
	var none school.Token
	if err := by.MayInPerson(roles.DepositAtDesk, b.Stamp().Wall); err != nil {
		return Deposit{}, none, err
	}
	if err := b.Signed(visit); err != nil {
		return Deposit{}, none, err
	}
	until, ok := b.Until(visit)
	switch {
	case !ok:
		return Deposit{}, none, errs.New(errs.NotFound, "There is no such visitor.", "Let them sign the agreement first.")
	case b.countOf(visit) >= atOnce:
		return Deposit{}, none, errs.New(errs.Conflict, "This visitor has handed in enough devices.", "Give some back first.")
	}
	token, err := school.NewToken(b.Random)
	if err != nil {
		return Deposit{}, none, err
	}
	item, err := b.Custody.TakeFromVisitor(ctx, by, visit, in)
	if err != nil {
		return Deposit{}, none, err
	}
	if err := b.record(ctx, by, KindIn, body{Item: item.ID, Visit: visit, Hash: token.Hash(), Until: until}, ""); err != nil {
		return Deposit{}, none, err
	}
	d, err := b.Deposit(item.ID)
	return d, token, err
}

func (b *Book) countOf(visit string) (n int) {
	for _, d := range b.Deposits() {
		if d.Visit == visit {
			n++
		}
	}
	return n
}

// errSlip is all that is said of a slip that finds nothing.
var errSlip = errs.At("slip", "This slip is for no device that is here, or its time is over.", "Scan it again, or look for the visitor’s name in the list.")

// BySlip finds the device that a slip is for, as it was scanned or typed. Errors:
// invalid, at slip.
func (b *Book) BySlip(text string) (Deposit, error) {
	token, err := school.ParseBadge(text)
	if err != nil {
		return Deposit{}, errSlip
	}
	now := b.Stamp().Wall
	for _, d := range b.Deposits() {
		if d.hash == token.Hash() && now.Before(d.Until) {
			return d, nil
		}
	}
	return Deposit{}, errSlip
}

// Give hands a device back to the visitor who brought its slip; slip is as it was
// scanned or typed. Without one, known is that staff know who it is or have seen proof.
// Behind a door it is taken out first. Errors: denied, not found, invalid by field,
// conflict, those of custody and ledger.
func (b *Book) Give(ctx context.Context, by desk.By, item, slip string, known bool) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := by.MayInPerson(roles.DepositAtDesk, b.Stamp().Wall); err != nil {
		return err
	}
	d, err := b.Deposit(item)
	if err != nil {
		return err
	}
	how := BySlip
	switch found, wrong := b.BySlip(slip); {
	case !d.Out.IsZero():
		return errs.New(errs.Conflict, "The device was given back already.", "")
	case slip == "" && known:
		how = ByIdentity
	case slip == "":
		return errs.At("slip", "Scan the slip, or say that you know who it is", "")
	case wrong != nil:
		return wrong
	case found.Item != item:
		return errs.At("slip", "This slip is for another device", "")
	}
	if i, err := b.Custody.Item(item); err != nil || i.Open() { // else an earlier try came as far as that
		if err := b.Custody.GiveToVisitor(ctx, by, item); err != nil {
			return err
		}
	}
	return b.record(ctx, by, KindOut, body{Item: item, How: how}, "")
}

// Last is until when a slip is good at most: shown on it.
func (d Deposit) Last() time.Time { return d.Until.Add(-time.Minute) }
