package mdm

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	six    = Passcode{Require: true, MinLength: 6}.Value()
	policy = Rules{
		Groups: []Group{{ID: "staff-ipads"}},
		Profiles: []Profile{
			{ID: "locked", Set: Set{PasscodeSetting: six}},
			{ID: "quiet", Set: Set{Camera: Block, Bluetooth: Block, Share: Block}},
			{ID: "apart", Set: Set{Share: Block}},
		},
		Assignments: []Assignment{
			{Profile: "locked", Group: "staff-ipads"},
			{Profile: "quiet", Group: "staff-ipads", Periods: []Mode{Lesson}},
			{Profile: "apart", Group: "staff-ipads", Periods: []Mode{Break}},
		},
	}
	inLesson = complete(Set{PasscodeSetting: six, Camera: Block, Bluetooth: Block, Share: Block})
	inBreak  = complete(Set{PasscodeSetting: six, Share: Block})
	atHome   = complete(Set{PasscodeSetting: six})
	ipad     = Device{ID: "ipad-7", Label: "Trolley 2, no. 7", Groups: []string{"staff-ipads"}, Platform: "ipad"}
)

// complete is a set over what holds where nothing is managed.
func complete(s Set) Set { return s.over(Unmanaged()) }

// clock reads a time of Monday 23 November 2026, in London.
func clock(t testing.TB, text string) time.Time {
	t.Helper()
	return on(t, "2026-11-23", text)
}

func on(t testing.TB, date, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", date+" "+text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func day(t testing.TB, date string) []Period {
	return []Period{
		{Lesson, "P1", on(t, date, "08:55:00"), on(t, date, "09:45:00")},
		{Lesson, "P2", on(t, date, "09:45:00"), on(t, date, "10:35:00")},
		{Break, "Break", on(t, date, "10:35:00"), on(t, date, "10:55:00")},
		{Lesson, "P3", on(t, date, "10:55:00"), on(t, date, "12:35:00")},
		{Lesson, "P4", on(t, date, "13:30:00"), on(t, date, "15:10:00")},
	}
}

func TestCompileOverADay(t *testing.T) {
	for _, c := range []struct {
		at     string
		mode   Mode
		period string
		set    Set
		until  string // "" for good
		then   Set
	}{
		{"00:00:00", Home, "", atHome, "08:55:00", inLesson},
		{"08:54:59", Home, "", atHome, "08:55:00", inLesson},
		{"08:55:00", Lesson, "P1", inLesson, "09:45:00", inLesson},
		{"09:44:59", Lesson, "P1", inLesson, "09:45:00", inLesson},
		{"09:45:00", Lesson, "P2", inLesson, "10:35:00", inBreak},
		{"10:34:59", Lesson, "P2", inLesson, "10:35:00", inBreak},
		{"10:35:00", Break, "Break", inBreak, "10:55:00", inLesson},
		{"12:34:59", Lesson, "P3", inLesson, "12:35:00", atHome},
		{"12:35:00", Home, "", atHome, "13:30:00", inLesson},
		{"15:09:59", Lesson, "P4", inLesson, "15:10:00", atHome},
		{"15:10:00", Home, "", atHome, "", nil},
		{"23:59:59", Home, "", atHome, "", nil},
	} {
		t.Run(c.at, func(t *testing.T) {
			got := Compile(ipad, policy, day(t, "2026-11-23"), nil, clock(t, c.at))
			if got.Mode != c.mode || got.Reason.Period != c.period || !maps.Equal(got.Set, c.set) {
				t.Errorf("mode %s in %q with %v", got.Mode, got.Reason.Period, got.Set)
			}
			if c.until == "" {
				if !got.Until.IsZero() || got.Fallback != nil {
					t.Errorf("until %v and then %v, want for good", got.Until, got.Fallback)
				}
				return
			}
			if !got.Until.Equal(clock(t, c.until)) {
				t.Errorf("until %v, want %s", got.Until, c.until)
			}
			if got.Fallback == nil || !maps.Equal(got.Fallback.Set, c.then) {
				t.Errorf("then %v, want %v", got.Fallback, c.then)
			}
		})
	}
}

func TestHolidaysAreHome(t *testing.T) {
	got := Compile(ipad, policy, nil, nil, clock(t, "10:00:00"))
	if got.Mode != Home || !maps.Equal(got.Set, atHome) || got.Fallback != nil {
		t.Errorf("a day without periods is %+v", got)
	}
}

// A day is as long as its clocks say: the bells of 25 October 2026 come an hour
// later in UTC than those of the day before.
func TestCompileAcrossAClockChange(t *testing.T) {
	before := Compile(ipad, policy, day(t, "2026-10-24"), nil, on(t, "2026-10-24", "08:55:00"))
	after := Compile(ipad, policy, day(t, "2026-10-25"), nil, on(t, "2026-10-25", "08:55:00"))
	if before.Mode != Lesson || after.Mode != Lesson {
		t.Fatalf("at the first bell it is %s and %s", before.Mode, after.Mode)
	}
	if got := after.Until.Sub(before.Until); got != 25*time.Hour {
		t.Errorf("the same bell a day later is %v later", got)
	}
	night := Compile(ipad, policy, day(t, "2026-10-25"), nil, on(t, "2026-10-25", "00:00:00"))
	if got := night.Until.Sub(on(t, "2026-10-25", "00:00:00")); got != 9*time.Hour+55*time.Minute {
		t.Errorf("the night lasts %v", got)
	}
}

func TestAssistiveDevicesKeepBluetooth(t *testing.T) {
	for _, flag := range []Flag{Assistive, Classroom} {
		d := ipad
		d.Flags = []Flag{flag}
		got := Compile(d, policy, day(t, "2026-11-23"), nil, clock(t, "08:00:00"))
		if len(got.Reason.Kept) != 0 {
			t.Errorf("at home %v is kept though nothing is blocked", got.Reason.Kept)
		}
		for s := &got.Stage; s != nil; s = s.Fallback {
			if s.Set[Bluetooth] == Block {
				t.Errorf("%s: Bluetooth is blocked in a %s", flag, s.Mode)
			}
		}
		if lesson := got.At(clock(t, "09:00:00")); lesson.Set[Share] != Block || lesson.Set[Camera] != Block {
			t.Errorf("%s: the rest of a lesson is %v", flag, lesson.Set)
		}
		got = Compile(d, policy, day(t, "2026-11-23"), nil, clock(t, "09:00:00"))
		if !slices.Equal(got.Reason.Kept, []Setting{Bluetooth}) {
			t.Errorf("%s: kept %v", flag, got.Reason.Kept)
		}
	}
}

// Whatever the periods, a document says of every later moment of the day what
// the document compiled at that moment says, and travels unharmed.
func TestStagesAreTheRestOfTheDay(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
		var periods []Period
		for at := 0; len(periods) < rapid.IntRange(0, 8).Draw(r, "n"); {
			from := at + rapid.IntRange(0, 90).Draw(r, "gap")
			at = from + rapid.IntRange(0, 90).Draw(r, "length")
			kind := rapid.SampledFrom([]Mode{Lesson, Break, "exam"}).Draw(r, "kind")
			periods = append(periods, Period{kind, "P", minute(from), minute(at)})
		}
		var exceptions []Exception
		for range rapid.IntRange(0, 9).Draw(r, "exceptions") {
			from := rapid.IntRange(0, 1400).Draw(r, "from")
			e := Exception{From: minute(from), Set: Set{rapid.SampledFrom([]Setting{Camera, Bluetooth}).Draw(r, "free"): User}}
			if rapid.Bool().Draw(r, "ends") {
				e.Until = minute(from + rapid.IntRange(1, 300).Draw(r, "for"))
			}
			exceptions = append(exceptions, e)
		}
		seen, later := rapid.IntRange(0, 1440).Draw(r, "now"), rapid.IntRange(0, 1440).Draw(r, "later")
		early := Compile(ipad, policy, periods, exceptions, minute(seen))
		early.Rev = 1
		b, err := json.Marshal(early)
		if err != nil {
			r.Fatal(err)
		}
		if early, err = DecodeDesired(b); err != nil {
			r.Fatalf("%v: %s", err, b)
		}
		late := Compile(ipad, policy, periods, exceptions, minute(max(seen, later)))
		if stage := early.At(minute(max(seen, later))); stage.Mode != late.Mode || !maps.Equal(stage.Set, late.Set) {
			r.Fatalf("seen from %v it is %s, at that moment %s", minute(seen), stage.Mode, late.Mode)
		}
	})
}

// An exception in the middle of a lesson frees what it names, no more, and the
// device ends it by its own clock.
func TestExceptionFreesALesson(t *testing.T) {
	camera := []Exception{{From: clock(t, "09:10:00"), Until: clock(t, "09:30:00"), Set: Set{Camera: User}}}
	free := complete(Set{PasscodeSetting: six, Bluetooth: Block, Share: Block})
	for _, c := range []struct {
		at    string
		set   Set
		until string
		by    string
	}{
		{"08:55:00", inLesson, "09:10:00", "timetable"}, {"09:10:00", free, "09:30:00", "exception"},
		{"09:29:59", free, "09:30:00", "exception"}, {"09:30:00", inLesson, "09:45:00", "timetable"},
	} {
		got := Compile(ipad, policy, day(t, "2026-11-23"), camera, clock(t, c.at))
		if !maps.Equal(got.Set, c.set) || !got.Until.Equal(clock(t, c.until)) || got.Reason.By != c.by || got.Reason.Period != "P1" {
			t.Errorf("at %s: %v until %v by %+v", c.at, got.Set, got.Until, got.Reason)
		}
	}
	alone := Compile(ipad, policy, day(t, "2026-11-23"), camera, clock(t, "08:00:00")) // and cut off from then on
	if s := alone.At(clock(t, "09:20:00")); !maps.Equal(s.Set, free) {
		t.Errorf("within it %v", s.Set)
	}
	if s := alone.At(clock(t, "09:31:00")); !maps.Equal(s.Set, inLesson) {
		t.Errorf("after it %v", s.Set)
	}
	open := []Exception{{From: clock(t, "00:00:00"), Set: Set{Bluetooth: User}}}
	if last := Compile(ipad, policy, day(t, "2026-11-23"), open, clock(t, "15:30:00")); !last.Until.IsZero() {
		t.Errorf("what goes on ends %v", last.Until)
	}
}

// However many periods and exceptions there are, a device takes the document.
func TestNoMoreStagesThanADeviceTakes(t *testing.T) {
	start := clock(t, "00:00:00")
	var periods []Period
	var exceptions []Exception
	for n := range 40 {
		from := start.Add(time.Duration(n) * 20 * time.Minute)
		periods = append(periods, Period{Lesson, "P", from, from.Add(10 * time.Minute)})
		exceptions = append(exceptions, Exception{"e", from.Add(3 * time.Minute), from.Add(6 * time.Minute), Set{Camera: User}})
	}
	doc := Compile(ipad, policy, periods, exceptions, start)
	doc.Rev = 1
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeDesired(b); err != nil {
		t.Error(err)
	}
}

func TestIssueGoesUpOnlyForNews(t *testing.T) {
	periods := day(t, "2026-11-23")
	issue := func(m Mark, at string) (Desired, Mark) {
		want := Compile(ipad, policy, periods, nil, clock(t, at))
		return m.Issue(want, want.Sum())
	}
	one, m := issue(Mark{}, "08:55:00")
	again, m := issue(m, "09:10:00")
	if one.Rev != 1 || again.Rev != 1 || !again.TS.Equal(one.TS) {
		t.Errorf("the same period got rev %d, then %d at %v", one.Rev, again.Rev, again.TS)
	}
	two, m := issue(m, "09:45:00")
	if two.Rev != 2 || !two.TS.Equal(clock(t, "09:45:00")) {
		t.Errorf("the next period got rev %d at %v", two.Rev, two.TS)
	}
	back, _ := issue(m, "09:10:00") // a clock set back
	if back.Rev != 3 {
		t.Errorf("an earlier period after a later one got rev %d, want a new one", back.Rev)
	}
	want := Compile(ipad, Rules{}, periods, nil, clock(t, "09:45:00"))
	if other, _ := m.Issue(want, want.Sum()); other.Rev != 3 {
		t.Errorf("another policy got rev %d", other.Rev)
	}
	if jumped, _ := (Mark{Rev: 1_000_002}).Issue(two, two.Sum()); jumped.Rev != 1_000_003 {
		t.Errorf("after a jump rev is %d", jumped.Rev)
	}
}

// What becomes evidence is told so at once, and told when it is evidence no more.
func TestEvidenceIsANewRevision(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	day := []Period{{Kind: Lesson, From: now, Until: now.Add(time.Hour)}}
	of := func(quarantined bool) Desired {
		return Compile(Device{ID: "d", Quarantined: quarantined}, Rules{}, day, nil, now)
	}
	kept, free := of(true), of(false)
	if !kept.Evidence || kept.Fallback == nil || !kept.Fallback.Evidence || free.Evidence || kept.Sum() == free.Sum() {
		t.Errorf("in quarantine %+v, else %+v", kept, free)
	}
}
