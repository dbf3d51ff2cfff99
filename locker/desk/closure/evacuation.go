package closure

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Evacuate has everybody leave the building. Errors: conflict while that goes on.
func (b *Book) Evacuate(ctx context.Context, who school.Actor, drill bool) (id string, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	if _, running := b.Running(); running {
		return "", errs.New(errs.Conflict, "The building is being left already.", "Give the all-clear when it is over.")
	}
	return b.write(ctx, who, KindBegan, body{Drill: drill})
}

// freshFor is how old a bank's own evacuation may be that the whole school joins in.
// A bank that was offline must not send everybody out for an alarm of yesterday.
const freshFor = 10 * time.Minute

// Heard takes it that a bank began an evacuation, at a record and a moment of its own.
// The whole school leaves then, unless it did already, the bank's news is old, or it
// is of before the last all-clear. It reports whether it does.
func (b *Book) Heard(ctx context.Context, bank string, seq uint64, cause locker.Cause, began time.Time) (bool, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.stamp().Wall
	if _, running := b.Running(); running || began.Before(now.Add(-freshFor)) || began.After(now.Add(freshFor)) {
		return false, nil
	}
	for _, e := range b.Evacuations() {
		if !began.After(e.Ended.At) {
			return false, nil
		}
	}
	_, err := b.write(ctx, school.Actor{Account: "bank-" + bank}, KindBegan, body{Bank: bank, Seq: seq, Cause: cause})
	return err == nil, err
}

// AllClear ends an evacuation. Errors: denied to whoever is not in the register,
// conflict when none goes on.
func (b *Book) AllClear(ctx context.Context, who school.Actor) (Evacuation, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if err := named(who); err != nil {
		return Evacuation{}, err
	}
	e, running := b.Running()
	if !running {
		return e, errs.New(errs.Conflict, "Nobody is leaving the building.", "Look at the page again.")
	}
	_, err := b.write(ctx, who, KindEnded, body{ID: e.ID})
	return e, err
}

// named refuses whoever is nobody of the register: a name must stand for this.
func named(who school.Actor) error {
	if !school.Known(who.Person) {
		return errs.New(errs.Denied, "This account is nobody of the register, and somebody must answer for it.", "Sign in with an account of your own.")
	}
	return nil
}

// write puts one record on the ledger and folds it in. A body without an id gets one.
func (b *Book) write(ctx context.Context, who school.Actor, kind string, e body) (id string, err error) {
	if !school.ValidID(who.Account) {
		return "", errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in and try again.")
	}
	if e.ID == "" {
		e.ID = ledger.NewID("c")
	}
	e.By, e.Person = who.Account, who.Person
	return e.ID, ledger.Write(ctx, b.log, b.Fold, kind, b.stamp(), e)
}
