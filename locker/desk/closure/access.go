package closure

import (
	"context"
	"encoding/json"
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

// Behind is one door of the frozen inventory, as the bank's last word has it.
type Behind struct {
	Bank   string    `json:"bank"`
	Door   int       `json:"door"`
	Person string    `json:"person,omitempty"`
	Item   string    `json:"item,omitempty"`
	State  string    `json:"state,omitempty"` // as the board says it
	Since  time.Time `json:"since,omitzero"`
}

// Word is how old the last word of a bank is.
type Word struct {
	Bank   string    `json:"bank"`
	Heard  time.Time `json:"heard,omitzero"` // its newest record here, by its own clock
	Online bool      `json:"online,omitempty"`
}

// Inventory is what is behind which door at one moment. It holds ids and no names.
type Inventory struct {
	Words []Word   `json:"words"`
	Doors []Behind `json:"doors"`
}

// LoseAccess freezes the inventory: nobody can get at the lockers. Errors: conflict
// while that goes on, denied to whoever is not in the register, those of vault and
// ledger.
func (b *Book) LoseAccess(ctx context.Context, who school.Actor, i Inventory) (id string, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	if _, lost := b.Lost(); lost {
		return "", errs.New(errs.Conflict, "Access is lost already.", "Look at the page again.")
	}
	if err := named(who); err != nil {
		return "", err
	}
	kept, err := vault.Write(ctx, b.vault, ledger.NewID("inventory"), i)
	if err != nil {
		return "", err
	}
	return b.write(ctx, who, KindLost, body{Kept: kept})
}

// AccessBack ends it. Every door is then to be looked at. Errors: conflict while access
// is not lost, denied to whoever is not in the register, those of the ledger.
func (b *Book) AccessBack(ctx context.Context, who school.Actor) error {
	b.command.Lock()
	defer b.command.Unlock()
	l, lost := b.Lost()
	if !lost {
		return errs.New(errs.Conflict, "Access is not lost.", "Look at the page again.")
	}
	if err := named(who); err != nil {
		return err
	}
	_, err := b.write(ctx, who, KindBack, body{ID: l.ID})
	return err
}

const minHow, maxHow = 3, 200 // characters

// Told takes it that parents were told, and how. Errors: invalid, not_found.
func (b *Book) Told(ctx context.Context, who school.Actor, id, how string) error {
	b.command.Lock()
	defer b.command.Unlock()
	how = strings.TrimSpace(how)
	if _, err := b.Loss(id); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(how); n < minHow || n > maxHow {
		return errs.At("how", "Say how parents were told", "Such as: text message to all parents, 11:50.")
	}
	if err := named(who); err != nil {
		return err
	}
	_, err := b.write(ctx, who, KindTold, body{ID: id, How: how})
	return err
}

// Loss finds one. Errors: not_found.
func (b *Book) Loss(id string) (Loss, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l, ok := newest(b.losses, func(l Loss) bool { return l.ID == id })
	if !ok {
		return l, errs.New(errs.NotFound, "That is not on record.", "Go back and choose again.")
	}
	return l, nil
}

// Inventory is what was behind the doors when access was lost. Errors: not_found.
func (b *Book) Inventory(ctx context.Context, id string) (i Inventory, err error) {
	l, err := b.Loss(id)
	if err != nil {
		return i, err
	}
	content, err := b.vault.Get(ctx, l.content)
	if err != nil {
		return i, err
	}
	return i, json.Unmarshal(content, &i)
}

// KeyOut takes it that the key of a bank is given by who to k.Taker: two people. Errors:
// denied to whoever is not in the register, invalid by field (taker, why, bank; a key
// that is out too), those of the ledger.
func (b *Book) KeyOut(ctx context.Context, who school.Actor, k Key) (id string, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	if err := named(who); err != nil {
		return "", err
	}
	var all []error
	switch {
	case !school.Known(k.Taker) || !school.ValidID(k.Taker):
		all = append(all, errs.At("taker", "Say who takes the key", "It is somebody of the staff."))
	case k.Taker == who.Person:
		all = append(all, errs.At("taker", "Two people stand for a key: who gives it out and who takes it", "Let somebody else give it out, or take it."))
	}
	if !slices.Contains(whys, k.Why) {
		all = append(all, errs.At("why", "Say why the key is needed", ""))
	}
	if !school.ValidID(k.Bank) {
		all = append(all, errs.At("bank", "Say of which bank", ""))
	}
	for _, out := range b.Keys() {
		if out.Bank == k.Bank && !out.In.Done() {
			all = append(all, errs.At("bank", "The key of that bank is out already", "Have it brought back first."))
		}
	}
	if err := errors.Join(all...); err != nil {
		return "", err
	}
	slices.Sort(k.Doors)
	return b.write(ctx, who, KindKeyOut, body{Bank: k.Bank, Doors: slices.Compact(k.Doors), Why: k.Why, Taker: k.Taker})
}

// KeyBack takes it that a key is back. Errors: denied to whoever is not in the register,
// not_found, conflict.
func (b *Book) KeyBack(ctx context.Context, who school.Actor, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := named(who); err != nil {
		return err
	}
	for _, k := range b.Keys() {
		switch {
		case k.ID != id:
		case k.In.Done():
			return errs.New(errs.Conflict, "That key is back already.", "Look at the page again.")
		default:
			_, err := b.write(ctx, who, KindKeyIn, body{ID: id})
			return err
		}
	}
	return errs.New(errs.NotFound, "That key is not on record.", "Look at the page again.")
}

// askedFor is how long banks are told of doors to look at: one that is off for longer
// is replaced, and its doors are looked at for that.
const askedFor = 60 * 24 * time.Hour

// Asked are the doors that somebody must look at, for the banks' directory: those of
// a bank whose key went out, again once it is back; and all, after access was lost.
func (b *Book) Asked(banks []string) (list []locker.Asked) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	since := b.stamp().Wall.Add(-askedFor)
	for _, k := range b.keys {
		for suffix, act := range map[string]Act{"": k.Out, "-in": k.In} {
			if act.At.After(since) {
				list = append(list, locker.Asked{ID: k.ID + suffix, Bank: k.Bank, Doors: k.Doors})
			}
		}
	}
	for _, l := range b.losses {
		for _, bank := range banks {
			if l.Back.At.After(since) {
				list = append(list, locker.Asked{ID: l.ID, Bank: bank})
			}
		}
	}
	slices.SortFunc(list, func(x, y locker.Asked) int { return strings.Compare(x.ID+" "+x.Bank, y.ID+" "+y.Bank) })
	return list
}
