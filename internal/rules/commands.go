package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
)

const (
	maxWhy     = 500 // characters
	maxWaiting = 20
	ahead      = 2 * 366 * 24 * time.Hour // how far ahead rules may be set
)

// Begin records the first version, from a school's folder. It does nothing when
// there is a version already.
func (b *Book) Begin(ctx context.Context, f File, zone *time.Location) error {
	b.command.Lock()
	defer b.command.Unlock()
	if len(b.Versions()) > 0 {
		return nil
	}
	v := Version{ID: ledger.NewID("r"), By: "first-start", From: f.From.At(school.Clock{}, zone), Rules: f.Rules, Why: "The rules as they stood in " + FileName + " at the first start: " + f.Policy}
	return b.record(ctx, KindSet, v)
}

// Propose asks for rules to be in force from a moment on; the zero time is now.
// They are set at once, or wait for a second person when they loosen something
// in force then: waiting tells. Errors: invalid (at from, why or a rule's key),
// conflict (too many wait), those of the ledger and the vault.
func (b *Book) Propose(ctx context.Context, who school.Actor, r policy.Rules, from time.Time, why string) (v Version, waiting bool, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	return b.proposeAs(ctx, who, Version{ID: ledger.NewID("r"), From: from, Why: why, Rules: r})
}

// Suggest puts a change before those who may change the rules, on behalf of
// nobody in particular: it waits until one of them adopts it. Errors: as Propose.
func (b *Book) Suggest(ctx context.Context, by string, r policy.Rules, from time.Time, why string) (Version, error) {
	b.command.Lock()
	defer b.command.Unlock()
	v, _, err := b.propose(ctx, Version{ID: ledger.NewID("r"), By: by, From: from, Why: why, Rules: r})
	return v, err
}

// Adopt proposes what was suggested as one's own. Errors: not_found, and as
// Propose.
func (b *Book) Adopt(ctx context.Context, who school.Actor, id string) (v Version, waiting bool, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	v, err = b.proposed(id)
	if err != nil || v.Person != "" {
		return Version{}, false, cmp.Or[error](err, errs.New(errs.Conflict, "Somebody has proposed this already.", "It waits for a second person."))
	}
	if v.From.Before(b.stamp().Wall) {
		v.From = time.Time{}
	}
	return b.proposeAs(ctx, who, v)
}

// proposeAs proposes by somebody who may: a second person approves some of it.
func (b *Book) proposeAs(ctx context.Context, who school.Actor, v Version) (_ Version, waiting bool, err error) {
	if err := who.Ask(); err != nil {
		return Version{}, false, err
	}
	v.By, v.Person = who.Account, who.Person
	return b.propose(ctx, v)
}

// propose checks a version and sets it, or lets it wait. The caller holds
// command.
func (b *Book) propose(ctx context.Context, v Version) (_ Version, waiting bool, err error) {
	v.At, v.Why, v.Rules = b.stamp().Wall, strings.TrimSpace(v.Why), v.Rules.Copy()
	if v.From.IsZero() {
		v.From = v.At
	}
	changes := policy.Diff(b.At(v.From), v.Rules)
	if err := check(v, changes); err != nil {
		return Version{}, false, err
	}
	kind := KindSet
	if v.Person == "" || slices.ContainsFunc(changes, func(c policy.Change) bool { return c.Loosens }) {
		kind, waiting = KindProposed, true
		if len(b.Waiting()) >= maxWaiting {
			return Version{}, false, errs.New(errs.Conflict, "Too many changes of the rules wait already.", "Approve or drop them first.")
		}
	}
	return v, waiting, b.record(ctx, kind, v)
}

// check finds everything wrong with a version at once.
func check(v Version, changes []policy.Change) error {
	var list []error
	switch {
	case v.From.Before(v.At):
		list = append(list, errs.At("from", "Rules cannot come into force in the past.", "Give today or a later day."))
	case v.From.After(v.At.Add(ahead)):
		list = append(list, errs.At("from", "That is more than two years away.", "Give an earlier day."))
	}
	switch n := utf8.RuneCountInString(v.Why); {
	case n < 3:
		list = append(list, errs.At("why", "Say why the rules change.", "One sentence is enough."))
	case n > maxWhy || !utf8.ValidString(v.Why):
		list = append(list, errs.At("why", fmt.Sprintf("The reason is longer than %d characters.", maxWhy), "Shorten it."))
	}
	if len(changes) == 0 {
		list = append(list, errs.New(errs.Invalid, "Nothing would change.", "Change a rule, or give another day."))
	}
	for _, w := range policy.Contradictions(v.Rules) {
		list = append(list, errs.At(w.Key, w.Text, w.Next))
	}
	return errors.Join(list...)
}

// Approve sets what waits, as the second person. Errors: not_found, denied (see
// school.Actor.Approve), conflict (other rules were set since), those of the
// ledger and the vault.
func (b *Book) Approve(ctx context.Context, who school.Actor, id string) (Version, error) {
	b.command.Lock()
	defer b.command.Unlock()
	v, err := b.proposed(id)
	if err != nil {
		return Version{}, err
	}
	now := b.stamp().Wall
	if v.Person == "" {
		return Version{}, errs.New(errs.Conflict, "Nobody has proposed this yet.", "Whoever may change the rules proposes it first.")
	}
	approval, err := who.Approve(now, v.Person)
	if err != nil {
		return Version{}, err
	}
	if slices.ContainsFunc(b.Versions(), func(set Version) bool { return set.order > v.order }) {
		return Version{}, errs.New(errs.Conflict, "Other rules have been set since this was proposed.", "Drop this one and propose it anew.")
	}
	v.Approval, v.At = &approval, now
	if v.From.Before(now) {
		v.From = now // nothing is in force before both have said so
	}
	return v, b.record(ctx, KindSet, v)
}

// Drop ends a proposal without effect. Errors: not_found, those of the ledger.
func (b *Book) Drop(ctx context.Context, who school.Actor, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if _, err := b.proposed(id); err != nil {
		return err
	}
	return b.write(ctx, KindDropped, body{By: who.Account, Person: who.Person, Version: id})
}

func (b *Book) proposed(id string) (Version, error) {
	v, waiting, ok := b.Version(id)
	if !ok || !waiting {
		return Version{}, errs.New(errs.NotFound, "No such change of the rules is waiting.", "Look at the list of the rules: it may have been decided.")
	}
	return v, nil
}

// record writes a version, why into the vault first, and folds it. The caller
// holds command.
func (b *Book) record(ctx context.Context, kind string, v Version) error {
	rules, err := json.Marshal(v.Rules)
	if err != nil {
		return err
	}
	kept, err := vault.Keep(ctx, b.vault, ledger.NewID("policy"), []byte(v.Why))
	if err != nil {
		return err
	}
	return b.write(ctx, kind, body{By: v.By, Person: v.Person, From: v.From.UTC(), Version: v.ID, Rules: rules, Approval: v.Approval, Kept: kept})
}

func (b *Book) write(ctx context.Context, kind string, e body) error {
	if !school.ValidID(e.By) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Give the account of who does this.")
	}
	return ledger.Write(ctx, b.log, b.Fold, kind, b.stamp(), e)
}
