package mdm

import (
	"slices"
	"strings"
	"time"
)

// Grace is how long a device that is online may take to report a revision.
const Grace = 15 * time.Second

// Skew is how far a device's clock may run ahead at a bell before doing the
// next thing early counts against it.
const Skew = 5 * time.Second

// Verdict is how a device stands to what is desired of it.
type Verdict string

// The verdicts. InForce is said only of what the device itself reported for
// the current revision.
const (
	InForce     Verdict = "in-force"
	AwaitsUser  Verdict = "user-action" // whoever holds it must do something first
	OnlyAssumed Verdict = "assumed"     // asked for, and the device cannot say; never in force
	Pending     Verdict = "pending"     // online, and within its Grace
	Late        Verdict = "late"        // online, and past it
	Offline     Verdict = "offline"
	Rejected    Verdict = "rejected" // online, and what it said last cannot be true
	Violating   Verdict = "violating"
	Unknown     Verdict = "unknown" // never seen
)

// Verdicts are all of them, the gravest first.
var Verdicts = [...]Verdict{Violating, Rejected, Late, AwaitsUser, Offline, Unknown, OnlyAssumed, Pending, InForce}

// Seen is what the server has seen of a device, by the server's own clocks.
type Seen struct {
	Link    Link
	Report  *Reported     // the last one taken; nil for none
	At      time.Time     // school time at which it first said so
	Refused time.Time     // school time at which a report was first refused since; zero for not
	Applied uint64        // last revision it reported applied in full
	Pushed  time.Time     // school time at which the broker had the revision; zero for not yet
	Waited  time.Duration // machine time it has had, being online, to act on it
}

// Link is whether a device is there.
type Link struct {
	Known  bool // false until its first birth or death
	Online bool
	Since  time.Time // school time
}

// Fault is a setting that is not, or is not known to be, as wanted.
type Fault struct {
	Setting Setting
	State   State // "" when it was not reported
	Want    Value
	Have    Value // "" when not known
	Detail  string
}

// open reports whether the fault may still settle by itself.
func (f Fault) open() bool { return f.State == "" || f.State == Updating }

// final reports whether the device itself says that it is otherwise.
func (f Fault) final() bool { return !f.open() && f.State != UserAction && f.State != Assumed }

// Compliance is the verdict on one device.
type Compliance struct {
	Verdict  Verdict
	Since    time.Time // school time; zero when nothing ever happened
	Rev      uint64    // wanted
	Reported uint64    // revision of the last report; 0 for none
	Applied  uint64    // last revision reported applied in full
	Faults   []Fault   // by setting
}

// Diff lists the settings of want that a report does not show applied with the
// value wanted.
func Diff(want Set, got map[Setting]Outcome) []Fault {
	var faults []Fault
	for s, v := range want {
		if o := got[s]; o.State != Applied || o.Value != v {
			if faults == nil { // few devices have one, or they have nearly all
				faults = make([]Fault, 0, len(want))
			}
			faults = append(faults, Fault{Setting: s, State: o.State, Want: v, Have: o.Value, Detail: o.Detail})
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(string(a.Setting), string(b.Setting)) })
	return faults
}

// Judge holds what was seen of a device against what is desired of it at now.
func Judge(want Desired, seen Seen, now time.Time) Compliance {
	c := Compliance{Rev: want.Rev, Applied: seen.Applied}
	set := want.At(now).Set
	var said map[Setting]Outcome // what was reported for another revision says nothing of this one
	if seen.Report != nil {
		c.Reported = seen.Report.Rev
		if c.Reported == want.Rev {
			said = seen.Report.Set
		}
	}
	c.Faults = Diff(set, said)
	switch {
	case !seen.Link.Known:
		c.Verdict = Unknown
	case !seen.Link.Online:
		c.Verdict, c.Since = Offline, seen.Link.Since
	case !seen.Refused.IsZero():
		c.Verdict, c.Since = Rejected, seen.Refused
	case c.Reported != want.Rev || want.Rev == 0:
		c.Verdict, c.Since = waiting(seen)
	default:
		c.Verdict, c.Since = weigh(want, c.Faults, seen, now)
	}
	return c
}

// waiting is the verdict on a device that has not answered yet.
func waiting(seen Seen) (Verdict, time.Time) {
	since := seen.Pushed
	if seen.Link.Since.After(since) {
		since = seen.Link.Since
	}
	if seen.Waited < Grace {
		return Pending, since
	}
	return Late, since
}

// weigh is the verdict on an answer for the current revision.
func weigh(want Desired, faults []Fault, seen Seen, now time.Time) (Verdict, time.Time) {
	switch {
	case len(faults) == 0:
		return InForce, seen.At
	case slices.ContainsFunc(faults, Fault.final):
		if soon := want.At(now.Add(Skew)).Set; len(Diff(soon, seen.Report.Set)) == 0 {
			return Pending, seen.At // the next bell is near, and done early
		}
		return Violating, seen.At
	case slices.ContainsFunc(faults, Fault.open):
		return waiting(seen)
	case slices.ContainsFunc(faults, func(f Fault) bool { return f.State == UserAction }):
		return AwaitsUser, seen.At
	}
	return OnlyAssumed, seen.At
}
