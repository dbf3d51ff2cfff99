// Package rules is the book of a school's rules: which were in force when, who
// set them and why. What a rule is, package policy says.
//
// The book is a fold over the school's ledger:
//
//	policy-proposed  by, person, version, from, rules, content, commitment   waits for a second person
//	policy-set       by, person, version, from, rules, content, commitment   in force from then on
//	                 approval                                                if it had waited
//	policy-dropped   by, person, version                                     will not come into force
//
// version is random. A proposal without a person was suggested by a program, and
// waits for somebody to make it their own. rules are the whole rules as they were
// to be, not what changed. Where others were set meanwhile for an earlier moment,
// only what a version changed is laid over them. Why they were set is free text
// and lies in the vault, under content.
//
// A school's folder may hold a policy.yaml. It is the first version when the
// ledger has none, and after that no more than a proposal: an edited file
// changes nothing until somebody who may change the rules applies it.
//
// The headteacher answers for the rules and changes most of them alone. A change
// that does away with some of what protects pupils or evidence (see
// policy.Key.Loosens) takes a second person: who may release, search, end a hold
// or hear of a concern is what the rules themselves rest on, so one account
// alone, stolen or in a hurry, must not undo it.
package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindProposed = "policy-proposed"
	KindSet      = "policy-set"
	KindDropped  = "policy-dropped"
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps why rules were set.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Version is rules that were set, or that wait for a second person.
type Version struct {
	ID       string
	By       string // account
	Person   string
	At       time.Time // when it was set or proposed, school time
	From     time.Time // in force from
	Why      string    // "" once the vault has erased it
	Rules    policy.Rules
	Approval *school.Approval // of the second person, where it took one

	order int               // of its record
	sets  map[string]string // the rules it changes, by key, in their text form
}

// Book is all versions, safe for concurrent use.
type Book struct {
	log   Log
	vault Vault
	stamp func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	versions []Version // as they come into force
	waiting  []Version // oldest first
	folded   int       // records of this book
}

// New makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else.
func New(log Log, v Vault, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, vault: v, stamp: stamp}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

type body struct {
	By      string          `json:"by"`
	Person  string          `json:"person,omitempty"`
	Version string          `json:"version"`
	From    time.Time       `json:"from,omitzero"`
	Rules   json.RawMessage `json:"rules,omitempty"`
	vault.Kept
	Approval *school.Approval `json:"approval,omitempty"`
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	switch r.Kind {
	case KindProposed, KindSet, KindDropped:
	default:
		return nil
	}
	var e body
	err := json.Unmarshal(r.Body, &e)
	v := Version{ID: e.Version, By: e.By, Person: e.Person, At: r.Stamp.Wall, From: e.From, Approval: e.Approval}
	if err == nil && r.Kind != KindDropped {
		if v.Rules, err = policy.Read(e.Rules); err == nil {
			v.Why, err = b.why(e.Content)
		}
	}
	if err != nil {
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.folded++
	v.order = b.folded
	v.sets = b.changed(v)
	b.waiting = slices.DeleteFunc(b.waiting, func(w Version) bool { return w.ID == e.Version })
	switch r.Kind {
	case KindProposed:
		b.waiting = append(b.waiting, v)
	case KindSet:
		b.versions = append(b.versions, v)
		slices.SortStableFunc(b.versions, func(x, y Version) int {
			return cmp.Or(x.From.Compare(y.From), cmp.Compare(x.order, y.order))
		})
	}
	b.replay()
	return nil
}

// why is what the vault holds; a vault is one local file, there is nothing to
// wait for.
func (b *Book) why(content string) (string, error) {
	text, err := b.vault.Get(context.Background(), content)
	if errs.CodeOf(err) == errs.NotFound {
		return "", nil
	}
	return string(text), err
}

// At gives the rules in force at t: of all that were in force from t or earlier
// the ones that came last, and of several for the same moment the one that was
// set last. Before the first version, and without any, it is a school that says
// nothing.
func (b *Book) At(t time.Time) policy.Rules {
	v, ok := b.VersionAt(t)
	if !ok {
		return policy.Default()
	}
	return v.Rules.Copy()
}

// VersionAt is the version whose rules are in force at t.
func (b *Book) VersionAt(t time.Time) (Version, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.versionAt(t)
}

// versionAt is VersionAt for a caller who holds mu.
func (b *Book) versionAt(t time.Time) (Version, bool) {
	for _, v := range slices.Backward(b.versions) {
		if !v.From.After(t) {
			return v, true
		}
	}
	return Version{}, false
}

// Now gives the rules in force now.
func (b *Book) Now() policy.Rules { return b.At(b.stamp().Wall) }

// Versions are all that were set, the last to come into force first.
func (b *Book) Versions() []Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := slices.Clone(b.versions)
	slices.Reverse(list)
	return list
}

// Version finds one that was set or waits.
func (b *Book) Version(id string) (v Version, waiting, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, v := range b.versions {
		if v.ID == id {
			return v, false, true
		}
	}
	for _, v := range b.waiting {
		if v.ID == id {
			return v, true, true
		}
	}
	return Version{}, false, false
}

// Recorded finds the version that a record of this book is about.
func (b *Book) Recorded(r ledger.Record) (Version, bool) {
	var e body
	if json.Unmarshal(r.Body, &e) != nil {
		return Version{}, false
	}
	v, _, ok := b.Version(e.Version)
	return v, ok
}

// Waiting are the proposals that need a second person, oldest first.
func (b *Book) Waiting() []Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.waiting)
}
