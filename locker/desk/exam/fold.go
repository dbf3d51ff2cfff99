package exam

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The kinds of the book's records.
const (
	KindSet       = "exam-set"
	KindListed    = "exam-listed"
	KindAdjusted  = "exam-adjusted"
	KindMoved     = "exam-moved"
	KindCancelled = "exam-cancelled"
	KindLine      = "exam-line"
	KindCleared   = "exam-cleared"
	KindFinished  = "exam-finished"
	KindIncident  = "exam-incident"
)

var kinds = []string{KindSet, KindListed, KindAdjusted, KindMoved, KindCancelled, KindLine, KindCleared, KindFinished, KindIncident}

// How says what was recorded of a line.
type How string

// What may be recorded of a line.
const (
	SaidNone     How = "no-device"  // Other is the witness
	SaidWith     How = "with"       // Other is the invigilator who has it
	SaidBack     How = "given-back" // by whoever had it
	SaidAbsent   How = "absent"
	SaidLate     How = "late"       // they came after all
	SaidAdmitted How = "admitted"   // late, and let in
	SaidOff      How = "off"        // not a candidate after all
	SaidAgain    How = "taken-back" // they have a device after all: ask again
)

// body is the body of all the book's records.
type body struct {
	Sitting    string    `json:"sitting"`
	By         string    `json:"by"`
	Person     string    `json:"person"`
	Start      time.Time `json:"start,omitzero"`
	Minutes    int       `json:"minutes,omitempty"`
	Leave      bool      `json:"leave,omitempty"`
	Candidates int       `json:"candidates,omitempty"` // how many come with it
	Line       int       `json:"line,omitempty"`
	Lines      []int     `json:"lines,omitempty"`
	How        How       `json:"how,omitempty"`
	Other      string    `json:"other,omitempty"` // a member of staff
	Counts     *Counts   `json:"counts,omitempty"`
	At         time.Time `json:"at,omitzero"`
	What       desk.What `json:"what,omitempty"`
	Active     bool      `json:"active,omitempty"`
	Case       string    `json:"case,omitempty"`
	vault.Kept
}

// written is what the vault keeps: of each kind of record its own part.
type written struct {
	Paper      *Paper      `json:"paper,omitempty"`
	Candidates []Candidate `json:"candidates,omitempty"`
	Text       string      `json:"text,omitempty"`
}

var errMisfit = errors.New("it does not fit what stands before it")

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	b.learn(r.Stamp)
	if r.Kind == ledger.KindEpochOpened {
		b.renumber()
		return nil
	}
	if !slices.Contains(kinds, r.Kind) {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	var w written
	if err := vault.Read(context.Background(), b.Vault, e.Content, &w); err != nil { // one local file: there is nothing to wait for
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fold(r, e, w); err != nil {
		return ledger.Unreadable(r, err)
	}
	return nil
}

// learn keeps the newest moment that is sure: a paper before that day is over, whatever
// a clock says that may be wrong.
func (b *Book) learn(at ledger.Stamp) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at.Trusted && at.Wall.After(b.known) {
		b.known = at.Wall
	}
}

// renumber forgets where records of earlier epochs stand: sequences count anew.
func (b *Book) renumber() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sittings {
		s.Seq = 0
	}
}

func (b *Book) fold(r ledger.Record, e body, w written) error {
	at := r.Stamp.Wall.UTC()
	s := b.sittings[e.Sitting]
	if r.Kind == KindSet {
		if s != nil || e.Sitting == "" {
			return errMisfit
		}
		s = &Sitting{ID: e.Sitting, By: e.By, Leave: e.Leave}
		if w.Paper != nil {
			s.Paper = *w.Paper
		}
		b.sittings[s.ID], b.order = s, append(b.order, s.ID)
	}
	if s == nil {
		return errMisfit
	}
	said := &Said{By: e.By, Person: e.Person, At: at, Other: e.Other}
	s.Seq = r.Seq
	switch r.Kind {
	case KindSet:
		s.Start, s.Minutes = e.Start.UTC(), e.Minutes
		return s.enter(e.Candidates, w.Candidates)
	case KindListed:
		return s.enter(e.Candidates, w.Candidates)
	case KindMoved:
		s.Start, s.Minutes = e.Start.UTC(), e.Minutes
	case KindCancelled:
		s.Cancelled = at
	case KindCleared:
		if e.Counts == nil {
			return errMisfit
		}
		s.Cleared = append(s.Cleared, Clearing{By: e.By, Person: e.Person, At: at, Counts: *e.Counts})
	case KindFinished:
		return s.finish(e, said, w.Text)
	default:
		return s.onLine(r.Kind, e, w, said)
	}
	return nil
}

// enter adds n candidates; what the vault has erased of them is left blank.
func (s *Sitting) enter(n int, list []Candidate) error {
	if len(list) != 0 && len(list) != n {
		return errMisfit
	}
	for i := range n {
		l := Line{N: len(s.Lines) + 1}
		if i < len(list) {
			l.Candidate = list[i]
		}
		s.Lines = append(s.Lines, l)
	}
	return nil
}

func (s *Sitting) finish(e body, said *Said, why string) error {
	for _, n := range e.Lines {
		if n < 1 || n > len(s.Lines) {
			return errMisfit
		}
		l := &s.Lines[n-1]
		l.Finished, l.Finish, l.Why = e.At.UTC(), said, why
	}
	return nil
}

// onLine folds in a record about one line.
func (s *Sitting) onLine(kind string, e body, w written, said *Said) error {
	if e.Line < 1 || e.Line > len(s.Lines) {
		return errMisfit
	}
	l := &s.Lines[e.Line-1]
	switch kind {
	case KindAdjusted:
		if len(w.Candidates) == 1 {
			person := l.Person
			l.Candidate = w.Candidates[0]
			l.Person = person
		}
	case KindIncident:
		s.Incidents = append(s.Incidents, Incident{N: len(s.Incidents) + 1, Line: e.Line, At: e.At.UTC(), By: e.By, Person: e.Person,
			What: e.What, Active: e.Active, Case: e.Case, Happened: w.Text, Recorded: said.At})
	default:
		l.say(e.How, said)
	}
	return nil
}

func (l *Line) say(how How, said *Said) {
	switch how {
	case SaidNone:
		l.None = said
	case SaidWith:
		l.With, l.Back = said, nil
	case SaidBack:
		l.Back = said
	case SaidAbsent:
		l.Absent, l.Late, l.None = said, nil, nil
	case SaidLate:
		l.Late, l.Absent, l.Admitted, l.None = said, nil, nil, nil
	case SaidAdmitted:
		l.Admitted = said
	case SaidOff:
		l.Off = said.At
	case SaidAgain:
		l.None = nil
	}
}
