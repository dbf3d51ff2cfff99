package scenario

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/records"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/sealed"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
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

	sealed *sealed.Store // of safeguarding files
	books  *records.Records
	given  *banks.Rules // directory and plan as the banks get them
	upto   uint64       // of the school's ledger, compiled
	asOf   time.Time    // when

	banks  []*bank
	people map[string]*person   // by their name in the script
	groups map[string][]*person // of pupils
	roll   register.Roll        // as the school's information system lists it
	byID   map[string]*person   // pupils by register id
	cards  map[string]school.Token
	items  map[string]*person // whose device an item is, by its id
	orders int
	ticked int                    // ticks made so far
	unsent map[string][]tray.Tick // what waits on somebody's tablet, by their name

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
		cards: map[string]school.Token{}, items: map[string]*person{}, unsent: map[string][]tray.Tick{}, written: map[string]map[string]int{}, counted: map[string]uint64{}}
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
	if w.sealed, err = sealed.Open(ctx, w.vault, sealed.NewKey()); err != nil {
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
	if err := w.hearAlarm(b, r.Seq, e); err != nil {
		return err
	}
	if !e.AboutItems() {
		return nil
	}
	return w.books.TellItem(context.Background(), desk.Ref{Bank: b.id, Epoch: b.epoch, Seq: r.Seq}, e)
}

// letterbox takes every e-mail. Nothing runs the outbox here, so what is sent
// stays queued.
type letterbox struct{}

// Send takes an e-mail.
func (letterbox) Send(context.Context, notify.Mail) error { return nil }

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

// bank finds a bank of the school.
func (w *world) bank(id string) (*bank, error) {
	i := slices.IndexFunc(w.banks, func(b *bank) bool { return b.id == id })
	if i < 0 {
		return nil, wrong("%s has no bank %q.", w.school.Name, id)
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
