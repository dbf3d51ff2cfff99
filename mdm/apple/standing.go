package apple

import (
	"slices"
	"time"
)

// standing is what is known of one of a device's profiles.
type standing struct {
	Known   bool       `json:"known,omitempty"`   // Has is so by the device's word
	Has     *profile   `json:"has,omitempty"`     // nil for none
	Maybe   []*profile `json:"maybe,omitempty"`   // where an answer is missing: one of these; nil stands for none
	Overdue bool       `json:"overdue,omitempty"` // it ended, and the device said after that that it is there
	Off     bool       `json:"off,omitempty"`     // it was taken off behind our back and is not back yet
	Drift   failure    `json:"drift,omitzero"`    // how often that happened
}

// failure is an error that stands, and when there is another try.
type failure struct {
	Tries int       `json:"tries,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Why   string    `json:"why,omitempty"`
}

// rests reports whether it is too early for another try, after a number of tries
// that had no wait.
func (f failure) rests(now time.Time, free int) bool {
	return f.Tries > free && now.Before(f.At.Add(rest(f.Tries-free)))
}

// has is that a profile is there, or none, by the device's word.
func (at *standing) has(p *profile) { *at = standing{Known: true, Has: p, Drift: at.Drift} }

// doubt adds what a profile may be once the device was given another, until it says
// so.
func (at *standing) doubt(next *profile, now time.Time) {
	maybe := at.ways(now)
	*at = standing{Off: at.Off, Drift: at.Drift}
	if len(maybe) > 0 && len(maybe) < maxPending {
		at.Maybe = append(slices.Clone(maybe), next)
	}
}

// settle takes in which version of a profile is there, and reports whether one that
// should be is not.
func (at *standing) settle(uuid string, there bool, now time.Time) (drift bool) {
	for _, p := range append([]*profile{at.Has}, at.Maybe...) {
		if there && p != nil && p.UUID == uuid {
			at.has(p)
			at.Overdue = p.ended(now)
			return false
		}
	}
	drift = at.Known && at.Has != nil && !at.Has.ended(now)
	*at = standing{Known: true, Off: at.Off || drift, Drift: at.Drift}
	if there {
		at.Has = &profile{UUID: uuid, Foreign: true}
	}
	if drift {
		at.Drift.again(now)
	}
	return drift
}

// again counts one more; what is long past counts no more.
func (f *failure) again(now time.Time) {
	if now.Sub(f.At) > forgiven {
		f.Tries = 0
	}
	f.Tries, f.At = f.Tries+1, now.UTC()
}

// ways are the versions of a profile that may be there, nil for none of it; no way is
// that it may be anything.
func (at *standing) ways(now time.Time) []*profile {
	ways := at.Maybe
	if at.Known {
		ways = []*profile{at.Has}
	}
	if !at.Overdue && slices.ContainsFunc(ways, func(p *profile) bool { return p.ended(now) }) {
		ways = append(slices.Clone(ways), nil)
	}
	if slices.ContainsFunc(ways, func(p *profile) bool { return p != nil && p.Foreign }) {
		return nil
	}
	return ways
}

// unsure reports whether the device has to say which version is there.
func (at *standing) unsure(now time.Time) bool { return len(at.ways(now)) > 1 }

func (d *Device) standing(s slot) *standing {
	if s == box {
		return &d.Box
	}
	return &d.Rules
}

// possible are the keys on a device, one set for each way it may be; no way is that
// it may be any.
func (d *Device) possible(now time.Time) (ways []map[string]string) {
	for _, r := range d.Rules.ways(now) {
		for _, b := range d.Box.ways(now) {
			way := map[string]string{}
			for _, p := range []*profile{r, b} {
				p.over(way)
			}
			ways = append(ways, way)
		}
	}
	return ways
}

// over adds the keys of a profile to those of another. Where both ask for a key, and
// not the same, that is neither.
func (p *profile) over(way map[string]string) {
	if p == nil {
		return
	}
	for key, v := range p.Keys {
		if had, both := way[key]; both && had != v {
			v = "both"
		}
		way[key] = v
	}
}

// locked reports whether a profile may, and whether one surely does keep Bluetooth as
// it is.
func (d *Device) locked(now time.Time) (may, surely bool) {
	ways := d.possible(now)
	surely = len(ways) > 0
	for _, way := range ways {
		locks := way[lockBluetooth] != ""
		may, surely = may || locks, surely && locks
	}
	if len(ways) == 0 { // one of the two is not known at all
		for _, s := range slots {
			may = may || slices.ContainsFunc(d.standing(s).ways(now), func(p *profile) bool { return p != nil && p.Keys[lockBluetooth] != "" })
		}
	}
	return may, surely
}
