package notify

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindPrepared  = "notice-prepared"
	KindQueued    = "notice-queued"
	KindSending   = "notice-sending"
	KindDeferred  = "notice-deferred"
	KindSent      = "notice-sent"
	KindFailed    = "notice-failed"
	KindUnsure    = "notice-unsure"
	KindPrinted   = "notice-printed"
	KindCancelled = "notice-cancelled"
)

// after is the state that each kind but the first leads to.
func after(kind string) (State, bool) {
	switch kind {
	case KindQueued:
		return Queued, true
	case KindSending:
		return Sending, true
	case KindDeferred:
		return Deferred, true
	case KindSent:
		return Sent, true
	case KindFailed:
		return Failed, true
	case KindUnsure:
		return Unsure, true
	case KindPrinted:
		return Printed, true
	case KindCancelled:
		return Cancelled, true
	}
	return "", false
}

// body is the body of all the book's records.
type body struct {
	By       string `json:"by"` // account, or the outbox itself
	Person   string `json:"person,omitempty"`
	Notice   string `json:"notice"`
	About    string `json:"about,omitempty"`
	Template string `json:"template,omitempty"`
	Way      Way    `json:"way,omitempty"`
	Pupil    string `json:"pupil,omitempty"`
	Staff    string `json:"staff,omitempty"`
	vault.Kept
	Attempt int `json:"attempt,omitempty"`
	Why     Why `json:"why,omitempty"`
	Code    int `json:"code,omitempty"`
}

// letter is what the vault holds of a notice.
type letter struct {
	Contact string `json:"contact,omitempty"` // id in the school's information system
	Address string `json:"address,omitempty"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	state, moves := after(r.Kind)
	if !moves && r.Kind != KindPrepared {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	if r.Kind == KindPrepared {
		return b.prepared(r, e)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.notices[e.Notice]
	if n == nil {
		return ledger.Unreadable(r, errors.New("no such notice"))
	}
	b.move(n, state, r, e)
	return nil
}

func (b *Book) prepared(r ledger.Record, e body) error {
	if e.Notice == "" {
		return ledger.Unreadable(r, errors.New("no notice"))
	}
	l, err := b.letter(context.Background(), e.Content) // one local file: there is nothing to wait for
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.notices[e.Notice] != nil {
		return ledger.Unreadable(r, errors.New("prepared twice"))
	}
	n := &Notice{ID: e.Notice, About: e.About, Template: e.Template, Way: e.Way, Pupil: e.Pupil, Contact: l.Contact, Staff: e.Staff,
		State: Prepared, PreparedAt: r.Stamp.Wall, PreparedBy: e.By, ChangedAt: r.Stamp.Wall, content: e.Content}
	b.notices[n.ID] = n
	b.order = append(b.order, n)
	return nil
}

// move takes a notice on to a state. The caller holds mu.
func (b *Book) move(n *Notice, state State, r ledger.Record, e body) {
	if !n.State.waits() && state.waits() {
		b.queue = append(b.queue, n)
	}
	n.State, n.ChangedAt = state, r.Stamp.Wall
	n.Why, n.Code = e.Why, e.Code
	switch state {
	case Queued, Printed:
		n.SentBy, n.SentAt = e.By, r.Stamp.Wall
	case Sending:
		n.Attempts = e.Attempt
	}
	if !state.waits() {
		b.queue = slices.DeleteFunc(b.queue, func(q *Notice) bool { return q == n })
		delete(b.due, n.ID)
	}
}

// letter reads what the vault holds of a notice. Errors: not found (erased),
// invalid, unavailable.
func (b *Book) letter(ctx context.Context, content string) (letter, error) {
	data, err := b.Vault.Get(ctx, content)
	if err != nil {
		return letter{}, err
	}
	var l letter
	if json.Unmarshal(data, &l) != nil {
		return l, errs.New(errs.Invalid, "What the vault holds is not what was put there.", "") // its text is personal
	}
	return l, nil
}
