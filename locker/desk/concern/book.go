package concern

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The limits.
const (
	MaxFiles   = 10_000
	MaxEntries = 1000 // of one file
	MaxText    = 8000 // bytes of one text
	MaxAbout   = 20   // people a file is about
	maxLine    = 200  // bytes of a reference or a name
)

// Texts keeps sealed texts; see sealed.Store.
type Texts interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Open() bool
}

// Custody is where devices are; see desk.Custody.
type Custody interface {
	Suspect(ctx context.Context, by desk.By, in desk.Suspicion) (desk.Case, error)
	Keep(ctx context.Context, by desk.By, item string) error
	Item(id string) (desk.Item, error)
	Case(id string) (desk.Case, error)
	Cases() []desk.Case
	Stands(i desk.Item) bool
}

// Bars are the stops and holds; see desk.Book.
type Bars interface {
	Place(ctx context.Context, by string, kind desk.Kind, on locker.Subject) (desk.Bar, error)
	Standing() []desk.Bar
}

// People is the register.
type People interface {
	Person(id string) (register.Person, bool)
}

// Config is what a book works with.
type Config struct {
	Log     ledger.Appender
	Texts   Texts
	Custody Custody
	Bars    Bars
	People  People
	Rules   func() policy.Rules // in force now
	Stamp   func() ledger.Stamp // school time

	// Posts are the roles that somebody has now by any account of theirs.
	Posts func(person string) []roles.Role
}

// Book is all files, safe for concurrent use.
type Book struct {
	Config
	*cabinet

	viewer string // whoever looks: what is about them is not there; "" for nobody in particular
}

// cabinet is what all who look at one book share.
type cabinet struct {
	command sync.Mutex // held by one command from its checks to its fold

	mu      sync.RWMutex
	files   map[string]*File
	order   []string
	of      map[string][]*File // by item, case and bar: two files may be about one device
	looks   map[look]time.Time
	version uint64
}

// look is somebody reading a file.
type look struct{ file, person string }

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	return &Book{Config: c, cabinet: &cabinet{files: map[string]*File{}, of: map[string][]*File{}, looks: map[look]time.Time{}}}
}

// For is the same book to somebody: files about them are not there.
func (b *Book) For(person string) *Book { return &Book{b.Config, b.cabinet, person} }

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Version grows with every change.
func (b *Book) Version() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.version
}

// Locked reports whether there are files whose text cannot be read.
func (b *Book) Locked() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.ContainsFunc(b.order, func(id string) bool { return b.files[id].Sealed })
}

var errNone = errs.New(errs.NotFound, "There is no such file.", "Look at the list of files.")

// File finds a file that somebody may work on. Errors: denied, not_found, also
// where the file is about them.
func (b *Book) File(by desk.By, id string) (File, error) {
	now := b.Stamp().Wall
	if !roles.May(by.Roles, roles.Safeguard, roles.Target{}, now) {
		return File{}, errs.New(errs.Denied, "You may not do that.", "See the safeguarding lead.")
	}
	b.mu.RLock()
	f := b.files[id]
	b.mu.RUnlock()
	if f == nil {
		return File{}, errNone
	}
	b.mu.RLock()
	out := f.copied()
	b.mu.RUnlock()
	if !b.sees(by, out, now) {
		return File{}, errNone
	}
	return out, nil
}

// sees reports whether somebody of the safeguarding team may know of a file. The
// chair of governors knows those about the headteacher.
func (b *Book) sees(by desk.By, f File, now time.Time) bool {
	if f.Is(by.Person) || b.conceals(&f, b.viewer) {
		return false
	}
	for _, a := range by.Roles {
		if a.Holds(now) && slices.Contains([]roles.Role{roles.Head, roles.DSL, roles.DeputyDSL}, a.Role) {
			return true
		}
	}
	return roles.May(by.Roles, roles.Safeguard, roles.Target{}, now) && b.aboutHead(f)
}

// aboutHead reports whether the headteacher, or whoever acts as one, is among those
// a file is about.
func (b *Book) aboutHead(f File) bool { return b.aboutPost(f, roles.Head) }

func (b *Book) aboutPost(f File, role roles.Role) bool {
	return slices.ContainsFunc(f.About, func(p string) bool { return slices.Contains(b.Posts(p), role) })
}

// Files are those that somebody may know of, the newest first.
func (b *Book) Files(by desk.By) []File {
	now := b.Stamp().Wall
	var list []File
	for _, f := range b.all() {
		if b.sees(by, f, now) {
			list = append(list, f)
		}
	}
	slices.Reverse(list)
	return list
}

// all are all files, oldest first.
func (b *Book) all() []File {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := make([]File, 0, len(b.order))
	for _, id := range b.order {
		list = append(list, b.files[id].copied())
	}
	return list
}

// lead reports whether somebody is the safeguarding lead by the school's rules.
func (b *Book) lead(by desk.By, now time.Time) bool {
	return approvers.Fills(b.Rules(), policy.ApproverDSL, approvers.Posts(by.Roles, now))
}
