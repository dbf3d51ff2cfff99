// Package change is the book of what a school asks of its devices: the versions
// of its rules, who asked for each, and who agreed. It is a fold over the school's
// ledger:
//
//	device-rules-text   sum, part, of, text                      a piece of rules written as JSON
//	device-rules-begun  by, rules                                the first version, as the school described it
//	change-asked        by, person, change, base, rules, from,   a request, made on the version base
//	                    filters, consent, content, commitment
//	change-reviewed     by, person, change, as, agreed,          somebody agreed to it or refused it, as
//	                    content, commitment                      technical or educational reviewer
//	change-consented    as change-reviewed                       for the leadership
//	change-published    by, person, change, version, from        in force from then on
//	change-cancelled    by, person, change, content, commitment  will not come into force
//	change-rolled-back  by, person, version, undoes, rules,      the version before holds again, as a new one
//	                    from, content, commitment
//
// rules is the digest of a text that stands before it: a record is short, rules
// need not be, and rules that come back are not written again. Why a change is
// asked for, what it risks and what reviewers say is free text and lies in the
// vault, under content.
//
// # Who must agree
//
// What filters (mdm.Setting.Filters) decides what pupils see and with whom they
// share. A change that alters such a value on any device, in any kind of period,
// in quarantine or out of it, needs its risk written down and two people: one who
// knows the technical side and one who knows the educational side. Whoever asks may be
// one of the two, and is never both. Where the school's policy says so, a leader who did not ask for it
// consents besides. Any other change needs a technical reviewer only, who may be
// whoever asks.
//
// Versions follow each other in one line. A request made on another version than
// the last one must be made anew on that one, and while one is yet to come into
// force a new one may only follow it. One person alone cancels such a version only if
// that lets nothing through which it filters: what two agreed to, one does not undo.
package change

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps what people write.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Config is what a book needs. The last three may be nil.
type Config struct {
	Log   Log
	Vault Vault
	Stamp func() ledger.Stamp

	Devices func() []mdm.Device // managed now
	Kinds   func() []mdm.Mode   // of period, that the school's calendar has
	Consent func() bool         // whether a change that filters needs the leadership's consent
}

// Version is rules and since when they are in force.
type Version struct {
	N      int       // from 1
	From   time.Time // school time
	By     string    // account of who published it
	Rules  mdm.Rules
	Change string // the request it came from; "" for the first one and for a rollback

	Undoes    int    // the version that a rollback undid; 0 for none
	Why       string // of a rollback; "" once the vault has erased it
	Cancelled bool   // before it came into force

	text string // digest of Rules
}

// Book is all versions and requests. It is safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	texts    map[string]*text
	versions []Version // by N, and those that were not cancelled by From
	requests []*Request
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	if c.Devices == nil {
		c.Devices = func() []mdm.Device { return nil }
	}
	if c.Kinds == nil {
		c.Kinds = func() []mdm.Mode { return nil }
	}
	if c.Consent == nil {
		c.Consent = func() bool { return false }
	}
	return &Book{Config: c, texts: map[string]*text{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// At gives the rules in force at a moment, and a number that is another whenever
// they are others. They must not be modified.
func (b *Book) At(now time.Time) (mdm.Rules, uint64) {
	v, _ := b.VersionAt(now)
	return v.Rules, uint64(v.N)
}

// VersionAt is the version in force at a moment.
func (b *Book) VersionAt(now time.Time) (Version, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, v := range slices.Backward(b.versions) {
		if !v.Cancelled && !now.Before(v.From) {
			return v, true
		}
	}
	return Version{}, false
}

// Last is the version that came or comes into force last.
func (b *Book) Last() (Version, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.last()
}

func (b *Book) last() (Version, bool) {
	for _, v := range slices.Backward(b.versions) {
		if !v.Cancelled {
			return v, true
		}
	}
	return Version{}, false
}

// Versions gives all of them, the first first.
func (b *Book) Versions() []Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.versions)
}

// Version finds one by its number.
func (b *Book) Version(n int) (Version, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.version(n)
}

func (b *Book) version(n int) (Version, bool) {
	if n < 1 || n > len(b.versions) {
		return Version{}, false
	}
	return b.versions[n-1], true
}

// before is the version that held until v came.
func (b *Book) before(v Version) (Version, bool) {
	for n := v.N - 1; n > 0; n-- {
		if earlier := b.versions[n-1]; !earlier.Cancelled {
			return earlier, true
		}
	}
	return Version{}, false
}

// Before is the version that held until version n came.
func (b *Book) Before(n int) (Version, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	v, ok := b.version(n)
	if !ok {
		return Version{}, false
	}
	return b.before(v)
}

// Requests gives all of them, the first first.
func (b *Book) Requests() []Request {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := make([]Request, len(b.requests))
	for i, r := range b.requests {
		list[i] = *r
	}
	return list
}

// Request finds one by its id.
func (b *Book) Request(id string) (Request, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if r := b.request(id); r != nil {
		return *r, true
	}
	return Request{}, false
}

func (b *Book) request(id string) *Request {
	n := slices.IndexFunc(b.requests, func(r *Request) bool { return r.ID == id })
	if n < 0 {
		return nil
	}
	return b.requests[n]
}

// Knows reports whether rules are those of any version: a school's file that says
// them has not been edited since.
func (b *Book) Knows(rules mdm.Rules) bool {
	_, sum, err := write(rules)
	return err == nil && slices.ContainsFunc(b.Versions(), func(v Version) bool { return v.text == sum })
}
