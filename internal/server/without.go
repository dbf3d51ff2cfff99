package server

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Without is the server to somebody who must not know of what is about them: every
// book, board and list is as if that were not there. What is asked of it is done by
// the same server.
func (s *Server) Without(person string) *Server {
	v := *s
	v.Records = s.Records.Without(person)
	v.Banks = s.Banks.Without(s.Concerns.Hidden(person).Item)
	return &v
}

// Shown reports whether a record of any ledger is for a page where all are listed.
// Of safeguarding files none is: they tell their own chronology. Whoever a file is
// about is not shown what was done for it either, down to the lists that banks were
// given for nothing else.
func (s *Server) Shown(r ledger.Record) bool {
	if !s.Concerns.Shown(r) || !s.Fleet.Shown(r) {
		return false
	}
	if s.Concerns.Viewer() == "" || r.Kind != banks.KindPublished && r.Kind != string(locker.InForce) {
		return true
	}
	var lists struct {
		Directory uint64 `json:"directory"`
	}
	_ = json.Unmarshal(r.Body, &lists) // a body of another shape is of no version
	from, upto, ok := s.Rules.Behind(lists.Directory)
	return !ok || !s.onlyHidden(from, upto)
}

// mostBehind is how many records are looked at behind one version. Where there are
// more, something else happened too, as good as always.
const mostBehind = 64

var errOther = errors.New("something else happened")

// onlyHidden reports whether nothing but what is hidden from whoever looks is on
// record between two places of the school's ledger.
func (s *Server) onlyHidden(from, upto uint64) bool {
	if upto <= from || upto-from > mostBehind {
		return false
	}
	hidden, some := s.Concerns.Hidden(s.Concerns.Viewer()), false
	err := s.Log.Read(context.Background(), from, func(r ledger.Record) error { // a few records of a local file
		switch {
		case r.Seq >= upto:
			return errOther
		case hidden.Record(r):
			some = true
		case r.Kind != banks.KindPublished && !strings.HasPrefix(r.Kind, concern.Prefix):
			some = false
			return errOther
		}
		return nil
	})
	return some && (err == nil || errors.Is(err, errOther))
}

// DeviceBoard is every school device as it stands, to whoever looks: one in a
// quarantine they must not know of is asked for what it would be asked without, and
// what it says of itself is left out.
func (s *Server) DeviceBoard() shadow.Board {
	board := s.Devices.Board()
	if !s.Fleet.Hides() {
		return board
	}
	now := s.Now().Wall
	board.Rows = slices.Clone(board.Rows)
	for i, r := range board.Rows {
		if !r.Device.Quarantined || !s.Fleet.Conceals(r.Device.ID) {
			continue
		}
		r.Device.Quarantined, r.Said = false, nil
		r.Want = s.wanted(r.Device, now)
		board.Rows[i] = r
	}
	return board
}

// wanted is what is asked of a device at a moment, by the rules of then.
func (s *Server) wanted(d mdm.Device, at time.Time) mdm.Stage {
	rules, _ := s.DeviceRules.At(at)
	return mdm.Compile(d, rules, s.Day(at), exceptions.Devices{Book: s.Exceptions, Fleet: s.Fleet}.For(d, at), at).At(at)
}

// DeviceDay is how school devices were on a day, to whoever looks: of one in a
// quarantine they must not know of it says from then on what would have been asked
// without, and not what it said. Errors: those of the history.
func (s *Server) DeviceDay(on school.Date) (*history.Day, error) {
	day, err := s.History.Read(on)
	if err != nil || !s.Fleet.Hides() {
		return day, err
	}
	return day.For(func(e history.Entry, first bool) (history.Entry, bool) {
		if !s.Fleet.ConcealsAt(e.Device, e.At) {
			return e, true
		}
		l, _ := s.Fleet.Device(e.Device)
		want := s.wanted(l.Device, e.At)
		e.Mode, e.Want, e.Said, e.For = want.Mode, want.Set, nil, 0
		return e, first
	}), nil
}
