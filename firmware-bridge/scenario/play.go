package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
)

// Report is what a scenario came to at one school.
type Report struct {
	Script Script
	School string
	Steps  []Played
	Rest   []string // what is wrong with the day as a whole
}

// Played is one step and where it differs from what was expected.
type Played struct {
	Step
	Did         string // in words
	Differences []string
}

// Differs reports whether anything was not as expected.
func (r Report) Differs() bool {
	return len(r.Rest) > 0 || slices.ContainsFunc(r.Steps, func(p Played) bool { return len(p.Differences) > 0 })
}

// settle is how long a step has to come to what is expected of it, unless the
// next one begins before: the time a pupil needs at a door, and some.
const settle = 8 * time.Second

// Play plays a scenario at a school. An error means that it could not be played;
// what did not come out as expected is in the report. Errors: invalid,
// unavailable, those of ctx.
func Play(ctx context.Context, script Script, s School) (report Report, err error) {
	return play(ctx, script, s, nil)
}

// watch is told of every step what was found, before it is compared.
type watch func(w *world, s Step, e Expect, f found)

func play(ctx context.Context, script Script, s School, watching watch) (report Report, err error) {
	report = Report{Script: script, School: s.ID}
	if !slices.Contains(script.Schools, s.ID) {
		return report, errs.New(errs.Invalid, fmt.Sprintf("The scenario %s is not for %s.", script.Name, s.Name), "Add the school's id to its list of schools.")
	}
	dir, err := os.MkdirTemp("", "bellkeep-scenario-")
	if err != nil {
		return report, errs.Wrap(err, errs.Unavailable, "No folder could be made for the scenario.", "Free some space for temporary files.")
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, err := newWorld(ctx, s, script, dir)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.vault.Close()) }()
	steps := slices.DeleteFunc(slices.Clone(script.Steps), func(s Step) bool { return !applies(s.Only, w.school.ID) })
	for i, step := range steps {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		until := w.local(step.At).Add(settle)
		if i+1 < len(steps) && w.local(steps[i+1].At).Before(until) {
			until = w.local(steps[i+1].At)
		}
		report.Steps = append(report.Steps, w.play(step, until, watching))
	}
	report.Rest = w.leftOver()
	return report, nil
}

// play plays one step and looks at what came of it.
func (w *world) play(s Step, until time.Time, watching watch) Played {
	w.advance(w.local(s.At))
	w.tick()
	w.opened, w.doer, w.screen = nil, s.Who, locker.Screen{}
	v, _ := verbNamed(s.Does) // it was checked when the file was read
	err := v.do(w, call{who: s.Who, with: s.With})
	w.notices()
	w.publish()
	w.advance(until)
	w.count()
	e := s.expect(w.school.ID)
	f := w.find(err)
	if watching != nil {
		watching(w, s, e, f)
	}
	p := Played{Step: s, Did: w.tell(f), Differences: w.compare(e, f)}
	p.Differences = append(p.Differences, w.faults...)
	w.faults = nil
	if e.Records != nil {
		clear(w.written)
	}
	return p
}

// tick lets banks and books see that time has passed.
func (w *world) tick() {
	for _, b := range w.banks {
		b.tick()
	}
	w.publish()
}

// leftOver is every record that no step has accounted for.
func (w *world) leftOver() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(w.written)) {
		for _, kind := range slices.Sorted(maps.Keys(w.written[name])) {
			list = append(list, fmt.Sprintf("after the last step that names records, the ledger of %s got %d of %q and nobody expected them", name, w.written[name][kind], kind))
		}
	}
	return list
}
