package history

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// pending is a bell of which Settle has not passed yet.
type pending struct {
	period mdm.Period
	at     time.Time
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
	s.again()
	return nil
}

// again lets devices be kept again that had said all that is kept of one until a
// bell, as they are now.
func (s *Store) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, m := range s.marks {
		if s.lines[id] >= mostLines || s.spent[id] == allSpent {
			m.stale = true
			s.marks[id] = m
			s.swept = never
		}
	}
	clear(s.lines)
	clear(s.spent)
}
