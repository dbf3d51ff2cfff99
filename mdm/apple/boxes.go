package apple

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// target is the profiles a device is to have.
type target map[slot]content

// split shares out the keys of a plan for the stage that holds now: those that end by
// themselves go into the box, all others are rules.
func (d *Device) split(stage mdm.Stage, p plan) target {
	t := target{rules: {keys: maps.Clone(p.keys)}}
	keys, ends := d.boxed(stage, p)
	if len(keys) == 0 {
		return t
	}
	b := content{keys: make(map[string]any, len(keys)), ends: ends}
	for _, key := range keys {
		b.keys[key] = p.keys[key]
		delete(t[rules].keys, key)
	}
	t[box] = b
	return t
}

// boxed are the keys of a stage that nothing takes the place of when it ends, or when
// the stages that follow and ask the same do; and when the last of them ends. Until
// then none is lifted: a ban that ends too early is harder to put back than one that
// ends too late.
func (d *Device) boxed(stage mdm.Stage, p plan) (keys []string, ends time.Time) {
	if !d.timed(p) {
		return nil, time.Time{}
	}
	open := slices.DeleteFunc(slices.Collect(maps.Keys(p.keys)), func(key string) bool {
		return key == automaticTime || !strings.HasPrefix(key, restrictions+"/")
	})
	for s := stage; s.Fallback != nil && len(open) > 0; s = *s.Fallback {
		next := compile(&d.Want, *s.Fallback, d.Traits)
		open = slices.DeleteFunc(open, func(key string) bool {
			if next.frees(key) {
				keys, ends = append(keys, key), s.Until.UTC()
				return true
			}
			return stamp(next.keys[key]) != stamp(p.keys[key])
		})
	}
	return keys, ends
}

// timed reports whether a device's clock can be gone by.
func (d *Device) timed(p plan) bool { return !d.OneProfile && p.keys[automaticTime] != nil }

// frees reports whether a plan asks for nothing of the setting that a key belongs to.
func (p plan) frees(key string) bool {
	for s, keys := range governs {
		if slices.Contains(keys, key) {
			return p.free(s)
		}
	}
	return p.keys[key] == nil
}

// free reports whether a plan asks for nothing of a setting.
func (p plan) free(s mdm.Setting) bool {
	return !slices.ContainsFunc(governs[s], func(key string) bool { return p.keys[key] != nil })
}

// Ending is a setting that changes at a moment to come, and how it will.
type Ending struct {
	At       time.Time
	Setting  mdm.Setting
	From, To mdm.Value
	ByItself bool   // the device does it by its own clock, in reach or not
	Why      string // in words for a person
}

// Ends are the changes to come of what a device is asked for now and after that, by
// moment and setting. A setting the device cannot have has none.
func (d *Device) Ends(now time.Time) (list []Ending) {
	for s := d.Want.At(now); s.Fallback != nil; s = *s.Fallback {
		p, next := compile(&d.Want, s, d.Traits), compile(&d.Want, *s.Fallback, d.Traits)
		keys, ends := d.boxed(s, p)
		for _, name := range slices.Sorted(maps.Keys(s.Set)) {
			to := s.Fallback.Set[name]
			if to == s.Set[name] || p.asked[name].State != "" && next.free(name) || next.asked[name].State != "" && p.free(name) {
				continue
			}
			e := Ending{At: s.Until, Setting: name, From: s.Set[name], To: to}
			e.ByItself, e.Why = d.way(s.Until, name, p, next, keys, ends)
			list = append(list, e)
		}
	}
	return list
}

// way tells how a setting changes at the end of a stage.
func (d *Device) way(at time.Time, s mdm.Setting, p, next plan, boxed []string, ends time.Time) (byItself bool, why string) {
	switch {
	case !next.free(s) && p.free(s):
		return false, "A rule that begins takes a device that can be reached."
	case !next.free(s):
		return false, "Another rule takes its place, which takes a device that can be reached."
	case p.free(s):
		return true, "On the device nothing changes."
	}
	return d.lifts(at, s, p, boxed, ends)
}

// lifts tells how a setting that is asked for in a stage, and not in the next, is
// lifted.
func (d *Device) lifts(at time.Time, s mdm.Setting, p plan, boxed []string, ends time.Time) (byItself bool, why string) {
	inBox := slices.ContainsFunc(governs[s], func(key string) bool { return slices.Contains(boxed, key) })
	switch {
	case s == mdm.PasscodeSetting || s == mdm.AutoLock || s == mdm.Web:
		return false, "Rules on passcodes and web pages are lifted when the device is reached."
	case d.OneProfile:
		return false, "The school has all rules in one profile, which is changed when the device is reached."
	case !d.timed(p):
		return false, "Its user can change the clock of a device that is not supervised or older than version 12, so it is lifted when the device is reached."
	case !inBox:
		return false, "It is lifted when the device is reached."
	case ends.After(at):
		return false, "Another rule ends later, at " + ends.In(at.Location()).Format("15:04") + ", and takes this one with it; before that it is lifted when the device is reached."
	case s == mdm.Bluetooth && p.radio != nil && !*p.radio:
		return true, "The device lets its user turn Bluetooth on again, by its own clock; it is turned on for them when it is reached."
	}
	return true, "The device lifts it by its own clock, in reach or not."
}
