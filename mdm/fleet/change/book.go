// Package change is the book of what a school asks of its devices: the versions
// of its rules, and who agreed to each. It is a fold over the school's ledger:
//
//	device-rules-begun  {rules, by}  the first version, as the school described it
package change

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
)

// KindBegun is the kind of the first record.
const KindBegun = "device-rules-begun"

// Log is where commands write.
type Log interface{ ledger.Appender }

// Version is rules and since when they are in force.
type Version struct {
	N     int       // from 1
	From  time.Time // school time
	By    string    // account
	Rules mdm.Rules
}

// Book is all versions. It is safe for concurrent use.
type Book struct {
	log   Log
	stamp func() ledger.Stamp

	command  sync.Mutex // one command at a time
	mu       sync.RWMutex
	versions []Version // by From
}

// New makes an empty book.
func New(log Log, stamp func() ledger.Stamp) *Book { return &Book{log: log, stamp: stamp} }

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// At gives the rules in force at a moment, and a number that is another whenever
// they are others. They must not be modified.
func (b *Book) At(now time.Time) (mdm.Rules, uint64) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for n, v := range slices.Backward(b.versions) {
		if !now.Before(v.From) {
			return v.Rules, uint64(n) + 1
		}
	}
	return mdm.Rules{}, 0
}

// Versions gives all of them, the first first.
func (b *Book) Versions() []Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.versions)
}

type begun struct {
	Rules mdm.Rules `json:"rules"`
	By    string    `json:"by"`
}

// Begin makes rules the first version; a school that has one keeps it, whatever
// its files say by now. Errors: invalid, and those of the ledger.
func (b *Book) Begin(ctx context.Context, by string, rules mdm.Rules) error {
	b.command.Lock()
	defer b.command.Unlock()
	if len(b.Versions()) > 0 {
		return nil
	}
	if !school.ValidID(by) {
		return errs.New(errs.Invalid, fmt.Sprintf("%.40q is nobody's id.", by), "")
	}
	if err := rules.Validate(); err != nil {
		return err
	}
	raw, err := json.Marshal(begun{rules, by})
	if err != nil {
		return fmt.Errorf("encoding rules: %w", err)
	}
	e := ledger.Entry{Kind: KindBegun, Stamp: b.stamp(), Body: raw}
	if _, err := b.log.Append(ctx, e); err != nil {
		return err
	}
	return b.Fold(ledger.Record{Entry: e})
}

// Fold takes in one record of the ledger and passes over kinds that are not the
// book's. Errors: invalid, for a record that does not fit those before it.
func (b *Book) Fold(r ledger.Record) error {
	if r.Kind != KindBegun {
		return nil
	}
	var e begun
	err := json.Unmarshal(r.Body, &e)
	if err == nil {
		err = e.Rules.Validate()
	}
	if err != nil {
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("Record %d of the school's ledger is no rule for devices.", r.Seq), "Verify the ledger: bellkeep ledger verify")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.versions = append(b.versions, Version{N: len(b.versions) + 1, From: r.Stamp.Wall.UTC(), By: e.By, Rules: e.Rules})
	return nil
}
