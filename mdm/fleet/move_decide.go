package fleet

import (
	"context"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// ReviewMove records what somebody says of a move for a side. With the last
// agreement that is needed the devices are in their new groups. Errors: not_found,
// those of change.Consensus.Say, conflict (see MayMove), those of ledger and vault.
func (b *Book) ReviewMove(ctx context.Context, by change.By, id string, as change.Side, agreed bool, words string) (Move, error) {
	b.command.Lock()
	defer b.command.Unlock()
	m, err := b.waitingMove(id)
	if err != nil {
		return m, err
	}
	if agreed {
		if err := b.MayMove(m); err != nil {
			return m, err
		}
	}
	a, err := m.Say(by, as, agreed, words, b.Stamp().Wall)
	if err != nil {
		return m, err
	}
	said, err := b.write(ctx, kindMoveReviewed, by, moved{Move: id, As: as, Agreed: agreed}, a.Words)
	if err != nil {
		return m, err
	}
	entries := []ledger.Entry{said}
	m.Said = append(slices.Clone(m.Said), a)
	if agreed && len(m.Missing()) == 0 {
		done, err := b.write(ctx, kindMoved, by, moved{Move: id}, "")
		if err != nil {
			return m, err
		}
		entries = append(entries, done)
	}
	err = b.append(ctx, entries)
	m, _ = b.Move(id)
	return m, err
}

// CancelMove ends a move that waits. Errors: not_found, denied, invalid (at words),
// those of ledger and vault.
func (b *Book) CancelMove(ctx context.Context, by change.By, id, why string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if _, err := b.waitingMove(id); err != nil {
		return err
	}
	if err := by.May(roles.ManageDevices, b.Stamp().Wall); err != nil {
		return err
	}
	if err := checkWords("words", why); err != nil {
		return err
	}
	e, err := b.write(ctx, kindMoveCancelled, by, moved{Move: id}, strings.TrimSpace(why))
	if err != nil {
		return err
	}
	return b.append(ctx, []ledger.Entry{e})
}

// MayMove says why nobody can agree to a move as it was asked for; nil if they can.
// Errors: conflict, denied in quarantine.
func (b *Book) MayMove(m Move) error {
	if b.rulesVersion() != m.Base {
		return errs.New(errs.Conflict, "The device rules have changed since this was asked for.", "Cancel it and ask for it anew.")
	}
	return b.ask(func() error { return b.mayMove(m) })
}

// mayMove is asked before a move is recorded and again when it is folded in. The
// caller holds mu.
func (b *Book) mayMove(m Move) error {
	for _, id := range m.Devices {
		l, err := b.managed(id)
		if err != nil {
			return err
		}
		if !slices.Equal(l.Device.Groups, m.From) {
			return errs.New(errs.Conflict, "Device "+id+" is in other groups since this was asked for.", "Cancel it and ask for it anew.")
		}
		if err := l.mayAlter(); err != nil {
			return err
		}
	}
	return nil
}
