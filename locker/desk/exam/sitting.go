package exam

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The limits.
const (
	MaxCandidates = 1000 // of one sitting
	maxSittings   = 5000
	maxRooms      = 30
	maxMinutes    = 6 * 60
	maxExtra      = 200 // per cent
	maxRest       = 180 // minutes
	maxText       = 500 // characters of a text
	maxLabel      = 80  // characters of a title, room or number
	maxIncidents  = 200 // of one sitting
)

// Sitting is one paper that some candidates write at one time.
type Sitting struct {
	ID      string
	Paper   Paper
	Start   time.Time
	Minutes int  // of the paper, without anybody's extra time
	Leave   bool // who has finished may collect at once
	By      string
	Lines   []Line // numbered from 1

	Cleared   []Clearing // oldest first
	Incidents []Incident
	Cancelled time.Time
	Seq       uint64 // of the record that last changed what banks are told
}

// Paper is what is written.
type Paper struct {
	Title  string   `json:"title"`            // GCSE Mathematics, paper 1
	Series string   `json:"series,omitempty"` // June 2027
	Board  string   `json:"board,omitempty"`  // who awards it
	Rooms  []string `json:"rooms,omitempty"`
}

// Candidate is somebody entered for a paper.
type Candidate struct {
	Person string `json:"person"`
	Number string `json:"number,omitempty"` // as the awarding body knows them
	Room   string `json:"room,omitempty"`
	Extra  int    `json:"extra,omitempty"` // time, in per cent
	Rest   int    `json:"rest,omitempty"`  // breaks in all, in minutes
}

// Line is a candidate and what was recorded of them.
type Line struct {
	N int
	Candidate
	Off      time.Time // taken off the list before the paper
	None     *Said     // they have no device with them
	With     *Said     // the invigilator, Other, has their device
	Back     *Said     // and gave it back
	Absent   *Said
	Late     *Said // came after they were marked absent
	Admitted *Said // late, and let in
	Finished time.Time
	Finish   *Said
	Why      string // of an early finish
}

// Said is what somebody recorded of a line.
type Said struct {
	By, Person string
	At         time.Time
	Other      string // the witness of None, the holder of With
}

// Clearing is that a sitting was marked clear.
type Clearing struct {
	By, Person string
	At         time.Time
	Counts     Counts
}

// Counts are how many lines stood how.
type Counts struct {
	Deposited int `json:"deposited"`
	With      int `json:"with_invigilator"`
	None      int `json:"no_device"`
	Absent    int `json:"absent"`
}

// Incident is a device found with a candidate in their paper.
type Incident struct {
	N          int
	Line       int
	At         time.Time
	By, Person string
	What       desk.What
	Active     bool   // it rang, was looked at or otherwise in use
	Case       string // the confiscation
	Happened   string
	Recorded   time.Time
}

// Ends is when the paper ends for somebody, counted in elapsed time.
func (s Sitting) Ends(c Candidate) time.Time {
	length := time.Duration(s.Minutes) * time.Minute
	return s.Start.Add(length*time.Duration(100+c.Extra)/100 + time.Duration(c.Rest)*time.Minute)
}

// Last is when the last of all is to end.
func (s Sitting) Last() time.Time {
	last := s.Ends(Candidate{})
	for _, l := range s.Lines {
		if e := s.Ends(l.Candidate); l.Listed() && e.After(last) {
			last = e
		}
	}
	return last
}

// Line finds a line by its number.
func (s Sitting) Line(n int) (Line, bool) {
	if n < 1 || n > len(s.Lines) || !s.Lines[n-1].Listed() {
		return Line{}, false
	}
	return s.Lines[n-1], true
}

// Of finds the line of a person.
func (s Sitting) Of(person string) (Line, bool) {
	i := slices.IndexFunc(s.Lines, func(l Line) bool { return l.Person == person && l.Listed() })
	if i < 0 {
		return Line{}, false
	}
	return s.Lines[i], true
}

// Listed reports whether the line still is on the list.
func (l Line) Listed() bool { return l.Off.IsZero() }

// from is when the device of a candidate who was there in time begins to stay where
// it is: at the start, or already when the sitting was first marked clear.
func (s Sitting) from() time.Time {
	if len(s.Cleared) > 0 && s.Cleared[0].At.Before(s.Start) {
		return s.Cleared[0].At
	}
	return s.Start
}

// begun reports whether candidates may be in the paper at t.
func (s Sitting) begun(t time.Time) bool { return !t.Before(s.from()) }

// midnight is the end of the sitting's day, at which every paper is over.
func (s Sitting) midnight(zone *time.Location) time.Time {
	return school.DateOf(s.Start.In(zone)).Next().At(school.Clock{}, zone).UTC()
}

// State is how a line stands.
type State string

// The states. Missing alone keeps a sitting from being clear.
const (
	Missing   State = "missing"
	Deposited State = "deposited"
	With      State = "with-invigilator"
	NoDevice  State = "no-device"
	Away      State = "absent"
	Done      State = "finished"
)

// Kept is one device of a candidate that is out of their hands.
type Kept struct {
	What  desk.What
	Place desk.Place // zero where that is not for everybody to know
}

// phone reports whether a device is one that everybody is asked about first: a watch
// alone does not say where the phone is.
func (k Kept) phone() bool {
	return k.What != desk.Watch && k.What != desk.Earbuds && k.What != desk.Tracker
}

// State is how the line stands, with these devices of the candidate's kept.
func (l Line) State(kept []Kept) State {
	switch {
	case !l.Finished.IsZero():
		return Done
	case l.Absent != nil:
		return Away
	case l.With != nil && l.Back == nil:
		return With
	case slices.ContainsFunc(kept, Kept.phone):
		return Deposited
	case l.None != nil:
		return NoDevice
	}
	return Missing
}

func (s Sitting) copied() Sitting {
	s.Paper.Rooms = slices.Clone(s.Paper.Rooms)
	s.Lines, s.Cleared, s.Incidents = slices.Clone(s.Lines), slices.Clone(s.Cleared), slices.Clone(s.Incidents)
	return s // what a line points to is never changed
}
