package declarations

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
)

// Draft is what somebody declares.
type Draft struct {
	Kind  Kind
	Text  Text
	Until time.Time // of contact
}

// Declare puts somebody's own declaration on record. Errors: denied, invalid by field
// (kind, about, why, until), conflict, those of vault and ledger.
func (b *Book) Declare(ctx context.Context, by By, d Draft) (Declaration, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if err := d.check(b.Stamp().Wall); err != nil {
		return Declaration{}, err
	}
	p, ok := b.People.Person(by.Person)
	if !ok || p.Kind != register.Staff || !p.OnRoll() || !school.ValidID(by.Account) {
		return Declaration{}, errs.New(errs.Denied, "Members of staff declare for themselves.", "Ask IT to say whose account this is.")
	}
	own := 0
	for _, other := range b.All() {
		if other.Person == by.Person {
			own++
		}
	}
	if own >= mostOwn {
		return Declaration{}, errs.New(errs.Conflict, "There are too many declarations of yours.", "Talk to the headteacher about it.")
	}
	e := body{Declaration: ledger.NewID("d"), Kind: d.Kind}
	if d.Kind == Contact {
		e.Until = d.Until.UTC().Truncate(time.Millisecond)
	}
	if err := b.record(ctx, by, KindMade, e, d.Text); err != nil {
		return Declaration{}, err
	}
	return b.Declaration(e.Declaration)
}

func (d Draft) check(now time.Time) error {
	switch {
	case d.Kind != Relationship && d.Kind != Contact:
		return errs.At("kind", "Choose what you declare", "")
	case bad(d.Text.About):
		return errs.At("about", fmt.Sprintf("Enter whom it is about, in up to %d characters", maxText), "")
	case bad(d.Text.Why):
		return errs.At("why", fmt.Sprintf("Enter what ties you to them, in up to %d characters", maxText), "")
	case d.Kind == Contact && (!d.Until.After(now) || d.Until.Sub(now) > longest):
		return errs.At("until", "Enter until when, within a year", "It can be asked for again then.")
	}
	return nil
}

func bad(text string) bool {
	return strings.TrimSpace(text) == "" || !school.Fits(text, maxText)
}

// Acknowledge records that one of those who have to know of a relationship does.
// Errors: denied, not found, conflict, those of the ledger.
func (b *Book) Acknowledge(ctx context.Context, by By, id string) error {
	return b.about(id, func(d Declaration, now time.Time) error {
		if d.Kind != Relationship {
			return errs.New(errs.Conflict, "This is a request for contact: it is approved or refused.", "See its page.")
		}
		wanted := b.Wanted(d)
		if len(wanted) == 0 {
			return errs.New(errs.Conflict, "All who have to know of it do.", "Nothing more is needed.")
		}
		parties := []string{d.Person}
		for _, a := range d.Acknowledged {
			parties = append(parties, a.Person)
		}
		if _, err := by.Approve(now, parties...); err != nil {
			return err
		}
		posts := approvers.Posts(by.Roles, now)
		if !approvers.Any(b.Rules(), wanted, posts) {
			return errs.New(errs.Denied, "By the school's rules it is not for you to acknowledge.", "It is for "+approvers.Words(wanted, "or")+".")
		}
		return b.record(ctx, by, KindAcknowledged, body{Declaration: id, Roles: posts}, nil)
	})
}

// Decide approves or refuses contact before it begins. Errors: denied, not found,
// conflict, invalid (at refusal), those of vault and ledger.
func (b *Book) Decide(ctx context.Context, by By, id string, approved bool, why string) error {
	return b.about(id, func(d Declaration, now time.Time) error {
		why = strings.TrimSpace(why)
		switch {
		case d.Kind != Contact:
			return errs.New(errs.Conflict, "A relationship is acknowledged, not approved.", "See its page.")
		case d.Decided != nil:
			return errs.New(errs.Conflict, "That is decided already.", "See its page.")
		}
		if _, err := by.Approve(now, d.Person); err != nil {
			return err
		}
		who := b.Decider(d)
		switch {
		case !approvers.Fills(b.Rules(), who, approvers.Posts(by.Roles, now)):
			return errs.New(errs.Denied, "By the school's policy it is not for you to decide.", "It is for "+who.Words()+".")
		case !approved && bad(why):
			return errs.At("refusal", "Say why it is refused", "Whoever asked reads it.")
		}
		var content any
		if !approved {
			content = Text{Why: why}
		}
		return b.record(ctx, by, KindDecided, body{Declaration: id, Approved: approved}, content)
	})
}

// End records that what was declared is over. Errors: denied, not found, conflict,
// those of the ledger.
func (b *Book) End(ctx context.Context, by By, id string) error {
	return b.about(id, func(d Declaration, _ time.Time) error {
		if d.Person != by.Person {
			return errs.New(errs.Denied, "Only whoever declared it says that it is over.", "Ask them.")
		}
		return b.record(ctx, by, KindEnded, body{Declaration: id}, nil)
	})
}

// about does something about a declaration that is not over.
func (b *Book) about(id string, do func(d Declaration, now time.Time) error) error {
	b.command.Lock()
	defer b.command.Unlock()
	d, err := b.Declaration(id)
	switch {
	case err != nil:
		return err
	case b.Over(d):
		return errs.New(errs.Conflict, "This declaration is over.", "If something goes on, declare it again.")
	}
	return do(d, b.Stamp().Wall)
}
