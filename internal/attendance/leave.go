package attendance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// Reason is why a pupil leaves early.
type Reason string

// The reasons: enough to answer a question, too little to tell a story.
const (
	Appointment Reason = "appointment"
	Ill         Reason = "ill"
	Family      Reason = "family"
	Visit       Reason = "visit" // sport, a trip, work experience
	OtherReason Reason = "other"
)

// Reasons are all of them.
func Reasons() []Reason { return []Reason{Appointment, Ill, Family, Visit, OtherReason} }

// maxCollects bounds what is said of who collects, in bytes.
const maxCollects = 200

// Leave is a pupil's permission to collect once before the end of the day.
type Leave struct {
	Grant    string // its id, the banks' too
	Person   string
	Reason   Reason
	Until    time.Time // UTC
	Collects string    // who comes for them, as the office wrote it; "" when erased
	By       string    // account
	At       time.Time // UTC
}

type leaving struct {
	By     string    `json:"by"`
	Grant  string    `json:"grant"`
	Person string    `json:"person"`
	Reason Reason    `json:"reason"`
	Until  time.Time `json:"until"`
	vault.Kept
}

// Collects is what the vault holds of a leave.
type Collects struct {
	Who string `json:"who"`
}

// LeaveEarly records that a pupil leaves before the end of the day and gives
// them the permission to collect once, until l.Until. Of l it takes Person,
// Reason, Until and Collects. Errors: invalid, those of desk, vault and ledger.
func (b *Book) LeaveEarly(ctx context.Context, by string, l Leave) (Leave, error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	l.Collects = strings.TrimSpace(l.Collects)
	if err := l.check(by, stamp.Wall); err != nil {
		return Leave{}, err
	}
	l.Grant = ledger.NewID("g")
	body := leaving{By: by, Grant: l.Grant, Person: l.Person, Reason: l.Reason, Until: l.Until.UTC()}
	var err error
	if body.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("leave"), Collects{l.Collects}); err != nil {
		return Leave{}, err
	}
	e, err := ledger.NewEntry(KindLeave, stamp, body)
	if err != nil {
		return Leave{}, err
	}
	if err := ledger.Commit(ctx, b.Log, b.Fold, e); err != nil {
		return Leave{}, err
	}
	_, err = b.Desk.Give(ctx, by, locker.Grant{ID: l.Grant, Kind: locker.MayCollect, Person: l.Person, From: stamp.Wall, Until: l.Until, Uses: 1})
	return b.leaves[l.Grant], err
}

func (l Leave) check(by string, now time.Time) error {
	var faults []error
	if !school.ValidID(by) || !school.ValidID(l.Person) {
		faults = append(faults, errs.New(errs.Invalid, "It must be known who leaves, and who says so.", "Begin on the pupil's page."))
	}
	if !slices.Contains(Reasons(), l.Reason) {
		faults = append(faults, errs.At("reason", "Choose why they leave early.", ""))
	}
	if l.Collects == "" {
		faults = append(faults, errs.At("collects", "Enter who comes for them, or that they go alone.", ""))
	}
	if len(l.Collects) > maxCollects || !utf8.ValidString(l.Collects) {
		faults = append(faults, errs.At("collects", "Who comes for them must be 200 characters or fewer.", ""))
	}
	if !now.Before(l.Until) {
		faults = append(faults, errs.At("until", "The end must be later today.", ""))
	}
	return errors.Join(faults...)
}

// EndLeave takes the permission of a leave back. Errors: not_found, those of the
// desk.
func (b *Book) EndLeave(ctx context.Context, by, grant string) error {
	if _, known := b.Leave(grant); !known {
		return errs.New(errs.NotFound, "That permission to leave early is not known any more.", "Look at the pupil's page.")
	}
	return b.Desk.Withdraw(ctx, by, grant)
}

func (b *Book) leave(l leaving, at time.Time) error {
	var who Collects
	if err := vault.Read(context.Background(), b.Vault, l.Content, &who); err != nil { // one local file: there is nothing to wait for
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.day(school.DateOf(at.In(b.Zone))) == nil {
		return nil
	}
	b.leaves[l.Grant] = Leave{Grant: l.Grant, Person: l.Person, Reason: l.Reason, Until: l.Until, Collects: who.Who, By: l.By, At: at}
	return nil
}

// Leave finds one by its grant.
func (b *Book) Leave(grant string) (Leave, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l, ok := b.leaves[grant]
	return l, ok
}

// Leaves are those of a day, oldest first.
func (b *Book) Leaves(date school.Date) []Leave {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Leave
	for _, l := range b.leaves {
		if school.DateOf(l.At.In(b.Zone)) == date {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(x, y Leave) int {
		if order := x.At.Compare(y.At); order != 0 {
			return order
		}
		return strings.Compare(x.Grant, y.Grant)
	})
	return list
}
