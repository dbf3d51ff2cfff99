package oneroster

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Roll is the set as the register takes it, on a day: enrolments that have
// ended or not begun do not count. Whoever is marked tobedeleted is left out,
// which proposes them as leavers. What does not fit becomes a note.
func (s Set) Roll(today school.Date) register.Roll {
	b := builder{notes: map[string][]string{}, orgs: map[string]bool{}, forms: map[string][]string{}, groups: map[string][]string{}}
	for _, o := range s.Orgs {
		b.orgs[o.ID] = true
	}
	b.enrol(s, today)
	var roll register.Roll
	for _, u := range s.Users {
		if e, ok := b.entry(u); ok {
			roll.People = append(roll.People, e)
		}
	}
	roll.Notes = b.list()
	return roll
}

type builder struct {
	orgs   map[string]bool
	forms  map[string][]string // titles of forms by pupil
	groups map[string][]string // codes of teaching groups by user
	notes  map[string][]string // ids by what is to be said of them
}

// The notes, in the order in which they are shown.
var noteOrder = []string{
	noteDeleted, noteNoForm, noteForms, noteNoYear, noteDisabled, noteOrg, noteClassOrg, noteNoClass, noteNoUser, noteOther,
}

const (
	noteDeleted  = "marked tobedeleted, so proposed as leavers"
	noteNoForm   = "pupils in no form"
	noteForms    = "pupils in more than one form; the first was taken"
	noteNoYear   = "pupils without one year in grades"
	noteDisabled = "marked not enabled; they stay on the roll"
	noteOrg      = "people who belong to an org that orgs.csv does not list"
	noteClassOrg = "classes of an org that orgs.csv does not list"
	noteNoClass  = "classes that are enrolled in but not in classes.csv"
	noteNoUser   = "people who are enrolled but not in users.csv"
	noteOther    = "relatives and other accounts, passed over"
)

func (b *builder) note(what, id string) { b.notes[what] = append(b.notes[what], id) }

// named is how many ids a note names.
const named = 10

func (b *builder) list() []string {
	var list []string
	for _, what := range noteOrder {
		ids := b.notes[what]
		if len(ids) == 0 {
			continue
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		more := ""
		if len(ids) > named {
			more = ", ..."
		}
		list = append(list, fmt.Sprintf("%s: %d (%s%s)", what, len(ids), strings.Join(ids[:min(len(ids), named)], ", "), more))
	}
	return list
}

// enrol notes everybody's form and groups.
func (b *builder) enrol(s Set, today school.Date) {
	classes, users := map[string]Class{}, map[string]bool{}
	for _, c := range s.Classes {
		classes[c.ID] = c
		if !b.orgs[c.School] {
			b.note(noteClassOrg, c.ID)
		}
	}
	for _, u := range s.Users {
		users[u.ID] = true
	}
	for _, e := range s.Enrolments {
		class, known := classes[e.Class]
		switch {
		case e.From != (school.Date{}) && today.Before(e.From), e.Until != (school.Date{}) && !today.Before(e.Until):
		case !known:
			b.note(noteNoClass, e.Class)
		case !users[e.User]:
			b.note(noteNoUser, e.User)
		case class.Form && e.Role == "student":
			b.forms[e.User] = append(b.forms[e.User], class.Title)
		default: // a teaching group, or a tutor's own form
			b.groups[e.User] = append(b.groups[e.User], cmp.Or(class.Code, class.Title))
		}
	}
}

func (b *builder) entry(u User) (register.Entry, bool) {
	e := register.Entry{Kind: register.Staff, Details: register.Details{MIS: u.ID, Given: u.Given, Family: u.Family, Groups: b.groups[u.ID], Email: u.Email}}
	switch {
	case u.Deleted:
		b.note(noteDeleted, u.ID)
		return e, false
	case slices.Contains([]string{"guardian", "parent", "relative"}, u.Role):
		b.note(noteOther, u.ID)
		return e, false
	}
	if !u.Enabled {
		b.note(noteDisabled, u.ID)
	}
	if slices.ContainsFunc(u.Orgs, func(id string) bool { return !b.orgs[id] }) || len(u.Orgs) == 0 {
		b.note(noteOrg, u.ID)
	}
	if u.Role == "student" {
		e.Kind = register.Pupil
		b.pupil(&e, u)
	}
	return e, true
}

func (b *builder) pupil(e *register.Entry, u User) {
	forms := slices.Compact(slices.Sorted(slices.Values(b.forms[u.ID])))
	if len(forms) == 0 {
		b.note(noteNoForm, u.ID)
	} else {
		e.Form = forms[0]
	}
	if len(forms) > 1 {
		b.note(noteForms, u.ID)
	}
	if len(u.Grades) == 1 {
		e.Year = year(u.Grades[0])
	}
	if e.Year == "" {
		b.note(noteNoYear, u.ID)
	}
}

// year reads 07, 7, Y7, Year 7, R and N1; "" for what is no year.
func year(grade string) string {
	text := strings.ToUpper(grade)
	for _, prefix := range []string{"YEAR", "YR", "Y"} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			text = rest
			break
		}
	}
	text = strings.TrimSpace(text)
	switch n, err := strconv.Atoi(text); {
	case text == "R", text == "N1", text == "N2":
		return text
	case err == nil && n >= 1 && n <= 14:
		return strconv.Itoa(n)
	}
	return ""
}
