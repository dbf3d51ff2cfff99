package apple

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// Report says how a device stands. now is in the school's zone.
func (d *Device) Report(session string, now time.Time) mdm.Reported {
	stage := d.Want.At(now)
	r := mdm.NewReported(d.Want.Rev, stage.Mode, session, now)
	r.Agent = Platform
	if d.Traits.Model != "" {
		r.Agent = mdm.Cut(Platform + ", " + d.Traits.Model + ", " + d.Traits.OSVersion)
	}
	p := compile(&d.Want, stage, d.Traits)
	held, steps := d.possible(now), d.profileSteps(now, stage, p)
	for s, o := range p.asked {
		if o.State == "" {
			o = d.outcome(s, stage.Set[s], p, held, steps, now)
			o.Detail = mdm.Cut(o.Detail)
		}
		r.Set[s] = o
	}
	return r
}

// outcome is how one setting stands that the device can be asked for: applied is only
// what it has whichever way it may be.
func (d *Device) outcome(s mdm.Setting, v mdm.Value, p plan, held []map[string]string, steps []step, now time.Time) mdm.Outcome {
	switch {
	case !d.Managed:
		return mdm.Outcome{State: mdm.Failure, Detail: "it is not under the school's management: enrol it"}
	case d.Out != nil && d.Out.Type == cmdErase:
		return mdm.Outcome{State: mdm.Updating, Detail: "it was told to wipe itself and has not answered"}
	case !d.Wiped.IsZero():
		return mdm.Outcome{State: mdm.Failure, Detail: "it was told to wipe itself: enrol it anew"}
	case len(held) == 0 || slices.ContainsFunc(held, func(way map[string]string) bool { return !p.heldBy(s, way) }):
		return d.missing(s, steps, now)
	case s == mdm.Bluetooth && p.radio != nil && (d.Bluetooth == nil || *d.Bluetooth != *p.radio):
		return d.missing(s, steps, now)
	}
	if s == mdm.PasscodeSetting && p.keys[passcode+"/forcePIN"] != nil {
		if o := d.passcodeOutcome(); o.State != "" {
			return o
		}
	}
	return mdm.Outcome{State: mdm.Applied, Value: v, Detail: p.asked[s].Detail}
}

// heldBy reports whether keys on a device are exactly what a plan asks of a setting.
func (p plan) heldBy(s mdm.Setting, held map[string]string) bool {
	return !slices.ContainsFunc(governs[s], func(key string) bool {
		want := ""
		if v, ok := p.keys[key]; ok {
			want = stamp(v)
		}
		return held[key] != want
	})
}

// missing is the outcome of what a device is not known to be: how far the steps are
// that lead to it.
func (d *Device) missing(s mdm.Setting, steps []step, now time.Time) mdm.Outcome {
	if d.Rules.Off || d.Box.Off {
		return mdm.Outcome{State: mdm.Overridden, Detail: "the profile with the school's rules was taken off"}
	}
	worst := mdm.Outcome{State: mdm.Updating, Detail: "not acknowledged yet"}
	for _, next := range steps {
		if next.request == cmdSettings && s != mdm.Bluetooth {
			continue
		}
		if _, later := d.NotNow[next.name()]; later {
			return mdm.Outcome{State: mdm.Updating, Detail: "pending: locked"}
		}
		if f, failed := d.stands(next, now); failed {
			worst = mdm.Outcome{State: mdm.Failure, Detail: f.Why}
		}
	}
	return worst
}

// passcodeOutcome is how a passcode stands that is asked for; of one that is there it
// says nothing.
func (d *Device) passcodeOutcome() mdm.Outcome {
	switch said := d.Passcode; {
	case said == nil || said.Of != d.passcodeRules():
		return mdm.Outcome{State: mdm.Updating, Detail: "it has not said yet how its passcode is"}
	case !said.Present:
		return mdm.Outcome{State: mdm.UserAction, Detail: "its user has to set a passcode"}
	case !said.Compliant:
		return mdm.Outcome{State: mdm.UserAction, Detail: "its user has to set a longer passcode"}
	}
	return mdm.Outcome{}
}
