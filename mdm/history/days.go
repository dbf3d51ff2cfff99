package history

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
)

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
		if err := s.flush(now); err != nil {
			return err
		}
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
	f, err := openDay(s.Dir, today, s.coveredOf(today))
	if err != nil {
		return err
	}
	s.file, s.beat, s.full = f, now, true // that lines were lost is said by open
	s.lose()
	if err := s.put(line{Kind: lineOpen, V: fileVersion, At: now.UTC()}); err != nil {
		s.file = nil // to be begun anew
		return errors.Join(err, f.close())
	}
	return nil
}

// coveredOf is how much of a day's file bells cover.
func (s *Store) coveredOf(day school.Date) (end int64) {
	for _, b := range s.Book.Of(day) {
		end = max(end, b.From+b.Size)
	}
	return end
}

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
