package records

import (
	"context"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/sealed"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// openConcerns makes the book of safeguarding files, which the desk asks who has no
// part in a hold, and which opens a file for whatever is taken as evidence.
func (r *Records) openConcerns(p Parts) {
	texts := p.Sealed
	if texts == nil {
		texts = sealed.Locked(nil)
	}
	r.Concerns = concern.New(concern.Config{Log: p.Log, Texts: texts, Custody: r.Custody, Bars: r.Desk, People: r.People,
		Rules: r.Policy.Now, Stamp: p.Stamp, Posts: r.posts})
	r.Custody.Secret = r.Concerns.Secret
	r.Desk.Recuse(concern.Recusal{Book: r.Concerns})
	r.Consents.Recusal = concern.Recusal{Book: r.Concerns}
	r.Custody.Suspected = func(ctx context.Context, _ desk.By, _ desk.Case, _ desk.Account) {
		if err := r.Concerns.Adopt(ctx); err != nil && p.Logger != nil { // the hold stands; it is tried again until the file is open
			p.Logger.Error("no file could be opened for a device that may be evidence", "err", err, "next", errs.HintOf(err))
		}
	}
}

// posts are the roles that somebody has now by any account.
func (r *Records) posts(person string) []roles.Role {
	var list []roles.Role
	now := r.Custody.Stamp().Wall
	for _, a := range r.Users.List() {
		for _, role := range a.Assignments() {
			if a.Person == person && role.Holds(now) {
				list = append(list, role.Role)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Without is what the books are to somebody: as if what they must not know of,
// because it is about them, were not there.
func (r *Records) Without(person string) *Records {
	hidden := r.Concerns.Hidden(person)
	v := *r
	v.Consents = r.Consents.Without(func(on locker.Subject) bool {
		return concern.Recusal{Book: r.Concerns}.Recused(person, on) || hidden.Item(on.Item)
	})
	v.Desk, v.Custody, v.Concerns = r.Desk.Without(hidden.Bar), r.Custody.Without(hidden.Item), r.Concerns.For(person)
	v.Fleet = r.Fleet.For(person)
	return &v
}

// Hides reports whether there is anything that somebody must not know of.
func (r *Records) Hides(person string) bool {
	return r.Concerns.Hidden(person).Any() || r.Fleet.For(person).Hides()
}
