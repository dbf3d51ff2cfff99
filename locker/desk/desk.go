package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
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

	Wanted []policy.Approver `json:"-"` // with a hold: of whom one has the next word on its end

	posts []roles.Role // by which the one who asked is an approver
}

// The kinds of record on the school's ledger.
const (
	KindPlaced   = "bar-placed"
	KindEndAsked = "bar-end-asked"
	KindEnded    = "bar-ended"
	KindGranted  = "grant-given"

	KindTakenBack = "grant-taken-back"
)

// ending is the body of the two records that end a bar.
type ending struct {
	ID     string `json:"id"`
	By     string `json:"by"`
	Person string `json:"person,omitempty"`    // whose account By is; older records do not say
	Asked  string `json:"asked_by,omitempty"`  // with KindEnded: the other account
	Other  string `json:"asked_for,omitempty"` // and whose that is

	Roles []roles.Role `json:"roles,omitempty"` // by which By may: the rules name two approvers
}

// mostBars is how many bars may stand at a time; a directory carries them all.
const mostBars = 1000

// Log is the school's ledger.
type Log interface{ ledger.Appender }

// Book is the bars that stand.
type Book struct {
	*bars

	hidden func(Bar) bool // what whoever looks must not know of; nil for nothing
}

// bars are what all who look at one book share.
type bars struct {
	log   Log
	stamp func() ledger.Stamp
	rules func() policy.Rules

	mu     sync.Mutex
	all    map[string]Bar            // that stand, by id
	on     map[string]locker.Subject // of all bars, those that ended too
	grants []locker.Grant            // as given, oldest first
	seqs   map[string]uint64         // by grant: its newest record on the school's ledger
	taken  map[string]bool           // grants taken back

	recusal Recusal // or nil
}

// New makes an empty book. rules are the school's, in force now: they say who
// ends a hold.
func New(log Log, stamp func() ledger.Stamp, rules func() policy.Rules) *Book {
	return &Book{bars: &bars{log: log, stamp: stamp, rules: rules, all: map[string]Bar{}, on: map[string]locker.Subject{}, seqs: map[string]uint64{}, taken: map[string]bool{}}}
}

// Fold takes one record of the school's ledger.
func (b *Book) Fold(r ledger.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fold(r)
}

func (b *Book) fold(r ledger.Record) error {
	switch r.Kind {
	case KindPlaced:
		bar := Bar{Seq: r.Seq}
		if err := json.Unmarshal(r.Body, &bar); err != nil {
			return ledger.Unreadable(r, err)
		}
		b.all[bar.ID], b.on[bar.ID] = bar, bar.On
	case KindGranted:
		var g granted
		if err := json.Unmarshal(r.Body, &g); err != nil {
			return ledger.Unreadable(r, err)
		}
		b.grants = append(b.grants, g.Grant)
		b.seqs[g.ID] = r.Seq
	case KindTakenBack:
		var end ending
		if err := json.Unmarshal(r.Body, &end); err != nil {
			return ledger.Unreadable(r, err)
		}
		b.grants = slices.DeleteFunc(b.grants, func(g locker.Grant) bool { return g.ID == end.ID })
		b.seqs[end.ID], b.taken[end.ID] = r.Seq, true
	case ledger.KindEpochOpened:
		b.renumber()
	case KindEndAsked, KindEnded:
		var end ending
		if err := json.Unmarshal(r.Body, &end); err != nil {
			return ledger.Unreadable(r, err)
		}
		if r.Kind == KindEnded {
			delete(b.all, end.ID)
			return nil
		}
		bar := b.all[end.ID]
		bar.EndBy, bar.EndOf, bar.EndAsk, bar.posts = end.By, cmp.Or(end.Person, end.By), r.Stamp.Wall, end.Roles
		b.all[end.ID] = bar
	}
	return nil
}

// renumber forgets where bars of earlier epochs stand: sequences count anew.
func (b *Book) renumber() {
	for id, bar := range b.all {
		bar.Seq = 0
		b.all[id] = bar
	}
	clear(b.seqs)
}

// Place bars a person, an item or a door. Errors: invalid, conflict when the same kind of
// bar stands there already.
func (b *Book) Place(ctx context.Context, by string, kind Kind, on locker.Subject) (Bar, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case kind != Stop && kind != Hold:
		return Bar{}, errs.New(errs.Invalid, "A bar is a stop or a hold.", "")
	case !one(on):
		return Bar{}, errs.New(errs.Invalid, "A bar stands against a person, an item, or one door of a bank.", "")
	case len(b.all) >= mostBars:
		return Bar{}, errs.New(errs.Conflict, fmt.Sprintf("%d bars stand already.", mostBars), "End those that are no longer needed.")
	}
	for _, other := range b.all {
		if other.On == on && other.Kind == kind {
			return Bar{}, errs.New(errs.Conflict, "That bar stands already.", "")
		}
	}
	stamp := b.stamp()
	bar := Bar{ID: ledger.NewID("b"), Kind: kind, On: on, From: stamp.Wall.UTC(), By: by}
	if err := b.append(ctx, KindPlaced, stamp, bar); err != nil {
		return Bar{}, err
	}
	return b.all[bar.ID], nil
}

// On is what a bar stands or stood against; nothing for an id of none.
func (b *Book) On(id string) locker.Subject {
	b.mu.Lock()
	defer b.mu.Unlock()
	if on := b.on[id]; !b.hides(Bar{ID: id, On: on}) {
		return on
	}
	return locker.Subject{}
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

// End ends a stop. For a hold one of the two whom the rules name asks, and the
// other, who is another person and not only another account, ends it. Errors:
// not_found, denied when the one who asked comes again, whose account changed a
// moment ago, or whom the rules do not name.
func (b *Book) End(ctx context.Context, who By, id string) (ended bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bar, ok := b.all[id]
	stamp := b.stamp()
	end := ending{ID: id, By: who.Account, Person: who.Person}
	switch {
	case !ok || b.hides(bar) || b.recused(who.Person, bar.On):
		return false, errNoBar
	case bar.Kind == Stop:
		return true, b.append(ctx, KindEnded, stamp, end)
	}
	bar = bar.at(stamp.Wall, b.rulesFor(bar.On))
	if err := b.mayEnd(who, stamp.Wall, bar.EndOf, bar.Wanted, bar.On); err != nil {
		return false, err
	}
	end.Roles = who.posts(stamp.Wall)
	if bar.EndBy == "" {
		return false, b.append(ctx, KindEndAsked, stamp, end)
	}
	end.Asked, end.Other = bar.EndBy, bar.EndOf
	return true, b.append(ctx, KindEnded, stamp, end)
}

// mayEnd refuses whoever may not have the next word on the end of a hold: asked is
// the person who had the first, if any.
func (b *Book) mayEnd(who By, now time.Time, asked string, wanted []policy.Approver, on locker.Subject) error {
	var parties []string
	if asked != "" {
		parties = []string{asked}
	}
	if _, err := who.Approve(now, parties...); err != nil {
		return mine(err, who.Actor, asked)
	}
	return b.unwanted(who, now, wanted, asked != "", on)
}

// at is the bar at a moment: the first of two approvals of its end waits an hour
// for the second, and only while the rules want it.
func (b Bar) at(now time.Time, r policy.Rules) Bar {
	if b.Kind != Hold {
		return b
	}
	if b.Wanted = approvers.Wanted(r, b.posts); b.EndBy == "" || len(b.Wanted) == 0 || b.posts == nil || now.Sub(b.EndAsk) >= approvalLasts {
		b.EndBy, b.EndOf, b.EndAsk, b.posts = "", "", time.Time{}, nil
		b.Wanted = approvers.Wanted(r, nil)
	}
	return b
}

// append records and folds. The caller holds mu.
func (b *Book) append(ctx context.Context, kind string, stamp ledger.Stamp, body any) error {
	return ledger.Write(ctx, b.log, b.fold, kind, stamp, body)
}

// Standing are the bars, oldest first.
func (b *Book) Standing() []Bar {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.stamp().Wall
	var list []Bar
	for _, bar := range b.all {
		if !b.hides(bar) {
			list = append(list, bar.at(now, b.rulesFor(bar.On)))
		}
	}
	slices.SortFunc(list, func(x, y Bar) int {
		return cmp.Or(cmp.Compare(x.Seq, y.Seq), x.From.Compare(y.From), strings.Compare(x.ID, y.ID)) // no Seq in a new epoch
	})
	return list
}

// Bars are what banks get of them.
func (b *Book) Bars() []locker.Bar {
	return forBanks(b.Standing())
}

func forBanks(bars []Bar) []locker.Bar {
	var list []locker.Bar
	for _, b := range bars {
		list = append(list, locker.Bar{ID: b.ID, Subject: b.On, From: b.From})
	}
	return list
}
