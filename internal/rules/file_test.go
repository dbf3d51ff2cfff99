package rules

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

const schools = "../../testdata/schools/"

func load(t testing.TB, name string) File {
	t.Helper()
	var faults config.Faults
	f := ReadFile(schools+name+"/"+FileName, &faults)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return f
}

// What the two real policies decide differently, and the same.
func TestTheTwoSchoolsDiffer(t *testing.T) {
	a, b := load(t, "ash-cartwright-kelsey"), load(t, "northbourne")
	var got []string
	for _, c := range policy.Diff(a.Rules, b.Rules) {
		got = append(got, c.Key.Name)
	}
	want := strings.Fields(`deposit_point off_rule ban_from collect_rule pupil_call_home parent_contact_exceptions curriculum_activity
		hold_end_approvers.second staff_lesson_use_permission staff_relationship_ack visitor_signage social_media_school_devices
		pupil_own_password_from password_rotation leavers_disable_clause progress_apps_school_device_only roles.dsl roles.online_safety_lead
		vulnerable_pupil_lead filter_breach_action cyberbullying_policy ceop_button linked_policies dp_law_text kcsie_year
		review.months review.next review.contradictory dsl_governor_meetings_per_year_min`)
	if !slices.Equal(got, want) {
		t.Errorf("they differ in %q,\nwant %q", got, want)
	}
	if a.Policy == "" || a.From != (school.Date{Year: 2017, Month: 9, Day: 1}) {
		t.Errorf("%q from %v", a.Policy, a.From)
	}
}

// Both policies are older than the law, and the second contradicts itself.
func TestTheTwoSchoolsAreWarned(t *testing.T) {
	today := school.Date{Year: 2026, Month: 11, Day: 23}
	for name, want := range map[string][]string{
		"elmfield":              {"curriculum_activity"},
		"ash-cartwright-kelsey": {"review.next", "dp_law_text", "kcsie_year", "curriculum_activity"},
		"northbourne":           {"review.next", "review.contradictory", "dp_law_text", "kcsie_year", "dsl_governor_meetings_per_year_min", "roles.dsl"},
	} {
		var got []string
		for _, w := range policy.Warnings(load(t, name).Rules, today) {
			got = append(got, w.Key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is warned of %q, want %q", name, got, want)
		}
	}
}

// Every clause that a rule names is in the school's list.
func TestRulesNameClauses(t *testing.T) {
	for _, name := range []string{"ash-cartwright-kelsey", "northbourne"} {
		file, err := os.Open(schools + name + "/clauses.csv")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var faults config.Faults
		f := load(t, name)
		f.Known(FileName, func(id string) bool {
			return slices.ContainsFunc(lines, func(l []string) bool { return l[0] == id })
		}, &faults)
		if err := faults.Err(); err != nil || len(f.Clauses) < 25 {
			t.Errorf("%s: %d rules name clauses: %v", name, len(f.Clauses), err)
		}
		f.Known(FileName, func(string) bool { return false }, &faults)
		if len(faults.List()) < 25 || faults.List()[0].Line == 0 {
			t.Errorf("%s: unknown clauses are not named with their lines", name)
		}
	}
}

// All faults come at once, each with its line.
func TestFaults(t *testing.T) {
	data, err := os.ReadFile(schools + "elmfield/" + FileName)
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	change := func(from, to string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, from) {
				t.Fatalf("%q is not in the file", from)
			}
			return strings.Replace(s, from, to, 1)
		}
	}
	for _, c := range []struct {
		name   string
		change func(string) string
		want   []string
	}{
		{"as it is", func(s string) string { return s }, nil},
		{"a typing error", change("deposit_point: bank", "deposit_piont: bank"), []string{"there is no rule deposit_piont", "the rule deposit_point is missing"}},
		{"a wrong value", change("deposit_point: bank", "deposit_point: drawer"), []string{`"drawer" is none of: bank, office, class_teacher`}},
		{"a list for a value", change("deposit_point: bank", "deposit_point: [bank]"), []string{"deposit_point: needs one plain value"}},
		{"a value for a list", change("policy_breach: [office]", "policy_breach: office"), []string{"notify.policy_breach: needs a list"}},
		{"a list of lists", change("policy_breach: [office]", "policy_breach: [[office]]"), []string{"notify.policy_breach: needs a list"}},
		{"nothing", change("deposit_point: bank", "deposit_point:"), []string{"deposit_point: needs one plain value"}},
		{"twice", change("deposit_point: bank", "deposit_point: bank\n  deposit_point: office"), []string{"key deposit_point stands here a second time"}},
		{"twice within", change("{by: leadership,", "{by: leadership, by: head,"), []string{"key search.by stands here a second time"}},
		{"an unknown part", change("jurisdiction:", "colour: red\n  jurisdiction:"), []string{"there is no rule colour"}},
		{"an unknown section", change("rules:", "rulez: {}\nrules:"), []string{"there is no key rulez"}},
		{"one person twice", change("roles: {dsl: own_person", "roles: {dsl: head"), []string{"the two who end a hold would be one person"}},
		{"two at once", func(s string) string {
			return change("in_force_from: 2026-09-01", "in_force_from: soon")(change("leavers_percent: 5", "leavers_percent: 500")(s))
		}, []string{`"soon" is not a date`, `"500" is not a whole number from 1 to 50`}},
		{"no name", change("policy: Mobile phone policy, September 2026", "policy: ''"), []string{"policy: name the written policy"}},
		{"clauses of no rule", change("rules:", "clauses: {colour: [A-1]}\nrules:"), []string{"clauses: there is no rule colour"}},
		{"clauses not a list", change("rules:", "clauses: {deposit_point: A-1}\nrules:"), []string{"clauses: deposit_point needs a list"}},
		{"rules not a mapping", change("rules:", "rules: nothing\nclauses:"), []string{"needs keys and values", "the rule deposit_point is missing"}},
	} {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, []byte(c.change(good)), 0o600); err != nil {
			t.Fatal(err)
		}
		var faults config.Faults
		ReadFile(path, &faults)
		text := ""
		for _, f := range faults.List() {
			text += f.String() + "\n"
			if f.Line == 0 {
				t.Errorf("%s: %s has no line", c.name, f)
			}
		}
		if c.want == nil && text != "" {
			t.Errorf("%s: %s", c.name, text)
		}
		for _, want := range c.want {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
				t.Errorf("%s: %q is not among\n%s", c.name, want, text)
			}
		}
	}
}

func FuzzReadFile(f *testing.F) {
	for _, name := range []string{"elmfield", "northbourne"} {
		data, err := os.ReadFile(schools + name + "/" + FileName)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("rules: {search: {by: [}}"))
	f.Add([]byte("rules: &a {search: *a}"))
	path := filepath.Join(f.TempDir(), FileName)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var faults config.Faults
		got := ReadFile(path, &faults)
		if faults.Err() != nil {
			return
		}
		for _, k := range policy.Keys {
			if err := k.Set(&got.Rules, k.Value(got.Rules)); err != nil {
				t.Errorf("%q was taken, but %v", data, err)
			}
		}
	})
}
