package badges

import (
	"context"
	"fmt"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Every command is recorded as done by the person or program by. Commands that
// change a few badges record all or nothing. Any of them may also fail with an
// error of the ledger; see ledger.Appender for when the process must then stop.

// IssueTo makes a badge for each of 1 to MaxAtOnce people who have none. With
// an error it also returns the badges that are on record nevertheless, for a
// long list is recorded in parts. Errors: invalid, conflict (somebody has a
// badge, or there are too many), unavailable (the vault).
func (b *Book) IssueTo(ctx context.Context, by string, persons ...string) ([]Fresh, error) {
	b.command.Lock()
	defer b.command.Unlock()
	seen := make(map[string]bool, len(persons))
	for _, p := range persons {
		if seen[p] {
			return nil, errs.New(errs.Invalid, fmt.Sprintf("%s is named twice.", p), "Name everybody once.")
		}
		seen[p] = true
		if err := b.wants(p); err != nil {
			return nil, err
		}
	}
	return b.print(ctx, by, persons)
}

// Spares makes n badges that are nobody's yet, 1 to MaxAtOnce. Its errors are
// those of IssueTo.
func (b *Book) Spares(ctx context.Context, by string, n int) ([]Fresh, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if n < 1 || n > MaxAtOnce {
		return nil, tooMany()
	}
	return b.print(ctx, by, make([]string, n))
}

// print draws and records a badge for each person, "" for a spare.
func (b *Book) print(ctx context.Context, by string, persons []string) ([]Fresh, error) {
	if len(persons) == 0 || len(persons) > MaxAtOnce {
		return nil, tooMany()
	}
	d, err := b.draft(ctx, by)
	if err != nil {
		return nil, err
	}
	for _, p := range persons {
		if err := d.issue(p); err != nil {
			return nil, err
		}
	}
	done, err := b.record(ctx, d.entries)
	return d.fresh[:done], err
}

// Replace revokes a person's badge and issues another, in one step. Errors:
// invalid, not found (there is no badge to replace), unavailable (the vault).
func (b *Book) Replace(ctx context.Context, by, person string, why Why) (Fresh, error) {
	b.command.Lock()
	defer b.command.Unlock()
	old := b.live[person]
	if old == nil {
		return Fresh{}, noBadge(person)
	}
	d, err := b.draft(ctx, by)
	if err != nil {
		return Fresh{}, err
	}
	if err := d.revoke(old.Hash, why); err != nil {
		return Fresh{}, err
	}
	if err := d.issue(person); err != nil {
		return Fresh{}, err
	}
	if _, err := b.record(ctx, d.entries); err != nil {
		return Fresh{}, err
	}
	return d.fresh[0], nil
}

// Assign gives a spare, just scanned, to a person without a badge. With a why
// that is not "" it first revokes the badge the person has, in one step.
// Errors: invalid, not found (an unknown badge, or none to revoke), conflict
// (no spare, or the person has a badge).
func (b *Book) Assign(ctx context.Context, by string, scanned school.Token, person string, why Why) error {
	return b.Hand(ctx, by, scanned.Hash(), person, why)
}

// Hand is Assign for a spare that Scanned has found.
func (b *Book) Hand(ctx context.Context, by string, spare school.BadgeHash, person string, why Why) error {
	b.command.Lock()
	defer b.command.Unlock()
	d := b.changes(by)
	if old := b.live[person]; why != "" {
		if old == nil {
			return noBadge(person)
		}
		if err := d.revoke(old.Hash, why); err != nil {
			return err
		}
	} else if err := b.wants(person); err != nil {
		return err
	}
	badge := b.byHash[spare]
	switch {
	case badge == nil:
		return errs.New(errs.NotFound, "That badge is not one of this school's.", "Take one from the school's own box of spares.")
	case badge.State == Revoked:
		return errs.New(errs.Conflict, fmt.Sprintf("Badge %d is revoked and stays so.", badge.Serial), "Destroy it and take a spare.")
	case badge.State != Spare:
		return errs.New(errs.Conflict, fmt.Sprintf("Badge %d belongs to somebody.", badge.Serial), "Give it back to its holder and take a spare.")
	}
	if err := d.assign(badge.Hash, person); err != nil {
		return err
	}
	_, err := b.record(ctx, d.entries)
	return err
}

// Revoke makes 1 to MaxAtOnce badges useless for good. Errors: invalid, not
// found, conflict (one is revoked already). A long list is recorded in parts.
func (b *Book) Revoke(ctx context.Context, by string, why Why, hashes ...school.BadgeHash) error {
	b.command.Lock()
	defer b.command.Unlock()
	if len(hashes) == 0 || len(hashes) > MaxAtOnce {
		return tooMany()
	}
	d := b.changes(by)
	for i, h := range hashes {
		badge := b.byHash[h]
		switch {
		case badge == nil:
			return errs.New(errs.NotFound, "There is no such badge.", "Look it up with: bellkeep badges list")
		case badge.State == Revoked || slices.Contains(hashes[:i], h):
			return errs.New(errs.Conflict, fmt.Sprintf("Badge %d is revoked already.", badge.Serial), "Nothing more is needed.")
		}
		if err := d.revoke(h, why); err != nil {
			return err
		}
	}
	_, err := b.record(ctx, d.entries)
	return err
}

// wants tells whether a person may be given a badge.
func (b *Book) wants(person string) error {
	switch {
	case !school.ValidID(person):
		return errs.New(errs.Invalid, "A person's id is 1 to 36 of a-z, 0-9 and dash.", "Look it up in the register.")
	case b.live[person] != nil:
		return errs.New(errs.Conflict, fmt.Sprintf("%s has badge %d.", person, b.live[person].Serial),
			"A badge is never printed again. Replace it: bellkeep badges replace")
	}
	return nil
}

func noBadge(person string) error {
	return errs.New(errs.NotFound, fmt.Sprintf("%.40s has no badge.", person), "Issue one: bellkeep badges issue")
}

func tooMany() error {
	return errs.New(errs.Invalid, fmt.Sprintf("One command is for 1 to %d badges.", MaxAtOnce), "Do it in parts.")
}
