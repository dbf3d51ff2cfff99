package exceptions

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindAsked     = "exception-asked"
	KindApproved  = "exception-approved"
	KindRefused   = "exception-refused"
	KindExtension = "exception-extension"
	KindEnded     = "exception-ended"
)

// body is the body of all the book's records.
type body struct {
	Exception string    `json:"exception"`
	By        string    `json:"by"`
	Person    string    `json:"person"`
	Head      bool      `json:"head,omitempty"`
	For       string    `json:"for,omitempty"`
	From      time.Time `json:"from,omitzero"`
	Until     time.Time `json:"until,omitzero"`
	Review    time.Time `json:"review,omitzero"`
	vault.Kept
}

// paper is what the vault keeps of a request; of all else only Why.
type paper struct {
	exception.Terms
	exception.Paper
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	switch r.Kind {
	case KindAsked, KindApproved, KindRefused, KindExtension, KindEnded, KindErased:
	case ledger.KindEpochOpened:
		b.renumber()
		return nil
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
	if err := b.fold(r, e, written); err != nil {
		return ledger.Unreadable(r, err)
	}
	b.version++
	return nil
}

// renumber forgets where records of earlier epochs stand: sequences count anew.
func (b *Book) renumber() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.byID {
		e.Seq = 0
	}
}

func (b *Book) fold(r ledger.Record, e body, written paper) error {
	at := r.Stamp.Wall.UTC()
	if e.Content != "" {
		b.papers[e.Exception] = append(b.papers[e.Exception], e.Content)
	}
	if r.Kind == KindAsked {
		return b.add(e, written, at, r.Seq)
	}
	x := b.byID[e.Exception]
	if x == nil {
		return errors.New("no such exception")
	}
	note := &exception.Note{By: e.By, Person: e.Person, At: at, Why: written.Why}
	switch r.Kind {
	case KindApproved:
		if x.Renewal != nil {
			x.Until, x.Review, x.Renewal = x.Renewal.Until, x.Renewal.Review, nil
		}
		x.Approved = school.Approval{By: e.By, Person: e.Person, At: at}
		x.Length, x.Refused, x.Seq = x.Lapses().Sub(at), nil, r.Seq
	case KindRefused:
		x.Refused, x.Renewal = note, nil
	case KindExtension:
		x.Renewal = &exception.Renewal{Asked: asked(e, at), Until: e.Until, Review: e.Review, Why: written.Why}
	case KindErased:
		b.erased(x)
	case KindEnded:
		x.Gone, x.Renewal, x.Seq = note, nil, r.Seq
	}
	return nil
}

func (b *Book) add(e body, written paper, at time.Time, seq uint64) error {
	if e.Exception == "" || b.byID[e.Exception] != nil {
		return errors.New("no new exception")
	}
	x := &exception.Exception{ID: e.Exception, Terms: written.Terms, Paper: written.Paper, Asked: asked(e, at), Seq: seq}
	x.Person, x.From, x.Until, x.Review = e.For, e.From, e.Until, e.Review
	b.byID[x.ID] = x
	b.order = append(b.order, x.ID)
	return nil
}

func asked(e body, at time.Time) exception.Asked {
	return exception.Asked{By: e.By, Person: e.Person, At: at, Head: e.Head}
}
