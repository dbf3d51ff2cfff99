package exceptions

import (
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// terms reads what was asked for. A field that is empty is left for the book to
// refuse; one that cannot be read is refused here.
func (p *pages) terms(f *kit.Form, person string) (exception.Terms, error) {
	t := exception.Terms{Kind: exception.Kind(f.Get("kind")), Person: person, Scope: exception.Scope(f.Get("scope"))}
	for _, s := range f.Values["allow"] {
		t.Allow = append(t.Allow, exception.Setting(s))
	}
	r := reader{form: f, zone: p.Calendar.Zone}
	from := r.date("from", "when it begins")
	if t.Scope == exception.Daily || t.Scope == exception.Once {
		t.Start, t.End = r.clock("start"), r.clock("end")
	}
	if t.Scope == exception.Once {
		r.once(&t, from)
		return t, r.err()
	}
	t.From, t.Until, t.Review = r.begins(from), r.lastDay("until", "when it ends"), r.lastDay("review", "when it is reviewed")
	return t, r.err()
}

// once makes two times of day on one day the beginning and the end.
func (r *reader) once(t *exception.Terms, day school.Date) {
	if !t.Start.Before(t.End) {
		r.faults = append(r.faults, errs.At("end", "The time until when must be after the time from when", ""))
	}
	if day != (school.Date{}) {
		t.From, t.Until = day.At(t.Start, r.zone), day.At(t.End, r.zone)
	}
	t.Review, t.Start, t.End = t.Until, school.Clock{}, school.Clock{}
}

// reader reads dates and times of a form and gathers its faults.
type reader struct {
	form   *kit.Form
	zone   *time.Location
	faults []error
}

func (r *reader) err() error { return errors.Join(r.faults...) }

func (r *reader) date(field, what string) school.Date {
	text := r.form.Get(field)
	if text == "" {
		return school.Date{}
	}
	d, err := school.ParseDate(text)
	if err != nil {
		r.faults = append(r.faults, errs.At(field, "Enter "+what+" as a date like 2026-11-23", ""))
	}
	return d
}

// begins is the first moment of a day; the zero time for none.
func (r *reader) begins(d school.Date) time.Time {
	if d == (school.Date{}) {
		return time.Time{}
	}
	return d.At(school.Clock{}, r.zone)
}

// lastDay is the end of the day in a field.
func (r *reader) lastDay(field, what string) time.Time {
	d := r.date(field, what)
	if d == (school.Date{}) {
		return time.Time{}
	}
	return r.begins(d.Next())
}

func (r *reader) clock(field string) school.Clock {
	t, err := school.ParseClock(r.form.Get(field))
	if err != nil {
		r.faults = append(r.faults, errs.At(field, "Enter a time of day like 08:40", ""))
	}
	return t
}
