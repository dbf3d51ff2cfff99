package attendance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// The kinds of the book's records.
const (
	KindMarked = "attendance-marked"
	KindUndone = "attendance-undone"
	KindLeave  = "early-leave"
)

// The limits of the book.
const (
	Days     = 14   // days kept in memory
	MaxMarks = 5000 // pupils in one batch
)

// Log is where commands write: the school's ledger.
type Log interface{ ledger.Appender }

// Vault keeps who collects a pupil.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Desk gives and takes back permissions to collect.
type Desk interface {
	Give(ctx context.Context, by string, g locker.Grant) (locker.Grant, error)
	Withdraw(ctx context.Context, by, grant string) error
}

// Config is what a book stands on.
type Config struct {
	Log   Log
	Vault Vault
	Desk  Desk
	Stamp func() ledger.Stamp
	Zone  *time.Location // of the school's days
}

// Book is the newest days in memory, safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu      sync.RWMutex
	days    map[school.Date]*day
	batches map[string]*Batch // of those days
	leaves  map[string]Leave  // of those days, by grant
}

// day is everything said of one day, in order.
type day struct {
	batches []*Batch
	said    map[string][]said // by person
}

// New makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else.
func New(c Config) *Book {
	return &Book{Config: c, days: map[school.Date]*day{}, batches: map[string]*Batch{}, leaves: map[string]Leave{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Day is what counts of a day; of one that is not kept, nothing.
func (b *Book) Day(date school.Date) Day {
	b.mu.RLock()
	defer b.mu.RUnlock()
	d := Day{Date: date, pupils: map[string]Standing{}}
	kept := b.days[date]
	if kept == nil {
		return d
	}
	for _, batch := range kept.batches {
		d.batches = append(d.batches, *batch)
	}
	for id, list := range kept.said {
		if s := standing(list); s != (Standing{}) {
			d.pupils[id] = s
		}
	}
	return d
}

// standing is what counts of all that was said of one pupil.
func standing(list []said) (s Standing) {
	for _, m := range list {
		if m.Undone != "" {
			continue
		}
		if s.At, s.By = m.At, m.By; m.ofRegister() {
			s.Register = m.Mark
		} else {
			s.NoPhone = m.Mark == NoPhone
		}
	}
	if s.Register == "" && !s.NoPhone {
		return Standing{}
	}
	return s
}

type marked struct {
	By    string            `json:"by"`
	Batch string            `json:"batch"`
	Day   string            `json:"day"`
	How   How               `json:"how"`
	Marks map[Mark][]string `json:"marks"`
}

type undone struct {
	By    string `json:"by"`
	Batch string `json:"batch"`
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	var err error
	switch r.Kind {
	case KindMarked:
		err = read(r, b.mark)
	case KindUndone:
		err = read(r, b.undo)
	case KindLeave:
		err = read(r, b.leave)
	}
	if err == nil {
		return nil
	}
	return ledger.Unreadable(r, err)
}

func read[Body any](r ledger.Record, take func(Body, time.Time) error) error {
	var body Body
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return err
	}
	return take(body, r.Stamp.Wall.UTC().Truncate(time.Millisecond)) // as the ledger keeps it
}

func (b *Book) mark(m marked, at time.Time) error {
	date, err := school.ParseDate(m.Day)
	if err != nil {
		return err
	}
	if m.Batch == "" {
		return errors.New("no batch")
	}
	for mark := range m.Marks {
		if !slices.Contains(Marks(), mark) {
			return fmt.Errorf("%.40q is no mark", mark)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.day(date)
	if d == nil {
		return nil
	}
	batch := b.batches[m.Batch]
	if batch == nil {
		batch = &Batch{ID: m.Batch, Day: date, How: m.How, By: m.By, At: at}
		b.batches[m.Batch] = batch
		d.batches = append(d.batches, batch)
	}
	for mark, people := range m.Marks {
		batch.Count += len(people)
		for _, id := range people {
			d.said[id] = append(d.said[id], said{mark, batch})
		}
	}
	return nil
}

// day finds or begins a day, and forgets what is older than the newest Days. It
// is nil for one older than those.
func (b *Book) day(date school.Date) *day {
	if b.days[date] == nil {
		b.days[date] = &day{said: map[string][]said{}}
		b.forget()
	}
	return b.days[date]
}

func (b *Book) forget() {
	if len(b.days) <= Days {
		return
	}
	oldest := b.oldest()
	delete(b.days, oldest)
	maps.DeleteFunc(b.batches, func(_ string, batch *Batch) bool { return batch.Day == oldest })
	maps.DeleteFunc(b.leaves, func(_ string, l Leave) bool { return school.DateOf(l.At.In(b.Zone)).Before(oldest.Next()) })
}

func (b *Book) oldest() school.Date {
	return slices.MinFunc(slices.Collect(maps.Keys(b.days)), func(x, y school.Date) int {
		if x.Before(y) {
			return -1
		}
		return 1
	})
}

func (b *Book) undo(u undone, _ time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if batch := b.batches[u.Batch]; batch != nil { // of an older day nothing is known
		batch.Undone = u.By
	}
	return nil
}
