package school

import (
	"slices"
	"testing"
	"time"
)

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func date(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var normal = Template{
	Name: "normal", Gate: Clock{8, 15}, Register: Clock{8, 40}, Collect: Clock{15, 5}, CollectUntil: Clock{16, 30},
	Bells: []Bell{
		{"Registration", Registration, Clock{8, 40}, Clock{8, 55}},
		{"Lesson 1", Lesson, Clock{8, 55}, Clock{9, 45}},
		{"Break", Break, Clock{9, 45}, Clock{10, 5}},
		{"Lesson 2", Lesson, Clock{10, 5}, Clock{15, 10}},
	},
	Starts: []Start{{"years-7-8", Clock{15, 15}}, {"year-11", Clock{15, 5}}, {"years-9-10", Clock{15, 10}}},
}

var lastDay = Template{Name: "last-day", Gate: Clock{8, 15}, Register: Clock{8, 40}, Collect: Clock{13, 15}, CollectUntil: Clock{14, 30}}

// elmfield has a half-term in every term, a short Friday in weeks B and an
// early finish on the last day.
func elmfield(t testing.TB) Calendar {
	short := lastDay
	short.Name = "short"
	usual := append(MondayToFriday("normal"), Usual{time.Friday, WeekB, "short"})
	return Calendar{
		Zone: london(t),
		Terms: []Term{
			{Span{Date{2026, 9, 2}, Date{2026, 12, 19}}, "Autumn", Weeks{WeekA, true}},
			{Span{Date{2027, 1, 4}, Date{2027, 3, 26}}, "Spring", Weeks{WeekA, false}},
			{Span{Date{2027, 4, 12}, Date{2027, 7, 22}}, "Summer", Weeks{WeekB, true}},
		},
		Closed: []Span{
			{Date{2026, 10, 26}, Date{2026, 10, 31}},
			{Date{2027, 2, 15}, Date{2027, 2, 20}},
			{Date{2027, 5, 3}, Date{2027, 5, 4}},
		},
		Templates: map[string]Template{"normal": normal, "last-day": lastDay, "short": short},
		Usual:     usual,
		Overrides: []Override{
			{Date: Date{2026, 12, 18}, Template: "last-day"},
			{Date: Date{2026, 11, 21}, Template: "short"},
			{Date: Date{2026, 11, 19}, Week: WeekA},
			{Date: Date{2026, 11, 20}, Week: WeekA},
			{Date: Date{2026, 10, 27}, Template: "short"},
			{Date: Date{2027, 8, 2}, Template: "short"},
		},
		Waves: []Wave{
			{ID: "year-11", Years: []int{11}},
			{ID: "years-9-10", Years: []int{9, 10}},
			{ID: "years-7-8", Years: []int{7, 8}},
		},
	}
}

func TestDay(t *testing.T) {
	cal := elmfield(t)
	cases := []struct {
		date     string
		template string // "" without school
		week     Week
		why      string
	}{
		{"2026-09-01", "", "", "the day before term"},
		{"2026-09-02", "normal", WeekA, "term begins, on a Wednesday"},
		{"2026-09-04", "normal", WeekA, "the Friday of the same week"},
		{"2026-09-07", "normal", WeekB, "the Monday after"},
		{"2026-09-11", "short", WeekB, "a Friday of a week B"},
		{"2026-10-23", "short", WeekB, "before half-term"},
		{"2026-10-24", "", "", "a Saturday"},
		{"2026-10-26", "", "", "half-term begins"},
		{"2026-10-27", "", "", "an override opens no closed day"},
		{"2026-10-30", "", "", "half-term's last day"},
		{"2026-11-02", "normal", WeekA, "a week closed from end to end takes no letter"},
		{"2026-11-18", "normal", WeekA, "a Wednesday"},
		{"2026-11-19", "normal", WeekA, "an override that says what holds anyway"},
		{"2026-11-20", "normal", WeekA, "a Friday of a week A"},
		{"2026-11-21", "short", WeekA, "an override opens a Saturday"},
		{"2026-11-22", "", "", "a Sunday"},
		{"2026-11-23", "normal", WeekB, "a Monday"},
		{"2026-12-18", "last-day", WeekA, "the early finish"},
		{"2026-12-19", "", "", "until is not part of the term"},
		{"2027-01-04", "normal", WeekA, "letters begin anew with the term"},
		{"2027-02-12", "short", WeekB, "before half-term"},
		{"2027-02-22", "normal", WeekB, "closed weeks take a letter this term"},
		{"2027-03-25", "normal", WeekB, "the last day of term"},
		{"2027-03-26", "", "", "Good Friday"},
		{"2027-05-03", "", "", "a bank holiday"},
		{"2027-05-04", "normal", WeekA, "a week with one closed day has a letter"},
		{"2027-08-02", "", "", "an override outside terms"},
	}
	for _, c := range cases {
		d := date(t, c.date)
		day, ok := cal.Day(d)
		if ok != (c.template != "") || day.Template != c.template || day.Week != c.week {
			t.Errorf("Day(%s) = %q, week %q, want %q, week %q: %s", c.date, day.Template, day.Week, c.template, c.week, c.why)
		}
		if cal.SchoolDay(d) != ok {
			t.Errorf("SchoolDay(%s) = %v: %s", c.date, !ok, c.why)
		}
	}
}

// What is usual in one week goes before what is usual in every week, in
// whichever order they are told.
func TestUsualOfOneWeekGoesFirst(t *testing.T) {
	cal := elmfield(t)
	slices.Reverse(cal.Usual)
	if day, _ := cal.Day(Date{2026, 9, 11}); day.Template != "short" {
		t.Errorf("the Friday of a week B is %s", day.Template)
	}
}

// The short Friday of weeks B moves with an override of the letter.
func TestOverrideOfTheWeek(t *testing.T) {
	cal := elmfield(t)
	cal.Overrides = []Override{{Date: Date{2026, 11, 13}, Week: WeekA}, {Date: Date{2026, 11, 20}, Week: WeekB}}
	for text, want := range map[string]string{"2026-11-13": "normal", "2026-11-20": "short"} {
		if day, _ := cal.Day(date(t, text)); day.Template != want {
			t.Errorf("%s is %s, want %s", text, day.Template, want)
		}
	}
}

func TestDayInMoments(t *testing.T) {
	cal := elmfield(t)
	day, ok := cal.Day(Date{2027, 5, 4}) // in summer time
	if !ok || len(day.Periods) != 4 {
		t.Fatalf("%+v", day)
	}
	got := []time.Time{day.Gate, day.Register, day.Periods[1].From, day.Periods[1].Until, day.Collect, day.CollectUntil}
	for i, want := range []string{"07:15", "07:40", "07:55", "08:45", "14:05", "15:30"} {
		if text := got[i].Format("2006-01-02 15:04 MST"); text != "2027-05-04 "+want+" UTC" {
			t.Errorf("moment %d is %s, want %s", i, text, want)
		}
	}
	if p := day.Periods[1]; p.Name != "Lesson 1" || p.Kind != Lesson || !p.Holds(p.From) || p.Holds(p.Until) {
		t.Errorf("period %+v", p)
	}
}

func TestPeriods(t *testing.T) {
	cal := elmfield(t)
	list := cal.Periods(Date{2026, 10, 22}, 12) // Thursday, a short Friday without bells, half-term, Monday
	if len(list) != 8 {
		t.Fatalf("%d periods", len(list))
	}
	for i := 1; i < len(list); i++ {
		if list[i].From.Before(list[i-1].Until) {
			t.Errorf("%+v begins before %+v ends", list[i], list[i-1])
		}
	}
	if got := list[4].From.Format(time.RFC3339); got != "2026-11-02T08:40:00Z" {
		t.Errorf("registration after half-term is at %s", got)
	}
}

// A lesson wholly inside the hour that the clocks skip does not take place.
func TestPeriodInASkippedHour(t *testing.T) {
	night := Template{Name: "night", Gate: Clock{0, 30}, Register: Clock{0, 45}, Collect: Clock{4, 0}, CollectUntil: Clock{5, 0},
		Bells: []Bell{{"Stars", Lesson, Clock{0, 45}, Clock{1, 10}}, {"Skipped", Lesson, Clock{1, 10}, Clock{1, 50}}, {"Moon", Lesson, Clock{1, 50}, Clock{3, 0}}}}
	d := Date{2027, 3, 28}
	cal := Calendar{Zone: london(t), Terms: []Term{{Span: Span{d, d.Next()}}}, Templates: map[string]Template{"night": night},
		Overrides: []Override{{Date: d, Template: "night"}}}
	var got []string
	for _, p := range cal.Periods(d, 1) {
		got = append(got, p.Name+" "+p.Until.Sub(p.From).String())
	}
	if want := []string{"Stars 15m0s", "Moon 1h0m0s"}; !slices.Equal(got, want) {
		t.Errorf("periods are %v, want %v", got, want)
	}
}

func TestNextMonday(t *testing.T) {
	cal := elmfield(t)
	got, ok := cal.NextMonday(Date{2026, 10, 22}) // half-term's Monday is skipped
	if !ok || got != (Date{2026, 11, 2}) {
		t.Errorf("NextMonday = %v, %v", got, ok)
	}
	if _, ok := cal.NextMonday(Date{2027, 8, 1}); ok {
		t.Error("a Monday was found beyond the last term")
	}
}
