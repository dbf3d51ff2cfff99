package registers

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
)

// aheadDays is how far in the future an entry may lie: an agreed meeting is not held
// yet, but a month's plan may be written down.
const aheadDays = 31

// check is what an entry would say, tidied, if it can say so. Errors: invalid, with the
// field.
func (b *Book) check(k Kind, s Said) (Said, error) {
	today := b.today()
	switch {
	case s.On == (school.Date{}):
		return s, errs.At("on", "Give the day", "")
	case today.Add(aheadDays).Before(s.On):
		return s, errs.At("on", "That day is too far ahead", "Write down what has happened.")
	case k.Due == Must && s.Due == (school.Date{}):
		return s, errs.At("due", "Give the day: "+lower(k.DueWords), "")
	case k.Due == Not:
		s.Due = school.Date{}
	case s.Due != (school.Date{}) && s.Due.Before(s.On):
		return s, errs.At("due", "That is before the entry’s own day", "Give a later day.")
	}
	values, err := b.values(k.Fields, s.Values)
	s.Values, s.About = values, k.people(values)
	return s, err
}

// values are those of fields, tidied; what nobody asked for falls away.
func (b *Book) values(fields Fields, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for _, f := range fields {
		v := strings.TrimSpace(given[f.ID])
		if v == "" && f.Required {
			return nil, errs.At(f.ID, "Fill in: "+lower(f.Title), "")
		}
		if v == "" {
			continue
		}
		if err := b.value(f, v); err != nil {
			return nil, err
		}
		out[f.ID] = v
	}
	return out, nil
}

// value checks one. Errors: invalid, with the field.
func (b *Book) value(f Field, v string) error {
	switch f.Type {
	case Day:
		if _, err := school.ParseDate(v); err != nil {
			return errs.At(f.ID, "That is not a day", "Give a day such as 2027-01-04.")
		}
	case Choice:
		if !slices.Contains(f.Choices, v) {
			return errs.At(f.ID, "Choose one: "+lower(f.Title), "")
		}
	case Staff, Pupil:
		p, ok := b.People.Person(v)
		if !ok || (f.Type == Staff) != (p.Kind == register.Staff) {
			return errs.At(f.ID, "Nobody of that name is known here", "Look for the name again.")
		}
	case Form:
		if !slices.ContainsFunc(b.People.People(), func(p register.Person) bool { return p.Kind == register.Pupil && p.Form == v }) {
			return errs.At(f.ID, "There is no such class", "Choose one from the list.")
		}
	default:
		_, err := text(f.ID, v, "")
		if err == nil && f.Type == Line && strings.ContainsFunc(v, unicode.IsControl) {
			err = errs.At(f.ID, "One line of plain text", "Shorten it.")
		}
		return err
	}
	return nil
}

// text is what was typed, tidied. Errors: invalid, with the field.
func text(field, v, needed string) (string, error) {
	v = strings.TrimSpace(v)
	switch {
	case v == "":
		return "", errs.At(field, needed, "")
	case !utf8.ValidString(v):
		return "", errs.At(field, "That is not plain text", "Type it anew.")
	case len(v) > MaxText:
		return "", errs.At(field, fmt.Sprintf("That is longer than %d letters", MaxText), "Shorten it.")
	}
	return v, nil
}

// lower is a title inside a sentence.
func lower(title string) string {
	r, n := utf8.DecodeRuneInString(title)
	if second, _ := utf8.DecodeRuneInString(title[n:]); unicode.IsUpper(second) { // an abbreviation
		return title
	}
	return string(unicode.ToLower(r)) + title[n:]
}
