// Package audit is the page that says who did what, when and why: the records of
// the school's own ledger and of the copies of its banks', in words, newest
// first. Names are joined in here; a reason out of the vault only for those who
// may see it. It says of each ledger how far it is signed and verified, and lets
// somebody correct a record by another one.
//
// Badge tokens are on no ledger, and so on no page.
package audit

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/corrections"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Ledger is one ledger to read.
type Ledger struct {
	ID    string // writer and epoch: school.1
	Title string // for people: The school
	Reader
	Check Check
}

// Reader reads a ledger; see ledger.Reader. It may leave records out that are not for
// whoever looks; the others keep their numbers.
type Reader interface {
	Size() uint64
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
}

// Check is how sure a ledger is. Times are the machine's.
type Check struct {
	Signed    uint64    // records that its newest checkpoint covers
	Verified  time.Time // when all of it was last read and compared; zero for not since the start
	Upto      uint64    // records there were then
	Damage    string    // what was found then; "" for nothing
	Elsewhere string    // where else it is kept, in words
}

// Ledgers gives all ledgers there are.
type Ledgers interface{ Ledgers() []Ledger }

// People finds people and accounts by name or number, at most a few, and names the
// holder of an account; "" for one that is not known.
type People interface {
	Find(query string) (ids []string)
	Called(account string) string
}

// Things tells whom a thing is about that a record names by its id: an exception,
// a case, a device, a notice, a stop or a hold; "" for nobody and nothing.
type Things interface {
	Whose(id string) (person string)
}

// Reasons tells why something was done, where somebody said so; "" where not.
type Reasons interface {
	Reason(ledgerID string, r ledger.Record) string
}

// Corrections is the book of corrections.
type Corrections interface {
	Of(corrections.Ref) []corrections.Correction
	Add(ctx context.Context, who school.Actor, of corrections.Ref, text string) error
}

// Config is what the pages show.
type Config struct {
	Ledgers     Ledgers
	People      People
	Things      Things
	Reasons     Reasons
	Corrections Corrections

	Routine func() int               // for how many days it is told whose a routine hand-in was; nil: always
	Held    func(person string) bool // whether a hold stands against somebody; nil: against nobody
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about what was done.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	o := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Routes: []kit.Route{
			kit.Get("/audit", roles.SeeAudit, o.list),
			kit.Get("/audit.csv", roles.SeeAudit, o.csv),
			kit.Get("/audit/:ledger/:seq", roles.SeeAudit, o.record),
			kit.Post("/audit/:ledger/:seq", roles.Correct, o.correct),
		},
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/audit", Text: "Record", Under: kit.School, Permission: roles.SeeAudit}},
	}, err
}
