package generate

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Primary schools whose rules Bellkeep has, with the seeds of their people and what
// their pupils' MIS ids begin with. Rules and names are theirs, the people are not.
var primaries = map[string]struct {
	school
	seed   uint64
	letter string
}{
	"ash-cartwright-kelsey": {school{"ash-cartwright-kelsey", "Ash Cartwright & Kelsey", "A fictional trust", "Ash Cartwright & Kelsey with fictional people", primaryGrades, nil}, 2017, "K"},
	"northbourne":           {school{"northbourne", "Northbourne CEP", "A fictional trust", "Northbourne CEP with fictional people", primaryGrades, nil}, 2018, "N"},
}

const primaryGrades = "R,01,02,03,04,05,06"

// primaryClasses are one for each year, youngest first.
var primaryClasses = []struct {
	title, grade string
	pupils       int
}{
	{"Reception", "R", 14}, {"Year 1", "01", 14}, {"Year 2", "02", 16}, {"Year 3", "03", 16}, {"Year 4", "04", 18}, {"Year 5", "05", 20}, {"Year 6", "06", 22},
}

// primaryPosts are the staff beside a teacher for each class.
var primaryPosts = []struct{ id, role string }{
	{"S-HEAD", "administrator"}, {"S-DEPUTY", "administrator"}, {"S-DSL", "administrator"}, {"S-OFFICE-1", "administrator"}, {"S-OFFICE-2", "administrator"},
	{"S-SENCO", "administrator"}, {"S-BUSINESS", "administrator"}, {"S-AIDE-1", "aide"}, {"S-AIDE-2", "aide"}, {"S-AIDE-3", "aide"},
}

// Primaries are the ids of the primary schools.
func Primaries() []string { return slices.Sorted(maps.Keys(primaries)) }

// Primary gives the files with the people of a primary school by name. The rest of
// its folder is written by hand.
func Primary(id string) map[string][]byte {
	s := primaries[id]
	random := rand.New(rand.NewPCG(s.seed, 1))
	pupils, staff, classes := s.people(random, s.letter)
	files := s.export(pupils, staff, classes)
	files["contacts.csv"] = contacts(random, pupils)
	return files
}

func (s school) people(random *rand.Rand, letter string) (pupils []pupil, staff []member, classes []class) {
	for _, p := range primaryPosts {
		staff = append(staff, member{id: p.id, role: p.role})
	}
	for year, c := range primaryClasses {
		code := strings.ReplaceAll(strings.ToLower(c.title), " ", "-")
		teacher := member{id: fmt.Sprintf("T-%d", year), role: "teacher"}
		staff = append(staff, teacher)
		made := class{id: code, title: c.title, code: c.title, kind: "homeroom", year: c.grade, room: fmt.Sprintf("R%d", year+1), teacher: teacher.id}
		for range c.pupils {
			id := fmt.Sprintf("%s%03d", letter, len(pupils)+1)
			pupils = append(pupils, pupil{id: id, year: year, form: c.title})
			made.pupils = append(made.pupils, id)
		}
		classes = append(classes, made)
	}
	names := draw(random, len(pupils)+len(staff))
	for i := range pupils {
		pupils[i].name = names[i]
	}
	for i := range staff {
		staff[i].name = names[len(pupils)+i]
	}
	return pupils, staff, classes
}
