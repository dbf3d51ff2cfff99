package register

import (
	"fmt"
	"slices"
	"strings"
)

// Changes is what a Roll would change in the book.
type Changes struct {
	New       []Entry
	Changed   []Change
	Returned  []Change
	Left      []Person
	Contacts  []ContactChange
	Unchanged int      // people on the roll before and after, the same
	Pupils    int      // on the roll before
	Staff     int      // on the roll before
	Notes     []string // what a person should look at; no names
}

// Change is a person before and what they are to become.
type Change struct {
	Person Person
	After  Details
}

// Field is one difference.
type Field struct{ Name, Before, After string }

// Fields lists what differs; of groups, those left and those joined.
func (c Change) Fields() []Field {
	before, after := c.Person.Details, c.After
	left, joined := without(before.Groups, after.Groups), without(after.Groups, before.Groups)
	all := []Field{
		{"MIS id", before.MIS, after.MIS},
		{"given name", before.Given, after.Given},
		{"family name", before.Family, after.Family},
		{"form", before.Form, after.Form},
		{"year", before.Year, after.Year},
		{"e-mail", before.Email, after.Email},
		{"groups", strings.Join(left, ", "), strings.Join(joined, ", ")},
	}
	return slices.DeleteFunc(all, func(f Field) bool { return f.Before == f.After })
}

// without is list without what stands in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// renames reports whether the person's name changes.
func (c Change) renames() bool {
	return c.Person.Given != c.After.Given || c.Person.Family != c.After.Family
}

// ContactChange is a pupil's contacts before and after.
type ContactChange struct {
	MIS           string
	Before, After []Contact
}

// Empty reports whether there is nothing to apply.
func (c Changes) Empty() bool { return c.Records() == 0 }

// Records is how many records Apply will write.
func (c Changes) Records() int {
	n := len(c.New) + len(c.Changed) + len(c.Returned) + len(c.Left) + len(c.Contacts)
	for _, r := range c.Returned {
		if len(r.Fields()) > 0 {
			n++
		}
	}
	return n
}

// Diff compares the book with a roll. People are matched by MIS id, or by the
// roll's own id where it has one; whoever the roll leaves out is listed as
// left. A roll without any staff says nothing of the staff.
func Diff(now State, roll Roll) Changes {
	d := newDiffer(now)
	d.Notes = slices.Clone(roll.Notes)
	for _, e := range roll.People {
		e.Details = e.Details.tidy()
		d.entry(e)
	}
	d.leavers(now.People)
	if roll.Contacts != nil {
		d.contacts(now, roll.Contacts)
	}
	return d.Changes
}

type differ struct {
	Changes
	byID, byMIS map[string]Person
	seen        map[string]bool // ids of the book met on the roll
	listed      map[string]Kind // by MIS id, on the roll
}

func newDiffer(now State) *differ {
	d := &differ{byID: map[string]Person{}, byMIS: map[string]Person{}, seen: map[string]bool{}, listed: map[string]Kind{}}
	for _, p := range now.People {
		d.byID[p.ID] = p
		if p.MIS != "" {
			d.byMIS[p.MIS] = p
		}
		switch {
		case !p.OnRoll():
		case p.Kind == Pupil:
			d.Pupils++
		case p.Kind == Staff:
			d.Staff++
		}
	}
	return d
}

func (d *differ) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

func (d *differ) entry(e Entry) {
	if d.listed[e.MIS] != "" {
		d.note("%s stands on the roll twice; the first was taken", e.MIS)
		return
	}
	d.listed[e.MIS] = e.Kind
	p, known := d.byMIS[e.MIS]
	if !known && e.ID != "" {
		p, known = d.byID[e.ID]
	}
	if known && d.seen[p.ID] {
		d.note("%s and another line of the roll are the same person; the first was taken", e.MIS)
		return
	}
	d.seen[p.ID] = known
	change := Change{p, e.Details}
	switch {
	case !known:
		d.New = append(d.New, e)
	case p.Kind != e.Kind:
		d.note("%s is %s here and %s on the roll; left as it is", e.MIS, p.Kind, e.Kind)
	case !p.OnRoll():
		d.Returned = append(d.Returned, change)
	case len(change.Fields()) > 0:
		d.Changed = append(d.Changed, change)
	default:
		d.Unchanged++
	}
}

func (d *differ) leavers(people []Person) {
	staffListed := false
	for _, kind := range d.listed {
		staffListed = staffListed || kind == Staff
	}
	kept := 0
	for _, p := range people {
		switch {
		case d.seen[p.ID] || !p.OnRoll():
		case p.Kind == Staff && !staffListed:
			kept++
		default:
			d.Left = append(d.Left, p)
		}
	}
	if kept > 0 {
		d.note("the roll lists no staff; those known stay as they are: %d", kept)
	}
}

func (d *differ) contacts(now State, roll map[string][]Contact) {
	strangers := 0
	for mis := range roll {
		if d.listed[mis] != Pupil {
			strangers++
		}
	}
	if strangers > 0 {
		d.note("contacts left out, because nobody on the roll is the pupil: of %d", strangers)
	}
	for mis, kind := range d.listed {
		if kind != Pupil {
			continue
		}
		before, after := now.Contacts[d.byMIS[mis].ID], inOrder(roll[mis])
		if slices.Equal(before, after) {
			continue
		}
		d.Contacts = append(d.Contacts, ContactChange{mis, before, after})
	}
	slices.SortFunc(d.Contacts, func(a, b ContactChange) int { return strings.Compare(a.MIS, b.MIS) })
	for _, c := range d.Contacts {
		if barred(c.Before) > barred(c.After) {
			d.note("%s: a contact marked no-contact is marked so no longer, or is gone", c.MIS)
		}
	}
}

// barred counts who must not be contacted.
func barred(list []Contact) int {
	n := 0
	for _, c := range list {
		if c.NoContact {
			n++
		}
	}
	return n
}
