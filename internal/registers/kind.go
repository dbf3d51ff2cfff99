package registers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Kind is one register: what is written in it, by whom, and how often.
type Kind struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	Group   string   `yaml:"group"` // the heading it stands under
	About   string   `yaml:"about"` // what it is for, in a sentence or two
	Clauses []string `yaml:"clauses"`

	Fields []Field      `yaml:"fields"`
	Write  []roles.Role `yaml:"write"` // none: other books fill it
	Read   []roles.Role `yaml:"read"`  // who writes sees their own entries besides
	Owner  roles.Role   `yaml:"owner"` // who is reminded

	Months    int    `yaml:"every_months"` // the next entry is due so long after the last; 0: never
	PerYear   int    `yaml:"per_year"`     // entries in a school year, at least; 0: no number
	PerYearBy string `yaml:"per_year_by"`  // or the rule of the school that says so
	Each      string `yaml:"each"`         // of whom or what the last field must have an entry: staff, forms, or a rule that is a list
	EachField string `yaml:"each_field"`   // the field that says of whom or what an entry is

	Due      Need   `yaml:"due"`        // whether an entry has a day by which something is due
	DueWords string `yaml:"due_words"`  // what that day is
	Closes   bool   `yaml:"closes"`     // an entry is open until its outcome is written
	Within   int    `yaml:"close_days"` // days after which an open entry without a day is late; 0: never
	EndWords string `yaml:"end_words"`  // what writing the outcome is called
	EndAsks  Fields `yaml:"end_fields"` // asked with the outcome

	Seen      []roles.Role `yaml:"seen"`       // one of these must have seen an entry
	SeenWords string       `yaml:"seen_words"` // what that is called: Seen, Agreed
	Tell      []roles.Role `yaml:"tell"`       // told of every entry at once, without names
	Hide      bool         `yaml:"hide"`       // nobody sees an entry about themselves

	AdviceBy string   `yaml:"advice_by"` // the rule of the school that says what to do
	WarnBy   []string `yaml:"warn_by"`   // rules whose warnings are shown
}

// Fields are asked in their order.
type Fields []Field

// Field is one thing asked.
type Field struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Hint     string   `yaml:"hint"`
	Type     Type     `yaml:"type"`
	Choices  []string `yaml:"choices"`
	Required bool     `yaml:"required"`
}

// Type is what a field holds.
type Type string

// The types. Of a person the value is the id.
const (
	Line   Type = "line"
	Text   Type = "text"
	Day    Type = "date"
	Choice Type = "choice"
	Staff  Type = "staff" // a member of staff
	Pupil  Type = "pupil" // found by name
	Form   Type = "form"  // a class
)

var types = []Type{Line, Text, Day, Choice, Staff, Pupil, Form}

// Need is whether something is asked for.
type Need string

// The needs.
const (
	Not  Need = ""
	May  Need = "may"
	Must Need = "must"
)

// Whom an Each may be of, beside the rules that are lists.
const (
	EachStaff = "staff"
	EachForm  = "forms"
)

// The limits.
const (
	MaxKinds   = 60
	maxFields  = 12
	MaxText    = 2000 // bytes of one value
	MaxEntries = 5000 // of one register
	maxMonths  = 60
	maxPerYear = 52
)

// Find is the field of an id.
func (list Fields) Find(id string) (Field, bool) {
	i := slices.IndexFunc(list, func(f Field) bool { return f.ID == id })
	if i < 0 {
		return Field{}, false
	}
	return list[i], true
}

// MayWrite reports whether somebody with these roles may make entries.
func (k Kind) MayWrite(held []roles.Assignment, now time.Time) bool { return holds(held, k.Write, now) }

// MayRead reports whether they may see the entries of others.
func (k Kind) MayRead(held []roles.Assignment, now time.Time) bool { return holds(held, k.Read, now) }

// MaySee reports whether they are of those who must have seen an entry.
func (k Kind) MaySee(held []roles.Assignment, now time.Time) bool { return holds(held, k.Seen, now) }

func holds(held []roles.Assignment, wanted []roles.Role, now time.Time) bool {
	return slices.ContainsFunc(held, func(a roles.Assignment) bool { return a.Holds(now) && slices.Contains(wanted, a.Role) })
}

// wrong says everything that makes k no register.
func (k Kind) wrong() (list []string) {
	say := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	say(!school.ValidID(k.ID), "id: needs small letters, digits and hyphens, like filter-checks")
	say(strings.TrimSpace(k.Title) == "", "title: is missing")
	say(k.Group == "", "group: is missing")
	say(len(k.Write) > 0 && len(k.Fields) == 0, "fields: there is nothing to write")
	say(len(k.Fields) > maxFields || len(k.EndAsks) > maxFields, "fields: more than %d", maxFields)
	for _, r := range slices.Concat(k.Write, k.Read, k.Seen, k.Tell) {
		say(!r.Known(), "there is no role %.40q", string(r))
	}
	say(k.Owner != "" && !k.Owner.Known(), "owner: there is no role %.40q", string(k.Owner))
	say(k.Months < 0 || k.Months > maxMonths, "every_months: 0 to %d", maxMonths)
	say(k.PerYear < 0 || k.PerYear > maxPerYear, "per_year: 0 to %d", maxPerYear)
	say(k.Within < 0 || k.Within > 366, "close_days: 0 to 366")
	say(!slices.Contains([]Need{Not, May, Must}, k.Due), "due: may, must, or nothing")
	for _, name := range append([]string{k.PerYearBy, k.AdviceBy}, k.WarnBy...) {
		_, known := policy.Find(name)
		say(name != "" && !known, "there is no rule %.40q", name)
	}
	return append(append(list, k.wrongEach()...), append(wrongFields(k.Fields), wrongFields(k.EndAsks)...)...)
}

func (k Kind) wrongEach() (list []string) {
	if k.Each == "" && k.EachField == "" {
		return nil
	}
	rule, known := policy.Find(k.Each)
	if k.Each != EachStaff && k.Each != EachForm && (!known || !rule.Many) {
		list = append(list, fmt.Sprintf("each: staff, forms, or a rule that is a list, not %.40q", k.Each))
	}
	if f, ok := Fields(k.Fields).Find(k.EachField); !ok || !f.Required {
		list = append(list, fmt.Sprintf("each_field: %.40q is no field that must be filled in", k.EachField))
	}
	return list
}

func wrongFields(fields Fields) (list []string) {
	seen := map[string]bool{}
	for _, f := range fields {
		switch {
		case !school.ValidID(f.ID) || strings.TrimSpace(f.Title) == "":
			list = append(list, fmt.Sprintf("fields: %.40q needs an id and a title", f.ID))
		case seen[f.ID]:
			list = append(list, fmt.Sprintf("fields: %s stands here a second time", f.ID))
		case !slices.Contains(types, f.Type):
			list = append(list, fmt.Sprintf("fields: %s has the type %.40q, which there is not", f.ID, string(f.Type)))
		case (f.Type == Choice) != (len(f.Choices) > 1):
			list = append(list, fmt.Sprintf("fields: %s: a choice, and nothing else, has choices", f.ID))
		}
		seen[f.ID] = true
	}
	return list
}
