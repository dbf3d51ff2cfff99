package generate

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

const formSize = 30

// pupil is one of the 900. Their MIS ids count from A026001, youngest first.
type pupil struct {
	name
	id      string
	year    int
	form    string
	sibling int // index of the older brother or sister plus 1, 0 for none
}

// formsOf names the six forms of a year, 30 pupils each. The last two of years
// 10 and 11 are vertical: both years share Ash and Oak.
func formsOf(year int) []string {
	var forms []string
	for _, letter := range "ABCDEF" {
		forms = append(forms, strconv.Itoa(year)+string(letter))
	}
	if year >= 10 {
		forms = forms[:5]
	}
	return forms
}

func makePupils(random *rand.Rand) []pupil {
	var pupils []pupil
	add := func(year, n int, form string) {
		for range n {
			pupils = append(pupils, pupil{id: fmt.Sprintf("A%06d", 26001+len(pupils)), year: year, form: form})
		}
	}
	for year := 7; year <= 11; year++ {
		for _, form := range formsOf(year) {
			add(year, formSize, form)
		}
		if year >= 10 {
			add(year, formSize/2, "Ash")
			add(year, formSize/2, "Oak")
		}
	}
	for i, n := range draw(random, len(pupils)) {
		pupils[i].name = n
	}
	makeSiblings(random, pupils)
	return pupils
}

// makeSiblings gives one in eight of years 7 to 9 an older brother or sister,
// and their family name, where that makes no namesakes.
func makeSiblings(random *rand.Rand, pupils []pupil) {
	taken := map[name]bool{}
	for _, p := range pupils {
		taken[p.name] = true
	}
	for i := range pupils {
		p := &pupils[i]
		if p.year > 9 || random.IntN(8) > 0 {
			continue
		}
		older := i + 180 + random.IntN(len(pupils)-i-180)
		if n := (name{p.given, pupils[older].family}); !taken[n] && pupils[older].year > p.year {
			taken[n] = true
			p.name, p.sibling = n, older+1
		}
	}
}

// member is one of the staff.
type member struct {
	name
	id      string
	role    string // of OneRoster
	subject string // what a teacher teaches
}

// The posts that stories are told about, by MIS id.
var posts = []struct{ id, role string }{
	{"S-HEAD", "administrator"}, {"S-DEPUTY", "administrator"}, {"S-DSL", "administrator"}, {"S-DDSL", "administrator"},
	{"S-OFFICE-1", "administrator"}, {"S-OFFICE-2", "administrator"}, {"S-IT", "administrator"}, {"S-EXAMS", "administrator"},
	{"S-SENCO", "administrator"}, {"S-BUSINESS", "administrator"},
	{"S-AIDE-1", "aide"}, {"S-AIDE-2", "aide"}, {"S-AIDE-3", "aide"}, {"S-AIDE-4", "aide"}, {"S-AIDE-5", "aide"}, {"S-AIDE-6", "aide"},
	{"S-LIBRARY", "aide"}, {"S-INVIGILATOR", "proctor"},
}

// makeStaff gives the posts above, then the teachers of each subject.
func makeStaff(random *rand.Rand) []member {
	var staff []member
	for _, p := range posts {
		staff = append(staff, member{id: p.id, role: p.role})
	}
	for _, s := range subjects {
		for n := range s.teachers {
			staff = append(staff, member{id: fmt.Sprintf("T-%s-%d", s.code, n+1), role: "teacher", subject: s.code})
		}
	}
	for i, n := range draw(random, len(staff)) {
		staff[i].name = n
	}
	return staff
}
