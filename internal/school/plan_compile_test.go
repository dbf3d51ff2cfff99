package school

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCollectionInWaves(t *testing.T) {
	plan := elmfield(t).PlanFor("a", 1, Date{2026, 11, 23}, 1)
	cases := []struct {
		at                      string
		eleven, nine, seven, no bool // who may collect
	}{
		{"2026-11-23T15:04:59Z", false, false, false, false},
		{"2026-11-23T15:05:00Z", true, false, false, false},
		{"2026-11-23T15:10:00Z", true, true, false, false},
		{"2026-11-23T15:14:59Z", true, true, false, false},
		{"2026-11-23T15:15:00Z", true, true, true, true},
		{"2026-11-23T16:29:59Z", true, true, true, true},
		{"2026-11-23T16:30:00Z", false, false, false, false},
	}
	for _, c := range cases {
		for wave, want := range map[string]bool{"year-11": c.eleven, "years-9-10": c.nine, "years-7-8": c.seven, "": c.no, "staff": c.no} {
			if got := plan.In(Collection, wave, moment(t, c.at)); got != want {
				t.Errorf("%s, wave %q: %v", c.at, wave, got)
			}
		}
	}
	if at := moment(t, "2026-11-23T08:15:00Z"); !plan.In(Deposit, "year-11", at) || !plan.In(Deposit, "", at) {
		t.Error("hand-in is for everybody")
	}
}

// Waves by bank become windows for everybody in each bank's own plan.
func TestWavesByBank(t *testing.T) {
	cal := elmfield(t)
	cal.Waves = []Wave{{ID: "bank-a", Banks: []string{"a"}}, {ID: "rest", Banks: []string{"b", "c"}}}
	day := normal
	day.Starts = []Start{{"bank-a", Clock{15, 5}}, {"rest", Clock{15, 20}}}
	cal.Templates["normal"] = day
	begins := func(p Plan, wave string) string {
		at := moment(t, "2026-11-23T15:00:00Z")
		for !p.In(Collection, wave, at) {
			at = at.Add(time.Minute)
		}
		return at.Format("15:04")
	}
	cases := []struct{ bank, wave, want string }{
		{"a", "", "15:05"},
		{"a", "bank-a", "15:05"},
		{"b", "", "15:20"},
		{"c", "rest", "15:20"},
		{"", "bank-a", "15:05"},
		{"", "rest", "15:20"},
		{"", "", "15:20"},
	}
	for _, c := range cases {
		if got := begins(cal.PlanFor(c.bank, 1, Date{2026, 11, 23}, 1), c.wave); got != c.want {
			t.Errorf("at bank %q wave %q collects from %s, want %s", c.bank, c.wave, got, c.want)
		}
	}
}

func TestWaveOf(t *testing.T) {
	cal := Calendar{Waves: []Wave{
		{ID: "eleven-a", Years: []int{11}, Banks: []string{"a"}},
		{ID: "eleven", Years: []int{11}, Banks: []string{"b", "c"}},
		{ID: "rest-a", Years: []int{7, 8}, Banks: []string{"a"}},
	}}
	cases := []struct {
		year int
		bank string
		want string
	}{{11, "a", "eleven-a"}, {11, "c", "eleven"}, {11, "d", ""}, {8, "a", "rest-a"}, {8, "b", ""}, {0, "a", ""}}
	for _, c := range cases {
		if got := cal.WaveOf(c.year, c.bank); got != c.want {
			t.Errorf("WaveOf(%d, %s) = %q, want %q", c.year, c.bank, got, c.want)
		}
	}
}

// The bell rings at 08:15 by the school's wall before and after the clocks go
// back on 25 October 2026 and forward on 28 March 2027.
func TestPlanOverClockChange(t *testing.T) {
	cal := elmfield(t)
	cal.Closed, cal.Overrides = nil, nil
	cal.Terms = []Term{{Span: Span{Date{2026, 9, 1}, Date{2028, 7, 1}}}}
	cases := []struct {
		first string
		want  []string // when the gate opens on the four days from the first
	}{
		{"2026-10-23", []string{"2026-10-23T07:15:00Z", "2026-10-26T08:15:00Z"}},
		{"2027-03-26", []string{"2027-03-26T08:15:00Z", "2027-03-29T07:15:00Z"}},
		{"2028-02-28", []string{"2028-02-28T08:15:00Z", "2028-02-29T08:15:00Z", "2028-03-01T08:15:00Z", "2028-03-02T08:15:00Z"}},
	}
	for _, c := range cases {
		var gates []string
		for _, w := range cal.PlanFor("a", 3, date(t, c.first), 4).Windows {
			if w.Use == Deposit {
				gates = append(gates, w.From.Format(time.RFC3339))
			}
		}
		if !slices.Equal(gates, c.want) {
			t.Errorf("gates open at %v, want %v", gates, c.want)
		}
	}
}

// anyCalendar is a small school somewhere, in a week with or without a change
// of the clocks. School may be at night and on a Sunday.
func anyCalendar(t *rapid.T) (Calendar, Date) {
	name := rapid.SampledFrom([]string{"Europe/London", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone")
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	first := rapid.SampledFrom([]Date{{2026, 10, 22}, {2027, 3, 24}, {2026, 10, 1}, {2027, 3, 11}, {2028, 2, 25}, {2026, 12, 28}}).Draw(t, "first")
	cal := Calendar{Zone: zone, Templates: map[string]Template{}, Terms: []Term{{
		Span:  Span{first.Add(rapid.IntRange(-20, 3).Draw(t, "from")), first.Add(rapid.IntRange(4, 20).Draw(t, "until"))},
		Weeks: Weeks{rapid.SampledFrom([]Week{"", WeekA, WeekB}).Draw(t, "week"), rapid.Bool().Draw(t, "skip")},
	}}}
	for i := range rapid.IntRange(0, 3).Draw(t, "waves") {
		w := Wave{ID: fmt.Sprintf("w%d", i), Years: []int{7 + i}}
		if rapid.Bool().Draw(t, "by bank") {
			w.Banks = []string{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "bank")}
		}
		cal.Waves = append(cal.Waves, w)
	}
	for _, name := range []string{"one", "two"} {
		cal.Templates[name] = anyTemplate(t, name, cal.Waves)
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		cal.Usual = append(cal.Usual, Usual{day, rapid.SampledFrom([]Week{"", WeekA, WeekB}).Draw(t, "of week"), rapid.SampledFrom([]string{"one", "two"}).Draw(t, "usual")})
	}
	if rapid.Bool().Draw(t, "closed") {
		cal.Closed = []Span{{first.Add(2), first.Add(3)}}
	}
	if rapid.Bool().Draw(t, "override") {
		cal.Overrides = []Override{{Date: first.Add(1), Template: "two"}}
	}
	return cal, first
}

func anyTemplate(t *rapid.T, name string, waves []Wave) Template {
	minutes := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60-1), 4, 4, rapid.ID).Draw(t, "bells")
	slices.Sort(minutes)
	clock := func(m int) Clock { return Clock{m / 60, m % 60} }
	tpl := Template{Name: name, Gate: clock(minutes[0]), Register: clock(minutes[1]), Collect: clock(minutes[2]), CollectUntil: clock(minutes[3])}
	if rapid.Bool().Draw(t, "in waves") {
		for _, w := range waves {
			tpl.Starts = append(tpl.Starts, Start{w.ID, clock(rapid.IntRange(minutes[2], minutes[3]-1).Draw(t, "start"))})
		}
	}
	return tpl
}

const stretch = 10 // days that a property looks at

func TestPlanIsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, first := anyCalendar(t)
		plan := cal.PlanFor(rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "at"), 1, first, stretch)
		if err := plan.Validate(); err != nil {
			t.Fatal(err)
		}
		for _, use := range []Use{Deposit, Collection} {
			for _, wave := range []string{"", "w0", "w1", "w2"} {
				var last Window
				for _, w := range plan.Windows {
					if w.Use != use || !w.For(wave) {
						continue
					}
					if w.From.Before(last.Until) {
						t.Fatalf("%s of wave %q: %v overlaps %v", use, wave, w, last)
					}
					last = w
				}
			}
		}
	})
}

// Every school day has a window of both kinds for everybody, and no other day
// has any.
func TestEverySchoolDayHasBothWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, first := anyCalendar(t)
		for i := range stretch {
			d := first.Add(i)
			plan := cal.PlanFor("a", 1, d, 1)
			day, ok := cal.Day(d)
			for use, open := range map[Use]bool{
				Deposit:    ok && day.Gate.Before(day.Register),
				Collection: ok && day.Collect.Before(day.CollectUntil),
			} {
				if got := slices.ContainsFunc(plan.Windows, func(w Window) bool { return w.Use == use }); got != open {
					t.Fatalf("%s: %s window %v, want %v", d, use, got, open)
				}
			}
		}
	})
}

// In agrees with somebody who looks the day up: which template, which start,
// what does the wall say.
func TestInAgreesWithTheSchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, first := anyCalendar(t)
		bank := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "home")
		wave := cal.WaveOf(rapid.IntRange(7, 10).Draw(t, "year"), bank)
		plans := []Plan{cal.PlanFor(bank, 1, first, stretch)}
		if wave != "" {
			plans = append(plans, cal.PlanFor("", 1, first, stretch)) // says the same to everybody with a wave
		}
		at := first.At(Clock{}, cal.Zone).Add(time.Duration(rapid.IntRange(0, (stretch-1)*24*60).Draw(t, "minute")) * time.Minute)
		d := DateOf(at.In(cal.Zone))
		tpl, _, open := cal.template(d)
		between := func(from, until Clock) bool {
			return open && !at.Before(d.At(from, cal.Zone)) && at.Before(d.At(until, cal.Zone))
		}
		want := map[Use]bool{Deposit: between(tpl.Gate, tpl.Register), Collection: between(ownStart(cal, tpl, wave, bank), tpl.CollectUntil)}
		for i, p := range plans {
			for use, want := range want {
				if got := p.In(use, wave, at); got != want {
					t.Fatalf("plan %d: %s of wave %q at %s: %v, want %v", i, use, wave, at, got, want)
				}
			}
		}
	})
}

// ownStart is when somebody of a wave may first collect at their bank.
func ownStart(cal Calendar, t Template, wave, bank string) Clock {
	last := t.Collect
	for _, s := range t.Starts {
		i := slices.IndexFunc(cal.Waves, func(w Wave) bool { return w.ID == s.Wave })
		if banks := cal.Waves[i].Banks; len(banks) > 0 && banks[0] != bank {
			continue
		}
		if s.Wave == wave {
			return s.From
		}
		if last.Before(s.From) {
			last = s.From
		}
	}
	return last
}
