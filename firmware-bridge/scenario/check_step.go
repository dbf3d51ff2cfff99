package scenario

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// steps checks the steps, which come in order of time.
func (r *reader) steps(files []stepFile, day school.Date) []Step {
	var list []Step
	var last time.Time
	for _, f := range files {
		line := cmp.Or(f.At.Line, f.Does.Line, f.Who.Line)
		day = r.on(f, day)
		s := r.step(f, line, day)
		switch {
		case s.At.IsZero(): // said already
		case s.At.Before(last):
			r.fault(line, "at: it is before the step above")
		default:
			last = s.At
		}
		list = append(list, s)
	}
	return list
}

// on is the day of a step: the one before unless it names another.
func (r *reader) on(f stepFile, before school.Date) school.Date {
	if f.On.V == "" {
		return before
	}
	day, err := school.ParseDate(f.On.V)
	if err != nil {
		r.fault(f.On.Line, "on: %v", err)
		return before
	}
	return day
}

func (r *reader) step(f stepFile, line int, day school.Date) Step {
	if f.At.V == "" {
		r.fault(line, "at: when does it happen?")
	}
	if f.Who.V != "" && r.names[f.Who.V] == "" {
		r.fault(f.Who.Line, "who: nobody in the list of people is %q", f.Who.V)
	}
	r.expect(f.Expect, line)
	for _, id := range slices.Sorted(maps.Keys(f.Instead)) {
		if !slices.Contains(r.only, id) {
			r.fault(line, "instead: the scenario is not for school %q", id)
		}
		r.expect(f.Instead[id], line)
	}
	return Step{Line: line, At: r.moment("at", f.At, day), Who: f.Who.V, Does: f.Does.V, With: r.with(f, line),
		Only: r.onlyAt(f.Only), Expect: f.Expect, Instead: f.Instead}
}

// with checks what a verb is told.
func (r *reader) with(f stepFile, line int) map[string]string {
	v, ok := verbNamed(f.Does.V)
	if !ok {
		r.fault(cmp.Or(f.Does.Line, line), "does: there is no %q; there are %s", f.Does.V, strings.Join(verbNames(), ", "))
		return nil
	}
	if v.who != "" && f.Who.V == "" {
		r.fault(line, "who: %s needs %s", v.name, v.who)
	}
	with := map[string]string{}
	for key, t := range f.With {
		p, ok := v.param(key)
		if !ok {
			r.fault(t.Line, "with: %s takes no %s", v.name, key)
			continue
		}
		with[key] = t.V
		if err := p.check(t.V, r.names); err != nil {
			r.fault(t.Line, "with: %s: %v", key, err)
		}
	}
	for _, p := range v.params {
		if _, given := f.With[p.name]; p.needed && !given {
			r.fault(line, "with: %s needs %s, %s", v.name, p.name, p.about)
		}
	}
	return with
}

// expect checks what is expected of a step.
func (r *reader) expect(e Expect, line int) {
	for _, d := range slices.Concat(e.Opened, e.Open) {
		if _, err := parseDoor(d); err != nil && !strings.HasPrefix(d, ownDoor) {
			r.fault(line, "expect: %v", err)
		}
	}
	if word, _, _ := strings.Cut(e.Screen, " "); e.Screen != "" && !knownWord(word) {
		r.fault(line, "expect: screen: no kiosk has the screen %q", word)
	}
	if e.Refused != nil && e.Refused.Code == "" && e.Refused.Says == "" {
		r.fault(line, "expect: refused: say the code, or part of the sentence")
	}
	for _, who := range slices.Sorted(maps.Keys(e.Place)) {
		if r.names[who] != onePupil {
			r.fault(line, "expect: place: %q is no pupil in the list", who)
		}
		if err := checkWhere(e.Place[who], r.names); err != nil {
			r.fault(line, "expect: place: %v", err)
		}
	}
	r.listed(line, "missing-are", e.MissingAre)
	r.listed(line, "exceptions", slices.Sorted(maps.Keys(e.Exceptions)))
	r.listed(line, "notices", slices.Sorted(maps.Keys(e.Notices)))
}

// listed refuses names that nobody in the list of people has.
func (r *reader) listed(line int, key string, names []string) {
	for _, who := range names {
		if r.names[who] == "" {
			r.fault(line, "expect: %s: nobody in the list of people is %q", key, who)
		}
	}
}
