package change

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindText       = "device-rules-text"
	KindBegun      = "device-rules-begun"
	KindAsked      = "change-asked"
	KindReviewed   = "change-reviewed"
	KindConsented  = "change-consented"
	KindPublished  = "change-published"
	KindCancelled  = "change-cancelled"
	KindRolledBack = "change-rolled-back"
)

// body is what all records but texts hold; each kind uses some of it.
type body struct {
	By     string `json:"by"`
	Person string `json:"person,omitempty"`
	Change string `json:"change,omitempty"`

	Base    int       `json:"base,omitempty"`
	Rules   string    `json:"rules,omitempty"` // digest of their text
	From    time.Time `json:"from,omitzero"`
	Filters bool      `json:"filters,omitempty"`
	Consent bool      `json:"consent,omitempty"`

	As     Side `json:"as,omitempty"`
	Agreed bool `json:"agreed,omitempty"`

	Version int `json:"version,omitempty"`
	Undoes  int `json:"undoes,omitempty"`

	vault.Kept
}

// paper is what the vault holds of a record.
type paper struct {
	Why  string `json:"why,omitempty"` // of a request, of a rollback; what a reviewer says
	Risk string `json:"risk,omitempty"`
}

// Fold takes in one record of the ledger and passes over kinds that are not the
// book's. Errors: invalid, for a record that does not fit those before it, those
// of the vault.
func (b *Book) Fold(r ledger.Record) error {
	if r.Kind == KindText {
		var p textPart
		return b.take(r, &p, func() error { return b.takeText(p) })
	}
	steps := map[string]func(body, paper, time.Time) error{
		KindBegun: b.begun, KindAsked: b.asked, KindReviewed: b.reviewed, KindConsented: b.reviewed,
		KindPublished: b.published, KindCancelled: b.cancelled, KindRolledBack: b.rolledBack,
	}
	step, ours := steps[r.Kind]
	if !ours {
		return nil
	}
	var e body
	return b.take(r, &e, func() error {
		var p paper
		if err := vault.Read(context.Background(), b.Vault, e.Content, &p); err != nil { // one local file
			return err
		}
		return step(e, p, r.Stamp.Wall.UTC().Truncate(time.Millisecond)) // as the ledger keeps it
	})
}

func (b *Book) take(r ledger.Record, into any, step func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := json.Unmarshal(r.Body, into)
	if err == nil {
		err = step()
	}
	if err != nil {
		return ledger.Unreadable(r, err)
	}
	return nil
}

func (b *Book) begun(e body, _ paper, at time.Time) error {
	if len(b.versions) > 0 {
		return misfit("there are rules already")
	}
	return b.add(Version{N: 1, From: at, By: e.By, text: e.Rules})
}

// add puts a version after all others.
func (b *Book) add(v Version) (err error) {
	if last, ok := b.last(); ok && v.From.Before(last.From) || v.N != len(b.versions)+1 {
		return misfit("version %d from %s does not follow the last one", v.N, v.From.Format(time.RFC3339))
	}
	if v.Rules, err = b.read(v.text); err != nil {
		return err
	}
	b.versions = append(b.versions, v)
	return nil
}

func (b *Book) asked(e body, p paper, at time.Time) (err error) {
	r := Request{
		ID: e.Change, Consensus: Consensus{By: school.Approval{By: e.By, Person: e.Person, At: at}, Filters: e.Filters, Consent: e.Consent},
		Base: e.Base, From: e.From, Why: p.Why, Risk: p.Risk, State: Waiting, text: e.Rules, content: e.Content,
	}
	last, _ := b.last()
	switch {
	case !school.ValidID(r.ID) || b.request(r.ID) != nil:
		return misfit("a request has the id %.40q", r.ID)
	case r.Base != last.N:
		return misfit("a request is on version %d, the last is %d", r.Base, last.N)
	}
	if r.Rules, err = b.read(r.text); err != nil {
		return err
	}
	b.requests = append(b.requests, &r)
	return nil
}

// waiting is a request that can still be decided.
func (b *Book) waiting(id string) (*Request, error) {
	r := b.request(id)
	if r == nil || r.State != Waiting {
		return nil, misfit("no request %.40q waits", id)
	}
	return r, nil
}

func (b *Book) reviewed(e body, p paper, at time.Time) error {
	r, err := b.waiting(e.Change)
	if err != nil {
		return err
	}
	a := Agreement{school.Approval{By: e.By, Person: e.Person, At: at}, e.As, e.Agreed, p.Why}
	if err := r.Fits(a); err != nil {
		return err
	}
	r.Said = append(slices.Clone(r.Said), a) // those who read share what was there
	if !a.Agreed {
		r.State = Refused
	}
	return nil
}

func (b *Book) published(e body, _ paper, _ time.Time) error {
	r, err := b.waiting(e.Change)
	if err != nil {
		return err
	}
	if len(r.Missing()) > 0 || r.content == "" {
		return misfit("not everybody agreed to %s", r.ID)
	}
	if last, _ := b.last(); r.Base != last.N {
		return misfit("%s was made on version %d, the last is %d", r.ID, r.Base, last.N)
	}
	if err := b.add(Version{N: e.Version, From: e.From, By: e.By, Change: r.ID, text: r.text}); err != nil {
		return err
	}
	r.State, r.Version = Published, e.Version
	return nil
}

func (b *Book) cancelled(e body, p paper, at time.Time) error {
	r := b.request(e.Change)
	if r == nil || r.State != Waiting && r.State != Published {
		return misfit("there is no request %.40q to cancel", e.Change)
	}
	if r.State == Published {
		v := &b.versions[r.Version-1]
		if !at.Before(v.From) {
			return misfit("version %d is in force", v.N)
		}
		v.Cancelled = true
	}
	r.State, r.Ended = Cancelled, Agreement{Approval: school.Approval{By: e.By, Person: e.Person, At: at}, Words: p.Why}
	return nil
}

func (b *Book) rolledBack(e body, p paper, _ time.Time) error {
	last, _ := b.last()
	before, ok := b.before(last)
	if !ok || e.Undoes != last.N || e.Rules != before.text || last.Change == "" {
		return misfit("version %d cannot be undone", e.Undoes)
	}
	return b.add(Version{N: e.Version, From: e.From, By: e.By, Undoes: e.Undoes, Why: p.Why, text: e.Rules})
}
