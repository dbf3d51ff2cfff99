package roster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Each case changes one thing; the fault must be named with its line, which is
// the changed one unless the case says on which text it stands.
func TestCalendarNamesTheFault(t *testing.T) {
	cases := []struct{ name, old, new, on, want string }{
		{"term overlap", "from: 2027-01-04, until: 2027-03-26", "from: 2026-12-18, until: 2027-03-26", "", "terms: from 2026-12-18 lies before the end of the term ahead of it, 2026-12-19"},
		{"term without an end", ", until: 2027-07-22", "", "name: Summer", "terms: until: \"\" is not a date"},
		{"term of years", "until: 2027-07-22", "until: 2037-07-22", "", "terms: from 2027-04-12 until 2037-07-22 is more than 400 days"},
		{"letters missing in one term", "until: 2027-03-26, weeks: {first: B, skip_closed: true}", "until: 2027-03-26", "", "terms: weeks: first: name A or B in every term or in none"},
		{"first letter missing", "until: 2026-12-19, weeks: {first: A, ", "until: 2026-12-19, weeks: {", "", "terms: weeks: first: is missing"},
		{"letter that is none", "weeks: {first: A", "weeks: {first: C", "", `terms: weeks: first: "C" is neither A nor B`},
		{"closed backwards", "from: 2026-10-26, until: 2026-10-31", "from: 2026-10-26, until: 2026-10-26", "", "closed: until 2026-10-26 must be after"},
		{"date that is none", "date: 2026-12-18", "date: 2026-02-30", "", `overrides: date: "2026-02-30" is not a date`},
		{"override outside terms", "date: 2026-12-18", "date: 2026-12-21", "", "overrides: 2026-12-21 lies in no term"},
		{"override of a closed day", "date: 2026-12-18", "date: 2026-10-28", "", "overrides: 2026-10-28 is closed"},
		{"override twice", "date: 2027-03-25", "date: 2026-12-18", "", "overrides: 2026-12-18 stands on line"},
		{"override of nothing", "{date: 2026-12-18, template: last-day, ", "{date: 2026-12-18, ", "", "overrides: 2026-12-18: name a template, a week or both"},
		{"override of a letter on a Saturday", "{date: 2026-12-18, template: last-day, ", "{date: 2026-12-12, week: A, ", "", "overrides: 2026-12-12 is a Saturday"},
		{"override with a missing template", "date: 2026-12-18, template: last-day", "date: 2026-12-18, template: last", "", `overrides: there is no template "last"`},
		{"weekday with a missing template", "on: [wednesday], template: wednesday", "on: [wednesday], template: midweek", "", `days: there is no template "midweek"`},
		{"weekday without a template", "on: [wednesday], template: wednesday", "on: [wednesday]", "", `days: there is no template ""`},
		{"weekday twice", "on: [wednesday]", "on: [friday]", "", "days: friday stands on line"},
		{"weekday that is none", "on: [wednesday]", "on: [wensday]", "", `days: on: "wensday" is not a weekday`},
		{"no weekday", "on: [wednesday]", "on: []", "", "days: on: name at least one weekday"},
		{"week that is none", "on: [wednesday], ", "on: [wednesday], week: C, ", "", `days: week: "C" is neither A nor B`},
		{"template twice", "name: wednesday", "name: normal", "", "templates: normal stands on line"},
		{"template's name", "name: snow", "name: Snow day", "", `templates: name: "Snow day" needs small letters`},
		{"gate missing", "    gate: \"09:40\"\n", "", "name: snow", "templates: gate: \"\" is not a time of day"},
		{"early finish before the register", `collect: "13:15"`, `collect: "08:15"`, "", "templates: collect 08:15 must be after register 08:40"},
		{"periods that overlap", `Lesson 2, kind: lesson, from: "09:45"`, `Lesson 2, kind: lesson, from: "09:40"`, "", "periods: Lesson 2 begins at 09:40, before Lesson 1 ends at 09:45"},
		{"period backwards", `from: "14:20", until: "15:10"`, `from: "14:20", until: "14:10"`, "", "periods: until 14:10 must be after from 14:20"},
		{"period of no kind", "name: Break, kind: break", "name: Break, kind: brake", "", `periods: kind: "brake" is none of`},
		{"period without an end", `from: "10:35", until: "10:55"`, `from: "10:35"`, "", `periods: until: "" is not a time of day`},
		{"period without a name", "name: Break, ", "", "", "periods: name: needs 1 to 60 bytes"},
		{"wave before collection", `wave: year-11, from: "15:05"`, `wave: year-11, from: "15:00"`, "", "templates: waves: year-11 begins at 15:00, outside collection from 15:05 until 16:30"},
		{"wave after collection", `wave: years-7-8, from: "15:15"`, `wave: years-7-8, from: "16:30"`, "", "templates: waves: years-7-8 begins at 16:30, outside collection"},
		{"wave of nobody", "wave: year-11, from", "wave: year-12, from", "", `templates: waves: there is no wave "year-12"`},
		{"wave forgotten", "      - {wave: years-9-10, from: \"15:10\"}\n", "", "name: normal", "templates: normal: waves: years-9-10 is missing"},
		{"wave twice", "wave: years-9-10, from", "wave: year-11, from", "", "templates: waves: year-11 stands on line"},
		{"nobody at collect", `wave: year-11, from: "15:05"`, `wave: year-11, from: "15:06"`, `collect: "15:05"`, "templates: normal: no wave begins at collect 15:05"},
		{"year in two waves", "years: [9, 10]", "years: [9, 11]", "", "waves: year-11 and years-9-10 are the same people in part"},
		{"year that is none", "years: [9, 10]", "years: [9, 14]", "", "waves: years: 14 is not a year"},
		{"wave without people", ", years: [9, 10]", "", "", "waves: years-9-10: name its years, its banks or both"},
		{"wave's bank", "years: [9, 10]", "banks: [Bank A]", "", `waves: banks: "Bank A" needs small letters`},
		{"unknown key", "gate: \"09:40\"", "gates: \"09:40\"", "", "there is no key gates"},
	}
	text, err := os.ReadFile(elmfieldFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			on := c.on
			if on == "" {
				on = c.old
			}
			before, _, _ := strings.Cut(string(text), on)
			want := fmt.Sprintf("school.yaml:%d: %s", 1+strings.Count(before, "\n"), c.want)
			_, err := Load(elmfield(t, c.old, c.new))
			if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), want) {
				t.Errorf("err = %v\nwant %q", err, want)
			}
		})
	}
}

// Without letters in its terms a school may not speak of weeks.
func TestWeeksNeedLetters(t *testing.T) {
	dir := elmfield(t, "on: [wednesday], ", "on: [wednesday], week: B, ")
	path := filepath.Join(dir, "school.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer(", weeks: {first: A, skip_closed: true}", "", ", weeks: {first: B, skip_closed: true}", "").Replace(string(text))
	if err := os.WriteFile(path, []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), ": days: week B needs terms that say weeks") {
		t.Errorf("err = %v", err)
	}
}
