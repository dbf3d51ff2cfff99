// Package banks is the school server's side of its lockers: which banks there
// are, a verbatim copy of each one's ledger, what rules each goes by, and orders
// to them.
//
// A bank decides for its own doors. The server sends what may and may not be,
// and believes about a door only what that bank's ledger says.
package banks

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Bank is one bank as the school knows it.
type Bank struct {
	Setup locker.Setup
	Label string
}

// The limits of a list of banks.
const (
	MaxBanks = 32
	MaxLabel = 40 // bytes
)

// The kinds of record on the school's ledger.
const (
	KindListed   = "bank-listed"
	KindAccepted = "epoch-accepted" // an owner knows that records before it may be missing
)

type listed struct {
	Bank         string           `json:"bank"`
	Label        string           `json:"label,omitempty"`
	First        int              `json:"first,omitempty"` // pupil doors, as painted
	Last         int              `json:"last,omitempty"`
	Confiscation Run              `json:"confiscation,omitzero"`
	Evidence     Run              `json:"evidence,omitzero"`
	Trays        Run              `json:"trays,omitzero"`
	Allotment    locker.Allotment `json:"allotment,omitempty"`
	Epoch        uint64           `json:"epoch,omitempty"` // with KindAccepted and KindReplaced
	Size         uint64           `json:"size,omitempty"`  // with KindReplaced: records copied of the epoch before
	Root         string           `json:"root,omitempty"`  // their root hash, base64
	By           string           `json:"by"`
}

// Log is the school's ledger.
type Log interface {
	Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error)
}

// List is the book of banks.
type List struct {
	log   Log
	stamp func() ledger.Stamp

	mu       sync.Mutex
	banks    map[string]Bank
	accepted map[string]uint64 // by bank: the newest epoch an owner accepted
	replaced map[string]uint64 // by bank: the first epoch of the machine it is now
}

// NewList makes an empty book.
func NewList(log Log, stamp func() ledger.Stamp) *List {
	return &List{log: log, stamp: stamp, banks: map[string]Bank{}, accepted: map[string]uint64{}, replaced: map[string]uint64{}}
}

// Fold takes one record of the school's ledger.
func (l *List) Fold(r ledger.Record) error {
	if r.Kind != KindListed && r.Kind != KindAccepted && r.Kind != KindReplaced {
		return nil
	}
	var body listed
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return fmt.Errorf("record %d: %w", r.Seq, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold(r.Kind, body)
	return nil
}

func (l *List) fold(kind string, body listed) {
	if kind == KindReplaced {
		l.replaced[body.Bank] = body.Epoch
	}
	if kind != KindListed { // who replaces a bank knows that records may be missing
		l.accepted[body.Bank] = max(l.accepted[body.Bank], body.Epoch)
		return
	}
	l.banks[body.Bank] = Bank{Label: body.Label, Setup: locker.Setup{
		Bank: body.Bank, Allotment: body.Allotment,
		Doors: Run{body.First, body.Last}.Doors(), Confiscation: body.Confiscation.Doors(), Evidence: body.Evidence.Doors(), Trays: body.Trays.Doors(),
	}}
}

// All are the banks, by id.
func (l *List) All() []Bank {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []Bank
	for _, b := range l.banks {
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b Bank) int { return cmp.Compare(a.Setup.Bank, b.Setup.Bank) })
	return list
}

// Get finds a bank.
func (l *List) Get(id string) (Bank, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.banks[id]
	return b, ok
}

// Accept says that an owner knows that records of a bank may be missing before
// an epoch of its ledger, and that it is to be followed all the same. by is their
// account. Errors: not_found, invalid.
func (l *List) Accept(ctx context.Context, by, bank string, epoch uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.banks[bank]; !ok {
		return errs.New(errs.NotFound, "There is no such bank.", "")
	}
	if err := account(by); err != nil {
		return err
	}
	if epoch == 0 || epoch > ledger.MaxSeq {
		return errs.New(errs.Invalid, "Epochs count from 1.", "The refusal of the ledger names the epoch.")
	}
	body := listed{Bank: bank, Epoch: epoch, By: by}
	if err := record(ctx, l.log, l.stamp(), KindAccepted, body); err != nil {
		return err
	}
	l.fold(KindAccepted, body)
	return nil
}

// accepts reports whether an owner accepted that epoch, or a later one.
func (l *List) accepts(bank string, epoch uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return epoch <= l.accepted[bank]
}

// Add lists a bank, whose doors of each class are numbered in one run, or
// changes what is said of it. by is the account of who does. Errors: invalid; conflict when another bank
// has one of the doors' numbers.
func (l *List) Add(ctx context.Context, by string, b Bank) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := cmp.Or(account(by), l.check(b)); err != nil {
		return err
	}
	doors := RunOf(b.Setup.Doors)
	body := listed{Bank: b.Setup.Bank, Label: b.Label, First: doors.First, Last: doors.Last, Allotment: b.Setup.Allotment, By: by,
		Confiscation: RunOf(b.Setup.Confiscation), Evidence: RunOf(b.Setup.Evidence), Trays: RunOf(b.Setup.Trays)}
	if err := record(ctx, l.log, l.stamp(), KindListed, body); err != nil {
		return err
	}
	l.fold(KindListed, body)
	return nil
}

// account refuses what is no account's id: a person's name has no place on the
// ledger, from which nothing can be erased.
func account(by string) error {
	if !school.ValidID(by) {
		return errs.New(errs.Invalid, "Whoever does this is named by their account: small letters, digits and hyphens.", "For example: it")
	}
	return nil
}

func (l *List) check(b Bank) error {
	_, known := l.banks[b.Setup.Bank]
	switch {
	case !school.ValidID(b.Setup.Bank):
		return errs.New(errs.Invalid, "A bank's id has small letters, digits and hyphens.", "For example: a")
	case len(b.Label) > MaxLabel:
		return errs.New(errs.Invalid, fmt.Sprintf("A bank's label has at most %d bytes.", MaxLabel), "")
	case !inRuns(b.Setup):
		return errs.New(errs.Invalid, "A bank has doors, those of each class numbered in one run, and no number twice.", "For example: 1-300")
	case b.Setup.Allotment != locker.Fixed && b.Setup.Allotment != locker.Dynamic:
		return errs.New(errs.Invalid, "Doors are given out fixed or dynamic.", "")
	case len(l.banks) == MaxBanks && !known:
		return errs.New(errs.Conflict, fmt.Sprintf("A school has at most %d banks.", MaxBanks), "")
	}
	for id, other := range l.banks {
		if id != b.Setup.Bank && overlap(b.Setup, other.Setup) {
			return errs.New(errs.Conflict, fmt.Sprintf("Bank %s has some of these door numbers.", id), "Paint other numbers: a door's number names it in the whole school.")
		}
	}
	return nil
}

// record appends one record to the school's ledger.
func record(ctx context.Context, log Log, stamp ledger.Stamp, kind string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = log.Append(ctx, ledger.Entry{Kind: kind, Stamp: stamp, Body: data})
	return err
}
