package tray

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Days is how long a closed tray is kept at hand.
const Days = 14

// People is the register.
type People interface {
	Person(id string) (register.Person, bool)
}

// Custody takes what is left over, and says whose things may go.
type Custody interface {
	TakeLeft(ctx context.Context, by desk.By, l desk.LeftThing) error
	MayGo(person string) error
}

// Config is what a book works with.
type Config struct {
	Log     ledger.Appender
	People  People
	Custody Custody
	Stamp   func() ledger.Stamp
	Zone    *time.Location
	Rules   func() policy.Rules // those in force

	// Ends is when the school day of a moment is over, or false on a day without
	// school.
	Ends func(at time.Time) (end time.Time, school bool)
	// Leaves reports whether a pupil may go home at a moment before that.
	Leaves func(person string, at time.Time) bool
	// Briefed says what somebody has to read before they have a tray; nil if nothing.
	Briefed func(by desk.By) error
}

// Book is the trays of today, those that nobody closed, and the newest Days of the
// others. It is safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu    sync.RWMutex
	trays map[string]*kept
	heard map[string]desk.Ref // the newest record of each bank that is on the school's ledger
}

// kept is a tray with its ticks.
type kept struct {
	Tray
	cells map[Part]map[string]*cell // by pupil
	known map[string]bool           // ticks
	asked Count                     // with the door that was asked for last
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	return &Book{Config: c, trays: map[string]*kept{}, heard: map[string]desk.Ref{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// value is the tray as it stands.
func (k *kept) value() Tray {
	t := k.Tray
	t.Trail, t.Left, t.Counted = slices.Clone(k.Trail), slices.Clone(k.Left), maps.Clone(k.Counted)
	t.in, t.back = map[string]Said{}, map[string]Said{}
	for pupil, c := range k.cells[In] {
		t.in[pupil] = c.said()
	}
	for pupil, c := range k.cells[Back] {
		t.back[pupil] = c.said()
	}
	return t
}

// Tray finds one. Errors: not_found.
func (b *Book) Tray(id string) (Tray, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	k := b.trays[id]
	if k == nil {
		return Tray{}, errs.New(errs.NotFound, "Nobody has taken that tray.", "Take the tray of your class first.")
	}
	return k.value(), nil
}

// Today is the tray of a form today. ok is false while nobody has taken it.
func (b *Book) Today(form string) (t Tray, ok bool) {
	t, err := b.Tray(IDOf(form, b.today()))
	return t, err == nil
}

// Trays are those of today and those of earlier days that nobody closed, by day and
// form.
func (b *Book) Trays() []Tray {
	today := b.today()
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Tray
	for _, k := range b.trays {
		if k.Day == today || !k.Closed() {
			list = append(list, k.value())
		}
	}
	slices.SortFunc(list, func(s, t Tray) int {
		return cmp.Or(cmp.Compare(s.Day.String(), t.Day.String()), cmp.Compare(s.Form, t.Form))
	})
	return list
}

// Standing is how a pupil stands to the trays today.
type Standing struct {
	Form   string
	Ticked bool // something is said of them
	In     bool // something of theirs was handed in today
	Here   []desk.What
	Mark   Mark
	Unsure bool // two tablets say different things
}

// Standings are of everybody of whom today's trays, and those that nobody closed, say
// anything.
func (b *Book) Standings() map[string]Standing {
	of := map[string]Standing{}
	for _, t := range b.Trays() {
		unsure := t.Conflicts()
		for pupil, said := range t.in {
			if len(said.Ticks) == 0 || t.Day != b.today() && len(t.Here(pupil)) == 0 {
				continue
			}
			of[pupil] = Standing{Form: t.Form, Ticked: len(said.Things) > 0 || said.Mark != "", In: len(said.Things) > 0,
				Here: t.Here(pupil), Mark: said.Mark, Unsure: slices.Contains(unsure, pupil)}
		}
	}
	return of
}

func (b *Book) today() school.Date { return school.DateOf(b.Stamp().Wall.In(b.Zone)) }

// may refuses whoever keeps no tray of a form. It asks again what pages asked before:
// no other class's tray is ever opened, by whatever way a request came.
func (b *Book) may(by desk.By, form string) error {
	if !school.ValidID(by.Account) || !school.ValidID(by.Person) {
		return errs.New(errs.Denied, "It is not known who does this.", "Sign in with an account that belongs to somebody.")
	}
	if !roles.May(by.Roles, roles.KeepTray, roles.Target{Form: form}, b.Stamp().Wall) {
		return errs.New(errs.Denied, "That is not your class’s tray.", "Ask a teacher of that class, or the office.")
	}
	return nil
}

// open finds a tray that somebody may work with. Errors: not_found, denied, conflict.
func (b *Book) open(by desk.By, id string) (Tray, error) {
	t, err := b.Tray(id)
	if err != nil {
		return t, err
	}
	if err := b.may(by, t.Form); err != nil {
		return t, err
	}
	if t.Closed() {
		return t, errs.New(errs.Conflict, "That tray is closed.", "What was left over is at the office.")
	}
	return t, nil
}
