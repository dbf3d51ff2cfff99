package tray

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Take gives somebody the empty tray of a form for today. Taking what they have
// already changes nothing. Errors: denied, not_now, conflict when somebody else took
// it, those of Briefed and of the ledger.
func (b *Book) Take(ctx context.Context, by desk.By, form string) (Tray, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if err := b.may(by, form); err != nil {
		return Tray{}, err
	}
	if b.Rules().DepositPoint != policy.AtClass {
		return Tray{}, errs.New(errs.NotNow, "At this school phones do not go to the class teacher.", "The page Rules says where they go.")
	}
	now := b.Stamp().Wall
	if _, school := b.Ends(now); !school {
		return Tray{}, errs.New(errs.NotNow, "There is no school today.", "Take the tray on a school day.")
	}
	if b.Briefed != nil {
		if err := b.Briefed(by); err != nil {
			return Tray{}, err
		}
	}
	if t, ok := b.Today(form); ok {
		if t.Held() == by.Person {
			return t, nil
		}
		return t, errs.New(errs.Conflict, "Somebody else has taken this tray today.", "They hand it on to you on its page.")
	}
	e := body{Tray: IDOf(form, b.today()), Form: form, Day: b.today().String()}
	if err := b.record(ctx, by, KindTaken, e); err != nil {
		return Tray{}, err
	}
	return b.Tray(e.Tray)
}

// Refusal is a tick that was not taken, and will never be.
type Refusal struct {
	ID  string
	Why error
}

// Tick takes ticks in, whatever their order. One that is known already is no fault: it
// was sent again because its answer was lost. What cannot be taken is told tick by
// tick, and the others are taken all the same. Errors: invalid, not_found, denied,
// conflict when the tray is closed or full, those of the ledger.
func (b *Book) Tick(ctx context.Context, by desk.By, id string, ticks []Tick) ([]Refusal, error) {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.open(by, id)
	if err != nil {
		return nil, err
	}
	if len(ticks) > MaxSent {
		return nil, errs.New(errs.Invalid, fmt.Sprintf("Send at most %d ticks at a time.", MaxSent), "")
	}
	var refused []Refusal
	var fresh []Tick
	known, held := b.known(id)
	for _, tick := range ticks {
		switch err := b.takes(t, tick); {
		case known[tick.ID]:
		case err != nil:
			refused = append(refused, Refusal{tick.ID, err})
		default:
			known[tick.ID] = true
			fresh = append(fresh, tick)
		}
	}
	if held+len(fresh) > MaxTicks {
		return nil, errs.New(errs.Conflict, "This tray has too many ticks.", "Go on with a list on paper, and tell the office.")
	}
	return refused, b.record(ctx, by, KindTicked, sent(id, fresh)...)
}

// sent cuts ticks into records.
func sent(id string, ticks []Tick) []body {
	var list []body
	for part := range slices.Chunk(ticks, inRecord) {
		list = append(list, body{Tray: id, Ticks: part})
	}
	return list
}

// known are the ids of a tray's ticks, and how many there are.
func (b *Book) known(id string) (map[string]bool, int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	known := maps.Clone(b.trays[id].known)
	return known, len(known)
}

// takes refuses a tick that cannot be.
func (b *Book) takes(t Tray, tick Tick) error {
	if err := tick.check(); err != nil {
		return err
	}
	_, ticked := t.in[tick.Pupil]
	if p, ok := b.People.Person(tick.Pupil); !ticked && (!ok || p.Kind != register.Pupil || p.Form != t.Form) {
		return errs.New(errs.Denied, "That pupil is not in this class.", "Ask the office.")
	}
	given := t.back[tick.Pupil].Things
	if tick.Part == Back && slices.ContainsFunc(tick.Line.Things, func(w desk.What) bool { return !slices.Contains(given, w) }) {
		return b.mayGo(t, tick.Pupil)
	}
	return nil
}

// mayGo refuses to give something back before its time, or past a stop or hold.
func (b *Book) mayGo(t Tray, pupil string) error {
	now := b.Stamp().Wall
	if t.Counted == nil || t.Held() == "" {
		return errs.New(errs.NotNow, "Nothing is given back while the tray is not counted or put away.", "Count it, and get it out when the day ends.")
	}
	if end, _ := b.Ends(now); t.Day == b.today() && now.Before(end) && !b.Leaves(pupil, now) {
		return errs.New(errs.NotNow, "Phones are given back at the end of the school day.", "Whoever leaves early has a permission from the office.")
	}
	return b.Custody.MayGo(pupil)
}

// record writes records of a kind and folds them in; of none it writes nothing. The
// caller holds command.
func (b *Book) record(ctx context.Context, by desk.By, kind string, bodies ...body) error {
	var entries []ledger.Entry
	stamp := b.Stamp()
	for _, e := range bodies {
		e.By, e.Person = by.Account, by.Person
		entry, err := ledger.NewEntry(kind, stamp, e)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		return nil
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entries...)
}

// spot is a named place, or refused.
func spot(id string) (desk.Place, error) {
	if !school.ValidID(id) {
		return desk.Place{}, errs.At("spot", "Choose where it is put", "")
	}
	return desk.At(id), nil
}
