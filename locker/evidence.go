package locker

import (
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// ApprovalLife is how long two people have to sign what a bank is to do, by its own
// clock, from the moment that it gave them the number to sign.
const ApprovalLife = 15 * time.Minute

// Wish is what two people sign for an order to a bank; nothing for an order that
// does not take two.
func (o Order) Wish(bank string) passkey.Wish {
	w := passkey.Wish{Bank: bank, Door: o.Door, Item: o.Item, Kind: string(o.Kind), To: o.To, Nonce: o.Approval}
	if o.Kind == OrderEvidence {
		w.Kind = string(o.Purpose)
	}
	if o.Kind == OrderApprovers && o.Keys != nil {
		w.To = o.Keys.ID()
	}
	return w
}

// openEvidence lets an item out of the door it is behind. On its way to the police
// no bar and no hold keeps it, for two people have agreed before the bank; to come
// back into the hands of staff it must be free of both.
func (d decider) openEvidence(o Order) (Event, Answer) {
	people, why := d.agreed(o)
	h := d.Items[o.Item]
	switch {
	case o.Purpose != HandOver && o.Purpose != Restore || o.Door == 0 || o.To == "":
		return Event{}, Malformed
	case why != "":
		return Event{}, why
	case h == nil || h.Door != o.Door:
		return Event{}, NothingHeld
	case o.Purpose == HandOver:
		why = d.unready(h)
	default:
		why = d.keeps(d.Rules, h, d.now)
	}
	if why != "" {
		return Event{}, why
	}
	body := o.agreement(people)
	body.Item, body.Attempt = h.Item, 1
	return Event{Kind: Intent, Door: h.Door, Purpose: o.Purpose, Body: body}, ""
}

// agreed are the two people whose keys have signed an order, or why they are not
// two who may. Whose keys they are the bank knows by itself.
func (d decider) agreed(o Order) (people [2]string, why Answer) {
	if len(o.Signed) != len(people) {
		return people, TwoNeeded
	}
	for i, signed := range o.Signed {
		key, err := d.Approvers.Set.Verify(o.Wish(d.Bank), signed)
		switch {
		case err != nil:
			return people, unsigned(err)
		case !d.Approvers.counts(key, d.now):
			return people, NewKey
		}
		people[i] = key.Person
	}
	if people[0] == people[1] {
		return people, SamePerson
	}
	return people, ""
}

// unsigned is the answer to an assertion that does not count.
func unsigned(err error) Answer {
	for is, why := range map[error]Answer{
		passkey.ErrUnknownKey: UnknownKey, passkey.ErrOtherWish: OtherWish, passkey.ErrOtherSite: OtherSite,
		passkey.ErrUnverified: NotVerified, passkey.ErrForged: BadSignature,
	} {
		if errors.Is(err, is) {
			return why
		}
	}
	return Malformed
}

// agreement is what the record of an order keeps of those who signed it: enough for
// anybody to check it again.
func (o Order) agreement(people [2]string) Body {
	return Body{Approvals: people, To: o.To, Approval: o.Approval, Signed: o.Signed}
}
