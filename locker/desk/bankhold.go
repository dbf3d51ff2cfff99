package desk

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
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
	Roles []roles.Role     `json:"roles,omitempty"` // by which: the rules name two approvers
	Asked *school.Approval `json:"asked,omitempty"` // with KindBankHoldAgreed: the other person's
}

// approvalLasts is how long the first of two people's approval waits for the
// second.
const approvalLasts = time.Hour

// Asked is how far the end of a bank's hold has come: the first of two approvals,
// if there is one, and of whom one has the next word.
type Asked struct {
	school.Approval
	Wanted []policy.Approver

	posts []roles.Role // by which the one who asked is an approver
}

// Some reports whether somebody has approved.
func (a Asked) Some() bool { return a.Person != "" }

// Asked is how far the end of a bank's hold has come.
func (b *Book) Asked(h BankHold) Asked {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked(h, b.stamp().Wall)
}

// asked is as with a Bar: an approval waits an hour, and only while it is wanted.
func (b *Book) asked(h BankHold, now time.Time) Asked {
	rules := b.rulesFor(h.on())
	a := b.bankHolds[h.key()]
	if a.Wanted = approvers.Wanted(rules, a.posts); a.posts == nil || len(a.Wanted) == 0 || now.Sub(a.At) >= approvalLasts {
		return Asked{Wanted: approvers.Wanted(rules, nil)}
	}
	return a
}

// on is the door that the hold keeps shut.
func (h BankHold) on() locker.Subject { return locker.Subject{Bank: h.Bank, Door: h.Door} }

// key makes two spellings of the same moment one.
func (h BankHold) key() BankHold {
	h.Since = h.Since.UTC().Truncate(time.Millisecond)
	return h
}

// ApproveEnd is one person's consent to the end of a bank's hold. The first asks;
// with a second, who is somebody else, both are given, for the order to the bank:
// it sees that they are two, and the rules say here who. Should that order fail,
// the second person approves again. Errors: denied.
func (b *Book) ApproveEnd(ctx context.Context, who By, h BankHold) (persons [2]string, both bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, stamp := h.key(), b.stamp()
	first := b.asked(h, stamp.Wall)
	if b.recused(who.Person, h.on()) {
		return persons, false, errNoBar
	}
	if err := b.mayEnd(who, stamp.Wall, first.Person, first.Wanted, h.on()); err != nil {
		return persons, false, err
	}
	end := bankHoldEnding{BankHold: h, Approval: school.Approval{By: who.Account, Person: who.Person, At: stamp.Wall}, Roles: who.posts(stamp.Wall)}
	if !first.Some() {
		return persons, false, b.append(ctx, KindBankHoldAsked, stamp, end)
	}
	end.Asked = &first.Approval
	err = b.append(ctx, KindBankHoldAgreed, stamp, end)
	return [2]string{first.Person, who.Person}, err == nil, err
}

// mine says in plain words that the one who asked has come again.
func mine(err error, who school.Actor, asked string) error {
	if who.Person != "" && who.Person == asked {
		return errs.New(errs.Denied, "You have asked for its end; somebody else must agree.", "Ask a second person to sign in and end it.")
	}
	return err
}
