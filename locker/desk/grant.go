package desk

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
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
// Errors: invalid, conflict when there are too many.
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
	case len(b.grants) >= mostGrants:
		return g, errs.New(errs.Conflict, fmt.Sprintf("%d permissions are in force or to come.", mostGrants), "Wait until some are over.")
	}
	g.ID, g.From, g.Until = "g-"+strings.ToLower(rand.Text()), g.From.UTC(), g.Until.UTC()
	return g, b.append(ctx, KindGranted, stamp, granted{g, by})
}

// forget drops permissions that are over; a clock that may be wrong ends none.
func (b *Book) forget(now ledger.Stamp) {
	if now.Trusted {
		b.grants = slices.DeleteFunc(b.grants, func(g locker.Grant) bool { return !now.Wall.Before(g.Until) })
	}
}

// mostGrants is how many permissions a directory carries.
const mostGrants = 4000

// Grants are the permissions that are not over at now.
func (b *Book) Grants(now time.Time) []locker.Grant {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.grants), func(g locker.Grant) bool { return !now.Before(g.Until) })
}
