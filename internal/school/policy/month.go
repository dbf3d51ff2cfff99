package policy

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Month is a month of a year, as policies give their next review.
type Month struct {
	Year  int
	Month time.Month
}

const monthForm = "2006-01"

// ParseMonth reads 2027-09.
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse(monthForm, text)
	if err != nil {
		return Month{}, errs.At("", fmt.Sprintf("%.40q is not a month like 2027-09.", text), "Correct it.")
	}
	return Month{t.Year(), t.Month()}, nil
}

// String gives 2027-09.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, m.Month) }

// Over reports whether the month has ended by d.
func (m Month) Over(d school.Date) bool {
	return m.Year < d.Year || m.Year == d.Year && m.Month < d.Month
}

// MarshalText gives the form of String.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the form of String.
func (m *Month) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMonth(string(text))
	return err
}

// month is a rule that is a month.
func month(g Group, name, title string, at func(*Rules) *Month) Key {
	k := Key{Name: name, Group: g, Title: title, tries: []string{"2018-09", "2031-01"}}
	k.get = func(r Rules) string { return at(&r).String() }
	k.words = func(text string) string {
		m, err := ParseMonth(text)
		if err != nil {
			return text
		}
		return fmt.Sprintf("%s %d", m.Month, m.Year)
	}
	k.set = func(r *Rules, text string) error {
		m, err := ParseMonth(text)
		if err != nil {
			return errs.At(name, err.Error(), "Correct it.")
		}
		*at(r) = m
		return nil
	}
	return k
}
