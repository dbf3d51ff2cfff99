package server

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/mdm"
)

// rehearsalLasts is how long a device is as in a lesson, in school time.
const rehearsalLasts = time.Minute

// maxRehearsals is how many devices may be at it.
const maxRehearsals = 5

// rehearsals let a device be as in a lesson for a minute, to see whether it does. They
// are in memory only: what a device is told ends by itself.
type rehearsals struct {
	exceptions.Devices

	mu sync.Mutex
	on map[string]mdm.Exception // by device
	n  uint64                   // begun so far
}

// For adds a rehearsal to what else is laid over a device's rules.
func (r *rehearsals) For(d mdm.Device, now time.Time) []mdm.Exception {
	list := r.Devices.For(d, now)
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.on[d.ID]; ok && now.Before(e.Until) {
		list = append([]mdm.Exception{e}, list...)
	}
	return list
}

// Version grows with every rehearsal.
func (r *rehearsals) Version() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Devices.Version() + r.n
}

// Rehearse has a device that nobody has be as in a lesson for a minute. Errors:
// not_found, denied, conflict, too_often, those of the ledger.
func (s *Server) Rehearse(ctx context.Context, by, device string) (until time.Time, err error) {
	l, ok := s.Fleet.Device(device)
	switch {
	case !ok || !l.Retired.IsZero():
		return until, errs.New(errs.NotFound, "The school has no device of that name.", "Choose a test device.")
	case l.Device.Quarantined:
		return until, errs.New(errs.Denied, "A device in quarantine is not tried out.", "Choose another test device.")
	case l.Holder != "":
		return until, errs.New(errs.Conflict, "Somebody has that device, and would lose what it may do for a minute.", "Choose one that nobody has, or take it back first.")
	}
	now := s.Now().Wall.In(s.School.Calendar.Zone)
	until = now.Add(rehearsalLasts)
	rules, _ := s.DeviceRules.At(now)
	lesson := mdm.Compile(l.Device, rules, []mdm.Period{{Kind: mdm.Lesson, Name: "Rehearsal", From: now.Add(-time.Minute), Until: until}}, nil, now)
	if len(lesson.Set) == 0 {
		return until, errs.New(errs.NotFound, "The rules ask for nothing of that device in lessons.", "Give it a group with rules, on its page.")
	}
	r := s.rehearsals
	r.mu.Lock()
	defer r.mu.Unlock()
	running := 0
	for id, e := range r.on {
		if now.Before(e.Until) && id != device {
			running++
		}
	}
	if running >= maxRehearsals {
		return until, errs.New(errs.TooOften, "Enough devices are being tried out.", "Wait a minute.")
	}
	if err := s.Fleet.Rehearse(ctx, by, device, until); err != nil {
		return until, err
	}
	r.n++
	r.on[device] = mdm.Exception{ID: fmt.Sprintf("rehearsal-%d", r.n), From: now, Until: until, Set: lesson.Set}
	return until, nil
}

// Rehearsed says until when a device is as in a lesson.
func (s *Server) Rehearsed(device string) (until time.Time, ok bool) {
	s.rehearsals.mu.Lock()
	defer s.rehearsals.mu.Unlock()
	e, ok := s.rehearsals.on[device]
	return e.Until, ok && s.Now().Wall.Before(e.Until)
}
