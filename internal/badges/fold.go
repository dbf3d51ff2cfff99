package badges

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
)

// The kinds of event.
const (
	kindIssued   = "badge-issued"
	kindAssigned = "badge-assigned"
	kindRevoked  = "badge-revoked"
)

type issued struct {
	Person string           `json:"person,omitempty"`
	Hash   school.BadgeHash `json:"hash"`
	Code   typed.Hash       `json:"code"`
	Serial int              `json:"serial"`
	By     string           `json:"by"`
}

type assigned struct {
	Person string           `json:"person"`
	Hash   school.BadgeHash `json:"hash"`
	By     string           `json:"by"`
}

type revoked struct {
	Hash school.BadgeHash `json:"hash"`
	Why  Why              `json:"why"`
	By   string           `json:"by"`
}

// Fold takes in one record of the ledger and passes over kinds that are not
// the book's. Errors: invalid, for a record that does not fit those before it.
func (b *Book) Fold(r ledger.Record) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := b.take(r.Seq, r.Entry); err != nil {
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("Record %d of the school's ledger does not fit the book of badges.", r.Seq),
			"Verify the ledger: bellkeep ledger verify")
	}
	return nil
}

func (b *Book) take(seq uint64, e ledger.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := e.Stamp.Wall.UTC().Truncate(time.Millisecond) // as the ledger keeps it
	switch e.Kind {
	case kindIssued:
		return read(e, func(i issued) error { return b.at(seq, i.Hash, b.issue(i, at)) })
	case kindAssigned:
		return read(e, func(a assigned) error { return b.at(seq, a.Hash, b.assign(a, at)) })
	case kindRevoked:
		return read(e, func(r revoked) error { return b.at(seq, r.Hash, b.revoke(r, at)) })
	case ledger.KindEpochOpened: // sequences count anew
		for _, badge := range b.badges {
			badge.Seq = 0
		}
	}
	return nil
}

// at notes which record is a badge's newest, unless that record did not fit.
func (b *Book) at(seq uint64, hash school.BadgeHash, err error) error {
	if err == nil {
		b.byHash[hash].Seq = seq
	}
	return err
}

func read[Body any](e ledger.Entry, apply func(Body) error) error {
	var body Body
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return fmt.Errorf("reading a %s: %w", e.Kind, err)
	}
	return apply(body)
}

func (b *Book) issue(i issued, at time.Time) error {
	switch {
	case b.byHash[i.Hash] != nil || b.byCode[i.Code] != nil:
		return fmt.Errorf("badge %d has the secrets of another", i.Serial)
	case i.Serial != len(b.badges)+1:
		return fmt.Errorf("badge %d is issued after %d others", i.Serial, len(b.badges))
	case i.Person != "" && !school.ValidID(i.Person):
		return fmt.Errorf("badge %d is nobody's: %.40q is no id", i.Serial, i.Person)
	case b.live[i.Person] != nil:
		return fmt.Errorf("badge %d is the second of its holder", i.Serial)
	}
	badge := &Badge{Hash: i.Hash, Serial: i.Serial, State: Spare, Since: at}
	b.badges = append(b.badges, badge)
	b.byHash[i.Hash], b.byCode[i.Code] = badge, badge
	if i.Person != "" {
		b.give(badge, i.Person, at)
	}
	return nil
}

func (b *Book) assign(a assigned, at time.Time) error {
	badge := b.byHash[a.Hash]
	switch {
	case badge == nil || badge.State != Spare:
		return fmt.Errorf("a badge is assigned that is no spare")
	case !school.ValidID(a.Person):
		return fmt.Errorf("badge %d is assigned to nobody: %.40q is no id", badge.Serial, a.Person)
	case b.live[a.Person] != nil:
		return fmt.Errorf("badge %d is the second of its holder", badge.Serial)
	}
	b.give(badge, a.Person, at)
	return nil
}

func (b *Book) give(badge *Badge, person string, at time.Time) {
	badge.Person, badge.State, badge.Since = person, Live, at
	b.live[person] = badge
}

func (b *Book) revoke(r revoked, at time.Time) error {
	badge := b.byHash[r.Hash]
	switch {
	case badge == nil || badge.State == Revoked:
		return fmt.Errorf("a badge is revoked that is unknown or revoked already")
	case !slices.Contains(Reasons(), r.Why):
		return fmt.Errorf("badge %d is revoked because %.40q, which is no reason", badge.Serial, r.Why)
	}
	if badge.State == Live {
		delete(b.live, badge.Person)
	}
	badge.State, badge.Since, badge.Why = Revoked, at, r.Why
	return nil
}
