package badges

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// Log is where commands are recorded: the school's ledger.
type Log interface {
	ledger.Appender
}

// Vault keeps the key of the typed codes.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Book knows every badge of a school. It is safe for concurrent use.
type Book struct {
	log    Log
	vault  Vault
	random io.Reader
	stamp  func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu     sync.RWMutex // for what follows; whoever holds command may read without it
	badges []*Badge     // serial n is at n-1
	byHash map[school.BadgeHash]*Badge
	byCode map[typed.Hash]*Badge
	live   map[string]*Badge // by person
}

// New makes an empty book. Give it every record of the ledger with Fold before
// the first command. random is crypto/rand.Reader outside demonstrations.
func New(log Log, vault Vault, random io.Reader, stamp func() ledger.Stamp) *Book {
	return &Book{
		log: log, vault: vault, random: random, stamp: stamp,
		byHash: map[school.BadgeHash]*Badge{},
		byCode: map[typed.Hash]*Badge{},
		live:   map[string]*Badge{},
	}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Entries are the badges a bank's directory lists: all that were ever given to
// a person, the revoked ones among them.
func (b *Book) Entries() map[school.BadgeHash]locker.BadgeEntry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	entries := make(map[school.BadgeHash]locker.BadgeEntry, len(b.badges))
	for _, badge := range b.badges {
		if badge.Person != "" {
			entries[badge.Hash] = locker.BadgeEntry{Person: badge.Person, Revoked: badge.State == Revoked}
		}
	}
	return entries
}

// All gives every badge by serial.
func (b *Book) All() []Badge { return b.where(func(*Badge) bool { return true }) }

// Of gives all badges a person has or had, by serial. At most one is live.
func (b *Book) Of(person string) []Badge {
	return b.where(func(badge *Badge) bool { return badge.Person == person && person != "" })
}

func (b *Book) where(match func(*Badge) bool) []Badge {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var found []Badge
	for _, badge := range b.badges {
		if match(badge) {
			found = append(found, *badge)
		}
	}
	return found
}

// Live finds the badge a person may use. Errors: not found.
func (b *Book) Live(person string) (Badge, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if badge := b.live[person]; badge != nil {
		return *badge, nil
	}
	return Badge{}, noBadge(person)
}

// Holders are the people with a live badge, sorted.
func (b *Book) Holders() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Sorted(maps.Keys(b.live))
}

// Numbered finds a badge by its serial. Errors: not found.
func (b *Book) Numbered(serial int) (Badge, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if serial < 1 || serial > len(b.badges) {
		return Badge{}, errs.New(errs.NotFound, "No badge has that serial number.", "Look it up with: bellkeep badges list")
	}
	return *b.badges[serial-1], nil
}

// Scanned finds a badge by what a scanner reads of it or a person types: the
// text of its QR code, or its typed code. Errors: invalid (neither), not found,
// unavailable.
func (b *Book) Scanned(ctx context.Context, text string) (Badge, error) {
	text = strings.TrimSpace(text)
	var find func() *Badge
	if token, err := school.ParseBadge(text); err == nil {
		find = func() *Badge { return b.byHash[token.Hash()] }
	} else if code, err := typed.Parse(text); err == nil {
		key, err := b.CodeKey(ctx)
		if err != nil {
			return Badge{}, err
		}
		find = func() *Badge { return b.byCode[code.Hash(key)] }
	} else {
		return Badge{}, errs.New(errs.Invalid, "That is not the code of a badge.", "Scan it once more, or type the 8 characters printed on it.")
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if badge := find(); badge != nil {
		return *badge, nil
	}
	return Badge{}, errs.New(errs.NotFound, "That badge is not one of this school's.", "Take one from the school's own box of spares.")
}
