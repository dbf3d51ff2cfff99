package school

import (
	"cmp"
	"slices"
)

// PlanFor compiles the plan of one bank for so many days from the first on.
// Waves of other banks' people are left out; for the bank "" all are in, which
// makes a plan that serves every bank. Each wave collects from its own start
// on, and from the last start on everybody does: who missed their wave is not
// stuck.
func (c Calendar) PlanFor(bank string, version uint64, first Date, days int) Plan {
	p := Plan{Version: version, Windows: []Window{}}
	for i := range days {
		d := first.Add(i)
		if t, _, ok := c.template(d); ok {
			p.Windows = append(p.Windows, c.windows(t, d, bank)...)
		}
	}
	return p
}

// windows are one day's, ordered by From. Nothing opens for no time at all.
func (c Calendar) windows(t Template, d Date, bank string) []Window {
	var list []Window
	add := func(use Use, wave string, from, until Clock) {
		w := Window{Use: use, Wave: wave, From: d.At(from, c.Zone).UTC(), Until: d.At(until, c.Zone).UTC()}
		if w.From.Before(w.Until) {
			list = append(list, w)
		}
	}
	add(Deposit, "", t.Gate, t.Register)
	starts := c.startsAt(bank, t)
	everybody := t.Collect
	if len(starts) > 0 {
		everybody = starts[len(starts)-1].From
	}
	for _, s := range starts {
		add(Collection, s.Wave, s.From, everybody)
	}
	add(Collection, "", everybody, t.CollectUntil)
	return list
}

// startsAt are the starts that concern a bank, earliest first.
func (c Calendar) startsAt(bank string, t Template) []Start {
	var list []Start
	for _, s := range t.Starts {
		elsewhere := slices.ContainsFunc(c.Waves, func(w Wave) bool { return w.ID == s.Wave && !w.at(bank) })
		if bank == "" || !elsewhere {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b Start) int { return cmp.Compare(a.From.minutes(), b.From.minutes()) })
	return list
}

// WaveOf is the wave of somebody of a year, 0 where there is none, whose home
// is a bank; "" when they belong to no wave.
func (c Calendar) WaveOf(year int, bank string) string {
	for _, w := range c.Waves {
		if w.at(bank) && (len(w.Years) == 0 || slices.Contains(w.Years, year)) {
			return w.ID
		}
	}
	return ""
}

func (w Wave) at(bank string) bool { return len(w.Banks) == 0 || slices.Contains(w.Banks, bank) }
