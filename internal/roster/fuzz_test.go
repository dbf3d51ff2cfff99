package roster

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

// Whatever a school.yaml says, reading it ends in faults or in a calendar that
// compiles into good plans.
func FuzzSchoolFile(f *testing.F) {
	elmfield, err := os.ReadFile(elmfieldFile)
	if err != nil {
		f.Fatal(err)
	}
	millLane, err := schools.Files.ReadFile("mill-lane/school.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(elmfield)
	f.Add(millLane)
	f.Add([]byte("terms: [{from: 0000-01-01, until: 9999-12-31, weeks: {first: A}}]\n"))
	f.Add([]byte("templates: [{name: n, waves: [{wave: w}]}, {name: n}]\nwaves: [{id: w}, {id: w, years: [0]}]\n"))
	f.Add([]byte("days: [{}]\noverrides: [{}]\nclosed: [{}]\nterms: [{}]\ntemplates: [{periods: [{}]}]\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, "school.yaml"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Load(dir)
		if err != nil {
			return
		}
		for _, term := range s.Calendar.Terms {
			checkPlan(t, s.Calendar, term.From)
			checkPlan(t, s.Calendar, term.Until.Add(-7))
		}
	})
}

func checkPlan(t *testing.T, cal school.Calendar, first school.Date) {
	t.Helper()
	plan := cal.PlanFor("a", 1, first, 14)
	if err := plan.Validate(); err != nil {
		t.Errorf("from %s: %v", first, err)
	}
	days := 0
	for i := range 14 {
		if cal.SchoolDay(first.Add(i)) {
			days++
		}
	}
	if len(plan.Windows) > 0 && days == 0 {
		t.Errorf("from %s: windows without school", first)
	}
}
