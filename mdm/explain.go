package mdm

import (
	"maps"
	"slices"
	"time"
)

// Layer is where a rule comes from. The later layer wins.
type Layer int

// The layers, the weakest first.
const (
	ByDefault    Layer = iota // nothing is managed
	ByBase                    // a profile for every device, at all times
	ByGroup                   // a profile for a group, at all times
	ByPeriod                  // a profile for a kind of period
	ByException               // an exception that the head granted
	ByQuarantine              // the device is in quarantine
	ByNeed                    // a need of the user, which no rule outranks
)

// String is the layer's name in records and programs.
func (l Layer) String() string {
	return [...]string{"default", "base", "group", "period", "exception", "quarantine", "need"}[l]
}

// rule is a set that one layer asks for.
type rule struct {
	layer Layer
	id    string // of a profile or an exception
	group string
	rank  int
	set   Set
}

// Claim is what one rule asks of a setting.
type Claim struct {
	Layer Layer
	Rule  string // id of a profile or an exception; "" where the layer says it all
	Group string // whose profile it is; "" for every device
	Value Value
}

// Why is how a setting came to its value: the claim that won, and those it won
// over, the strongest first.
type Why struct {
	Setting Setting
	Claim
	Over []Claim
}

// rules are all that say something of a device at a moment, the weakest first.
func (c compiler) rules(m Mode, excepted []Exception) []rule {
	list := append([]rule{{layer: ByDefault, set: Unmanaged()}}, c.Rules.assigned(c.device, m)...)
	for _, e := range excepted {
		list = append(list, rule{layer: ByException, id: e.ID, set: e.Set})
	}
	if c.device.Quarantined {
		list = append(list, rule{layer: ByQuarantine, set: c.Rules.Quarantine})
	}
	return list
}

// merge lays rules over each other, and a need of the device's user over them.
func merge(list []rule, d Device) (set Set, kept []Setting) {
	set = Set{}
	for _, r := range list {
		maps.Copy(set, r.set)
	}
	if set[Bluetooth] == Block && d.NeedsBluetooth() {
		set[Bluetooth] = User
		kept = append(kept, Bluetooth)
	}
	return set, kept
}

// Explain says of every setting of a device why it is what it is at now, sorted
// by setting. Its arguments are those of Compile.
func Explain(d Device, r Rules, day []Period, exceptions []Exception, now time.Time) []Why {
	c := compiler{d, r, day[:min(len(day), maxPeriods)], exceptions}
	period := stageAt(c.day, now)
	over, _ := excepted(exceptions, now, time.Time{})
	list := c.rules(period.Kind, over)
	set, kept := merge(list, d)
	var all []Why
	for _, s := range slices.Sorted(maps.Keys(set)) {
		w := Why{Setting: s}
		for _, l := range slices.Backward(list) {
			if v, ok := l.set[s]; ok {
				w.Over = append(w.Over, Claim{Layer: l.layer, Rule: l.id, Group: l.group, Value: v})
			}
		}
		if slices.Contains(kept, s) {
			w.Claim = Claim{Layer: ByNeed, Value: set[s]}
		} else {
			w.Claim, w.Over = w.Over[0], w.Over[1:]
		}
		all = append(all, w)
	}
	return all
}
