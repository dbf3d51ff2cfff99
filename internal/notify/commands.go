package notify

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Send hands a prepared e-mail to the outbox. Only a person can, and each notice
// once. Errors: denied (no person, or one who must not be contacted), not_found,
// conflict (not prepared, on paper, the address has changed), not_now (too many
// wait), unavailable (no e-mail, and those of vault and ledger).
func (b *Book) Send(ctx context.Context, by school.Actor, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	n, err := b.ready(by, id, Email)
	if err != nil {
		return err
	}
	if b.Mailer == nil {
		return errs.New(errs.Unavailable, "This school has no mail server set up.", "Cancel the notice and prepare it on paper.")
	}
	if b.waiting() >= MaxQueue {
		return errs.New(errs.NotNow, "Too many e-mails wait to be sent.", "Try again in a few minutes.")
	}
	_, why, err := b.deliverable(ctx, n)
	if err != nil {
		return err
	}
	if why != "" {
		n.Why = why
		return errs.New(refused(why), n.reason(), n.next())
	}
	if err := b.record(ctx, KindQueued, body{By: by.Account, Person: by.Person, Notice: id}); err != nil {
		return err
	}
	b.stir()
	return nil
}

// Printed records that a slip is on paper. Errors: denied (no person, or for one
// who must not be contacted), not_found, conflict (not prepared, or an e-mail),
// those of the ledger.
func (b *Book) Printed(ctx context.Context, by school.Actor, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	n, err := b.ready(by, id, Slip)
	if err != nil {
		return err
	}
	if err := b.forbidden(n); err != nil {
		return err
	}
	return b.record(ctx, KindPrinted, body{By: by.Account, Person: by.Person, Notice: id})
}

// Cancel sees to it that a notice is never sent. Errors: not_found, conflict (it
// is being sent, or was dealt with), invalid, those of the ledger.
func (b *Book) Cancel(ctx context.Context, by, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	n, err := b.Get(id)
	if err != nil {
		return err
	}
	if n.State != Prepared && !n.State.waits() {
		return errs.New(errs.Conflict, "The notice can no longer be cancelled.", "Look at what became of it.")
	}
	return b.record(ctx, KindCancelled, body{By: by, Notice: id})
}

// ready checks that a person asks for what a notice is prepared for.
func (b *Book) ready(by school.Actor, id string, way Way) (Notice, error) {
	n, err := b.Get(id)
	switch {
	case by.Person == "" || !school.ValidID(by.Person):
		return n, errs.New(errs.Denied, "Only a person sends a notice.", "Sign in with an account that belongs to somebody.")
	case err != nil:
		return n, err
	case n.Way != way:
		return n, errs.New(errs.Conflict, "A notice by e-mail is sent, one on paper is printed.", "Look at the notice again.")
	case n.State != Prepared:
		return n, errs.New(errs.Conflict, "The notice has been dealt with already.", "Look at what became of it.")
	}
	return n, nil
}

// deliverable gives the letter of a notice, or says what stands against sending
// it now.
func (b *Book) deliverable(ctx context.Context, n Notice) (letter, Why, error) {
	l, err := b.letter(ctx, n.content)
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		return l, Erased, nil
	case err != nil:
		return l, "", err
	}
	address, err := b.current(n)
	switch {
	case errs.CodeOf(err) == errs.Denied:
		return l, NoContact, nil
	case err != nil || address != l.Address: // nobody there any more, or elsewhere
		return l, AddressChanged, nil
	case !n.SentAt.IsZero() && b.Stamp().Wall.Sub(n.SentAt) > MaxWait:
		return l, Expired, nil
	}
	return l, "", nil
}

// current is the address a notice would go to if it were prepared now.
func (b *Book) current(n Notice) (string, error) {
	audience := ToContact
	if n.Staff != "" {
		audience = ToStaff
	}
	return b.address(Request{Pupil: n.Pupil, Contact: n.Contact, Staff: n.Staff}, audience)
}

// forbidden is why nothing may reach whom a notice is for any more. Errors:
// denied.
func (b *Book) forbidden(n Notice) error {
	if _, err := b.current(n); errs.CodeOf(err) == errs.Denied {
		return err
	}
	return nil
}

func refused(why Why) errs.Code {
	if why == NoContact {
		return errs.Denied
	}
	return errs.Conflict
}

func (b *Book) waiting() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.queue)
}

// record writes a record and folds it in. The caller holds command.
func (b *Book) record(ctx context.Context, kind string, e body) error {
	if !school.ValidID(e.By) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Give the id of the account that does this.")
	}
	return ledger.Write(ctx, b.Log, b.Fold, kind, b.Stamp(), e)
}
