package tokens

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Maker is who makes a token, and what they themselves may do.
type Maker struct {
	school.Actor
	Roles []roles.Assignment
}

// Wanted is a token to be made.
type Wanted struct {
	Name   string // of the program; small letters, digits, hyphens
	Scopes []roles.Permission
	Until  time.Time
}

// Make records a new token and gives its secret, which is kept nowhere. Errors:
// invalid with the field at fault, conflict, denied when a second person would have
// to agree and the maker is not in the register.
func (b *Book) Make(ctx context.Context, by Maker, w Wanted) (secret string, t Token, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.stamp()
	if err := b.check(w, stamp.Wall); err != nil {
		return "", Token{}, err
	}
	secret = newSecret()
	agree := slices.ContainsFunc(w.Scopes, func(p roles.Permission) bool { return !roles.May(by.Roles, p, roles.Target{}, stamp.Wall) })
	if agree {
		if err := by.Ask(); err != nil {
			return "", Token{}, err
		}
	}
	err = b.record(ctx, KindMade, stamp, body{
		Token: w.Name, By: by.Account, Person: by.Person, Hash: hashOf(secret).String(), Scopes: inOrder(w.Scopes), Until: w.Until.UTC(), Agree: agree,
	})
	if err != nil {
		return "", Token{}, err
	}
	t, _ = b.Get(w.Name)
	return secret, t, nil
}

// maxName keeps token-NAME an id like any other.
const maxName = 36 - len(accountPrefix)

func (b *Book) check(w Wanted, now time.Time) error {
	var faults []error
	if !school.ValidID(w.Name) || len(w.Name) > maxName {
		faults = append(faults, errs.At("name", fmt.Sprintf("Name the program with up to %d small letters, digits and hyphens.", maxName), "For example: mis-attendance"))
	}
	if _, taken := b.Get(w.Name); taken {
		faults = append(faults, errs.At("name", "A token had that name already.", "Names are used once, so that records tell tokens apart. Add the year."))
	}
	if len(w.Scopes) == 0 || slices.ContainsFunc(w.Scopes, never) {
		faults = append(faults, errs.At("scopes", "Choose what the program may do, from the list.", ""))
	}
	if !w.Until.After(now) || w.Until.After(now.Add(LongestLife)) {
		faults = append(faults, errs.At("until", "A token ends in the future, within a year.", "Make another one then."))
	}
	if len(faults) == 0 && b.working(now) >= most {
		faults = append(faults, errs.New(errs.Conflict, fmt.Sprintf("%d tokens work already.", most), "End those that nobody needs."))
	}
	return errors.Join(faults...)
}

func (b *Book) working(now time.Time) (n int) {
	for _, t := range b.All() {
		if s := t.State(now); s == Working || s == Waiting || s == Resting {
			n++
		}
	}
	return n
}

// inOrder sorts scopes as the table does, each once.
func inOrder(scopes []roles.Permission) []roles.Permission {
	var list []roles.Permission
	for _, p := range Scopes() {
		if slices.Contains(scopes, p) {
			list = append(list, p)
		}
	}
	return list
}

// Agree lets a waiting token work. Errors: not found, conflict, denied for its
// maker and for an account that changed lately.
func (b *Book) Agree(ctx context.Context, by school.Actor, name string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.stamp()
	t, ok := b.Get(name)
	if !ok {
		return errNone
	}
	if t.State(stamp.Wall) != Waiting {
		return errs.New(errs.Conflict, "That token does not wait for anybody.", "Look at the list of programs.")
	}
	if _, err := by.Approve(stamp.Wall, t.By.Person); err != nil {
		return err
	}
	return b.record(ctx, KindAgreed, stamp, body{Token: name, By: by.Account, Person: by.Person})
}

var errNone = errs.New(errs.NotFound, "There is no token of that name.", "Look at the list of programs.")

// End ends a token at once. Errors: not found, conflict when it was ended before.
func (b *Book) End(ctx context.Context, by school.Actor, name string) error {
	b.command.Lock()
	defer b.command.Unlock()
	switch t, ok := b.Get(name); {
	case !ok:
		return errNone
	case !t.Ended.IsZero():
		return errs.New(errs.Conflict, "That token has been ended already.", "")
	}
	return b.record(ctx, KindEnded, b.stamp(), body{Token: name, By: by.Account, Person: by.Person})
}

// record writes and folds. The caller holds command.
func (b *Book) record(ctx context.Context, kind string, stamp ledger.Stamp, e body) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	entry := ledger.Entry{Kind: kind, Stamp: stamp, Body: data}
	receipts, err := b.log.Append(ctx, entry)
	if err != nil {
		return err
	}
	return b.Fold(ledger.Record{Seq: receipts[0].Seq(), Entry: entry})
}
