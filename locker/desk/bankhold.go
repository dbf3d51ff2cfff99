package desk

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// BankHold is a hold that a member of staff placed at a bank's own kiosk. The
// bank alone ends it, by an order that carries two approvals; what is kept here
// is who has approved. Since is when it was placed: an approval is for that hold
// and not for the next one at the same door.
type BankHold struct {
	Bank  string    `json:"bank"`
	Door  int       `json:"door"`
	Since time.Time `json:"since"`
}

// bankHoldEnding is the body of the two records about it.
type bankHoldEnding struct {
	BankHold
	school.Approval
	Asked *school.Approval `json:"asked,omitempty"` // with KindBankHoldAgreed: the other person's
}

// approvalLasts is how long the first of two people's approval waits for the
// second.
const approvalLasts = time.Hour

// Asked is who has approved the end of a bank's hold and waits for a second
// person.
func (b *Book) Asked(h BankHold) (school.Approval, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked(h, b.stamp().Wall)
}

func (b *Book) asked(h BankHold, now time.Time) (school.Approval, bool) {
	a, ok := b.bankHolds[h.key()]
	return a, ok && now.Sub(a.At) < approvalLasts
}

// key makes two spellings of the same moment one.
func (h BankHold) key() BankHold {
	h.Since = h.Since.UTC().Truncate(time.Millisecond)
	return h
}

// ApproveEnd is one person's consent to the end of a bank's hold. The first asks;
// with a second, who is somebody else, both are given, for the order to the bank.
// Should that order fail, the second person approves again. Errors: denied.
func (b *Book) ApproveEnd(ctx context.Context, who school.Actor, h BankHold) (persons [2]string, both bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, stamp := h.key(), b.stamp()
	first, asked := b.asked(h, stamp.Wall)
	if !asked {
		a, err := who.Approve(stamp.Wall)
		if err != nil {
			return persons, false, err
		}
		return persons, false, b.append(ctx, KindBankHoldAsked, stamp, bankHoldEnding{BankHold: h, Approval: a})
	}
	second, err := who.Approve(stamp.Wall, first.Person)
	if err != nil {
		return persons, false, mine(err, who, first.Person)
	}
	err = b.append(ctx, KindBankHoldAgreed, stamp, bankHoldEnding{BankHold: h, Approval: second, Asked: &first})
	return [2]string{first.Person, second.Person}, err == nil, err
}

// mine says in plain words that the one who asked has come again.
func mine(err error, who school.Actor, asked string) error {
	if who.Person == asked {
		return errs.New(errs.Denied, "You have asked for its end; somebody else must agree.", "Ask a second person to sign in and end it.")
	}
	return err
}
