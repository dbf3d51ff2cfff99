package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
)

const (
	leastWhy    = 3 // characters
	leastRisk   = 20
	mostWords   = 2000
	mostWaiting = 20
	ahead       = 366 * 24 * time.Hour // how far ahead a change may come into force
)

// By is who does something, and as what.
type By struct {
	school.Actor
	Roles []roles.Assignment
}

// May refuses whoever lacks a permission. Pages ask before; a change of what pupils
// see asks here again.
func (by By) May(p roles.Permission, now time.Time) error {
	if !school.ValidID(by.Account) || !school.ValidID(by.Person) {
		return errs.New(errs.Denied, "It is not known who does this.", "Sign in with an account that belongs to somebody.")
	}
	if !roles.May(by.Roles, p, roles.Target{}, now) {
		return errs.New(errs.Denied, "You may not do that.", "Ask somebody whose work it is; IT can tell you who.")
	}
	return nil
}

// Ask is a request as somebody makes it.
type Ask struct {
	Base  int // the version that Rules were made from
	Rules mdm.Rules
	From  time.Time // zero for as soon as all have agreed
	Why   string
	Risk  string // needed for what filters
}

// Begin makes rules the first version; a school that has one keeps it, whatever
// its files say by now. Errors: invalid, those of the ledger.
func (b *Book) Begin(ctx context.Context, by string, rules mdm.Rules) error {
	b.command.Lock()
	defer b.command.Unlock()
	if len(b.Versions()) > 0 {
		return nil
	}
	if err := rules.Validate(); err != nil {
		return err
	}
	sum, entries, err := b.textOf(rules, b.Stamp())
	if err != nil {
		return err
	}
	return b.commit(ctx, entries, step{KindBegun, body{By: by, Rules: sum}})
}

// Ask puts a request before those who must agree. Where nobody else must it is
// published at once. Errors: invalid (at why, risk, from or rules), denied,
// conflict (made on another version than the last; too many wait), unavailable
// (the clock), those of the ledger and the vault.
func (b *Book) Ask(ctx context.Context, by By, a Ask) (Request, error) {
	b.command.Lock()
	defer b.command.Unlock()
	return b.ask(ctx, by, a)
}

// ask is Ask for callers that hold command. first are steps before it.
func (b *Book) ask(ctx context.Context, by By, a Ask, first ...step) (Request, error) {
	now := b.Stamp()
	if err := by.May(roles.AskDeviceChange, now.Wall); err != nil {
		return Request{}, err
	}
	last, ok := b.Last()
	if !ok {
		return Request{}, errs.New(errs.Conflict, "This school has no rules for devices yet.", "Put a devices.yaml into its folder and start the server again.")
	}
	if a.Base != last.N {
		return Request{}, errStale(a.Base, last.N)
	}
	r := Request{
		ID: ledger.NewID("c"), Consensus: Consensus{By: school.Approval{By: by.Account, Person: by.Person, At: now.Wall}}, Base: a.Base, Rules: a.Rules,
		From: a.From.UTC().Truncate(time.Millisecond), Why: strings.TrimSpace(a.Why), Risk: strings.TrimSpace(a.Risk), State: Waiting,
	}
	if a.From.IsZero() {
		r.From = time.Time{}
	}
	if err := b.check(&r, last, now.Wall); err != nil {
		return Request{}, err
	}
	sum, entries, err := b.textOf(r.Rules, now)
	if err != nil {
		return Request{}, err
	}
	asked := body{By: by.Account, Person: by.Person, Change: r.ID, Base: r.Base, Rules: sum, From: r.From, Filters: r.Filters, Consent: r.Consent}
	if asked.Kept, err = b.keep(ctx, paper{Why: r.Why, Risk: r.Risk}); err != nil {
		return Request{}, err
	}
	steps := append(first, step{KindAsked, asked})
	if as, ok := r.Asker(by, now.Wall); ok {
		r.Said = []Agreement{{Approval: r.By, As: as, Agreed: true}}
		steps = append(steps, step{KindReviewed, body{By: by.Account, Person: by.Person, Change: r.ID, As: as, Agreed: true}})
	}
	if len(r.Missing()) == 0 {
		published, err := b.publish(r, by, last)
		if err != nil {
			return Request{}, err
		}
		steps = append(steps, published)
	}
	if err := b.commit(ctx, entries, steps...); err != nil {
		return Request{}, err
	}
	r, _ = b.Request(r.ID)
	return r, nil
}

// check finds everything wrong with a request at once, and settles who must agree.
func (b *Book) check(r *Request, last Version, now time.Time) error {
	var list []error
	fault := func(field, message, hint string) { list = append(list, errs.At(field, message, hint)) }
	if err := r.Rules.Validate(); err != nil {
		e := errs.All(err)[0]
		return errs.At("rules", e.Message, "Correct it.")
	}
	r.Rules = tidy(r.Rules)
	if len(Edits(tidy(last.Rules), r.Rules)) == 0 {
		fault("rules", "Nothing would change.", "Change something, or leave it as it is.")
	}
	r.Filters = b.Filters(last.Rules, r.Rules)
	r.Consent = r.Filters && b.Consent()
	switch n := utf8.RuneCountInString(r.Why); {
	case n < leastWhy:
		fault("why", "Say why this is asked for.", "One sentence is enough.")
	case n > mostWords || !utf8.ValidString(r.Why):
		fault("why", fmt.Sprintf("This is longer than %d characters.", mostWords), "Shorten it.")
	}
	switch n := utf8.RuneCountInString(r.Risk); {
	case r.Filters && n < leastRisk:
		fault("risk", "Say what could go wrong, and what is done about it.", "This changes what pupils see or with whom they share. Two sentences are enough.")
	case n > mostWords || !utf8.ValidString(r.Risk):
		fault("risk", fmt.Sprintf("This is longer than %d characters.", mostWords), "Shorten it.")
	}
	switch {
	case r.From.IsZero() && now.Before(last.From), !r.From.IsZero() && r.From.Before(last.From):
		fault("from", "Another change comes into force after that.", "Give a later time, or cancel the other one first.")
	case r.From.IsZero():
	case r.From.Before(now):
		fault("from", "A change cannot come into force in the past.", "Leave it empty for at once.")
	case r.From.After(now.Add(ahead)):
		fault("from", "That is more than a year away.", "Give an earlier day.")
	}
	waiting := 0
	for _, other := range b.Requests() {
		if other.State == Waiting {
			waiting++
		}
	}
	if waiting >= mostWaiting {
		list = append(list, errs.New(errs.Conflict, "Too many changes wait already.", "Decide or cancel them first."))
	}
	return errors.Join(list...)
}

// tidy is r as it comes back from the ledger, whatever stood for nothing in it.
func tidy(r mdm.Rules) mdm.Rules {
	var out mdm.Rules
	if data, err := json.Marshal(r); err != nil || json.Unmarshal(data, &out) != nil {
		return r // Validate has something against it
	}
	for i := range out.Profiles {
		if out.Profiles[i].Set == nil {
			out.Profiles[i].Set = mdm.Set{}
		}
	}
	return out
}

func errStale(base, last int) error {
	return errs.New(errs.Conflict, fmt.Sprintf("This was made on version %d of the rules, and version %d has been published since.", base, last),
		"Make it anew on the latest version.")
}
