package view

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// Evacuation is what one bank's own record says of an evacuation, for a report.
type Evacuation struct {
	Cause     locker.Cause // it began with
	By        string       // the person at the kiosk who began it, "" for none
	Seq       uint64       // of the record it began with
	Began     time.Time    // by the bank's clock
	Ended     time.Time    // zero while it lasts
	EndedBy   string       // the account, or the person at the kiosk; "" for the school's plan
	Openings  int          // doors that were told to open meanwhile: 0, or something is broken
	Opening   []int        // doors that had been told to open just before, ascending
	Open      []int        // doors that stood open when it began, ascending
	CameOpen  []int        // doors that came open meanwhile without being told, by key or by force
	Scans     int          // badges that got nothing
	Refused   int          // orders and wishes of staff that got nothing
	Unaskable []int        // doors that could not be asked when it began
}

// mostEvacuations is how many of them a Fold remembers, the newest.
const mostEvacuations = 50

// evacuations are those of one bank, oldest first.
type evacuations struct{ list []Evacuation }

// apply takes an event that was folded into s already.
func (v *evacuations) apply(s *locker.State, seq uint64, e locker.Event) {
	running := v.running()
	switch {
	case e.Kind == locker.EvacuationBegan && running == nil:
		v.list = append(v.list, begin(s, seq, e))
		v.list = v.list[max(0, len(v.list)-mostEvacuations):]
	case running == nil:
	case e.Kind == locker.EvacuationEnded && !s.Evacuation.On():
		running.Ended, running.EndedBy = e.At.Wall, e.By
	case e.Kind == locker.TookOver: // the record goes on elsewhere
		running.Ended = e.At.Wall
	case e.Kind == locker.Intent && e.Attempt == 1, e.Kind == locker.CommissionPulse:
		running.Openings++
	case e.Kind == locker.Turned && e.Answer == locker.Evacuated:
		running.Scans++
	case e.Kind == locker.Turned && e.Answer == locker.Flooded:
		running.Scans += e.Withheld
	case (e.Kind == locker.OrderRefused || e.Kind == locker.StaffRefused) && e.Answer == locker.Evacuated:
		running.Refused++
	case e.Kind == locker.Moved && e.Contact == locker.Open && !slices.Contains(running.CameOpen, e.Door):
		running.CameOpen = append(running.CameOpen, e.Door)
	}
}

func (v *evacuations) running() *Evacuation {
	if n := len(v.list); n > 0 && v.list[n-1].Ended.IsZero() {
		return &v.list[n-1]
	}
	return nil
}

func begin(s *locker.State, seq uint64, e locker.Event) Evacuation {
	ev := Evacuation{Cause: e.Cause, By: e.By, Seq: seq, Began: e.At.Wall}
	for _, v := range s.UnderWay() {
		if v.Phase == locker.Opening {
			ev.Opening = append(ev.Opening, v.Door)
		}
	}
	for n := range s.Setup.All() {
		switch s.Doors[n].Contact {
		case locker.Open:
			ev.Open = append(ev.Open, n)
		case locker.Unknown:
			ev.Unaskable = append(ev.Unaskable, n)
		}
	}
	slices.Sort(ev.Open)
	slices.Sort(ev.Unaskable)
	return ev
}
