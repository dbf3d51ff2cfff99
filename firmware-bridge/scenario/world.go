package scenario

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/records"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/record"
)

// compileEvery is how often the rules are compiled though nothing was written.
const compileEvery = 30 * time.Second

// setupBy is the account that sets a school up before its day begins.
const setupBy = "scenario"

// world is one school on simulated time: its books, its banks, its people and
// where their devices really are.
type world struct {
	clock
	began  time.Time
	school School
	zone   *time.Location

	log   *memlog.Log
	vault *vault.Vault
	books *records.Records
	given *banks.Rules // directory and plan as the banks get them
	upto  uint64       // of the school's ledger, compiled
	asOf  time.Time    // when

	banks  []*bank
	people map[string]*person   // by their name in the script
	groups map[string][]*person // of pupils
	roll   register.Roll        // as the school's information system lists it
	byID   map[string]*person   // pupils by register id
	cards  map[string]school.Token
	items  map[string]*person // whose device an item is, by its id
	orders int

	never   []Never
	written map[string]map[string]int // records since somebody looked, by ledger and kind
	counted map[string]uint64         // of each ledger
	opened  []string                  // doors since the step began
	doer    string                    // of the step
	screen  locker.Screen             // what they were last shown
	faults  []string                  // what must never be, and was
}

func newWorld(ctx context.Context, s School, script Script, dir string) (*world, error) {
	w := &world{school: s, zone: s.Calendar.Zone, people: map[string]*person{}, groups: map[string][]*person{}, byID: map[string]*person{},
		cards: map[string]school.Token{}, items: map[string]*person{}, written: map[string]map[string]int{}, counted: map[string]uint64{}}
	w.now = script.Day.At(school.Clock{Hour: 6, Minute: 30}, w.zone).UTC()
	w.began = w.now
	for _, n := range script.Never {
		if applies(n.Only, s.ID) {
			n.Before, n.After = w.local(n.Before), w.local(n.After)
			w.never = append(w.never, n)
		}
	}
	var err error
	if w.vault, err = vault.Open(filepath.Join(dir, "vault")); err != nil {
		return nil, err
	}
	if err := w.setUp(ctx, script, dir); err != nil {
		return nil, fmt.Errorf("setting %s up: %w", s.Name, err)
	}
	return w, nil
}

// local is a time of a script, which knows no zone, at the school.
func (w *world) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, w.zone).UTC()
}

func (w *world) setUp(ctx context.Context, script Script, dir string) (err error) {
	if w.log, err = memlog.New("school", w.time); err != nil {
		return err
	}
	w.books = records.New(records.Parts{School: w.school.School, Log: w.log, Vault: w.vault,
		Random: rand.NewChaCha8([32]byte{'b'}), Stamp: w.stamp, Machine: w.time, Mailer: letterbox{}})
	if w.school.Policy != nil {
		if err := w.books.Policy.Begin(ctx, *w.school.Policy, w.zone); err != nil {
			return err
		}
	}
	for _, c := range w.school.Cabinets {
		if err := w.books.List.Add(ctx, setupBy, banks.Bank{Label: c.Label, Setup: c.Setup}); err != nil {
			return err
		}
	}
	if len(w.school.Roll.People) == 0 {
		w.school.Roll = invent(script, w.school.ID)
	}
	if err := w.enrol(ctx); err != nil {
		return err
	}
	if err := w.cast(ctx, script); err != nil {
		return err
	}
	w.given = banks.NewRules(w.log, w.stamp, dir)
	w.given.Load(wire.NewKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))))
	w.publish()
	for _, c := range w.school.Cabinets {
		b, err := w.newBank(c)
		if err != nil {
			return err
		}
		w.banks = append(w.banks, b)
	}
	w.advance(w.now.Add(time.Minute))
	w.count()
	clear(w.written)
	return nil
}

// enrol takes the roll in and gives every pupil a place and a badge.
func (w *world) enrol(ctx context.Context) error {
	book := w.books.People
	if err := book.Apply(ctx, setupBy, register.Diff(book.State(), w.school.Roll), register.Stated{}); err != nil {
		return err
	}
	var placed []register.Placement
	for _, p := range w.school.Pupils {
		if p.Bank != "" {
			placed = append(placed, register.Placement{Person: p.ID, Place: locker.Place{Bank: p.Bank, Door: p.Door}})
		}
	}
	if w.school.Imported {
		var setups []locker.Setup
		for _, c := range w.school.Cabinets {
			setups = append(setups, c.Setup)
		}
		placed, _ = register.Allot(book.State().People, setups, nil)
	}
	if err := book.Assign(ctx, setupBy, placed); err != nil {
		return err
	}
	var ids []string
	for _, p := range book.People() {
		if p.Kind == register.Pupil {
			ids = append(ids, p.ID)
		}
	}
	fresh, err := w.books.Badges.IssueTo(ctx, setupBy, ids...)
	for _, f := range fresh {
		w.cards[f.Person] = f.Token
	}
	return err
}

func (w *world) stamp() ledger.Stamp {
	return ledger.Stamp{Wall: w.now.UTC(), Trusted: true, Boot: "boot-school", Mono: w.now.Sub(w.began)}
}

// publish gives out what the books say now, if banks do not have it: after any
// change, and with time, by which permissions begin and end.
func (w *world) publish() {
	size := w.log.Size()
	if size == w.upto && w.now.Sub(w.asOf) < compileEvery {
		return
	}
	directory, plan := w.books.Compile(w.instant("school"), w.given.Current())
	if _, err := w.given.Give(context.Background(), directory, plan, size); err != nil {
		w.broken("the rules cannot be given out: %v", err)
	}
	w.upto, w.asOf = w.log.Size(), w.now
	for _, b := range w.banks {
		b.rule()
	}
}

// advance lets time pass until a moment, with all that happens on the way.
func (w *world) advance(until time.Time) {
	for {
		e, more := w.next(until)
		if !more {
			break
		}
		e.do()
		if w.log.Size() != w.upto {
			w.publish()
		}
	}
	w.now = until
}

// heard is a record of a bank's coming to the school.
func (w *world) heard(b *bank, r ledger.Record) error {
	e, err := record.Event(r)
	if err != nil {
		return err
	}
	b.board.Apply(r.Seq, e)
	if !e.AboutItems() {
		return nil
	}
	return w.books.Custody.Tell(context.Background(), desk.Ref{Bank: b.id, Epoch: 1, Seq: r.Seq}, e)
}

// letterbox takes every e-mail. Nothing runs the outbox here, so what is sent
// stays queued.
type letterbox struct{}

// Send takes an e-mail.
func (letterbox) Send(context.Context, notify.Mail) error { return nil }

// count takes in what was written on all ledgers since the last time. The two
// kinds that carry rules to banks are left out: in-force tells of those.
func (w *world) count() {
	w.countOn("school", w.log)
	for _, b := range w.banks {
		w.countOn(b.id, b.log)
	}
}

func (w *world) countOn(name string, log *memlog.Log) {
	err := log.Read(context.Background(), w.counted[name], func(r ledger.Record) error {
		w.counted[name] = r.Seq + 1
		if r.Kind == banks.KindPublished || r.Kind == string(locker.InForce) {
			return nil
		}
		if w.written[name] == nil {
			w.written[name] = map[string]int{}
		}
		w.written[name][label(r)]++
		return nil
	})
	if err != nil {
		w.broken("the ledger of %s cannot be read: %v", name, err)
	}
}

// label is how a script calls a record: its kind, and for an answer or outcome
// which.
func label(r ledger.Record) string {
	e, err := record.Event(r)
	switch {
	case err != nil: // one of the school's
	case e.Answer != "":
		return r.Kind + " " + string(e.Answer)
	case e.Result != "":
		return r.Kind + " " + string(e.Result)
	}
	return r.Kind
}

// broken notes something that must never be.
func (w *world) broken(format string, args ...any) {
	text := w.now.In(w.zone).Format("15:04:05 ") + fmt.Sprintf(format, args...)
	if !slices.Contains(w.faults, text) {
		w.faults = append(w.faults, text)
	}
}

func (w *world) orderID() string {
	w.orders++
	return fmt.Sprintf("o-%d", w.orders)
}

// bank finds a bank of the school. Errors: invalid.
func (w *world) bank(id string) (*bank, error) {
	i := slices.IndexFunc(w.banks, func(b *bank) bool { return b.id == id })
	if i < 0 {
		return nil, errs.New(errs.Invalid, fmt.Sprintf("%s has no bank %q.", w.school.Name, id), "Correct the scenario.")
	}
	return w.banks[i], nil
}

// door finds a door as a script names it: a/12, or own P.
func (w *world) door(text string) (door, error) {
	name, own := cutOwn(text)
	if !own {
		return parseDoor(text)
	}
	p := w.people[name]
	if p == nil || p.place.Door == 0 {
		return door{}, wrong("%q has no door of their own.", name)
	}
	return door{p.place.Bank, p.place.Door}, nil
}
