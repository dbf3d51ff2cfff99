package roster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

const elmfieldFile = "../../testdata/schools/elmfield/school.yaml"

// elmfield writes Elmfield's school.yaml to a folder of its own, changed.
func elmfield(t testing.TB, old, new string) string {
	t.Helper()
	text, err := os.ReadFile(elmfieldFile)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("school.yaml has no %q", old)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "school.yaml"), []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadElmfield(t *testing.T) {
	s, err := Load(elmfield(t, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != "elmfield" || !s.Imported || len(s.Banks) != 5 || filepath.Base(s.Banks[4]) != "bank-e.yaml" || len(s.Pupils) != 0 || len(s.Calendar.Terms) != 3 {
		t.Errorf("%s, imported %v, banks %v, %d pupils, %d terms", s.ID, s.Imported, s.Banks, len(s.Pupils), len(s.Calendar.Terms))
	}
	if d := s.Directory(1); len(d.People) != 0 || len(d.Badges) != 0 {
		t.Errorf("directory %+v", d)
	}
	for year, want := range map[int]string{7: "years-7-8", 8: "years-7-8", 9: "years-9-10", 11: "year-11", 12: ""} {
		if got := s.Calendar.WaveOf(year, "b"); got != want {
			t.Errorf("year %d is in wave %q, want %q", year, got, want)
		}
	}
}

func TestElmfieldsYear(t *testing.T) {
	s, err := Load(elmfield(t, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		date, template string
		week           school.Week
		why            string
	}{
		{"2026-09-01", "", "", "INSET"},
		{"2026-09-02", "wednesday", "A", "the first day of the year"},
		{"2026-10-22", "normal", "B", "before the INSET day and half-term"},
		{"2026-10-23", "", "", "INSET"},
		{"2026-10-30", "", "", "half-term"},
		{"2026-11-02", "normal", "A", "half-term takes no letter"},
		{"2026-11-23", "normal", "B", "an ordinary Monday"},
		{"2026-12-18", "last-day", "A", "the last day of autumn"},
		{"2026-12-21", "", "", "the holidays"},
		{"2027-01-05", "normal", "B", "spring begins after an INSET day"},
		{"2027-02-22", "normal", "B", "half-term takes no letter"},
		{"2027-03-25", "last-day", "B", "the last day of spring"},
		{"2027-04-13", "normal", "A", "summer begins after an INSET day"},
		{"2027-05-03", "", "", "a bank holiday"},
		{"2027-05-10", "exam", "A", "an exam"},
		{"2027-07-21", "last-day", "B", "the last day of the year"},
		{"2027-07-22", "", "", "the holidays"},
	}
	for _, c := range cases {
		d, err := school.ParseDate(c.date)
		if err != nil {
			t.Fatal(err)
		}
		if day, _ := s.Calendar.Day(d); day.Template != c.template || day.Week != c.week {
			t.Errorf("%s is %q in week %q, want %q in %q: %s", d, day.Template, day.Week, c.template, c.week, c.why)
		}
	}
	days := 0
	for d := (school.Date{Year: 2026, Month: 8, Day: 1}); d.Before(school.Date{Year: 2027, Month: 8, Day: 31}); d = d.Next() {
		if s.Calendar.SchoolDay(d) {
			days++
		}
	}
	if days != 190 { // the legal year of maintained schools in England
		t.Errorf("%d school days", days)
	}
}

// Before and after the clocks change, on the early finish and in the snow.
func TestElmfieldsCollection(t *testing.T) {
	s, err := Load(elmfield(t, "overrides:", "overrides:\n  - {date: 2027-01-19, template: snow}"))
	if err != nil {
		t.Fatal(err)
	}
	plan := s.Plan(1, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
	if err := plan.Validate(); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ wave, from, until string }{
		{"year-11", "2026-10-22T14:05:00Z", "2026-10-22T15:30:00Z"},
		{"years-9-10", "2026-11-02T15:10:00Z", "2026-11-02T16:30:00Z"},
		{"years-7-8", "2026-11-23T15:15:00Z", "2026-11-23T16:30:00Z"},
		{"", "2026-11-23T15:15:00Z", "2026-11-23T16:30:00Z"},
		{"year-11", "2026-12-18T13:15:00Z", "2026-12-18T14:30:00Z"},
		{"years-9-10", "2027-01-19T14:20:00Z", "2027-01-19T15:30:00Z"},
		{"year-11", "2027-04-13T14:05:00Z", "2027-04-13T15:30:00Z"},
		{"year-11", "2027-05-10T14:15:00Z", "2027-05-10T15:30:00Z"},
	}
	for _, c := range cases {
		from, until := at(t, c.from), at(t, c.until)
		in := func(t time.Time) bool { return plan.In(school.Collection, c.wave, t) }
		if in(from.Add(-time.Second)) || !in(from) || !in(until.Add(-time.Second)) || in(until) {
			t.Errorf("wave %q does not collect from %s until %s", c.wave, c.from, c.until)
		}
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}
