package register

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// event is a record to be: with content, if it has any, still to be put into
// the vault.
type event struct {
	kind    string
	body    body
	content any
}

// Apply records changes that Diff found; new people get random ids. Names go
// to the vault first: a crash in between leaves content nobody refers to,
// never a commitment to nothing. Many records are committed in parts; after a
// crash the next import finds what is missing.
// Errors: invalid, denied (see Check), conflict (the book has changed
// since the Diff), unavailable (then unknown, see ledger.Appender).
func (b *Book) Apply(ctx context.Context, by string, c Changes, s Stated) error {
	if err := b.Check(c, s); err != nil {
		return err
	}
	b.command.Lock()
	defer b.command.Unlock()
	if err := b.fresh(c); err != nil {
		return err
	}
	events, err := b.events(c)
	if err != nil {
		return err
	}
	return b.record(ctx, by, events)
}

func (b *Book) events(c Changes) ([]event, error) {
	var list []event
	ids := map[string]string{} // of the new, by MIS id
	for _, e := range c.New {
		id, err := newID(e)
		if err != nil {
			return nil, err
		}
		ids[e.MIS] = id
		list = append(list, event{KindListed, body{Person: id, Kind: e.Kind}, e.Details})
	}
	for _, r := range c.Returned {
		list = append(list, event{kind: KindReturned, body: body{Person: r.Person.ID}})
	}
	for _, change := range slices.Concat(c.Changed, c.Returned) {
		if len(change.Fields()) > 0 {
			list = append(list, event{KindListed, body{Person: change.Person.ID, Kind: change.Person.Kind}, change.After})
		}
		ids[change.After.MIS] = change.Person.ID
	}
	for _, p := range c.Left {
		list = append(list, event{kind: KindLeft, body: body{Person: p.ID}})
	}
	for _, change := range c.Contacts {
		id := ids[change.MIS]
		if p, known := b.ByMIS(change.MIS); id == "" && known {
			id = p.ID
		}
		if id == "" {
			return nil, stale()
		}
		list = append(list, event{KindContacts, body{Person: id}, inOrder(change.After)})
	}
	return list, nil
}

func newID(e Entry) (string, error) {
	if e.MIS == "" || e.Kind != Pupil && e.Kind != Staff {
		return "", errs.New(errs.Invalid, "Somebody on the roll has no MIS id, or is neither pupil nor staff.", "Correct the roll and read it again.")
	}
	if e.ID != "" && !school.ValidID(e.ID) {
		return "", errs.New(errs.Invalid, fmt.Sprintf("The id %.40q needs small letters, digits and hyphens.", e.ID), "Correct the roll and read it again.")
	}
	if e.ID != "" {
		return e.ID, nil
	}
	return string(e.Kind[:1]) + "-" + random(), nil
}

// random is 130 bits as 26 letters and digits.
func random() string { return strings.ToLower(rand.Text()) }

// fresh checks that the book still is what the changes were found against.
func (b *Book) fresh(c Changes) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, e := range c.New {
		if b.byMIS[e.MIS] != "" || b.people[e.ID] != nil {
			return stale()
		}
	}
	for _, change := range slices.Concat(c.Changed, c.Returned) {
		if !b.same(change.Person) {
			return stale()
		}
		if other := b.byMIS[change.After.MIS]; other != "" && other != change.Person.ID {
			return stale()
		}
	}
	for _, p := range c.Left {
		if !b.same(p) {
			return stale()
		}
	}
	for _, change := range c.Contacts {
		if !slices.Equal(b.contacts[b.byMIS[change.MIS]], change.Before) {
			return stale()
		}
	}
	return nil
}

// same reports whether the book has exactly this of p, its place aside.
func (b *Book) same(p Person) bool {
	now := b.people[p.ID]
	return now != nil && now.Left.Equal(p.Left) && now.Kind == p.Kind && len(Change{now.Person, p.Details}.Fields()) == 0
}

func stale() error {
	return errs.New(errs.Conflict, "The register has changed since these differences were found. Nothing was changed.",
		"Read the files again and look at the differences anew.")
}

// record puts the events' content into the vault, writes the records and folds
// them. The caller holds command.
func (b *Book) record(ctx context.Context, by string, events []event) error {
	if !school.ValidID(by) { // the ledger is for ever: no name may reach it
		return errs.New(errs.Invalid, "Whoever does this is named by an id, not by a name.", "Give an id of small letters, digits and hyphens.")
	}
	if err := b.keep(ctx, events); err != nil {
		return err
	}
	for part := range slices.Chunk(events, ledger.MaxEntries) {
		entries := make([]ledger.Entry, len(part))
		for i, e := range part {
			e.body.By = by
			var err error
			if entries[i], err = ledger.NewEntry(e.kind, b.stamp(), e.body); err != nil {
				return err
			}
		}
		if err := ledger.Commit(ctx, b.log, b.Fold, entries...); err != nil {
			return err
		}
	}
	return nil
}

// keep puts all content into the vault and notes its ids and commitments.
func (b *Book) keep(ctx context.Context, events []event) error {
	var items []vault.Item
	var owners []int
	for i, e := range events {
		if e.content == nil {
			continue
		}
		data, err := json.Marshal(e.content)
		if err != nil {
			return err
		}
		prefix, _, _ := strings.Cut(e.kind, "-")
		events[i].body.Content = prefix + "-" + random()
		items = append(items, vault.Item{ID: events[i].body.Content, Content: data})
		owners = append(owners, i)
	}
	for len(items) > 0 {
		n := min(len(items), vault.MaxItems)
		made, err := b.vault.PutAll(ctx, items[:n])
		if err != nil {
			return err
		}
		for i, c := range made {
			events[owners[i]].body.Commitment = &c
		}
		items, owners = items[n:], owners[n:]
	}
	return nil
}
