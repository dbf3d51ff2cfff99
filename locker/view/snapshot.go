package view

import (
	"encoding/json"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// saved is a Fold as it is kept. It holds ids only, as the ledger does.
type saved struct {
	State              *locker.State
	Size, Alien        uint64
	AsOf, Took         school.Instant
	Calls              []savedCall
	Today              map[string]school.Instant
	Since              map[int]school.Instant
	Directories, Plans []InForce
	Evacuations        []Evacuation
	History            map[string][]savedEvent
	OfItems            []savedEvent
}

type savedCall struct {
	Code   ProblemCode
	Person string
	At     school.Instant
}

// savedEvent is an event with the fields that its own JSON leaves to the
// ledger's envelope.
type savedEvent struct {
	Kind    locker.Kind
	At      school.Instant
	Door    int
	Purpose locker.Purpose
	Body    locker.Body
}

// Save gives the fold as bytes for Load. Only the same build of the program may
// believe them, and only beside the very records they were folded from: that is
// for whoever keeps them to see to.
func (f *Fold) Save() ([]byte, error) {
	s := saved{
		State: f.state, Size: f.size, Alien: f.alien, AsOf: f.asOf, Took: f.took, Today: f.today, Since: f.since,
		Directories: f.directories, Plans: f.plans, Evacuations: f.evacuations.list, History: make(map[string][]savedEvent, len(f.history)),
	}
	for _, c := range f.calls {
		s.Calls = append(s.Calls, savedCall{c.code, c.person, c.at})
	}
	for person, events := range f.history {
		s.History[person] = saveEvents(events)
	}
	s.OfItems = saveEvents(f.ofItems)
	return json.Marshal(s)
}

// Load is the fold of the bank of setup that Save gave. Errors: bytes that are
// none.
func Load(setup locker.Setup, data []byte) (*Fold, error) {
	f := NewFold(setup)
	s := saved{State: f.state, Today: f.today, Since: f.since}
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	s.State.Setup = setup
	f.size, f.alien, f.asOf, f.took = s.Size, s.Alien, s.AsOf, s.Took
	f.directories, f.plans, f.evacuations.list = s.Directories, s.Plans, s.Evacuations
	for _, c := range s.Calls {
		f.calls = append(f.calls, call{c.Code, c.Person, c.At})
	}
	for person, events := range s.History {
		f.history[person] = loadEvents(events)
	}
	f.ofItems = loadEvents(s.OfItems)
	return f, nil
}

func saveEvents(events []locker.Event) (list []savedEvent) {
	for _, e := range events {
		list = append(list, savedEvent{e.Kind, e.At, e.Door, e.Purpose, e.Body})
	}
	return list
}

func loadEvents(saved []savedEvent) (list []locker.Event) {
	for _, e := range saved {
		list = append(list, locker.Event{Kind: e.Kind, At: e.At, Door: e.Door, Purpose: e.Purpose, Body: e.Body})
	}
	return list
}

// Snapshots keeps what a Live has folded over a restart, so that it need not
// read its ledger from the beginning. It is a cache: Load gives nothing when it
// has any doubt that the bytes were folded from the ledger as it is, and nobody
// is told when Save could not keep them.
type Snapshots interface {
	Load() (fold []byte, ok bool)
	Save(fold []byte, size uint64)
}

// saveEvery is how many records are folded between two snapshots: no more has to
// be folded again after a crash.
const saveEvery = 20_000

// Keep makes Run begin with what s has. Call it before Run.
func (l *Live) Keep(s Snapshots) { l.snapshots = s }

// recall takes up a snapshot and reports whether there was one.
func (l *Live) recall() bool {
	if l.snapshots == nil {
		return false
	}
	data, ok := l.snapshots.Load()
	if !ok {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fold, err := Load(l.fold.state.Setup, data)
	if err != nil {
		return false // reading the ledger gives the same
	}
	l.fold, l.saved = fold, fold.size
	return true
}

// save keeps a snapshot once as many as least records are new since the last.
func (l *Live) save(least uint64) {
	l.mu.Lock()
	size := l.fold.size
	if l.snapshots == nil || size < l.saved+least {
		l.mu.Unlock()
		return
	}
	data, err := l.fold.Save()
	l.saved = size
	l.mu.Unlock()
	if err == nil { // it cannot fail; without a snapshot the ledger is read
		l.snapshots.Save(data, size)
	}
}
