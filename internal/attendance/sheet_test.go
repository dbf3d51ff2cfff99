package attendance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
)

func roll() []register.Person {
	person := func(id, mis, given, family, form string) register.Person {
		return register.Person{ID: id, Kind: register.Pupil, Details: register.Details{MIS: mis, Given: given, Family: family, Form: form}}
	}
	staff := person("s-1", "9001", "Ada", "Byron", "")
	staff.Kind = register.Staff
	return []register.Person{person("p-1", "1001", "Ada", "Byron", "7A"), person("p-2", "1002", "Zoë", "O'Hara", "7A"),
		person("p-3", "1003", "Sam", "Lee", "7A"), person("p-4", "1004", "Sam", "Lee", "7B"), staff}
}

// readAll reads a file the way the page does: with the columns it guesses.
func readAll(text string) (Reading, error) {
	_, c, err := Heading(strings.NewReader(text))
	if err != nil {
		return Reading{}, err
	}
	return Read(strings.NewReader(text), c, roll())
}

func TestFiles(t *testing.T) {
	ada := map[string]Mark{"p-1": Present}
	for name, c := range map[string]struct {
		text string
		want map[string]Mark
		more string // strange, nobody, unclear, twice
	}{
		"by number":              {"Adno,AM\n1001,/\n1002,N\n", map[string]Mark{"p-1": Present, "p-2": Absent}, "[] [] [] []"},
		"mark and semicolons":    {"\ufeffAdno;Mark\r\n1001;\\\r\n", ada, "[] [] [] []"},
		"tabs":                   {"Adno\tMark\n1001\tpresent\n", ada, "[] [] [] []"},
		"a name with a comma":    {"Name,Reg,Code\n\"Byron, Ada\",7A,/\n", ada, "[] [] [] []"},
		"two columns for a name": {"Forename,Surname,Code\nADA,byron,l\n", map[string]Mark{"p-1": Late}, "[] [] [] []"},
		"accents, either way":    {"Pupil,Code\nZoe\u0308 O'Hara,U\n", map[string]Mark{"p-2": Late}, "[] [] [] []"},
		"told apart by form":     {"Pupil,Form,Code\nSam Lee,7b,/\n", map[string]Mark{"p-4": Present}, "[] [] [] []"},
		"not told apart":         {"Pupil,Code\nSam Lee,/\n", nil, "[] [] [2] []"},
		"strangers, staff":       {"Adno,Code\n7,/\n9001,/\n1001,/\n", ada, "[] [2 3] [] []"},
		"no code at all":         {"Adno,Code\n1001,?\n1002,/\n", map[string]Mark{"p-2": Present}, "[2] [] [] []"},
		"not marked":             {"Adno,Code\n1001,-\n1002,\n1003,#\n", nil, "[] [] [] []"},
		"said twice":             {"Adno,Code\n1001,/\n1001,/\n1001,N\n", ada, "[] [] [] [4]"},
		"an empty number":        {"Adno,Name,Code\n,Ada Byron,/\n", ada, "[] [] [] []"},
	} {
		got, err := readAll(c.text)
		more := fmt.Sprint(got.Strange, got.Nobody, got.Unclear, got.Twice)
		if err != nil || !maps.Equal(got.Marks, c.want) || more != c.more {
			t.Errorf("%s: %v %s, %v", name, got.Marks, more, err)
		}
	}
}

func TestFilesRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty":            "",
		"one column":       "Adno\n1001\n",
		"no lines":         "Adno,Code\n",
		"an open quote":    "Adno,Code\n\"1001,/\n",
		"ragged":           "Adno,Code\n1001,/,x\n",
		"not UTF-8":        "Adno,Code\n1001,\xff\n",
		"not a CSV":        strings.Repeat("\x00\x01", 999),
		"too many lines":   "Adno,Code\n" + strings.Repeat("1001,/\n", MaxLines+1),
		"too many columns": strings.Repeat("x,", MaxColumns) + "Code\n",
		"wrong columns":    "Room,Chairs\n14,30\n",
		"two code columns": "Adno,Code,Mark\n1001,/,N\n",
	} {
		_, err := readAll(text)
		if errs.CodeOf(err) != errs.Invalid || len(errs.All(err)) != 1 || errs.All(err)[0].Field != "file" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Where the guess is wrong, a person says which column is which.
func TestColumnsAreAGuess(t *testing.T) {
	text := "UPN,Learner,Tues 24\nX,Ada Byron,/\n"
	heading, c, err := Heading(strings.NewReader(text))
	if err != nil || !slices.Equal(heading, []string{"UPN", "Learner", "Tues 24"}) || c.Enough() {
		t.Fatalf("%v %+v %v", heading, c, err)
	}
	c.Name, c.Mark = 1, 2
	if r, err := Read(strings.NewReader(text), c, roll()); err != nil || r.Marks["p-1"] != Present {
		t.Errorf("%+v %v", r, err)
	}
	c.Mark = 7
	if _, err := Read(strings.NewReader(text), c, roll()); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a column that is not there: %v", err)
	}
}

func TestDoubtful(t *testing.T) {
	for absent, want := range map[int]bool{0: false, 40: false, 41: true, 100: true} {
		r := Reading{Marks: map[string]Mark{}}
		for i := range 100 {
			r.Marks[fmt.Sprint(i)] = Present
			if i < absent {
				r.Marks[fmt.Sprint(i)] = Absent
			}
		}
		if r.Doubtful() != want {
			t.Errorf("%d of 100 absent: doubtful is %v", absent, !want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{"Adno,AM\n1001,/\n", "\ufeffName;Code\n\"Byron, Ada\";N\n", "Forename\tSurname\tMark\nAda\tByron\t\\\n", "Adno,Code\n\"", ",,\n,,\n", ""} {
		f.Add(text, 0, 1)
	}
	people := roll()
	f.Fuzz(func(t *testing.T, text string, name, mark int) {
		heading, c, err := Heading(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(heading) > MaxColumns {
			t.Errorf("%d columns", len(heading))
		}
		c.Name, c.Mark = name, mark
		r, err := Read(strings.NewReader(text), c, people)
		if err != nil && len(r.Marks) > 0 {
			t.Error("a file refused has marks")
		}
		for id, m := range r.Marks {
			if !slices.ContainsFunc(people, func(p register.Person) bool { return p.ID == id && p.Kind == register.Pupil }) || !m.ofRegister() {
				t.Errorf("%q of %q", m, id)
			}
		}
	})
}
