package fleet

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// write makes a record of a move, with words that go to the vault.
func (b *Book) write(ctx context.Context, kind string, by change.By, e moved, text string) (ledger.Entry, error) {
	e.By, e.Person = by.Account, by.Person
	if text != "" {
		var err error
		if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("move"), words{Text: text}); err != nil {
			return ledger.Entry{}, err
		}
	}
	return b.entry(kind, e.By, e)
}

// The kinds of event of a move.
const (
	kindMoveAsked     = "device-move-asked"
	kindMoveReviewed  = "device-move-reviewed"
	kindMoveCancelled = "device-move-cancelled"
	kindMoved         = "device-moved"
)

// moved is the body of all its records; each kind uses some of it.
type moved struct {
	Move    string      `json:"move"`
	By      string      `json:"by"`
	Person  string      `json:"person"`
	Devices []string    `json:"devices,omitempty"`
	From    []string    `json:"from,omitempty"`
	To      []string    `json:"to,omitempty"`
	Base    int         `json:"base,omitempty"`
	Consent bool        `json:"consent,omitempty"`
	As      change.Side `json:"as,omitempty"`
	Agreed  bool        `json:"agreed,omitempty"`
	vault.Kept
}

// move folds one of its events in.
func (b *Book) move(kind string, e moved, at time.Time) error {
	var said words
	if err := vault.Read(context.Background(), b.Vault, e.Content, &said); err != nil { // one local file: there is nothing to wait for
		return err
	}
	by, n := school.Approval{By: e.By, Person: e.Person, At: at}, b.moveAt(e.Move)
	if kind == kindMoveAsked {
		m := Move{ID: e.Move, Consensus: change.Consensus{By: by, Filters: true, Consent: e.Consent}, Base: e.Base, Devices: e.Devices, From: e.From, To: e.To, Why: said.Text, State: change.Waiting}
		if !school.ValidID(m.ID) || n >= 0 {
			return fmt.Errorf("a move has the id %.40q", m.ID)
		}
		if err := b.mayMove(m); err != nil {
			return err
		}
		b.moves = append(b.moves, m)
		return nil
	}
	if n < 0 || b.moves[n].State != change.Waiting {
		return fmt.Errorf("no move %.40q waits", e.Move)
	}
	m := &b.moves[n]
	switch kind {
	case kindMoveReviewed:
		a := change.Agreement{Approval: by, As: e.As, Agreed: e.Agreed, Words: said.Text}
		if err := m.Fits(a); err != nil {
			return err
		}
		m.Said = append(slices.Clone(m.Said), a) // those who read share what was there
		if !a.Agreed {
			m.State = change.Refused
		}
		return nil
	case kindMoveCancelled:
		m.State, m.Ended = change.Cancelled, change.Agreement{Approval: by, Words: said.Text}
		return nil
	}
	if len(m.Missing()) > 0 {
		return fmt.Errorf("not everybody agreed to the move %s", m.ID)
	}
	if err := b.mayMove(*m); err != nil {
		return err
	}
	for _, id := range m.Devices {
		b.devices[id].Device.Groups = slices.Clone(m.To)
	}
	m.State = change.Published
	b.version++
	return nil
}
