package accounts

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// Refused sign-ins are counted, and put on record by the hour: one record at most
// for an account and an hour, and one for all names that nobody has, without the
// names, which may be passwords typed into the wrong field. So whoever guesses
// cannot fill the ledger. A restart begins to count anew.
const (
	countFor  = time.Hour      // school time that one record is about
	tellEvery = time.Minute    // machine time between looks at what is to be recorded
	alarmFor  = 24 * time.Hour // school time that many refusals are told of
	// AlarmOver is how many refusals of one account in a day are told of, when it is
	// one that opens doors or gives roles.
	AlarmOver = 20
)

// Refusals are refused sign-ins of one account.
type Refusals struct {
	Account     string // "" for names that nobody has
	From, Until time.Time
	Times       int
}

// Refused counts a refused sign-in under a name, as it was typed.
func (b *Book) Refused(name string) {
	if _, known := b.Get(name); !known {
		name = ""
	}
	from := b.Stamp().Wall.Truncate(countFor)
	b.refusedMu.Lock()
	defer b.refusedMu.Unlock()
	r, counting := b.refused[name]
	if !counting {
		r = Refusals{Account: name, From: from}
	}
	r.Until = from.Add(countFor)
	r.Times++
	b.refused[name] = r
}

// Run records refused sign-ins until ctx ends. Errors: those of the ledger.
func (b *Book) Run(ctx context.Context) error {
	ticks := time.NewTicker(tellEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			if err := b.tellRefused(ctx, b.Stamp().Wall); err != nil && ctx.Err() == nil {
				return err
			}
		case <-ctx.Done():
			return b.tellRefused(context.WithoutCancel(ctx), b.Stamp().Wall.Add(countFor))
		}
	}
}

// tellRefused records what was counted in hours that ended by now.
func (b *Book) tellRefused(ctx context.Context, now time.Time) error {
	b.refusedMu.Lock()
	var events []event
	for _, name := range slices.Sorted(maps.Keys(b.refused)) {
		if r := b.refused[name]; !now.Before(r.Until) {
			events = append(events, event{kind: KindRefused, body: body{Account: name, From: r.From, Until: r.Until, Times: r.Times}})
			delete(b.refused, name)
		}
	}
	b.refusedMu.Unlock()
	b.command.Lock()
	defer b.command.Unlock()
	for part := range slices.Chunk(events, ledger.MaxEntries) {
		if err := b.record(ctx, Nobody, part...); err != nil {
			return err
		}
	}
	return nil
}

// foldRefused remembers what may still be told of.
func (b *Book) foldRefused(r ledger.Record) error {
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return unreadable(r, err)
	}
	b.refusedMu.Lock()
	defer b.refusedMu.Unlock()
	b.toldOf = slices.DeleteFunc(b.toldOf, func(old Refusals) bool { return e.Until.Sub(old.Until) >= alarmFor })
	if e.Account != "" {
		b.toldOf = append(b.toldOf, Refusals{e.Account, e.From, e.Until, e.Times})
	}
	return nil
}

// Besieged are the accounts by which doors could be opened or roles given and at
// which somebody tried more often in the last day than a holder errs.
func (b *Book) Besieged() []Refusals {
	now := b.Stamp().Wall
	sums := map[string]Refusals{}
	b.refusedMu.Lock()
	for _, r := range append(slices.Collect(maps.Values(b.refused)), b.toldOf...) {
		if now.Sub(r.Until) >= alarmFor {
			continue
		}
		s, known := sums[r.Account]
		if !known || r.From.Before(s.From) {
			s.From = r.From
		}
		if r.Until.After(s.Until) {
			s.Until = r.Until
		}
		s.Account, s.Times = r.Account, s.Times+r.Times
		sums[r.Account] = s
	}
	b.refusedMu.Unlock()
	var list []Refusals
	for _, id := range slices.Sorted(maps.Keys(sums)) {
		a, known := b.Get(id)
		if known && sums[id].Times > AlarmOver && a.Live(now) && (a.weighty(now) || !a.Seal.Sealed.IsZero()) {
			list = append(list, sums[id])
		}
	}
	return list
}
