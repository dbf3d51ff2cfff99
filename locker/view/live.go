package view

import (
	"context"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// Past is a ledger that is no longer written.
type Past interface {
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
}

// Live is a Board that follows its ledger.
type Live struct {
	past []Past // earlier epochs, oldest first
	log  ledger.Reader
	now  func() school.Instant
	zone *time.Location

	mu      sync.Mutex
	fold    *Fold
	rules   locker.Rules
	changed wait.Signal

	snapshots Snapshots // nil for none
	saved     uint64    // size of the newest snapshot; only Run uses it
}

// NewLive follows log, which comes after the ledgers in past, once Run is
// called.
func NewLive(setup locker.Setup, rules locker.Rules, past []Past, log ledger.Reader, now func() school.Instant, zone *time.Location) *Live {
	return &Live{past: past, log: log, now: now, zone: zone, fold: NewFold(setup), rules: rules}
}

// Run folds the ledger in until ctx ends, from the newest snapshot on if there
// is one.
func (l *Live) Run(ctx context.Context) error {
	if !l.recall() {
		if err := l.foldPast(ctx); err != nil {
			return err
		}
	}
	for {
		if err := l.log.Read(ctx, l.size(), l.apply); err != nil {
			return err
		}
		l.changed.Ring()
		l.save(saveEvery)
		if err := l.log.Wait(ctx, l.size()); err != nil {
			l.save(1)
			return err
		}
	}
}

// foldPast folds the earlier epochs in.
func (l *Live) foldPast(ctx context.Context) error {
	for _, p := range l.past {
		// What cannot be read is in doubt on the bank's ledger by now.
		if err := p.Read(ctx, 0, l.apply); ctx.Err() != nil {
			return err
		}
	}
	l.restart()
	return nil
}

// Rule changes the rules the board is drawn by.
func (l *Live) Rule(rules locker.Rules) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rules = rules
}

// Board is the bank as it is now.
func (l *Live) Board() Board {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fold.Board(l.rules, l.now(), l.zone)
}

// Follows reports whether this is the board of that ledger.
func (l *Live) Follows(log ledger.Reader) bool { return l.log == log }

// Legacy is what the bank would leave to another machine now.
func (l *Live) Legacy() locker.Legacy {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fold.Legacy(l.rules.Directory.Grants)
}

// InForce tells since when the bank has gone by a directory of at least that
// version, if it does.
func (l *Live) InForce(directory uint64) (since time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry, ok := reached(l.fold.directories, directory)
	return entry.Since, ok
}

// Size is how many records of the current epoch are folded in.
func (l *Live) Size() uint64 { return l.size() }

// Wait returns as soon as more than size records are folded in.
func (l *Live) Wait(ctx context.Context, size uint64) error {
	return l.changed.Until(ctx, func() bool { return l.size() > size })
}

// apply folds a record in. One that cannot be understood, of a newer bank
// perhaps, is counted and must not hide those after it.
func (l *Live) apply(r ledger.Record) error {
	e, err := record.Event(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.fold.Pass(r.Seq)
		return nil
	}
	l.fold.Apply(r.Seq, e)
	return nil
}

// restart counts from the first record of the current epoch.
func (l *Live) restart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fold.size = 0
}

func (l *Live) size() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fold.size
}
