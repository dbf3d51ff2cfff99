package school

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Clocks go back on 25 October 2026 and forward on 28 March 2027, both at
// 01:00 UTC.
func TestAt(t *testing.T) {
	zone := london(t)
	cases := []struct{ date, clock, want, why string }{
		{"2026-10-24", "12:00", "2026-10-24T11:00:00Z", "summer time"},
		{"2026-10-25", "00:59", "2026-10-24T23:59:00Z", "before the clocks go back"},
		{"2026-10-25", "01:00", "2026-10-25T00:00:00Z", "shown twice: the first time"},
		{"2026-10-25", "01:30", "2026-10-25T00:30:00Z", "shown twice: the first time"},
		{"2026-10-25", "02:00", "2026-10-25T02:00:00Z", "after the clocks went back"},
		{"2026-10-25", "12:00", "2026-10-25T12:00:00Z", "winter time"},
		{"2027-03-28", "00:59", "2027-03-28T00:59:00Z", "before the clocks go forward"},
		{"2027-03-28", "01:00", "2027-03-28T01:00:00Z", "skipped: the moment of the skip"},
		{"2027-03-28", "01:59", "2027-03-28T01:00:00Z", "skipped: the moment of the skip"},
		{"2027-03-28", "02:00", "2027-03-28T01:00:00Z", "after the clocks went forward"},
		{"2027-03-28", "12:00", "2027-03-28T11:00:00Z", "summer time"},
		{"2028-02-29", "08:15", "2028-02-29T08:15:00Z", "a leap day"},
	}
	for _, c := range cases {
		clock, err := ParseClock(c.clock)
		if err != nil {
			t.Fatal(err)
		}
		if got := date(t, c.date).At(clock, zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s %s is %s, want %s: %s", c.date, c.clock, got, c.want, c.why)
		}
	}
}

// A length is the time that goes by, not the difference of what walls show.
func TestElapsedTimeOverClockChange(t *testing.T) {
	zone, noon := london(t), Clock{12, 0}
	for text, want := range map[string]time.Duration{
		"2026-10-24": 25 * time.Hour,
		"2026-10-25": 24 * time.Hour,
		"2027-03-27": 23 * time.Hour,
		"2028-02-28": 24 * time.Hour,
	} {
		d := date(t, text)
		if got := d.Next().At(noon, zone).Sub(d.At(noon, zone)); got != want {
			t.Errorf("from noon of %s to the next noon is %s, want %s", text, got, want)
		}
	}
}

// At agrees with somebody who watches the wall clock minute by minute. Lord
// Howe's clocks change by half an hour; Apia skipped 30 December 2011 whole.
func TestAtAgreesWithWatchingTheClock(t *testing.T) {
	days := map[string][]Date{
		"Europe/London":       {{2026, 10, 25}, {2027, 3, 28}, {2026, 11, 23}},
		"America/New_York":    {{2026, 11, 1}, {2027, 3, 14}},
		"Australia/Lord_Howe": {{2026, 10, 4}, {2027, 4, 4}},
		"Pacific/Apia":        {{2011, 12, 29}, {2011, 12, 30}, {2011, 12, 31}},
		"UTC":                 {{2028, 2, 29}},
	}
	watch := func(d Date, c Clock, zone *time.Location) time.Time {
		t := d.utc(c).Add(-26 * time.Hour)
		for wall(t.In(zone)).Before(d.utc(c)) {
			t = t.Add(time.Minute)
		}
		return t
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		d := rapid.SampledFrom(days[name]).Draw(t, "date")
		c := Clock{rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")}
		if got, want := d.At(c, zone), watch(d, c, zone); !got.Equal(want) {
			t.Fatalf("%s %s in %s is %s, watched %s", d, c, name, got.UTC(), want)
		}
	})
}

func TestDateArithmetic(t *testing.T) {
	cases := []struct {
		date string
		days int
		want string
	}{
		{"2028-02-28", 1, "2028-02-29"},
		{"2028-02-29", 1, "2028-03-01"},
		{"2027-02-28", 1, "2027-03-01"},
		{"2026-12-31", 1, "2027-01-01"},
		{"2027-01-01", -1, "2026-12-31"},
		{"2026-10-24", 2, "2026-10-26"},
	}
	for _, c := range cases {
		d := date(t, c.date)
		if got := d.Add(c.days); got.String() != c.want {
			t.Errorf("%s and %d days is %s, want %s", c.date, c.days, got, c.want)
		}
		if d.Before(d.Add(c.days)) != (c.days > 0) || d.Before(d) {
			t.Errorf("the order of %s and %s is wrong", c.date, c.want)
		}
	}
	for text, want := range map[string]string{"2026-11-23": "2026-11-23", "2026-11-29": "2026-11-23", "2028-03-01": "2028-02-28"} {
		if got := date(t, text).monday(); got.String() != want {
			t.Errorf("the week of %s begins on %s, want %s", text, got, want)
		}
	}
}

func TestParseDateAndClock(t *testing.T) {
	for _, text := range []string{"", "2027-02-29", "2026-13-01", "26-11-23", "23/11/2026", "2026-11-23T00:00:00Z"} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %v", text, d)
		}
	}
	for _, text := range []string{"", "8:40", "24:00", "08:60", "08:40:00", "0840", "-1:30"} {
		if c, err := ParseClock(text); err == nil {
			t.Errorf("ParseClock(%q) = %v", text, c)
		}
	}
}
