package agreements

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Kind is one of the agreements.
type Kind string

// The agreements.
const (
	Staff     Kind = "staff"
	Pupils    Kind = "pupils"
	Visitors  Kind = "visitors"
	OwnPhones Kind = "own-phones" // of staff: advice only

	Parents     Kind = "parents"      // a parent signs it for every pupil
	SocialMedia Kind = "social-media" // of staff who post for the school
	Monitoring  Kind = "monitoring"   // a notice: what is monitored, and that it can be traced to a person
	Briefing    Kind = "briefing"     // a note on safeguarding, for whoever works here for a day
	Help        Kind = "help"         // whom to tell: everybody reads it, nobody signs it
)

// Kinds are all agreements.
var Kinds = []Kind{Staff, Pupils, Visitors, OwnPhones, Parents, SocialMedia, Monitoring, Briefing, Help}

// How somebody signed.
type How string

// The ways to sign.
const (
	InAccount How = "account" // in the signer's own account
	AtDesk    How = "desk"    // typed by the signer before a witness
	ByParent  How = "parent"  // typed by a parent before a witness
	Advised   How = "advised" // did not sign: somebody told them
)

// Version is one text of an agreement.
type Version struct {
	Kind    Kind
	N       int       // from 1
	At      time.Time // published
	By      string    // account
	From    time.Time // from then on the version before does not count any more
	Parents Year      // parents sign for pupils up to this year
	Text    string
}

// Year is a school year: 0 for reception, 1 and up. NoYear is before them all.
type Year int

// NoYear is that no parent signs.
const NoYear Year = -1

// YearOf reads a year as registers write it.
func YearOf(text string) Year {
	if text == "R" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return NoYear
	}
	return Year(n)
}

// Signature is that somebody signed a version, or was advised of it.
type Signature struct {
	Version int
	At      time.Time // school time
	By      string    // account: the signer's own, or the witness's
	How     How
	Name    string // as typed; "" once the vault has erased it
}

// Vault keeps texts and names under ids that are used once.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
	Erase(ctx context.Context, ids ...string) error
}

// People are those of the register.
type People interface {
	Person(id string) (register.Person, bool)
}

// Config is what a book works with.
type Config struct {
	Log    ledger.Appender
	Vault  Vault
	People People
	Stamp  func() ledger.Stamp // school time
	Zone   *time.Location      // whose days visits are counted in; nil is UTC
	Years  func() int          // how long visitors are remembered after their visit; nil: for ever

	Held func(visit string) bool // whether a hold stands on a device of theirs: they are remembered; nil: none does
}

// Book is all agreements in memory, safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	versions map[Kind][]Version
	signed   map[string]map[Kind]Signature // by person: the last of each
	visits   []Visit                       // as signed for
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	return &Book{Config: c, versions: map[Kind][]Version{}, signed: map[string]map[Kind]Signature{}}
}

// Versions are those of an agreement, the first first.
func (b *Book) Versions(k Kind) []Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.versions[k])
}

// Current is the newest version of an agreement.
func (b *Book) Current(k Kind) (Version, bool) {
	list := b.Versions(k)
	if len(list) == 0 {
		return Version{}, false
	}
	return list[len(list)-1], true
}

// Signed is the last that somebody signed of an agreement.
func (b *Book) Signed(person string, k Kind) (Signature, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s, ok := b.signed[person][k]
	return s, ok
}

// Counts reports whether somebody's signature of an agreement counts now, and how
// long: the zero time is until the next version.
func (b *Book) Counts(person string, k Kind) (counts bool, until time.Time) {
	s, ok := b.Signed(person, k)
	if !ok || s.How == Advised {
		return false, time.Time{}
	}
	return b.since(k, s.Version)
}

// since is Counts of a signature of version n.
func (b *Book) since(k Kind, n int) (counts bool, until time.Time) {
	now := b.Stamp().Wall
	for _, v := range b.Versions(k) {
		switch {
		case v.N <= n:
		case !now.Before(v.From):
			return false, time.Time{}
		case until.IsZero() || v.From.Before(until):
			until = v.From
		}
	}
	return true, until
}

// For is the agreement that somebody signs before they have a device.
func For(p register.Person) Kind {
	if p.Kind == register.Staff {
		return Staff
	}
	return Pupils
}

// ReadBy reports whether an agreement is for somebody to sign in their own account.
// known is false for whoever is on no roll, as a supply teacher.
func (k Kind) ReadBy(p register.Person, known bool) bool {
	switch k {
	case Monitoring:
		return !known || p.Kind == register.Staff
	case Briefing:
		return !known
	case OwnPhones, SocialMedia:
		return known && p.Kind == register.Staff
	}
	return known && k == For(p)
}

// Briefed says what somebody who works here for a day has to read first; nil if they
// have, or the school has published nothing. Errors: denied.
func (b *Book) Briefed(person string) error {
	if _, ok := b.Current(Briefing); !ok {
		return nil
	}
	if counts, _ := b.Counts(person, Briefing); counts {
		return nil
	}
	return errs.New(errs.Denied, "You have not read the note on safeguarding yet.", "Read and sign it on the page Agreements, then come back.")
}

// MayHave says why somebody may have no device of the school; nil if they may: they
// are on the roll, or visit the school, and have signed what counts now. Errors: denied.
func (b *Book) MayHave(person string) error {
	if IsVisit(person) {
		return b.MayEnter(person)
	}
	p, ok := b.People.Person(person)
	if !ok || !p.OnRoll() {
		return errs.New(errs.Denied, "Nobody on the roll has that number.", "Look for the name again.")
	}
	if _, ok := b.Current(For(p)); !ok {
		return errs.New(errs.Denied, "The school has published no agreement on acceptable use yet, so nobody can have signed it.", "The headteacher publishes it on the page Agreements.")
	}
	if counts, _ := b.Counts(person, For(p)); counts {
		return nil
	}
	if _, before := b.Signed(person, For(p)); before {
		return errs.New(errs.Denied, "They have not signed the new version of the agreement on acceptable use.", b.next(p))
	}
	return errs.New(errs.Denied, "They have not signed the agreement on acceptable use.", b.next(p))
}

func (b *Book) next(p register.Person) string {
	v, _ := b.Current(For(p))
	switch {
	case p.Kind == register.Staff:
		return "They sign it on the page Agreements in their own account, or at the office."
	case v.ParentSigns(p):
		return "A parent signs it at the office."
	}
	return "They sign it at the office."
}

// ParentSigns reports whether a parent signs for a pupil.
func (v Version) ParentSigns(p register.Person) bool {
	return p.Kind == register.Pupil && YearOf(p.Year) <= v.Parents && v.Parents != NoYear
}
