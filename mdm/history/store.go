package history

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Store keeps what devices do. Watch and Read are safe for concurrent use with Run.
type Store struct {
	Config

	mu     sync.Mutex
	queue  []change
	lost   bool // before what waits something happened that is not kept
	marks  map[string]mark
	before map[string]*mdm.Reported // the report of a device before it came online
	lines  map[string]int           // of each device since the last bell
	spent  map[string]int           // bytes of them
	swept  uint64                   // changes of the board that were looked at

	write  sync.Mutex // what follows
	file   *dayFile   // nil until the first line
	most   int64      // bytes of it
	words  words
	groups map[string][]string // as last written
	beat   time.Time
	full   bool       // the day takes no more, and its file says so
	period mdm.Period // that holds
	ring   *pending   // the bell that has rung and was not recorded; nil for none
}

// New makes a store over a folder that is there.
func New(c Config) *Store {
	return &Store{Config: c, most: maxDay, swept: never, marks: map[string]mark{}, before: map[string]*mdm.Reported{}, lines: map[string]int{}, spent: map[string]int{}}
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
		s.drop()
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

// drop gives up what waits, and makes every device have a line again: of what it
// was nothing is known. The marks stay, for they tell a report from before a device
// went from one since it came back. The caller holds mu.
func (s *Store) drop() {
	s.queue, s.lost, s.swept = nil, true, never
	for id, m := range s.marks {
		m.stale = true
		s.marks[id] = m
	}
}

// lose is drop where lines were on their way to the disk: nothing that they named
// counts as known, and nothing that they took as spent.
func (s *Store) lose() {
	s.words.forget()
	s.groups = map[string][]string{}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	clear(s.lines)
	clear(s.spent)
}

// sweep notices what no device said: that time passed, or that one is gone.
func (s *Store) sweep() {
	b := s.Board.Board()
	s.mu.Lock()
	same := b.Size == s.swept
	s.swept = b.Size
	s.mu.Unlock()
	if same {
		return
	}
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
			delete(s.spent, id)
			s.queue = append(s.queue, change{at: s.Now(), row: shadow.Row{Device: mdm.Device{ID: id}}})
		}
	}
}

// flush writes what waits, and a beat when it is time. What does not reach the disk,
// or finds no room there, is given up for good: before the next line that does, the
// file says that something was lost.
func (s *Store) flush(now time.Time) (err error) {
	defer func() {
		if err != nil {
			s.lose()
		}
	}()
	list, lost := s.take()
	b, err := s.encode(list)
	if err != nil {
		return err
	}
	over := len(b) > 0 && s.file.size+int64(len(b)) > s.most
	if over {
		s.lose()
		b, lost = nil, true
	}
	if lost && !s.full {
		if err := s.put(line{Kind: lineLost, At: now.UTC()}); err != nil {
			return err
		}
	}
	s.full = over
	if len(b) > 0 {
		if err := s.file.append(b); err != nil {
			return err
		}
	}
	if age := now.Sub(s.beat); age >= beatEvery || age < 0 {
		if err := s.put(line{Kind: lineBeat, At: now.UTC()}); err != nil {
			return err
		}
		s.beat = now
	}
	return nil
}

func (s *Store) encode(list []change) (b []byte, err error) {
	for _, c := range list {
		text, err := s.text(c)
		if err != nil {
			return nil, err
		}
		b = append(b, text...)
	}
	return b, nil
}

// text is a change as lines, within what one device may take.
func (s *Store) text(c change) ([]byte, error) {
	c.at = c.at.UTC().Truncate(time.Millisecond)
	d := c.row.Device
	if c.row.Want.Mode == "" {
		delete(s.groups, d.ID)
		b, err := json.Marshal(line{Kind: lineGone, At: c.at, Dev: d.ID})
		return append(b, '\n'), err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	spent := s.spent[d.ID]
	if spent == allSpent {
		return nil, nil
	}
	c.cut = c.cut || spent >= mostBytes
	groups, known := s.groups[d.ID]
	now := slices.Clone(d.Groups)
	if now == nil {
		now = []string{}
	}
	s.groups[d.ID] = now
	if known && slices.Equal(groups, now) {
		now = nil
	}
	b, err := s.words.encode(c, now)
	s.spent[d.ID] = spent + len(b)
	if c.cut {
		s.spent[d.ID] = allSpent
	}
	return b, err
}

// allSpent is of a device of which no more is kept until the next bell.
const allSpent = math.MaxInt

func (s *Store) put(l line) error {
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return s.file.append(append(b, '\n'))
}

// never is a size no board has, so that the next one is looked at.
const never = math.MaxUint64

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
