package fleet

import (
	"context"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
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

// AskAgain asks for a move that was overtaken anew, by the rules and from the groups
// there are now, and for the same reason: the old one is cancelled, and all who must
// agree are asked again. Devices that it would not filter otherwise any more go at
// once; retired ones are left out. Errors: not_found, conflict (it needs nothing but
// agreement, or no device is left to move), those of Change.
func (b *Book) AskAgain(ctx context.Context, by change.By, id string) ([]Move, error) {
	b.command.Lock()
	defer b.command.Unlock()
	old, err := b.waitingMove(id)
	if err != nil {
		return nil, err
	}
	if err := by.May(roles.ManageDevices, b.Stamp().Wall); err != nil {
		return nil, err
	}
	if b.MayMove(old) == nil {
		return nil, errs.New(errs.Conflict, "Nothing stands in the way of this move.", "It needs nothing but agreement.")
	}
	free, moves, err := b.sort(b.yetToMove(old))
	switch {
	case err != nil:
		return nil, err
	case len(free)+len(moves) == 0:
		return nil, errs.New(errs.Conflict, "No device is left that would move.", "Cancel it.")
	}
	cancelled, err := b.write(ctx, kindMoveCancelled, by, moved{Move: id}, "Asked for again, as things are now.")
	if err != nil {
		return nil, err
	}
	listed, err := b.listing(by.Account, free)
	if err != nil {
		return nil, err
	}
	entries := append([]ledger.Entry{cancelled}, listed...)
	for i := range moves {
		asked, err := b.asking(ctx, by, &moves[i], old.Why, id)
		if err != nil {
			return nil, err
		}
		entries = append(entries, asked...)
	}
	return moves, b.append(ctx, entries)
}

// yetToMove are the devices of a move as it would have them.
func (b *Book) yetToMove(m Move) (list []mdm.Device) {
	for _, id := range m.Devices {
		if l, ok := b.Device(id); ok && l.Retired.IsZero() {
			l.Device.Groups = slices.Clone(m.To)
			list = append(list, l.Device)
		}
	}
	return list
}

// MayMove says why nobody can agree to a move as it was asked for; nil if they can.
// Other rules stand in its way only if it would do something else by them. Errors:
// conflict, denied in quarantine.
func (b *Book) MayMove(m Move) error {
	if b.rulesVersion() != m.Base && (b.DeviceRules == nil || !b.DeviceRules.MoveStands(m.Base, m.From, m.To)) {
		return errs.New(errs.Conflict, "The device rules have changed since this was asked for, and it would do something else by them.", "Ask for it again, or cancel it.")
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
			return errs.New(errs.Conflict, "Device "+id+" is in other groups since this was asked for.", "Ask for it again, or cancel it.")
		}
		if err := b.mayAlter(l); err != nil {
			return err
		}
	}
	return nil
}
