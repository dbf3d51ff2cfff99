package roster

import (
	"cmp"
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// maxName is how many bytes the name of a period may have.
const maxName = 60

// templates reads the kinds of day. All waves must be known by then.
func (r *reader) templates(list []templateFile, waves []school.Wave) map[string]school.Template {
	known, lineOf := map[string]school.Template{}, map[string]int{}
	for _, f := range bounded(r, "templates", list) {
		if !school.ValidID(f.Name.V) {
			r.fault(cmp.Or(f.Name.Line, f.Gate.Line), "templates: name: %q needs small letters, digits and hyphens", f.Name.V)
		}
		if first := lineOf[f.Name.V]; first != 0 {
			r.fault(f.Name.Line, "templates: %s stands on line %d already", f.Name.V, first)
		}
		lineOf[f.Name.V] = f.Name.Line
		known[f.Name.V] = r.template(f, waves)
	}
	if len(list) == 0 {
		r.fault(0, "templates: describe at least one kind of day")
	}
	return known
}

func (r *reader) template(f templateFile, waves []school.Wave) school.Template {
	t := school.Template{Name: f.Name.V}
	order := []struct {
		key string
		c   *school.Clock
		v   text
	}{{"gate", &t.Gate, f.Gate}, {"register", &t.Register, f.Register}, {"collect", &t.Collect, f.Collect}, {"collect_until", &t.CollectUntil, f.CollectUntil}}
	last := -1
	for i, o := range order {
		c, ok := r.clock("templates: "+o.key, o.v, f.Name.Line)
		if !ok {
			continue
		}
		if last >= 0 && !order[last].c.Before(c) {
			r.fault(o.v.Line, "templates: %s %s must be after %s %s", o.key, o.v.V, order[last].key, order[last].v.V)
		}
		*o.c, last = c, i
	}
	t.Bells = r.bells(f.Periods)
	t.Starts = r.starts(f, t, waves)
	return t
}

func (r *reader) bells(list []bellFile) []school.Bell {
	var bells []school.Bell
	for i, f := range bounded(r, "periods", list) {
		line := cmp.Or(f.Name.Line, f.From.Line, f.Until.Line)
		from, began := r.clock("periods: from", f.From, line)
		until, ended := r.clock("periods: until", f.Until, line)
		b := school.Bell{Name: f.Name.V, Kind: school.Kind(f.Kind.V), From: from, Until: until}
		if b.Name == "" || len(b.Name) > maxName {
			r.fault(line, "periods: name: needs 1 to %d bytes", maxName)
		}
		if !b.Kind.Known() {
			r.fault(cmp.Or(f.Kind.Line, line), "periods: kind: %q is none of registration, lesson, break, lunch, assembly", f.Kind.V)
		}
		if began && ended && !from.Before(until) {
			r.fault(f.Until.Line, "periods: until %s must be after from %s", f.Until.V, f.From.V)
		}
		if i > 0 && began && from.Before(bells[i-1].Until) {
			r.fault(f.From.Line, "periods: %s begins at %s, before %s ends at %s", b.Name, b.From, bells[i-1].Name, bells[i-1].Until)
		}
		bells = append(bells, b)
	}
	return bells
}

// starts reads when the waves of a kind of day begin: all of them, so that
// nobody is forgotten, or none.
func (r *reader) starts(f templateFile, t school.Template, waves []school.Wave) []school.Start {
	var starts []school.Start
	lineOf := map[string]int{}
	for _, s := range bounded(r, "waves", f.Waves) {
		from, ok := r.clock("templates: waves: from", s.From, s.Wave.Line)
		start := school.Start{Wave: s.Wave.V, From: from}
		switch {
		case !slices.ContainsFunc(waves, func(w school.Wave) bool { return w.ID == start.Wave }):
			r.fault(s.Wave.Line, "templates: waves: there is no wave %q in the school's list", start.Wave)
		case lineOf[start.Wave] != 0:
			r.fault(s.Wave.Line, "templates: waves: %s stands on line %d already", start.Wave, lineOf[start.Wave])
		case ok && (start.From.Before(t.Collect) || !start.From.Before(t.CollectUntil)):
			r.fault(s.From.Line, "templates: waves: %s begins at %s, outside collection from %s until %s", start.Wave, start.From, t.Collect, t.CollectUntil)
		}
		lineOf[start.Wave] = s.Wave.Line
		starts = append(starts, start)
	}
	if len(starts) == 0 {
		return nil
	}
	for _, w := range waves {
		if lineOf[w.ID] == 0 {
			r.fault(f.Name.Line, "templates: %s: waves: %s is missing", f.Name.V, w.ID)
		}
	}
	if !slices.ContainsFunc(starts, func(s school.Start) bool { return s.From == t.Collect }) {
		r.fault(f.Collect.Line, "templates: %s: no wave begins at collect %s", f.Name.V, t.Collect)
	}
	return starts
}

// waves reads who collects together. Nobody may belong to two waves.
func (r *reader) waves(list []waveFile) []school.Wave {
	var waves []school.Wave
	for _, f := range bounded(r, "waves", list) {
		w := school.Wave{ID: f.ID.V}
		if !school.ValidID(w.ID) {
			r.fault(f.ID.Line, "waves: id: %q needs small letters, digits and hyphens", w.ID)
		}
		for _, y := range f.Years {
			if y.V < 1 || y.V > 13 {
				r.fault(y.Line, "waves: years: %d is not a year from 1 to 13", y.V)
			}
			w.Years = append(w.Years, y.V)
		}
		for _, b := range f.Banks {
			if !school.ValidID(b.V) {
				r.fault(b.Line, "waves: banks: %q needs small letters, digits and hyphens", b.V)
			}
			w.Banks = append(w.Banks, b.V)
		}
		if len(w.Years) == 0 && len(w.Banks) == 0 {
			r.fault(f.ID.Line, "waves: %s: name its years, its banks or both", w.ID)
			continue
		}
		for _, other := range waves {
			if w.ID == other.ID || meet(w.Years, other.Years) && meet(w.Banks, other.Banks) {
				r.fault(f.ID.Line, "waves: %s and %s are the same people in part", other.ID, w.ID)
			}
		}
		waves = append(waves, w)
	}
	return waves
}

// meet reports whether two lists have something in common; an empty one means
// all there is.
func meet[T comparable](a, b []T) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}
