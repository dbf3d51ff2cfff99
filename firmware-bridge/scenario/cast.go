package scenario

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// person is somebody of the day: a pupil, a member of staff or a contact.
type person struct {
	name  string // in the script, else the id
	is    string
	id    string // in the register
	of    *person
	badge school.Token
	old   school.Token // the one before, once it is replaced
	place locker.Place
	where string // a pupil's device really is there

	actor school.Actor
	roles []roles.Assignment
}

// settled is how long everybody's account has been as it is: long enough to
// approve things.
const settled = 30 * 24 * time.Hour

// cast finds the people of a script among those of the school, and tells the
// register of their contacts.
func (w *world) cast(ctx context.Context, s Script) error {
	free := w.pupils()
	w.groups[everyPupil] = slices.Clone(free)
	w.roll = w.school.Roll
	w.roll.People = slices.Clone(w.roll.People)
	w.roll.Contacts = maps.Clone(w.roll.Contacts)
	if w.roll.Contacts == nil {
		w.roll.Contacts = map[string][]register.Contact{}
	}
	parts := slices.DeleteFunc(slices.Clone(s.People), func(p Part) bool { return !applies(p.Only, w.school.ID) })
	for _, p := range parts {
		if p.Is == onePupil {
			if err := w.castPupil(p, &free); err != nil {
				return err
			}
		}
	}
	shuffle(free)
	for _, p := range parts {
		switch p.Is {
		case manyPupils:
			if err := w.castGroup(p, &free); err != nil {
				return err
			}
		case oneStaff:
			w.roll.People = append(w.roll.People, register.Entry{Kind: register.Staff, Details: register.Details{MIS: staffMIS(p.Name), Given: "Staff", Family: p.Name}})
			w.people[p.Name] = &person{name: p.Name, is: p.Is, roles: []roles.Assignment{w.appointed(p)}}
		case oneContact:
			w.castContact(p)
		}
	}
	return w.employ(ctx)
}

// employ tells the register of staff and contacts.
func (w *world) employ(ctx context.Context) error {
	book := w.books.People
	if err := book.Apply(ctx, setupBy, register.Diff(book.State(), w.roll), register.Stated{}); err != nil {
		return err
	}
	for _, p := range w.people {
		if p.is == oneStaff {
			known, _ := book.ByMIS(staffMIS(p.name))
			p.id, p.actor = known.ID, school.Actor{Account: account(p.name), Person: known.ID, Changed: w.now.Add(-settled)}
		}
	}
	return nil
}

func staffMIS(name string) string { return "scenario-" + account(name) }

// invent makes up the pupils a script speaks of, for a school whose folder has no
// people.
func invent(s Script, id string) register.Roll {
	var roll register.Roll
	add := func(p Part, n string) {
		roll.People = append(roll.People, register.Entry{Kind: register.Pupil, Details: register.Details{MIS: "pupil-" + account(p.Name) + n,
			Given: p.Name + n, Family: "Example", Form: cmp.Or(p.Form, "1A"), Year: cmp.Or(p.Year, "1")}})
	}
	for _, p := range s.People {
		switch {
		case !applies(p.Only, id):
		case p.Is == onePupil:
			add(p, "")
		case p.Is == manyPupils:
			for n := range p.Count {
				add(p, "-"+strconv.Itoa(n+1))
			}
		}
	}
	return roll
}

// account is the account of a name in a script.
func account(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name))
}

// pupils are all pupils as the register knows them, always in one order.
func (w *world) pupils() []*person {
	var list []register.Person
	for _, p := range w.books.People.People() {
		if p.Kind == register.Pupil {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b register.Person) int { return cmp.Compare(a.MIS, b.MIS) })
	var pupils []*person
	for _, p := range list {
		one := &person{name: p.ID, is: onePupil, id: p.ID, place: p.Place, badge: w.cards[p.ID], where: inHands + p.ID}
		w.byID[p.ID] = one
		pupils = append(pupils, one)
	}
	return pupils
}

func shuffle(list []*person) {
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// castPupil takes the first pupil who fits.
func (w *world) castPupil(p Part, free *[]*person) error {
	for i, one := range *free {
		known, _ := w.books.People.Person(one.id)
		if p.Form != "" && known.Form != p.Form || p.Year != "" && known.Year != p.Year || p.Bank != "" && one.place.Bank != p.Bank {
			continue
		}
		one.name, one.where = p.Name, inHands+p.Name
		w.people[p.Name] = one
		*free = slices.Delete(*free, i, i+1)
		return nil
	}
	return wrong("people: %s: %s has no such pupil.", p.Name, w.school.Name)
}

// castGroup takes as many as fit.
func (w *world) castGroup(p Part, free *[]*person) error {
	var group, rest []*person
	for _, one := range *free {
		known, _ := w.books.People.Person(one.id)
		fits := (p.Form == "" || known.Form == p.Form) && (p.Year == "" || known.Year == p.Year) && (p.Bank == "" || one.place.Bank == p.Bank)
		if fits && len(group) < p.Count {
			group = append(group, one)
		} else {
			rest = append(rest, one)
		}
	}
	if len(group) < p.Count {
		return wrong("people: %s: %s has no %d pupils left.", p.Name, w.school.Name, p.Count)
	}
	w.groups[p.Name], *free = group, rest
	return nil
}

// appointed is the role of a member of staff: of a class where the script names one,
// and for a while where it says until when.
func (w *world) appointed(p Part) roles.Assignment {
	a := roles.Assignment{Role: roles.Role(p.Role), Until: w.local(p.Until)}
	if p.Form != "" {
		a.Forms = []string{p.Form}
	}
	return a
}

// castContact puts a contact on the roll; who was there before for that pupil
// makes room.
func (w *world) castContact(p Part) {
	of := w.people[p.Contact.Of]
	if of == nil { // not at this school
		return
	}
	known, _ := w.books.People.Person(of.id)
	id := "contact-" + account(p.Name)
	w.people[p.Name] = &person{name: p.Name, is: p.Is, id: id, of: of}
	var list []register.Contact
	for _, c := range w.roll.Contacts[known.MIS] {
		if strings.HasPrefix(c.ID, "contact-") {
			list = append(list, c)
		}
	}
	w.roll.Contacts[known.MIS] = append(list, register.Contact{ID: id, Given: p.Name, Family: "Example", Relationship: p.Contact.Relationship,
		Priority: len(list) + 1, ParentalResponsibility: p.Contact.Responsibility, NoContact: p.Contact.NoContact, Email: p.Contact.Email})
}

// all gives the people that names stand for, groups opened out.
func (w *world) all(names []string) []*person {
	var list []*person
	for _, name := range names {
		if p := w.people[name]; p != nil {
			list = append(list, p)
			continue
		}
		list = append(list, w.groups[name]...)
	}
	return list
}
