package register

import (
	"maps"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/locker"
)

// MaxFound is the most people a search returns.
const MaxFound = 200

// Person finds a person, on the roll or not.
func (b *Book) Person(id string) (Person, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	p := b.people[id]
	if p == nil {
		return Person{}, false
	}
	return p.copied(), true
}

// ByMIS finds a person by the id of the school's information system.
func (b *Book) ByMIS(mis string) (Person, bool) {
	b.mu.RLock()
	id := b.byMIS[mis]
	b.mu.RUnlock()
	return b.Person(id)
}

// Staffed reports whether any staff were ever listed.
func (b *Book) Staffed() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.staffed
}

// Name is a person's name and form; false when unknown or erased.
func (b *Book) Name(id string) (name, form string, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	p := b.people[id]
	if p == nil || p.Name() == "" {
		return "", "", false
	}
	return p.Name(), p.Form, true
}

// People is everybody on the roll, pupils and staff, by name.
func (b *Book) People() []Person { return b.sorted(Person.OnRoll) }

// Leavers is everybody who was on the roll once, by name.
func (b *Book) Leavers() []Person {
	return b.sorted(func(p Person) bool { return !p.OnRoll() })
}

// Search finds people, leavers too, by the beginnings of the words of their
// name and form, in any order, blind to case and accents. At most MaxFound,
// those on the roll first; an empty query finds nobody.
func (b *Book) Search(query string) []Person {
	words := strings.Fields(plain(query, ' '))
	if len(words) == 0 {
		return nil
	}
	b.mu.RLock()
	var found []*listed
	for _, p := range b.people {
		if p.has(words) {
			found = append(found, p)
		}
	}
	list := copies(found)
	b.mu.RUnlock()
	slices.SortStableFunc(list, func(a, b Person) int { return strings.Compare(leftLast(a), leftLast(b)) })
	return list[:min(len(list), MaxFound)]
}

func leftLast(p Person) string {
	if p.OnRoll() {
		return "1"
	}
	return "2"
}

func (p *listed) has(words []string) bool {
	for _, w := range words {
		if !strings.Contains(p.words, " "+w) {
			return false
		}
	}
	return true
}

// Contacts is whom to call about a pupil, in that order.
func (b *Book) Contacts(id string) []Contact {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.contacts[id])
}

// Places is where everybody's devices belong, leavers too: something of theirs
// may still be there.
func (b *Book) Places() map[string]locker.Place {
	b.mu.RLock()
	defer b.mu.RUnlock()
	places := make(map[string]locker.Place, len(b.people))
	for id, p := range b.people {
		if p.Place != (locker.Place{}) {
			places[id] = p.Place
		}
	}
	return places
}

// State is the whole book, for Diff.
func (b *Book) State() State {
	s := State{People: b.sorted(func(Person) bool { return true })}
	b.mu.RLock()
	defer b.mu.RUnlock()
	s.Contacts = maps.Clone(b.contacts) // lists are replaced, never changed
	return s
}

func (b *Book) sorted(want func(Person) bool) []Person {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []*listed
	for _, p := range b.people {
		if want(p.Person) {
			list = append(list, p)
		}
	}
	return copies(list)
}

// copies sorts by name and takes copies.
func copies(list []*listed) []Person {
	slices.SortFunc(list, func(a, b *listed) int { return strings.Compare(a.order, b.order) })
	people := make([]Person, len(list))
	for i, p := range list {
		people[i] = p.copied()
	}
	return people
}
