package registers

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindAdded     = "entry-added"
	KindCorrected = "entry-corrected"
	KindEnded     = "entry-ended"
	KindSeen      = "entry-seen"
)

// body is the body of all the book's records.
type body struct {
	Entry    string   `json:"entry"`
	Register string   `json:"register,omitempty"`
	By       string   `json:"by"`
	Person   string   `json:"person"`
	On       string   `json:"on,omitempty"` // as 2026-11-23
	Due      string   `json:"due,omitempty"`
	About    []string `json:"about,omitempty"`
	Seen     bool     `json:"seen,omitempty"` // whoever wrote it is one of those who must see it
	vault.Kept
}

// paper is what the vault keeps.
type paper struct {
	Values map[string]string `json:"values,omitempty"`
	Why    string            `json:"why,omitempty"` // of a correction; of an end the outcome
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	switch r.Kind {
	case KindAdded, KindCorrected, KindEnded, KindSeen:
	default:
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	var written paper
	if err := vault.Read(context.Background(), b.Vault, e.Content, &written); err != nil { // one local file: there is nothing to wait for
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fold(r.Kind, e, written, r.Stamp.Wall.UTC()); err != nil {
		return ledger.Unreadable(r, err)
	}
	return nil
}

func (b *Book) fold(kind string, e body, written paper, at time.Time) error {
	mark := Mark{e.By, e.Person, at}
	x := b.byID[e.Entry]
	if (kind == KindAdded) != (x == nil) || e.Entry == "" {
		return errors.New("an entry twice, or none")
	}
	switch kind {
	case KindAdded:
		said, err := e.said(written)
		if err != nil {
			return err
		}
		x = &Entry{ID: e.Entry, Register: e.Register, Said: said, By: e.By, Person: e.Person, At: at}
		if e.Seen {
			x.Seen = []Mark{mark}
		}
		b.byID[x.ID] = x
		b.order[x.Register] = append(b.order[x.Register], x.ID)
	case KindCorrected:
		said, err := e.said(written)
		if err != nil {
			return err
		}
		x.Before = append(x.Before, Earlier{x.Said, mark, written.Why})
		x.Said = said
	case KindEnded:
		x.Ended = &Ending{mark, written.Why, written.Values}
	case KindSeen:
		x.Seen = append(x.Seen, mark)
	}
	return nil
}

// said is what a record says.
func (e body) said(written paper) (Said, error) {
	on, err := day(e.On)
	due, wrong := day(e.Due)
	return Said{on, due, e.About, written.Values}, errors.Join(err, wrong)
}

// day reads a date of a record; "" is none.
func day(text string) (school.Date, error) {
	if text == "" {
		return school.Date{}, nil
	}
	return school.ParseDate(text)
}

// dayText is a date as records have it, "" for none.
func dayText(d school.Date) string {
	if d == (school.Date{}) {
		return ""
	}
	return d.String()
}
