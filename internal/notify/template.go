package notify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// The limits of templates and of what is put into them, in bytes.
const (
	MaxSubject   = 120
	MaxText      = 4000
	MaxTemplates = 50
	MaxWhat      = 600 // of {what}, and of {link}
	maxField     = 100
)

// Audience is whom a template speaks to.
type Audience string

// The audiences.
const (
	ToContact Audience = "contact"
	ToStaff   Audience = "staff"
)

// Template is the text of a notice, as a school words it. In subject and text
// these placeholders may stand, and no others:
//
//	{school}        the school's name
//	{office_phone}  the office's telephone number
//	{time}          a time and day: 15:10 on Monday 23 November
//	{child}         "your child"; on a slip, which is handed over, the first name
//	{what}          to staff: what is the matter, in groups and counts
//	{link}          to staff: the page about it
type Template struct {
	ID      string
	For     Audience
	Subject string
	Text    string
}

// fields are the values of the placeholders: all that can differ between two
// notices made from one template.
type fields struct{ School, OfficePhone, Time, Child, What, Link string }

func (f fields) list() []string {
	return []string{"{school}", f.School, "{office_phone}", f.OfficePhone, "{time}", f.Time, "{child}", f.Child, "{what}", f.What, "{link}", f.Link}
}

const anyChild = "your child"

var placeholder = regexp.MustCompile(`\{[^{}]*\}?|\}`)

// Check finds everything wrong with a template. Errors: invalid.
func (t Template) Check() error {
	faults := t.faults()
	if len(faults) == 0 {
		return nil
	}
	return errs.New(errs.Invalid, fmt.Sprintf("The template %.40q cannot be used: %s.", t.ID, strings.Join(faults, "; ")), "Correct the template.")
}

func (t Template) faults() []string {
	var list []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	add(!school.ValidID(t.ID), "the id %.40q needs 1 to 36 small letters, digits and hyphens", t.ID)
	add(t.For != ToContact && t.For != ToStaff, "%.40q is neither contact nor staff", t.For)
	add(t.Subject == "" || len(t.Subject) > MaxSubject || !printable(t.Subject), "the subject must be one line of 1 to %d bytes", MaxSubject)
	add(t.Text == "" || len(t.Text) > MaxText || !printable(strings.ReplaceAll(t.Text, "\n", "")), "the text must be 1 to %d bytes of plain text", MaxText)
	known := fields{}.list()
	for _, p := range append(placeholder.FindAllString(t.Subject, -1), placeholder.FindAllString(t.Text, -1)...) {
		at := slices.Index(known, p)
		add(at < 0, "%.40q is no placeholder: there are {school}, {office_phone}, {time}, {child}, {what} and {link}", p)
		add(p == "{child}" && t.For == ToStaff, "{child} is for parents")
		add((p == "{what}" || p == "{link}") && t.For == ToContact, "%s is for staff", p)
	}
	return list
}

// uses reports whether a placeholder stands in the template.
func (t Template) uses(name string) bool {
	return strings.Contains(t.Subject, name) || strings.Contains(t.Text, name)
}

// render puts the values in, once: what looks like a placeholder in a value
// stays as it is. Errors: invalid.
func (t Template) render(f fields) (subject, text string, err error) {
	list := f.list()
	for i := 0; i < len(list); i += 2 {
		name, value := list[i], list[i+1]
		most := maxField
		if name == "{what}" || name == "{link}" {
			most = MaxWhat
		}
		if t.uses(name) && (value == "" || len(value) > most || !printable(value)) {
			return "", "", errs.New(errs.Invalid, fmt.Sprintf("The notice needs a value for %s, of one line and at most %d bytes.", name, most),
				"Complete the school's file, or choose another template.")
		}
	}
	r := strings.NewReplacer(list...)
	return r.Replace(t.Subject), r.Replace(t.Text), nil
}

// printable reports whether text is UTF-8 on one line that shows all it holds.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// clock writes a moment as {time}.
func clock(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zone).Format("15:04 on Monday 2 January")
}
