// Package desk is what staff do about custody. Its two books are folds of the
// school's ledger.
//
// Book is the stops and holds that stand against a person, an item or a door, and
// the permissions given at the desk. Banks get them as bars and grants, without
// reasons. A stop sends the person to the office and keeps the door shut until one
// member of staff ends it. A hold does the same and outranks everything: ending it
// takes two different people.
//
// Custody is the items, devices outside their owners' routine, and the cases about
// those that were confiscated. An item is in exactly one place: behind a door of a
// bank, in the hands of a member of staff, in a named place, or gone. While it is
// behind a door the bank owns it: only the bank's own ledger moves it in and out,
// and these records follow by naming the bank's record.
//
// Custody's records hold ids, enums and commitments; all words and every contact
// lie in the vault. by is the account, person whose it is:
//
//	item-listed      item, what, why, whose, place, content   found, left over, given in
//	item-owned       item, whose                              a found one has an owner
//	item-moved       item, place                              hands, a spot, or back to its owner
//	item-put-asked   item                                     before an order to a bank
//	item-take-asked  item                                     before an order to a bank
//	item-handed-out  item, at_door, ref, at                   the bank has it, says its record
//	item-taken-in    item, at_door, ref, at, place            the bank let it out
//	door-held        at_door, ref, at                         by staff at the bank
//	door-freed       at_door, ref, at
//
//	case-opened           case, item, what, whose, facts, place, content
//	case-condition        case, content
//	case-note             case, content
//	case-correction       case, corrects, content             corrects: the number of an entry
//	search-recorded       case, searched, consent, content
//	deletion-recorded     case, consent, content
//	release-code-made     case, hash, until, content
//	release-refused       case, content                       an adult with a restriction came
//	release-refusal-seen  case
//	case-released         case, item, to, identity, hash, content
//	release-withdrawn     case                                while the device is still in
//	case-returned         case, item                          the pupil may keep it
//
// Nothing is edited or deleted. A condition, once written, gets additions; what
// was wrong gets a correction that names the entry.
package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Kind says how strong a bar is.
type Kind string

// The kinds of bar.
const (
	Stop Kind = "stop" // one member of staff may end it
	Hold Kind = "hold" // two people end it
)

// Bar is a bar as staff see it.
type Bar struct {
	ID     string         `json:"id"`
	Kind   Kind           `json:"kind"`
	On     locker.Subject `json:"on"`
	From   time.Time      `json:"from"`
	By     string         `json:"by"`
	Seq    uint64         `json:"-"` // of its record on the school's ledger
	EndBy  string         `json:"-"` // the account that has asked for its end, if any
	EndOf  string         `json:"-"` // whose account that is
	EndAsk time.Time      `json:"-"`
}

// The kinds of record on the school's ledger.
const (
	KindPlaced   = "bar-placed"
	KindEndAsked = "bar-end-asked"
	KindEnded    = "bar-ended"
	KindGranted  = "grant-given"

	KindTakenBack = "grant-taken-back"

	KindBankHoldAsked  = "bank-hold-end-asked"
	KindBankHoldAgreed = "bank-hold-end-agreed"
)

// ending is the body of the two records that end a bar.
type ending struct {
	ID     string `json:"id"`
	By     string `json:"by"`
	Person string `json:"person,omitempty"`    // whose account By is; older records do not say
	Asked  string `json:"asked_by,omitempty"`  // with KindEnded: the other account
	Other  string `json:"asked_for,omitempty"` // and whose that is
}

// mostBars is how many bars may stand at a time; a directory carries them all.
const mostBars = 1000

// Log is the school's ledger.
type Log interface {
	Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error)
}

// Book is the bars that stand.
type Book struct {
	log   Log
	stamp func() ledger.Stamp

	mu     sync.Mutex
	bars   map[string]Bar
	on     map[string]locker.Subject // of all bars, those that ended too
	grants []locker.Grant            // as given, oldest first
	seqs   map[string]uint64         // by grant: its newest record on the school's ledger
	taken  map[string]bool           // grants taken back

	bankHolds map[BankHold]school.Approval // the first of two approvals
}

// New makes an empty book.
func New(log Log, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, stamp: stamp, bars: map[string]Bar{}, on: map[string]locker.Subject{}, seqs: map[string]uint64{}, taken: map[string]bool{}, bankHolds: map[BankHold]school.Approval{}}
}

// Fold takes one record of the school's ledger.
func (b *Book) Fold(r ledger.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fold(r.Seq, r.Entry)
}

func (b *Book) fold(seq uint64, e ledger.Entry) error {
	switch e.Kind {
	case KindPlaced:
		bar := Bar{Seq: seq}
		if err := json.Unmarshal(e.Body, &bar); err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		b.bars[bar.ID], b.on[bar.ID] = bar, bar.On
	case KindGranted:
		var g granted
		if err := json.Unmarshal(e.Body, &g); err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		b.grants = append(b.grants, g.Grant)
		b.seqs[g.ID] = seq
	case KindTakenBack:
		var end ending
		if err := json.Unmarshal(e.Body, &end); err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		b.grants = slices.DeleteFunc(b.grants, func(g locker.Grant) bool { return g.ID == end.ID })
		b.seqs[end.ID], b.taken[end.ID] = seq, true
	case KindBankHoldAsked:
		var end bankHoldEnding
		if err := json.Unmarshal(e.Body, &end); err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		b.bankHolds[end.key()] = end.Approval
	case ledger.KindEpochOpened:
		b.renumber()
	case KindEndAsked, KindEnded:
		var end ending
		if err := json.Unmarshal(e.Body, &end); err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		if e.Kind == KindEnded {
			delete(b.bars, end.ID)
			return nil
		}
		bar := b.bars[end.ID]
		bar.EndBy, bar.EndOf, bar.EndAsk = end.By, cmp.Or(end.Person, end.By), e.Stamp.Wall
		b.bars[end.ID] = bar
	}
	return nil
}

// renumber forgets where bars of earlier epochs stand: sequences count anew.
func (b *Book) renumber() {
	for id, bar := range b.bars {
		bar.Seq = 0
		b.bars[id] = bar
	}
	clear(b.seqs)
}

// Place bars a person or a door. Errors: invalid, conflict when the same kind of
// bar stands there already.
func (b *Book) Place(ctx context.Context, by string, kind Kind, on locker.Subject) (Bar, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case kind != Stop && kind != Hold:
		return Bar{}, errs.New(errs.Invalid, "A bar is a stop or a hold.", "")
	case !one(on):
		return Bar{}, errs.New(errs.Invalid, "A bar stands against a person, an item, or one door of a bank.", "")
	case len(b.bars) >= mostBars:
		return Bar{}, errs.New(errs.Conflict, fmt.Sprintf("%d bars stand already.", mostBars), "End those that are no longer needed.")
	}
	for _, other := range b.bars {
		if other.On == on && other.Kind == kind {
			return Bar{}, errs.New(errs.Conflict, "That bar stands already.", "")
		}
	}
	stamp := b.stamp()
	bar := Bar{ID: "b-" + strings.ToLower(rand.Text()), Kind: kind, On: on, From: stamp.Wall.UTC(), By: by}
	if err := b.append(ctx, KindPlaced, stamp, bar); err != nil {
		return Bar{}, err
	}
	return b.bars[bar.ID], nil
}

// On is what a bar stands or stood against; nothing for an id of none.
func (b *Book) On(id string) locker.Subject {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.on[id]
}

// one reports whether a subject is one thing.
func one(on locker.Subject) bool {
	switch {
	case on.Door != 0 || on.Bank != "":
		return on.Door != 0 && on.Bank != "" && on.Person == "" && on.Item == ""
	case on.Item != "":
		return on.Person == ""
	}
	return on.Person != ""
}

// End ends a stop. For a hold the first person asks, and a second one, who is
// another person and not only another account, ends it. Errors: not_found, denied
// when the one who asked comes again, or whose account changed a moment ago.
func (b *Book) End(ctx context.Context, who school.Actor, id string) (ended bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bar, ok := b.bars[id]
	stamp := b.stamp()
	end := ending{ID: id, By: who.Account, Person: who.Person}
	switch {
	case !ok:
		return false, errs.New(errs.NotFound, "That bar does not stand any more.", "")
	case bar.Kind == Stop:
		return true, b.append(ctx, KindEnded, stamp, end)
	}
	bar = bar.at(stamp.Wall)
	var parties []string
	if bar.EndBy != "" {
		parties = []string{bar.EndOf}
	}
	if _, err := who.Approve(stamp.Wall, parties...); err != nil {
		return false, mine(err, who, bar.EndOf)
	}
	if bar.EndBy == "" {
		return false, b.append(ctx, KindEndAsked, stamp, end)
	}
	end.Asked, end.Other = bar.EndBy, bar.EndOf
	return true, b.append(ctx, KindEnded, stamp, end)
}

// at is the bar at a moment: the first of two approvals of its end waits an hour
// for the second.
func (b Bar) at(now time.Time) Bar {
	if b.EndBy != "" && now.Sub(b.EndAsk) >= approvalLasts {
		b.EndBy, b.EndOf, b.EndAsk = "", "", time.Time{}
	}
	return b
}

// append records and folds.
func (b *Book) append(ctx context.Context, kind string, stamp ledger.Stamp, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	entry := ledger.Entry{Kind: kind, Stamp: stamp, Body: data}
	receipts, err := b.log.Append(ctx, entry)
	if err != nil {
		return err
	}
	return b.fold(receipts[0].Seq(), entry)
}

// Standing are the bars, oldest first.
func (b *Book) Standing() []Bar {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.stamp().Wall
	var list []Bar
	for _, bar := range b.bars {
		list = append(list, bar.at(now))
	}
	slices.SortFunc(list, func(x, y Bar) int {
		return cmp.Or(cmp.Compare(x.Seq, y.Seq), x.From.Compare(y.From), strings.Compare(x.ID, y.ID)) // no Seq in a new epoch
	})
	return list
}

// Bars are what banks get of them.
func (b *Book) Bars() []locker.Bar {
	var list []locker.Bar
	for _, bar := range b.Standing() {
		list = append(list, locker.Bar{ID: bar.ID, Subject: bar.On, From: bar.From})
	}
	return list
}
