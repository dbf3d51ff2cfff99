package locker

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// Approvers are those whose passkeys a bank goes by when something takes two
// people. It was told of the first of them when it joined its school, or by a
// technician at its own kiosk; of later ones by two whom it knew, or by root on its
// own computer. The school's directory has no part in it.
type Approvers struct {
	Set     passkey.Set
	Since   map[string]Known // by name of a key
	Offered *passkey.Set     // by the school's server, while the bank knows nobody
}

// Known is since when a bank knows a key.
type Known struct {
	At     school.Instant
	AtOnce bool // it counts from then on; else after NewFor
}

// NewFor is how long a bank has known a key before it counts: time for somebody to
// see who was added.
const NewFor = 24 * time.Hour

// counts reports whether a key is known for long enough. Across a restart that goes
// by the wall clock, if it could be trusted both times.
func (a Approvers) counts(key passkey.Key, now school.Instant) bool {
	known, ok := a.Since[key.Name()]
	switch {
	case !ok:
		return false
	case known.AtOnce:
		return true
	case known.At.Boot == now.Boot:
		return now.Mono-known.At.Mono >= NewFor
	}
	return known.At.Trusted && now.Trusted && now.Wall.Sub(known.At.Wall) >= NewFor
}

// People are those who have a key that counts at one of some moments: as the bank
// told them last, say, and as somebody else knows the time.
func (a Approvers) People(at ...school.Instant) []string {
	var in passkey.Set
	for _, k := range a.Set.Keys {
		if slices.ContainsFunc(at, func(now school.Instant) bool { return a.counts(k, now) }) {
			in.Keys = append(in.Keys, k)
		}
	}
	return in.People()
}

// LearnApprovers is the record of who at the bank itself says whose keys its
// approvers have: a technician at the kiosk, root on its computer, or nobody when it
// was told in joining. Keys that are new count after a day, unless the bank knew
// none and keeps nothing that they could open. Errors: invalid.
func LearnApprovers(s *State, set passkey.Set, by string, now school.Instant) (Event, error) {
	if err := set.Check(); err != nil {
		return Event{}, errs.Wrap(err, errs.Invalid, "The approvers' keys cannot be taken.", "Make the list of keys anew on the page of approvers.")
	}
	set = set.Sorted()
	atOnce := s.Approvers.Set.Empty() && len(s.Items) == 0 && len(s.Holds) == 0
	return Event{Kind: ApproversLearned, At: now, Body: Body{Keys: &set, By: by, AtOnce: atOnce}}, nil
}

// changeApprovers puts other keys in place of those the bank knows. A bank that
// knows nobody keeps the offer until a person at the bank has said that it is right.
func (d decider) changeApprovers(o Order) (Event, Answer) {
	if o.Keys == nil || o.Keys.Check() != nil {
		return Event{}, Malformed
	}
	set := o.Keys.Sorted()
	if d.Approvers.Set.Empty() {
		if offered := d.Approvers.Offered; offered != nil && offered.ID() == set.ID() {
			return Event{}, NoChange
		}
		return Event{Kind: ApproversOffered, Body: Body{Keys: &set}}, ""
	}
	people, why := d.agreed(o)
	if why == "" && set.ID() == d.Approvers.Set.ID() {
		why = NoChange
	}
	if why != "" {
		return Event{}, why
	}
	body := o.agreement(people)
	body.Keys = &set
	return Event{Kind: ApproversChanged, Body: body}, ""
}

// learnOffered takes a technician's word that the keys on offer are those that the
// school's page shows: they have held the one fingerprint against the other.
func (d decider) learnOffered(w Wish) Decision {
	offered := d.Approvers.Offered
	switch {
	case !d.Directory.Staff[d.person].Technician:
		return d.refuseStaff(w, Barred, Screen{Word: Office})
	case offered == nil || offered.Fingerprint() != w.Keys:
		return d.refuseStaff(w, NoChange, Screen{Word: Office})
	}
	e, err := LearnApprovers(d.State, *offered, d.person, d.now)
	if err != nil {
		return d.refuseStaff(w, Malformed, Screen{Word: Office})
	}
	return Decision{e, Screen{Word: KeysKnown, Says: offered.Fingerprint()}}
}

func (s *State) applyApprovers(seq uint64, e Event) {
	s.applyOrder(seq, e)
	if e.Keys == nil {
		return
	}
	if e.Kind == ApproversOffered {
		s.Approvers.Offered = e.Keys
		return
	}
	since := make(map[string]Known, len(e.Keys.Keys))
	for _, k := range e.Keys.Keys {
		since[k.Name()] = Known{At: e.At, AtOnce: e.AtOnce}
		if was, known := s.Approvers.Set.Find(k.ID); known && was.Person == k.Person && string(was.Public) == string(k.Public) {
			since[k.Name()] = s.Approvers.Since[k.Name()]
		}
	}
	s.Approvers = Approvers{Set: *e.Keys, Since: since}
}
