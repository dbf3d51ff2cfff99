package consent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Begin puts down what two people are to sign, with a number that the bank gives for
// it. Errors: denied, not_found, conflict, invalid by field, unavailable, those of
// vault and ledger.
func (b *Book) Begin(ctx context.Context, who desk.By, a Ask) (Request, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	if !roles.May(who.Roles, roles.Sign, roles.Target{}, now) && !(a.Kind == Approvers && roles.May(who.Roles, roles.ManageBanks, roles.Target{}, now)) {
		return Request{}, errs.New(errs.Denied, "You may not do that.", "Ask the safeguarding lead or the headteacher.")
	}
	if err := errors.Join(who.Ask(), a.check()); err != nil {
		return Request{}, err
	}
	wish, err := b.where(a)
	if err != nil {
		return Request{}, err
	}
	if b.recused(who.Person, Request{Wish: wish}.on()) {
		return Request{}, errNone
	}
	if a.Keys, wish.Nonce, err = b.numbered(ctx, wish, a); err != nil {
		return Request{}, err
	}
	e := body{Request: ledger.NewID("c"), Wish: &wish, Keys: a.Keys}
	if e.Kept, err = b.keep(ctx, a.Paper); err != nil {
		return Request{}, err
	}
	if a.Kind == HandOver || a.Kind == Restore {
		wish.To = named(e.Commitment)
	}
	b.mu.Lock()
	b.began[e.Request] = b.Now()
	b.mu.Unlock()
	if err := b.record(ctx, who.Actor, KindBegun, e); err != nil {
		return Request{}, err
	}
	return b.Get(e.Request)
}

// numbered gives the keys that a request names and the number that makes it one of
// its own: the bank's, or the school's for what no bank has. Errors: conflict,
// unavailable.
func (b *Book) numbered(ctx context.Context, w passkey.Wish, a Ask) (keys *passkey.Set, nonce string, err error) {
	if w.Bank == School {
		set := b.Keys()
		if len(set.People()) < 2 {
			return nil, "", errs.New(errs.Conflict, "Fewer than two approvers have a passkey, so no two can sign.", "Each adds one on the page of their own account: see the page Approvers.")
		}
		return &set, ledger.NewID("n"), nil
	}
	if known, _ := b.Banks.Known(w.Bank); a.Kind != Approvers && len(known.People()) < 2 {
		return nil, "", errs.New(errs.Conflict, "The bank knows the passkeys of fewer than two people, so nobody can sign for it.", "Let it learn them first: see the page Approvers.")
	}
	nonce, err = b.Banks.Approval(ctx, w.Bank)
	return a.Keys, nonce, err
}

// Known are the keys by which a request is signed, and the people whose keys count by
// now: the bank's word, or, for what no bank has, the keys it was begun with as far as
// they are an approver's still.
func (b *Book) Known(r Request) (keys passkey.Set, count []string) {
	if r.Wish.Bank != School || r.Keys == nil {
		return b.Banks.Known(r.Wish.Bank)
	}
	now := b.Keys()
	keys = *r.Keys
	keys.Keys = slices.DeleteFunc(slices.Clone(keys.Keys), func(k passkey.Key) bool {
		still, found := now.Find(k.ID)
		return !found || still.Person != k.Person
	})
	return keys, keys.People()
}

// MayBeNext refuses whoever may not have the next word on a request. Errors: denied,
// conflict.
func (b *Book) MayBeNext(who desk.By, r Request) error {
	now := b.Stamp().Wall
	keys, count := b.Known(r)
	var parties []string
	if len(r.Signs) > 0 {
		parties = []string{r.Signs[0].Person}
	}
	_, err := who.Approve(now, parties...)
	wanted := b.Wanted(r)
	switch {
	case b.recused(who.Person, r.on()):
		return errNone
	case !r.Open():
		return errs.New(errs.Conflict, "It is too late to sign this.", "Begin it anew: the second person signs within ten minutes of the first.")
	case len(parties) > 0 && parties[0] == who.Person && who.Person != "":
		return errs.New(errs.Denied, "You have signed; somebody else must sign too.", "Ask the second person to sign in and open this page.")
	case err != nil:
		return err
	case !roles.May(who.Roles, roles.Sign, roles.Target{}, now):
		return errs.New(errs.Denied, "You may not sign this.", "")
	case len(wanted) > 0 && !approvers.Any(b.rules(r.on()), wanted, approvers.Posts(who.Roles, now)):
		return errs.New(errs.Denied, "By the school's rules you are not the one to sign now.", fmt.Sprintf("It is for %s.", approvers.Words(wanted, "or")))
	case !slices.Contains(keys.People(), who.Person):
		return unknown(r)
	case !slices.Contains(count, who.Person):
		return errs.New(errs.Denied, "The bank has known your passkey for less than a day.", "Ask somebody whom it has known for longer.")
	}
	return nil
}

// Sign is one person's signature. With the second the bank is told, and the request
// says what it answered. Errors: denied, not_found, conflict, invalid, unavailable,
// those of the ledger.
func (b *Book) Sign(ctx context.Context, who desk.By, id string, signed passkey.Assertion) (Request, error) {
	b.command.Lock()
	defer b.command.Unlock()
	r, err := b.Get(id)
	if err == nil {
		err = b.MayBeNext(who, r)
	}
	if err != nil {
		return r, err
	}
	keys, _ := b.Known(r)
	if key, err := keys.Verify(r.Wish, signed); err != nil || key.Person != who.Person {
		return r, errs.Wrap(err, errs.Denied, "The passkey did not sign this.", "Try again with your own passkey, on this very page.")
	}
	e := body{Request: id, Roles: approvers.Posts(who.Roles, b.Stamp().Wall), Signed: &signed}
	b.mu.Lock()
	if _, first := b.signed[id]; !first {
		b.signed[id] = b.Now()
	}
	b.mu.Unlock()
	if err := b.record(ctx, who.Actor, KindSigned, e); err != nil {
		return r, err
	}
	if r, err = b.Get(id); err != nil || len(r.Signs) < 2 {
		return r, err
	}
	return b.carryOut(context.WithoutCancel(ctx), who, r)
}

// carryOut tells the bank. What it answered is on record whatever it was: one that
// gave no answer may have opened its door, and its ledger will say.
func (b *Book) carryOut(ctx context.Context, who desk.By, r Request) (Request, error) {
	if r.Wish.Bank == School {
		return b.giveUp(ctx, who, r)
	}
	if r.Kind == HandOver || r.Kind == Restore {
		if err := b.Custody.Leaves(ctx, who, r.Wish.Item, locker.Purpose(r.Kind), r.ID); err != nil {
			return r, err
		}
	}
	seq, refused, err := b.Banks.Order(ctx, r.Wish.Bank, r.order())
	e := body{Request: r.ID, Seq: seq, Answer: refused}
	if err != nil {
		e.Answer = Unanswered
	}
	if recorded := b.record(ctx, who.Actor, KindAnswered, e); recorded != nil {
		return r, errors.Join(err, recorded)
	}
	r, _ = b.Get(r.ID)
	return r, err
}

// giveUp gives a device that is behind no door to the police.
func (b *Book) giveUp(ctx context.Context, who desk.By, r Request) (Request, error) {
	if err := b.Custody.Goes(ctx, who, r.Wish.Item, r.ID); err != nil {
		return r, err
	}
	e := body{Request: r.ID, Wish: &r.Wish, Keys: r.Keys}
	for _, s := range r.Signs {
		e.Both = append(e.Both, s.Signed)
	}
	if err := b.record(ctx, who.Actor, KindAnswered, e); err != nil {
		return r, err
	}
	return b.Get(r.ID)
}

// unknown is why somebody without a passkey that counts cannot sign.
func unknown(r Request) error {
	if r.Wish.Bank == School {
		return errs.New(errs.Denied, "You had no passkey when this was begun.", "Add one on the page of your account, and begin it anew tomorrow.")
	}
	return errs.New(errs.Denied, "The bank does not know a passkey of yours.", "Two people whom it knows can tell it: see the page Approvers.")
}

// Receive writes down what the police left for a device that was handed to them.
// Errors: denied, not_found, conflict, invalid by field, those of vault and ledger.
func (b *Book) Receive(ctx context.Context, who desk.By, id string, receipt Receipt) error {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	r, err := b.Get(id)
	switch {
	case err != nil:
		return err
	case !roles.May(who.Roles, roles.Sign, roles.Target{}, now):
		return errs.New(errs.Denied, "You may not do that.", "Ask one of the two who signed.")
	case r.Kind != HandOver || !r.Done():
		return errs.New(errs.Conflict, "This device was not handed to the police.", "")
	case !r.Receipt.IsZero():
		return errs.New(errs.Conflict, "The receipt is on record already.", "Add a correction to the record.")
	case receipt.Number == "" || !school.Fits(receipt.Number, maxLine):
		return errs.At("number", "The number of the receipt is missing or too long.", "Copy it from the officer's receipt; write none if there is none.")
	case receipt.At.IsZero() || receipt.At.After(now.Add(time.Minute)) || receipt.At.Before(r.Begun.Add(-time.Minute)):
		return errs.At("at", "This time cannot be right.", "Say when the officer took the device, after both had signed.")
	}
	e := body{Request: id}
	if e.Kept, err = b.keep(ctx, receipt); err != nil {
		return err
	}
	return b.record(ctx, who.Actor, KindReceipt, e)
}
