package roles

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// The table is a contract: whoever changes it changes testdata/table.txt too,
// and both are read in review.
func TestTable(t *testing.T) {
	want, err := os.ReadFile("testdata/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := matrix()
	if got != string(want) {
		t.Errorf("the table of roles is not what testdata/table.txt says. It is now:\n%s", got)
	}
}

// matrix prints the table: S school, c own class, s self, - nothing, ! asks for
// the credential again.
func matrix() string {
	mark := map[Scope]string{School: "S", OwnClass: "c", Self: "s", Nothing: "-"}
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s", "")
	for _, r := range All {
		fmt.Fprintf(&b, " %-10s", r)
	}
	b.WriteString("\n")
	for _, row := range Rows() {
		name := string(row.Permission)
		if row.StepUp {
			name += "!"
		}
		fmt.Fprintf(&b, "%-18s", name)
		for _, r := range All {
			fmt.Fprintf(&b, " %-10s", mark[row.Roles[r]])
		}
		b.WriteString("\n")
	}
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

func TestEveryPermissionIsOneRow(t *testing.T) {
	if len(Table) != len(rows) {
		t.Errorf("%d rows, %d permissions", len(rows), len(Table))
	}
	for _, row := range rows {
		if len(row.Roles) == 0 {
			t.Errorf("nobody may %s", row.Permission)
		}
		for r, s := range row.Roles {
			if !r.Known() || rank(s) < 1 {
				t.Errorf("%s: %q has scope %q", row.Permission, r, s)
			}
		}
	}
}

func TestMay(t *testing.T) {
	cases := []struct {
		name string
		held []Assignment
		p    Permission
		on   Target
		may  bool
	}{
		{"nobody", nil, OwnAccount, Target{Person: "p-1", Self: "p-1"}, false},
		{"own account", []Assignment{{Role: Governor}}, OwnAccount, Target{Person: "p-1", Self: "p-1"}, true},
		{"another's account", []Assignment{{Role: Owner}}, OwnAccount, Target{Person: "p-2", Self: "p-1"}, false},
		{"own class", []Assignment{{Role: Teacher, Forms: []string{"9B"}}}, SeeForm, Target{Form: "9B"}, true},
		{"another class", []Assignment{{Role: Teacher, Forms: []string{"9B"}}}, SeeForm, Target{Form: "9A"}, false},
		{"a teacher without forms and a thing without a form", []Assignment{{Role: Teacher}}, SeeForm, Target{}, false},
		{"the school", []Assignment{{Role: Office}}, SeeForm, Target{Form: "9A"}, true},
		{"tomorrow's acting head", []Assignment{{Role: Head, From: noon.Add(time.Hour)}}, ApproveException, Target{}, false},
		{"today's acting head", []Assignment{{Role: Head, From: noon, Until: noon.Add(time.Hour)}}, ApproveException, Target{}, true},
		{"yesterday's acting head", []Assignment{{Role: Head, Until: noon}}, ApproveException, Target{}, false},
		{"a program's permission", []Assignment{{Permissions: []Permission{SeeForm}}}, SeeForm, Target{}, true},
		{"a program without it", []Assignment{{Permissions: []Permission{SeeForm}}}, SeePerson, Target{}, false},
		{"a program past its end", []Assignment{{Permissions: []Permission{SeeForm}, Until: noon}}, SeeForm, Target{}, false},
		{"a role nobody knows", []Assignment{{Role: "wizard"}}, SeeBoard, Target{}, false},
		{"a permission nobody knows", []Assignment{{Role: Head}}, "fly", Target{}, false},
	}
	for _, c := range cases {
		if got := May(c.held, c.p, c.on, noon); got != c.may {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestWeighty(t *testing.T) {
	var light []Role
	for _, r := range All {
		if !r.Weighty() {
			light = append(light, r)
		}
	}
	if !slices.Equal(light, []Role{Teacher, Supply, Exams, Governor}) {
		t.Errorf("roles without weight: %q", light)
	}
}

func TestReachAndForms(t *testing.T) {
	held := []Assignment{{Role: Teacher, Forms: []string{"9B", "7A"}}, {Role: Supply, Forms: []string{"7A"}}, {Role: Office, Until: noon}}
	if got := Reach(held, SeeForm, noon); got != OwnClass {
		t.Errorf("Reach = %q", got)
	}
	if got := Reach(held, SeeForm, noon.Add(-time.Second)); got != School {
		t.Errorf("Reach a second ago = %q", got)
	}
	if got := Forms(held, SeeForm, noon); !slices.Equal(got, []string{"7A", "9B"}) {
		t.Errorf("Forms = %q", got)
	}
}
