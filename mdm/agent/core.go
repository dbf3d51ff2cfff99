// Package agent is the reference agent of a device: it takes desired documents
// in, holds the device to them, and reports what it reads back.
//
// Core decides and is pure. Agent runs it between a bus and a Platform. What
// travels is described in package mdm.
package agent

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// name and version of this agent, as it reports them.
const name = "bellkeep/1"

// Reading is how the device says a setting stands.
type Reading struct {
	Value  mdm.Value
	State  mdm.State // "" when settled at Value
	Detail string
}

// Change is something to be done to the device.
type Change struct {
	Setting mdm.Setting
	Value   mdm.Value
	Items   []string // what is in the lists that Value names
}

// Turn is what comes of looking at the device once.
type Turn struct {
	Apply  []Change      // to be begun now
	Drift  []mdm.Setting // changed since they were last read back as wanted
	Report mdm.Reported  // without a session
}

// Core is the agent without its surroundings. The zero Core has no document.
type Core struct {
	Device string // its id

	want   mdm.Desired
	tracks map[mdm.Setting]*track
}

// track is one setting on its way to one value.
type track struct {
	want  mdm.Value
	bad   error // why want makes no sense; nil when it does
	held  bool  // it was read back as wanted
	tries int
	rest  int // turns to pass before the next try
}

// mostRest bounds the turns between two tries.
const mostRest = 64

// Accept takes a verified document in and reports whether it is news. Errors:
// denied for one meant for another device, conflict for one older than what the
// device has.
func (c *Core) Accept(d mdm.Desired) (bool, error) {
	news, err := d.News(c.Device, c.want.Rev)
	if news {
		c.want = d
	}
	return news, err
}

// Rev is the revision the device acts on; 0 for none yet.
func (c *Core) Rev() uint64 { return c.want.Rev }

// Turn looks at the device through read and says what to do about it at now by
// the device's clock.
func (c *Core) Turn(now time.Time, read func(mdm.Setting) Reading) Turn {
	stage := c.want.At(now)
	t := Turn{Report: mdm.NewReported(c.want.Rev, stage.Mode, "", now)}
	t.Report.Agent = name
	tracks := make(map[mdm.Setting]*track, len(stage.Set))
	for _, s := range slices.Sorted(maps.Keys(stage.Set)) {
		tr := c.tracks[s]
		if tr == nil || tr.want != stage.Set[s] {
			tr = &track{want: stage.Set[s], bad: mdm.CheckValue(s, stage.Set[s])}
		}
		tracks[s] = tr
		out, act := tr.turn(read(s))
		out.Detail = mdm.Cut(out.Detail)
		t.Report.Set[s] = out
		if act {
			t.Apply = append(t.Apply, Change{s, tr.want, c.want.Items(tr.want)})
		}
		if out.State == mdm.Overridden {
			t.Drift = append(t.Drift, s)
		}
	}
	c.tracks = tracks
	return t
}

// turn says how a setting stands and whether to try (again) to change it.
func (t *track) turn(r Reading) (out mdm.Outcome, act bool) {
	if t.bad != nil {
		return mdm.Outcome{State: mdm.Invalid, Value: r.Value, Detail: t.bad.Error()}, false
	}
	out = mdm.Outcome{State: r.State, Value: r.Value, Detail: r.Detail}
	switch {
	case r.State == "" && r.Value == t.want:
		*t = track{want: t.want, held: true}
		out.State = mdm.Applied
		return out, false
	case r.State == mdm.Unsupported:
		return out, false
	case t.held:
		*t = track{want: t.want, tries: 1}
		out.State = mdm.Overridden
		return out, true
	case t.tries == 0:
		t.tries, t.rest = 1, 1
		out.State = mdm.Updating
		return out, true
	case r.State == mdm.Updating || r.State == mdm.UserAction || r.State == mdm.Assumed:
		return out, false
	case r.State == "":
		out.State, out.Detail = mdm.Failure, "it was set and reads back otherwise"
	}
	return out, t.again()
}

// again spaces tries out, each time twice as far.
func (t *track) again() bool {
	if t.rest > 0 {
		t.rest--
		return false
	}
	t.tries++
	t.rest = min(1<<min(t.tries, 6), mostRest)
	return true
}
