package shadow

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// Happened is an event of a device, and when the server heard of it.
type Happened struct {
	mdm.Event
	At time.Time // school time
}

// intake takes a payload about a listed device in; it is called with mu held.
type intake func(e *entry, payload []byte, retained bool) error

// guard makes a handler of an intake: only for listed devices, and what cannot
// be taken in is refused on record.
func (s *Shadow) guard(leaf wire.Leaf, take intake) func(string, []byte, bool) {
	return func(topic string, payload []byte, retained bool) {
		id, _, ok := s.Root.Whose(topic)
		s.mu.Lock()
		defer s.mu.Unlock()
		err, e := errNotListed, s.devices[id]
		if ok && e != nil {
			err = take(e, payload, retained)
		}
		if err != nil {
			s.refuse(e, Refusal{At: s.Now(), Device: id, Leaf: leaf, Reason: err.Error()})
		}
		s.watch(e)
		s.touch()
	}
}

// refuse puts a refusal on record. A device whose report was refused is judged by
// that until it reports something that can be true.
func (s *Shadow) refuse(e *entry, r Refusal) {
	s.refused.add(r)
	if e == nil {
		return
	}
	e.refusal = &r
	if r.Leaf == wire.LeafReported && e.seen.Refused.IsZero() {
		e.seen.Refused = r.At
	}
}

// watch shows a device to whoever keeps what devices do; e is nil for one that is
// not listed.
func (s *Shadow) watch(e *entry) {
	if s.Watch != nil && e != nil {
		now := s.Now()
		s.Watch(e.row(e.judge(now), now))
	}
}

var (
	errNotListed = errors.New("the device is not listed")
	errStale     = errors.New("it speaks of an earlier session")
)

// presence believes a death only of the session that was born last: the will
// of a connection that was taken over may arrive after the next birth. Nor is
// a session born again, and a retained copy may be older than what came live.
func (s *Shadow) presence(e *entry, payload []byte, retained bool) error {
	p, err := mdm.DecodePresence(payload)
	if err != nil {
		return err
	}
	switch born := e.born.Session; {
	case retained && p.Session != born && p.TS.Before(e.born.TS):
		return nil
	case p.Online && p.Session == e.dead, !p.Online && born != "" && p.Session != born:
		return errStale
	case p.Online && p.Session == born && e.seen.Link.Online:
		return nil
	case p.Online:
		e.born, e.told = p, nil
	default:
		e.dead = p.Session
	}
	s.link(e, p.Online)
	return nil
}

// link notes that a device came or went.
func (s *Shadow) link(e *entry, online bool) {
	if l := e.seen.Link; !l.Known || l.Online != online {
		e.seen.Link = mdm.Link{Known: true, Online: online, Since: s.Now()}
	}
	e.waitFrom, e.overdue = time.Time{}, false
	if online && e.published {
		e.waitFrom = time.Now()
	}
}

// reported believes a report for revisions that were issued.
func (s *Shadow) reported(e *entry, payload []byte, retained bool) error {
	r, err := mdm.DecodeReported(payload)
	if err != nil {
		return err
	}
	if r.Rev > e.want.Rev {
		return fmt.Errorf("rev %d was never issued, the last is %d", r.Rev, e.want.Rev)
	}
	old := e.seen.Report
	if retained && old != nil && r.TS.Before(old.TS) {
		return nil // a copy from before what came live
	}
	if old == nil || old.Rev != r.Rev || !maps.Equal(old.Set, r.Set) {
		e.seen.At = s.Now()
	}
	e.seen.Report, e.seen.Refused = &r, time.Time{}
	if r.Rev == e.want.Rev && len(mdm.Diff(e.want.Set, r.Set)) == 0 {
		e.seen.Applied = r.Rev
	}
	// A live report is a sign of life where the broker still holds the death
	// of an earlier session.
	if !retained && !e.seen.Link.Online && r.Session != e.dead {
		e.born, e.told = mdm.NewPresence(true, r.Session, r.TS), nil
		s.link(e, true)
	}
	return nil
}

func (s *Shadow) happened(e *entry, payload []byte, _ bool) error {
	ev, err := mdm.DecodeEvent(payload)
	if err != nil {
		return err
	}
	e.event = &Happened{Event: ev, At: s.Now()}
	return nil
}

// maxRefusals is how many refusals are kept for people to look at.
const maxRefusals = 100

// Refusal is a message of a device that was not taken in, or, without a leaf, a
// connection that was not.
type Refusal struct {
	At     time.Time // school time, of the last time
	Device string    // "" when the topic names none
	Leaf   wire.Leaf
	Reason string
	Times  int
}

// Refuse puts on record that the broker did not let a device in.
func (s *Shadow) Refuse(device, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse(s.devices[device], Refusal{At: s.Now(), Device: device, Reason: reason})
	s.touch()
}

// mostOfOne is how many of them are about one device.
const mostOfOne = 10

// refusals counts all and remembers the last. What is refused again for the same
// reason, whatever numbers it names, takes no second place, and one device has few
// places in all, so that it cannot crowd out the others.
type refusals struct {
	count uint64
	last  []Refusal
}

func (r *refusals) add(one Refusal) {
	one.Reason, one.Times = mdm.Cut(one.Reason), 1
	r.count++
	reason := wordsOf(one.Reason)
	same := func(o Refusal) bool {
		return o.Device == one.Device && o.Leaf == one.Leaf && wordsOf(o.Reason) == reason
	}
	if n := slices.IndexFunc(r.last, same); n >= 0 {
		one.Times += r.last[n].Times
		r.last = slices.Delete(r.last, n, n+1)
	} else if n := r.crowds(one.Device); n >= 0 {
		r.last = slices.Delete(r.last, n, n+1)
	} else if len(r.last) == maxRefusals {
		r.last = slices.Delete(r.last, 0, 1)
	}
	r.last = append(r.last, one)
}

// crowds is the oldest place of a device that has as many as it may; -1 for none.
func (r *refusals) crowds(device string) int {
	oldest, places := -1, 0
	for n, o := range slices.Backward(r.last) {
		if o.Device == device {
			oldest = n
			places++
		}
	}
	if places < mostOfOne {
		return -1
	}
	return oldest
}

// wordsOf is a reason without its numbers.
func wordsOf(reason string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, reason)
}
