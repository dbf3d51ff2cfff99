package fleet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

const (
	leastWhy  = 20 // characters of why a device moves, and at what risk
	mostMoves = 50 // that wait
)

// DeviceRules are what the school asks of its devices, group by group.
type DeviceRules interface {
	MoveFilters(from, to []string) bool          // whether another filter would hold for a device in other groups
	MoveStands(base int, from, to []string) bool // whether it still means what it did by a version
	Last() (change.Version, bool)
}

// Move is that devices are to go from some groups to others in which another filter
// holds for them.
type Move struct {
	ID string
	change.Consensus
	Base     int // the version of the device rules it was asked on
	Devices  []string
	From, To []string // groups
	Why      string   // "" once the vault has erased it

	State change.State     // published once the devices are in their new groups
	Ended change.Agreement // who cancelled it and why
}

// Change puts devices in the book or changes what it says of them, as List does, on
// the word of somebody with a reason. A move to where another filter holds waits for
// others to agree; all else is so at once. Errors: those of List, denied, invalid (at
// why), conflict (a device waits for a move already, or too many do), those of the
// vault.
func (b *Book) Change(ctx context.Context, by change.By, why string, devices ...mdm.Device) ([]Move, error) {
	b.command.Lock()
	defer b.command.Unlock()
	free, moves, err := b.sort(devices)
	if err != nil {
		return nil, err
	}
	entries, err := b.listing(by.Account, free)
	if err != nil {
		return nil, err
	}
	for i := range moves {
		asked, err := b.asking(ctx, by, &moves[i], why, "")
		if err != nil {
			return nil, err
		}
		entries = append(entries, asked...)
	}
	return moves, b.append(ctx, entries)
}

// Sort tells what of a change of devices could be so at once, and which moves would
// wait. Errors: those of List.
func (b *Book) Sort(devices ...mdm.Device) (free []mdm.Device, moves []Move, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	return b.sort(devices)
}

// sort is Sort for callers that hold command. Devices with a move ahead and other
// news are in both: their news does not wait. Devices on the same way share a move.
func (b *Book) sort(devices []mdm.Device) (free []mdm.Device, moves []Move, err error) {
	seen := map[string]bool{}
	for _, d := range devices {
		d.Quarantined = false // that is no part of how a device is listed
		if seen[d.ID] {
			return nil, nil, errs.New(errs.Invalid, "Device "+d.ID+" stands there twice.", "")
		}
		seen[d.ID] = true
		news, err := b.mayList(d)
		if err != nil {
			return nil, nil, err
		}
		known, listed := b.Device(d.ID)
		if listed {
			if err := b.mayBecome(known, d.Platform); err != nil {
				return nil, nil, err
			}
		}
		if from := known.Device.Groups; news && listed && b.filtered(from, d.Groups) {
			n := slices.IndexFunc(moves, func(m Move) bool { return slices.Equal(m.From, from) && slices.Equal(m.To, d.Groups) })
			if n < 0 {
				n, moves = len(moves), append(moves, Move{From: from, To: d.Groups})
			}
			moves[n].Devices = append(moves[n].Devices, d.ID)
			d.Groups = from
			news = !known.Device.Equal(d)
		}
		if news {
			free = append(free, d)
		}
	}
	return free, moves, nil
}

// filtered reports whether other groups mean another filter. Where nobody can say,
// they do.
func (b *Book) filtered(from, to []string) bool {
	return !slices.Equal(from, to) && (b.DeviceRules == nil || b.DeviceRules.MoveFilters(from, to))
}

// replacesAlike refuses to give a device's holder one that is filtered otherwise. The
// caller holds command.
func (b *Book) replacesAlike(device, with string) error {
	old, _ := b.Device(device)
	other, _ := b.Device(with)
	if !b.filtered(old.Device.Groups, other.Device.Groups) {
		return nil
	}
	return errs.New(errs.Denied, "Other rules on sharing, apps or sites hold for device "+with+" than for "+device+", so one person alone does not replace it by that.",
		"Move device "+with+" to the groups of "+device+" first, which a second person agrees to; or choose another device.")
}

// asking are the records that put a move before those who must agree, in place of one
// that waits or of none. The caller holds command.
func (b *Book) asking(ctx context.Context, by change.By, m *Move, why, instead string) ([]ledger.Entry, error) {
	now := b.Stamp().Wall
	if err := by.May(roles.ManageDevices, now); err != nil {
		return nil, err
	}
	if err := b.mayAsk(*m, instead); err != nil {
		return nil, err
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(why)); {
	case n < leastWhy || !utf8.ValidString(why):
		return nil, errs.At("why", "Say why, and what could go wrong", "It would filter otherwise, so a second person weighs it. Two sentences are enough.")
	case n > maxWords:
		return nil, errs.At("why", fmt.Sprintf("That is longer than %d characters", maxWords), "Shorten it.")
	}
	m.ID, m.Why, m.State, m.Base = ledger.NewID("m"), strings.TrimSpace(why), change.Waiting, b.rulesVersion()
	m.Consensus = change.Consensus{By: school.Approval{By: by.Account, Person: by.Person, At: now}, Filters: true, Consent: b.Consent != nil && b.Consent()}
	e := moved{Move: m.ID, Devices: m.Devices, From: m.From, To: m.To, Base: m.Base, Consent: m.Consent}
	asked, err := b.write(ctx, kindMoveAsked, by, e, m.Why)
	if err != nil {
		return nil, err
	}
	entries := []ledger.Entry{asked}
	if as, ok := m.Asker(by, now); ok {
		m.Said = []change.Agreement{{Approval: m.By, As: as, Agreed: true}}
		said, err := b.write(ctx, kindMoveReviewed, by, moved{Move: m.ID, As: as, Agreed: true}, "")
		if err != nil {
			return nil, err
		}
		entries = append(entries, said)
	}
	return entries, nil
}

// mayAsk refuses a second move of a device that waits for one.
func (b *Book) mayAsk(m Move, instead string) error {
	waiting := 0
	for _, other := range b.Moves() {
		if other.State != change.Waiting || other.ID == instead {
			continue
		}
		waiting++
		for _, d := range m.Devices {
			if slices.Contains(other.Devices, d) {
				return errs.New(errs.Conflict, "Device "+d+" waits already to move to other groups.", "Let somebody decide that, or cancel it.")
			}
		}
	}
	if waiting >= mostMoves {
		return errs.New(errs.Conflict, "Too many moves wait already.", "Decide or cancel them first.")
	}
	return nil
}

func (b *Book) rulesVersion() int {
	if b.DeviceRules == nil {
		return 0
	}
	v, _ := b.DeviceRules.Last()
	return v.N
}

// Moves are all that were asked for, the first first.
func (b *Book) Moves() []Move {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.moves)
}

// Move finds one by its id.
func (b *Book) Move(id string) (Move, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if n := b.moveAt(id); n >= 0 {
		return b.moves[n], true
	}
	return Move{}, false
}

// MoveOf is the move that a device waits for.
func (b *Book) MoveOf(device string) (Move, bool) {
	for _, m := range b.Moves() {
		if m.State == change.Waiting && slices.Contains(m.Devices, device) {
			return m, true
		}
	}
	return Move{}, false
}

func (b *Book) moveAt(id string) int {
	return slices.IndexFunc(b.moves, func(m Move) bool { return m.ID == id })
}

func (b *Book) waitingMove(id string) (Move, error) {
	m, ok := b.Move(id)
	if !ok || m.State != change.Waiting {
		return m, errs.New(errs.NotFound, "No such move waits.", "Look at the list of changes: it may have been decided.")
	}
	return m, nil
}

// mostNamed devices are named in one sentence.
const mostNamed = 5

// Series names devices in a sentence: a, b and c, or the first and how many more.
func Series(ids []string) string {
	n := len(ids)
	switch {
	case n < 2:
		return strings.Join(ids, "")
	case n > mostNamed:
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:mostNamed], ", "), n-mostNamed)
	}
	return strings.Join(ids[:n-1], ", ") + " and " + ids[n-1]
}
