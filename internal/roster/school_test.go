package roster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

// copySchool writes Mill Lane to a folder, one file changed.
func copySchool(t *testing.T, file, old, new string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"school.yaml", "roll.csv", "badges.csv", "bank-a.yaml"} {
		text, err := schools.Files.ReadFile("mill-lane/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			if !strings.Contains(string(text), old) {
				t.Fatalf("%s has no %q", file, old)
			}
			text = []byte(strings.Replace(string(text), old, new, 1))
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadMillLane(t *testing.T) {
	s, err := Load(copySchool(t, "", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	d := s.Directory(3)
	if len(s.Pupils) != 60 || len(d.Badges) != 60 || len(d.People) != 60 || d.Version != 3 || len(d.Grants) != 2 || len(d.Bars) != 1 {
		t.Errorf("%d pupils, directory %d: %d badges, %d people, %d grants, %d bars", len(s.Pupils), d.Version, len(d.Badges), len(d.People), len(d.Grants), len(d.Bars))
	}
	token := s.Badges[4].Token
	if e := d.Badges[token.Hash()]; e.Person != "p-005" || e.Revoked {
		t.Errorf("badge 5 belongs to %+v", e)
	}
	if d.People["p-005"].Door != 5 || d.People["p-005"].Bank != "a" {
		t.Errorf("place %+v", d.People["p-005"])
	}
	plan := s.Plan(3, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	if at := time.Date(2026, 11, 23, 15, 10, 0, 0, time.UTC); !plan.In(school.Collection, "", at) || plan.In(school.Collection, "", at.Add(-time.Second)) {
		t.Error("the collection window of 23 November is wrong")
	}
}

// Each case changes one thing; the fault must be named with its file and line.
func TestLoadNamesTheFault(t *testing.T) {
	cases := []struct{ name, file, old, new, want string }{
		{"zone", "school.yaml", "Europe/London", "Europe/Londinium", "school.yaml:4: zone"},
		{"term backwards", "school.yaml", "until: 2026-12-19", "until: 2026-08-19", "school.yaml:6: terms: until"},
		{"zone of whoever reads", "school.yaml", "Europe/London", "Local", "school.yaml:4: zone"},
		{"bell that is none", "school.yaml", `collect: "15:10"`, `collect: "25:10"`, "school.yaml:22: templates: collect"},
		{"bells out of order", "school.yaml", `"08:40"`, `"15:40"`, "school.yaml:22: templates: collect 15:10 must be after register 15:40"},
		{"grant for nobody", "school.yaml", "p-044", "p-444", `school.yaml:29: person "p-444"`},
		{"people from elsewhere", "school.yaml", "name: Mill", "people: web\nname: Mill", "school.yaml:3: people: \"web\" is not import"},
		{"import beside a roll", "school.yaml", "name: Mill", "people: import\nname: Mill", "school.yaml:3: people: roll.csv stands beside"},
		{"grant for who is imported", "school.yaml", "name: Mill", "people: import\nname: Mill", "school.yaml:29: person \"p-017\" comes by import"},
		{"waves the roll cannot tell", "school.yaml", "banks: ", "waves: [{id: seven, years: [7]}]\nbanks: ", "school.yaml:26: waves: seven goes by years"},
		{"unknown key", "school.yaml", "name: Mill", "nom: Mill", "school.yaml:3: there is no key nom"},
		{"grant without an end", "school.yaml", "from: 2026-09-01, until: 2027-09-01}\n  - {id: g-002", "from: 2026-09-01}\n  - {id: g-002", "school.yaml:28: grants: until"},
		{"id twice", "school.yaml", "g-002", "g-001", "school.yaml:29: id g-001 stands on line 28"},
		{"door bar without its bank", "school.yaml", "person: p-029", "door: 9", "school.yaml:31: bars: "},
		{"quoted heading behind a byte order mark", "roll.csv", "person,name", "\ufeff\"person\",first", "roll.csv:1: the first line must be"},
		{"stray quote", "roll.csv", "p-002,", "p\"002,", "roll.csv:3: bare"},
		{"person twice", "roll.csv", "p-002,", "p-001,", "roll.csv:3: person p-001 stands on line 2"},
		{"door twice", "roll.csv", ",7A,2,a", ",7A,1,a", "roll.csv:3: person p-002: door 1 belongs to line 2"},
		{"door that is none", "roll.csv", ",7A,2,a", ",7A,two,a", `roll.csv:3: person p-002: door "two"`},
		{"column missing", "roll.csv", ",7A,2,a", ",7A,2", "roll.csv:3: wrong number of fields"},
		{"heading", "roll.csv", "person,name", "person,forename", "roll.csv:1: the first line must be"},
		{"mistyped badge", "badges.csv", "p-001,BK1", "p-001,BK2", "badges.csv:2: the badge is not readable"},
		{"badge of nobody", "badges.csv", "p-001,", "p-901,", `badges.csv:2: person "p-901"`},
		{"badge in no state", "badges.csv", "active", "lent", `badges.csv:2: state "lent"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(copySchool(t, c.file, c.old, c.new))
			if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v\nwant %q", err, c.want)
			}
		})
	}
}

func TestLoadNamesAllFaults(t *testing.T) {
	dir := copySchool(t, "school.yaml", "Europe/London", "Nowhere")
	if err := os.Remove(filepath.Join(dir, "badges.csv")); err != nil {
		t.Fatal(err)
	}
	_, err := Load(dir)
	for _, want := range []string{"2 faults", "school.yaml:4: zone", "badges.csv: the file cannot be read"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("err = %v, want %q", err, want)
		}
	}
}

func TestLoadToleratesAByteOrderMark(t *testing.T) {
	if _, err := Load(copySchool(t, "roll.csv", "person,name", "\ufeffperson,name")); err != nil {
		t.Error(err)
	}
}
