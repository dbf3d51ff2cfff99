package generate

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// contact is one of the people to call.
type contact struct {
	id, title string
	name
	relationship     string
	responsible      bool // has parental responsibility
	livesWith        bool
	order, noContact bool
	mobile, email    string
}

// storyPupil has the family that the story of a confiscated phone needs: a
// mother, a father under a no-contact order, and a grandmother who is listed
// without parental responsibility. The pupil is in year 9.
const storyPupil = "A026401"

// families makes households' contacts.
type families struct {
	random *rand.Rand
	count  int
}

// dramaNumbers is the range of mobile numbers that belongs to nobody:
// 07700 900000 to 900999. There are more contacts than numbers, so some share.
const dramaNumbers = 1000

func (f *families) contact(title, family, relationship string) contact {
	f.count++
	return contact{
		id: fmt.Sprintf("C%05d", f.count), title: title, name: name{pick(f.random, givenNames), family}, relationship: relationship,
		responsible: true, livesWith: true,
		mobile: fmt.Sprintf("07700 900%03d", (f.count*7)%dramaNumbers), email: fmt.Sprintf("contact%d@example.org", f.count),
	}
}

func (f *families) of(p pupil) []contact {
	if p.id == storyPupil {
		return f.story(p)
	}
	list := []contact{f.contact("Ms", p.family, "Mother")}
	switch f.random.IntN(20) {
	case 0: // a carer instead
		list[0].relationship = "Foster carer"
		list[0].responsible = false
		list[0].family = pick(f.random, familyNames)
		worker := f.contact("Mx", pick(f.random, familyNames), "Social worker")
		worker.livesWith = false
		return append(list, worker)
	case 1: // a father who must not be contacted
		father := f.contact("Mr", p.family, "Father")
		father.livesWith, father.order, father.noContact = false, true, true
		return append(list, father)
	case 2: // a listed relative without responsibility
		gran := f.contact("Mrs", pick(f.random, familyNames), "Grandmother")
		gran.responsible, gran.livesWith = false, false
		return append(list, gran)
	case 3, 4, 5, 6, 7, 8, 9, 10, 11, 12:
		father := f.contact("Mr", p.family, "Father")
		father.livesWith = f.random.IntN(4) > 0
		list = append(list, father)
		if f.random.IntN(4) == 0 {
			neighbour := f.contact("Mx", pick(f.random, familyNames), "Family friend")
			neighbour.responsible, neighbour.livesWith = false, false
			list = append(list, neighbour)
		}
	}
	return list
}

func (f *families) story(p pupil) []contact {
	mother, father, gran := f.contact("Ms", p.family, "Mother"), f.contact("Mr", p.family, "Father"), f.contact("Mrs", p.family, "Grandmother")
	father.livesWith, father.order, father.noContact = false, true, true
	gran.responsible, gran.livesWith = false, false
	return []contact{mother, father, gran}
}

// contacts writes the contacts as an office machine exports them: a byte order
// mark in front, T and F, columns of its own.
func contacts(random *rand.Rand, pupils []pupil) []byte {
	f := families{random: random}
	households := make([][]contact, len(pupils))
	for i := len(pupils) - 1; i >= 0; i-- { // the eldest first, whose contacts the younger share
		if s := pupils[i].sibling; s > 0 && pupils[i].id != storyPupil {
			households[i] = households[s-1]
		} else {
			households[i] = f.of(pupils[i])
		}
	}
	t := newTable("Adno", "Contact ID", "Title", "Forename", "Surname", "Relationship", "Priority", "Parental Responsibility", "Lives with Pupil",
		"Court Order", "No Contact", "Mobile", "Email")
	for i, p := range pupils {
		for n, c := range households[i] {
			t.add(p.id, c.id, c.title, c.given, c.family, c.relationship, strconv.Itoa(n+1), mark(c.responsible), mark(c.livesWith),
				mark(c.order), mark(c.noContact), c.mobile, c.email)
		}
	}
	return append([]byte("\ufeff"), t.bytes()...)
}

func mark(yes bool) string {
	if yes {
		return "T"
	}
	return "F"
}
