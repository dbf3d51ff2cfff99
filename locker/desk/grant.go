package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
)

// granted is the body of a KindGranted record.
type granted struct {
	locker.Grant
	By string `json:"by"`
}

// longestGrant is how long any permission may last before somebody looks at it
// again.
const longestGrant = 366 * 24 * time.Hour

// Give lets a person keep or collect their device, from and until given moments.
// A permission without an id gets one. Errors: invalid, conflict when there are
// too many or the id is taken.
func (b *Book) Give(ctx context.Context, by string, g locker.Grant) (locker.Grant, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stamp := b.stamp()
	b.forget(stamp)
	switch {
	case g.Kind != locker.MayKeep && g.Kind != locker.MayCollect:
		return g, errs.New(errs.Invalid, "A permission lets somebody keep or collect their device.", "")
	case g.Person == "":
		return g, errs.New(errs.Invalid, "A permission is somebody's.", "")
	case !g.From.Before(g.Until) || g.Until.Sub(g.From) > longestGrant:
		return g, errs.New(errs.Invalid, "A permission ends, within a year of its beginning.", "Give it again when it is due.")
	case g.ID != "" && (b.seqs[g.ID] != 0 || b.taken[g.ID]):
		return g, errs.New(errs.Conflict, "That permission was given already.", "")
	case len(b.grants) >= mostGrants:
		return g, errs.New(errs.Conflict, fmt.Sprintf("%d permissions are in force or to come.", mostGrants), "Wait until some are over.")
	}
	if g.ID == "" {
		g.ID = ledger.NewID("g")
	}
	g.From, g.Until = g.From.UTC(), g.Until.UTC()
	return g, b.append(ctx, KindGranted, stamp, granted{g, by})
}

// Withdraw takes a permission back before it is over. Errors: not_found.
func (b *Book) Withdraw(ctx context.Context, by, grant string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.ContainsFunc(b.grants, func(g locker.Grant) bool { return g.ID == grant }) {
		return errs.New(errs.NotFound, "That permission is over or was taken back already.", "")
	}
	return b.append(ctx, KindTakenBack, b.stamp(), ending{ID: grant, By: by})
}

// forget drops permissions that are over; a clock that may be wrong ends none.
func (b *Book) forget(now ledger.Stamp) {
	if now.Trusted {
		b.grants = slices.DeleteFunc(b.grants, func(g locker.Grant) bool {
			over := !now.Wall.Before(g.Until)
			if over {
				delete(b.seqs, g.ID)
			}
			return over
		})
	}
}

// mostGrants is how many permissions a directory carries.
const mostGrants = 4000

// Given tells which record of the school's ledger gave a permission, or took it
// back if that came later; 0 for one of an earlier epoch.
func (b *Book) Given(grant string) (seq uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seqs[grant]
}

// Withdrawn reports whether a permission was taken back.
func (b *Book) Withdrawn(grant string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.taken[grant]
}

// Grants are the permissions that are not over at now.
func (b *Book) Grants(now time.Time) []locker.Grant {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.grants), func(g locker.Grant) bool { return !now.Before(g.Until) })
}
