package declarations

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindMade         = "declaration-made"
	KindAcknowledged = "declaration-acknowledged"
	KindDecided      = "declaration-decided"
	KindEnded        = "declaration-ended"
)

// body is the body of all the book's records.
type body struct {
	Declaration string       `json:"declaration"`
	Kind        Kind         `json:"kind,omitempty"`
	By          string       `json:"by"`
	Person      string       `json:"person"`
	Until       time.Time    `json:"until,omitzero"`
	Roles       []roles.Role `json:"roles,omitempty"`
	Approved    bool         `json:"approved,omitempty"`
	vault.Kept
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	if !slices.Contains([]string{KindMade, KindAcknowledged, KindDecided, KindEnded}, r.Kind) {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	var text Text
	if err := vault.Read(context.Background(), b.Vault, e.Content, &text); err != nil { // one local file: there is nothing to wait for
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := r.Stamp.Wall.UTC()
	if r.Kind == KindMade {
		b.list = append(b.list, &Declaration{ID: e.Declaration, Kind: e.Kind, By: e.By, Person: e.Person, At: at, Until: e.Until, Text: text})
		return nil
	}
	i := slices.IndexFunc(b.list, func(d *Declaration) bool { return d.ID == e.Declaration })
	if i < 0 {
		return ledger.Unreadable(r, errors.New("no such declaration"))
	}
	d, by := b.list[i], school.Approval{By: e.By, Person: e.Person, At: at}
	switch r.Kind {
	case KindAcknowledged:
		d.Acknowledged = append(d.Acknowledged, Acknowledged{by, e.Roles})
	case KindDecided:
		d.Decided = &Decided{by, e.Approved, text.Why}
	case KindEnded:
		d.Ended = at
	}
	return nil
}
