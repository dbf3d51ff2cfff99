package oneroster

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/testdata/schools"
	"github.com/bellkeep/bellkeep/testdata/schools/generate"
)

func elmfield(t *testing.T) Set {
	t.Helper()
	files, err := fs.Sub(schools.Files, "elmfield/oneroster")
	if err != nil {
		t.Fatal(err)
	}
	set, err := Read(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What is checked in is what the generator makes.
func TestPeopleAreGenerated(t *testing.T) {
	all := map[string]map[string][]byte{"elmfield": generate.Elmfield()}
	for _, id := range generate.Primaries() {
		all[id] = generate.Primary(id)
	}
	for id, files := range all {
		for name, want := range files {
			got, err := schools.Files.ReadFile(id + "/" + name)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s/%s differs from what is generated (%v); run: go run testdata/schools/people.go", id, name, err)
			}
		}
	}
}

// The primary schools have one class a year, from Reception to Year 6, and a
// teacher for each.
func TestPrimaryRolls(t *testing.T) {
	for _, id := range generate.Primaries() {
		files, err := fs.Sub(schools.Files, id+"/oneroster")
		if err != nil {
			t.Fatal(err)
		}
		set, err := Read(files)
		if err != nil {
			t.Fatal(err)
		}
		roll := set.Roll(today)
		years, forms, staff := map[string]int{}, map[string]bool{}, 0
		for _, e := range roll.People {
			if e.Kind == register.Staff {
				staff++
				continue
			}
			years[e.Year]++
			forms[e.Form] = true
		}
		if len(roll.People)-staff != 120 || staff != 17 || len(forms) != 7 || years["R"] != 14 || years["6"] != 22 || !forms["Reception"] || len(roll.Notes) != 0 {
			t.Errorf("%s: %d people, %d staff, years %v, forms %v, notes %q", id, len(roll.People), staff, years, forms, roll.Notes)
		}
	}
}

func TestElmfieldsRoll(t *testing.T) {
	roll := elmfield(t).Roll(today)
	years, forms, names, staff := map[string]int{}, map[string]int{}, map[string]bool{}, 0
	for _, e := range roll.People {
		if e.Kind == register.Staff {
			staff++
			continue
		}
		years[e.Year]++
		forms[e.Form]++
		names[e.Name()] = true
		if len(e.Groups) != 11 {
			t.Errorf("%s is in %d groups", e.MIS, len(e.Groups))
		}
	}
	if staff != 70 || len(forms) != 30 || len(names) != 900 || len(roll.Notes) != 0 {
		t.Errorf("%d staff, %d forms, %d names, notes %q", staff, len(forms), len(names), roll.Notes)
	}
	for year := 7; year <= 11; year++ {
		if n := years[fmt.Sprint(year)]; n != 180 {
			t.Errorf("year %d has %d pupils", year, n)
		}
	}
	for form, n := range forms {
		if n != 30 {
			t.Errorf("form %s has %d pupils", form, n)
		}
	}
}

// Nobody is in two lessons at once, and every form has its 60 lessons.
func TestElmfieldsTimetableWorks(t *testing.T) {
	set := elmfield(t)
	periods := map[string][]string{}
	for _, c := range set.Classes {
		periods[c.ID] = c.Periods
	}
	busy, lessons := map[[2]string]string{}, map[string]int{}
	for _, e := range set.Enrolments {
		for _, p := range periods[e.Class] {
			if other := busy[[2]string{e.User, p}]; other != "" {
				t.Fatalf("%s has %s and %s in period %s", e.User, other, e.Class, p)
			}
			busy[[2]string{e.User, p}] = e.Class
			lessons[e.User]++
		}
	}
	for user, n := range lessons {
		if pupil := strings.HasPrefix(user, "A"); pupil && n != 60 || n > 60 {
			t.Errorf("%s has %d lessons in two weeks", user, n)
		}
	}
	weeks := map[byte]bool{}
	for _, p := range slices.Concat(periods["7a-en"], periods["oak-ma"]) {
		weeks[p[0]] = true
	}
	if len(lessons) != 952 || !weeks['A'] || !weeks['B'] {
		t.Errorf("%d people have lessons, weeks %v", len(lessons), weeks)
	}
}

// The file has passwords; what is read of it has none.
func TestPasswordsAreNotRead(t *testing.T) {
	const dummy = "elmfield-password-"
	raw, err := schools.Files.ReadFile("elmfield/oneroster/users.csv")
	if err != nil || bytes.Count(raw, []byte(dummy)) != 970 {
		t.Fatalf("the fixture has %d passwords, %v", bytes.Count(raw, []byte(dummy)), err)
	}
	set := elmfield(t)
	if text := fmt.Sprintf("%+v %+v", set, set.Roll(today)); strings.Contains(text, dummy) {
		t.Error("a password was read")
	}
}
