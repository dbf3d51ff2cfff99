package closure

import (
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Look is the first of two people having looked at evidence doors.
type Look struct {
	Act
	Bank  string
	Doors []int
}

const (
	mostLooks = 200            // kept at hand
	lookFor   = 24 * time.Hour // after which the first look counts no more
)

// First takes it that somebody has looked at evidence doors and found them as they
// should be. Another person has to say the same before the bank is told.
func (b *Book) First(ctx context.Context, who school.Actor, bank string, doors []int) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := named(who); err != nil {
		return err
	}
	if len(doors) == 0 || !school.ValidID(bank) {
		return errs.New(errs.Invalid, "No door was named.", "Tick the doors you have looked at.")
	}
	_, err := b.write(ctx, who, KindLooked, body{Bank: bank, Doors: doors})
	return err
}

// Looked is who looked at an evidence door first, other than person and since a
// moment; false for nobody.
func (b *Book) Looked(bank string, door int, person string, since time.Time) (first Look, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	now := b.stamp().Wall
	return newest(b.looks, func(l Look) bool {
		return l.Bank == bank && slices.Contains(l.Doors, door) && l.Person != person && !l.At.Before(since) && now.Sub(l.At) < lookFor
	})
}
