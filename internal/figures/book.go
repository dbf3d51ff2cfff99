package figures

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
)

// KindCounted is the kind of the book's records.
const KindCounted = "day-counted"

// mostYears is how many year groups a record may have.
const mostYears = 20

// Tally is how pupils of one year group stood when a day's hand-in was over.
type Tally struct {
	Expected int `json:"expected"` // at school with a phone they may not keep
	In       int `json:"in"`       // of those, handed in
	Late     int `json:"late"`     // of those, after the register
	Exempt   int `json:"exempt"`   // at school, and may keep theirs
}

// plus adds two tallies.
func (t Tally) plus(u Tally) Tally {
	return Tally{t.Expected + u.Expected, t.In + u.In, t.Late + u.Late, t.Exempt + u.Exempt}
}

func (t Tally) wrong() bool {
	return t.Expected < 0 || t.Late < 0 || t.Exempt < 0 || t.In > t.Expected || t.Late > t.In
}

// Day is one school day, by year group.
type Day struct {
	Date  school.Date
	Years map[string]Tally
}

// Book is all days that were counted, safe for concurrent use.
type Book struct {
	log   ledger.Appender
	stamp func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu   sync.RWMutex
	days []Day // as they were counted
	has  map[school.Date]bool
}

// NewBook makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func NewBook(log ledger.Appender, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, stamp: stamp, has: map[school.Date]bool{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Days are all that were counted.
func (b *Book) Days() []Day {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.days[:len(b.days):len(b.days)]
}

// Counted reports whether a day was.
func (b *Book) Counted(d school.Date) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.has[d]
}

type body struct {
	Day   string           `json:"day"`
	Years map[string]Tally `json:"years"`
}

// Count records how a day went; a day that was counted before is left as it is. Errors:
// invalid, those of the ledger.
func (b *Book) Count(ctx context.Context, days ...Day) error {
	b.command.Lock()
	defer b.command.Unlock()
	var entries []ledger.Entry
	for _, d := range days {
		if b.Counted(d.Date) {
			continue
		}
		if err := d.check(); err != nil {
			return errs.Wrap(err, errs.Invalid, "The day cannot be counted like that.", "")
		}
		e, err := ledger.NewEntry(KindCounted, b.stamp(), body{d.Date.String(), d.Years})
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil
	}
	return ledger.Commit(ctx, b.log, b.Fold, entries...)
}

func (d Day) check() error {
	if len(d.Years) > mostYears {
		return errors.New("more year groups than a school has")
	}
	for _, t := range d.Years {
		if t.wrong() {
			return errors.New("more handed in than were there")
		}
	}
	return nil
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid.
func (b *Book) Fold(r ledger.Record) error {
	if r.Kind != KindCounted {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	date, err := school.ParseDate(e.Day)
	d := Day{date, e.Years}
	if err = errors.Join(err, d.check()); err != nil {
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.has[date] {
		b.days, b.has[date] = append(b.days, d), true
	}
	return nil
}
