package history

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Store keeps what devices do. Watch and Read are safe for concurrent use with Run.
type Store struct {
	Config

	mu     sync.Mutex
	queue  []change
	lost   bool // the queue was full
	marks  map[string]mark
	before map[string]*mdm.Reported // the report of a device before it came online
	lines  map[string]int           // of each device since the last bell

	write  sync.Mutex // what follows
	file   *dayFile   // nil until the first line
	words  words
	groups map[string][]string // as last written
	beat   time.Time
	period mdm.Period // that holds
	swept  uint64     // changes of the board that were looked at
	ring   *pending   // the bell that has rung and was not recorded; nil for none
}

// pending is a bell of which Settle has not passed yet.
type pending struct {
	period mdm.Period
	at     time.Time
}

// New makes a store over a folder that is there.
func New(c Config) *Store {
	return &Store{Config: c, swept: never, marks: map[string]mark{}, before: map[string]*mdm.Reported{}, lines: map[string]int{}}
}

// Watch takes note of a device if something about it changed. It is quick: writing
// is Run's work.
func (s *Store) Watch(r shadow.Row) {
	m, now := markOf(r), s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.Device.ID
	old, known := s.marks[id]
	if known && m == old {
		return
	}
	if known && r.Link != old.link {
		s.before[id] = old.said
	}
	s.marks[id] = m
	s.lines[id]++
	if s.lines[id] > mostLines {
		return
	}
	if len(s.queue) == maxQueue {
		s.lost = true
		return
	}
	s.queue = append(s.queue, change{at: now, row: r, note: note(r, old), cut: s.lines[id] == mostLines,
		fresh: r.Said != nil && r.Said != s.before[id] && r.Link.Online})
}

// take hands over what waits to be written.
func (s *Store) take() (list []change, lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, lost = s.queue, s.lost
	s.queue, s.lost = nil, false
	return list, lost
}

// Run writes what changes, and records each bell, until ctx ends. A disk that takes
// nothing is told of in the log and tried again. Errors: those of the ledger.
func (s *Store) Run(ctx context.Context) error {
	ticks := time.NewTicker(writeEvery)
	defer ticks.Stop()
	failing := false
	for {
		err := s.Step(ctx)
		var fault ledgerFault
		switch {
		case ctx.Err() != nil:
			return s.Close()
		case errors.As(err, &fault):
			return fault.error
		case err != nil && !failing:
			s.Log.Error("what devices do is not kept; it is tried again", "err", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return s.Close()
		case <-ticks.C:
		}
	}
}

// ledgerFault is a fault with which the process must end.
type ledgerFault struct{ error }

// Step does all there is to do now.
func (s *Store) Step(ctx context.Context) error {
	s.write.Lock()
	defer s.write.Unlock()
	now := s.Now()
	if err := s.turn(ctx, now); err != nil {
		return err
	}
	s.sweep()
	if err := s.flush(now); err != nil {
		return err
	}
	if s.ring != nil && !now.Before(s.ring.at.Add(Settle)) {
		return s.record(ctx)
	}
	return nil
}

// turn begins a day or a period when it is time, and records what ends.
func (s *Store) turn(ctx context.Context, now time.Time) error {
	today := school.DateOf(now)
	if s.file != nil && s.file.day.Before(today) {
		if err := s.endDay(ctx, now); err != nil {
			return err
		}
	}
	if s.file == nil {
		if err := s.beginDay(ctx, now); err != nil {
			return err
		}
	}
	p := periodAt(s.Day(now), now)
	if p.Kind == s.period.Kind && p.Name == s.period.Name && p.From.Equal(s.period.From) {
		return nil
	}
	if s.ring != nil { // the time leapt
		if err := s.record(ctx); err != nil {
			return err
		}
	}
	if p.From.IsZero() || p.From.Before(now.Add(-Settle)) && s.period.Kind == "" {
		s.period = p // it rang before the server was there, or no school has begun
		return nil
	}
	s.period, s.ring = p, &pending{p, p.From}
	return nil
}

// periodAt is the period that holds at t. What holds after the last one, and
// between two, is home from the end of the one before.
func periodAt(day []mdm.Period, t time.Time) mdm.Period {
	home := mdm.Period{Kind: mdm.Home, Name: "Home"}
	for _, p := range day {
		switch {
		case t.Before(p.From):
			home.Until = p.From
			return home
		case t.Before(p.Until):
			return p
		}
		home.From = p.Until
	}
	return home
}

// beginDay opens the day's file, and ends days that a stop of the server left open.
func (s *Store) beginDay(ctx context.Context, now time.Time) (err error) {
	today := school.DateOf(now)
	if err := s.tidy(ctx, today); err != nil {
		return err
	}
	if err := unpack(s.Dir, today); err != nil {
		return err
	}
	if s.file, err = openDay(s.Dir, today, s.coveredOf(today)); err != nil {
		return err
	}
	s.words = words{known: map[string]int{}}
	s.groups = map[string][]string{}
	s.anew()
	s.beat = now
	return s.put(line{Kind: lineOpen, V: fileVersion, At: now.UTC()})
}

// anew makes every device have a line again: of what it was nothing is known.
func (s *Store) anew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue, s.marks, s.lines, s.swept = nil, map[string]mark{}, map[string]int{}, never
}

// coveredOf is how much of a day's file bells cover.
func (s *Store) coveredOf(day school.Date) (end int64) {
	for _, b := range s.Book.Of(day) {
		end = max(end, b.From+b.Size)
	}
	return end
}

// sweep notices what no device said: that time passed, or that one is gone.
func (s *Store) sweep() {
	b := s.Board.Board()
	if b.Size == s.swept {
		return
	}
	s.swept = b.Size
	there := make(map[string]bool, len(b.Rows))
	for _, r := range b.Rows {
		there[r.Device.ID] = true
		s.Watch(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.marks)) {
		if !there[id] {
			delete(s.marks, id)
			delete(s.before, id)
			delete(s.lines, id)
			s.queue = append(s.queue, change{at: s.Now(), row: shadow.Row{Device: mdm.Device{ID: id}}})
		}
	}
}

// flush writes what waits, and a beat when it is time.
func (s *Store) flush(now time.Time) error {
	list, lost := s.take()
	var b []byte
	for _, c := range list {
		text, err := s.text(c)
		if err != nil {
			return err
		}
		b = append(b, text...)
	}
	if s.file.size+int64(len(b)) > maxDay {
		b, lost = nil, true
	}
	if lost {
		s.anew()
		if err := s.put(line{Kind: lineLost, At: now.UTC()}); err != nil {
			return err
		}
	}
	if len(b) > 0 {
		if err := s.file.append(b); err != nil {
			return err
		}
	}
	if age := now.Sub(s.beat); age >= beatEvery || age < 0 {
		s.beat = now
		return s.put(line{Kind: lineBeat, At: now.UTC()})
	}
	return nil
}

func (s *Store) text(c change) ([]byte, error) {
	c.at = c.at.UTC().Truncate(time.Millisecond)
	d := c.row.Device
	if c.row.Want.Mode == "" {
		delete(s.groups, d.ID)
		b, err := json.Marshal(line{Kind: lineGone, At: c.at, Dev: d.ID})
		return append(b, '\n'), err
	}
	groups, known := s.groups[d.ID]
	now := slices.Clone(d.Groups)
	if now == nil {
		now = []string{}
	}
	s.groups[d.ID] = now
	if known && slices.Equal(groups, now) {
		now = nil
	}
	return s.words.encode(c, now)
}

func (s *Store) put(l line) error {
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return s.file.append(append(b, '\n'))
}

// record puts the bell that rang on the ledger, with the hash of all that was
// written since the one before.
func (s *Store) record(ctx context.Context) error {
	p := s.ring.period
	return s.cover(ctx, Bell{Bell: p.Name, Mode: p.Kind, Rang: s.ring.at.UTC()})
}

func (s *Store) cover(ctx context.Context, b Bell) (err error) {
	b.Day = s.file.day.String()
	if b.From, b.Size, b.Hash, err = s.file.seal(); err != nil {
		return err
	}
	var violating []string
	b.Counts = map[mdm.Verdict]int{}
	var groups tally
	for _, r := range s.Board.Board().Rows {
		b.Devices++
		b.Counts[r.Verdict]++
		if r.Verdict == mdm.Violating {
			violating = append(violating, r.Device.ID)
		}
		groups.add(r)
	}
	if err := s.Book.record(ctx, b, b.judge(violating, groups)); err != nil {
		return ledgerFault{err}
	}
	s.file.covered()
	s.ring = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, n := range s.lines {
		if n >= mostLines { // what it is now is written again
			delete(s.marks, id)
			s.swept = never
		}
	}
	clear(s.lines)
	return nil
}

// never is a size no board has, so that the next one is looked at.
const never = math.MaxUint64

// endDay covers what is left of the day and puts it away.
func (s *Store) endDay(ctx context.Context, now time.Time) error {
	if err := s.flush(now); err != nil {
		return err
	}
	if err := s.put(line{Kind: lineClose, At: now.UTC()}); err != nil {
		return err
	}
	if s.ring != nil {
		if err := s.record(ctx); err != nil {
			return err
		}
	} else if err := s.cover(ctx, Bell{}); err != nil {
		return err
	}
	f := s.file
	s.file, s.period = nil, mdm.Period{}
	return f.close() // tidy packs it
}

// tidy covers and packs days before today, and removes those nobody keeps any more.
func (s *Store) tidy(ctx context.Context, today school.Date) error {
	found, err := days(s.Dir)
	if err != nil {
		return err
	}
	oldest := school.DateOf(today.At(school.Clock{}, time.UTC).AddDate(-s.Years(), 0, 0))
	for _, day := range slices.SortedFunc(maps.Keys(found), func(a, b school.Date) int {
		if a.Before(b) {
			return -1
		}
		return 1
	}) {
		switch {
		case day.Before(oldest):
			for _, end := range []string{plain, packed} {
				if err := os.Remove(filepath.Join(s.Dir, day.String()+end)); err != nil && !errors.Is(err, os.ErrNotExist) {
					return broken(err)
				}
			}
		case day.Before(today) && found[day] == plain:
			if err := s.finish(ctx, day); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish covers what no bell of a past day covers and packs the day.
func (s *Store) finish(ctx context.Context, day school.Date) error {
	f, err := openDay(s.Dir, day, s.coveredOf(day))
	if err != nil {
		return err
	}
	b := Bell{Day: day.String()}
	if b.From, b.Size, b.Hash, err = f.seal(); err == nil && b.Size > 0 {
		if err := s.Book.record(ctx, b, nil); err != nil {
			return ledgerFault{errors.Join(err, f.close())}
		}
	}
	if err := errors.Join(err, f.close()); err != nil {
		return err
	}
	return pack(s.Dir, day)
}

// Close says that the server stopped in good order. What no bell covers yet the
// next one does.
func (s *Store) Close() error {
	s.write.Lock()
	defer s.write.Unlock()
	if s.file == nil {
		return nil
	}
	now := s.Now()
	err := s.flush(now)
	if err == nil {
		err = s.put(line{Kind: lineClose, At: now.UTC()})
	}
	err = errors.Join(err, s.file.f.Sync(), s.file.close())
	s.file = nil
	return err
}
