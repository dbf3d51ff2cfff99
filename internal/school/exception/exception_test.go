package exception

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// now is a Monday in November, before the first lesson.
var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func days(n int) time.Time { return now.AddDate(0, 0, n) }

// calendar has school from Monday to Friday, with a lesson from nine to ten and a
// break after it.
func calendar() school.Calendar {
	return school.Calendar{
		Zone:  time.UTC,
		Terms: []school.Term{{Span: school.Span{From: school.Date{Year: 2026, Month: 9, Day: 1}, Until: school.Date{Year: 2027, Month: 7, Day: 1}}}},
		Usual: school.MondayToFriday("normal"),
		Templates: map[string]school.Template{"normal": {Name: "normal", Bells: []school.Bell{
			{Name: "Lesson 1", Kind: school.Lesson, From: school.Clock{Hour: 9}, Until: school.Clock{Hour: 10}},
			{Name: "Break", Kind: school.Break, From: school.Clock{Hour: 10}, Until: school.Clock{Hour: 11}},
		}}},
	}
}

func open() policy.Rules {
	r := policy.Default()
	r.Curriculum = policy.StaffAndHead
	return r
}

func medical() Terms {
	return Terms{Kind: Medical, Person: "p-1", Scope: AllDay, From: now, Until: days(281), Review: days(98)}
}

func lesson() Terms {
	from := now.Add(time.Hour)
	return Terms{Kind: Curriculum, Form: "7A", Scope: Once, From: from, Until: from.Add(time.Hour), Review: from.Add(time.Hour), Allow: []Setting{Camera}, Group: "trolley-1"}
}

func TestCheck(t *testing.T) {
	with := func(t Terms, change func(*Terms)) Terms { change(&t); return t }
	daily := with(medical(), func(t *Terms) {
		t.Kind, t.Scope, t.Start, t.End = Travel, Daily, school.Clock{Hour: 14}, school.Clock{Hour: 15}
	})
	for name, c := range map[string]struct {
		terms  Terms
		fields string // at fault
	}{
		"medical":              {medical(), ""},
		"daily":                {daily, ""},
		"a lesson":             {lesson(), ""},
		"no kind":              {with(medical(), func(t *Terms) { t.Kind = "wish" }), "kind"},
		"nobody":               {with(medical(), func(t *Terms) { t.Person = "" }), "person"},
		"a class, not lesson":  {with(medical(), func(t *Terms) { t.Form = "7A" }), "kind"},
		"no end":               {with(medical(), func(t *Terms) { t.Until = time.Time{} }), "review until"},
		"no review":            {with(medical(), func(t *Terms) { t.Review = time.Time{} }), "review"},
		"no beginning":         {with(medical(), func(t *Terms) { t.From = time.Time{} }), "from"},
		"ends before it began": {with(medical(), func(t *Terms) { t.Until = days(-1) }), "review until"},
		"over":                 {with(medical(), func(t *Terms) { t.From, t.Until, t.Review = days(-9), days(-2), days(-2) }), "review until"},
		"longer than a year":   {with(medical(), func(t *Terms) { t.Until = days(368) }), "until"},
		"review after a year":  {with(medical(), func(t *Terms) { t.Until, t.Review = days(368), days(368) }), "review until"},
		"review after the end": {with(medical(), func(t *Terms) { t.Review = days(282) }), "review"},
		"no scope":             {with(medical(), func(t *Terms) { t.Scope = "always" }), "scope"},
		"backwards in a day":   {with(daily, func(t *Terms) { t.End = t.Start }), "end"},
		"once on two days":     {with(medical(), func(t *Terms) { t.Scope, t.Until, t.Review = Once, days(1), days(1) }), "until"},
		"setting unknown":      {with(medical(), func(t *Terms) { t.Allow = []Setting{"passcode"} }), "allow"},
		"setting twice":        {with(medical(), func(t *Terms) { t.Allow = []Setting{Camera, Camera} }), "allow"},
		"group, no lesson":     {with(medical(), func(t *Terms) { t.Allow, t.Group = []Setting{Camera}, "g" }), "group"},
		"group, nothing":       {with(lesson(), func(t *Terms) { t.Allow = nil }), "group"},
		"group of no form":     {with(lesson(), func(t *Terms) { t.Group = "Trolley 1" }), "group"},
		"lesson of a person":   {with(lesson(), func(t *Terms) { t.Person = "p-1" }), "form"},
		"lesson of nobody":     {with(lesson(), func(t *Terms) { t.Form = "" }), "form"},
		"a whole day":          {with(lesson(), func(t *Terms) { t.From, t.Until, t.Review = now, days(1), days(1) }), "lesson"},
		"two lessons":          {with(lesson(), func(t *Terms) { t.Until = t.Until.Add(time.Hour) }), "lesson"},
		"a break":              {with(lesson(), func(t *Terms) { t.From, t.Until = t.Until, t.Until.Add(time.Hour); t.Review = t.Until }), "lesson"},
		"every day":            {with(lesson(), func(t *Terms) { t.Scope = Daily }), "lesson"},
		"a lesson, kept on":    {with(lesson(), func(t *Terms) { t.Review = days(2) }), "lesson"},
		"a Saturday": {with(lesson(), func(t *Terms) {
			t.From, t.Until = t.From.AddDate(0, 0, 5), t.Until.AddDate(0, 0, 5)
			t.Review = t.Until
		}), "lesson"},
		"five weeks ahead": {with(lesson(), func(t *Terms) {
			t.From, t.Until = t.From.AddDate(0, 0, 35), t.Until.AddDate(0, 0, 35)
			t.Review = t.Until
		}), "lesson"},
	} {
		var fields []string
		for _, e := range errs.All(c.terms.Check(open(), calendar(), now)) {
			fields = append(fields, e.Field)
		}
		slices.Sort(fields)
		if got := strings.Join(fields, " "); got != c.fields {
			t.Errorf("%s: faults at %q, want %q", name, got, c.fields)
		}
	}
}

func TestRulesForbidKinds(t *testing.T) {
	closed := open()
	closed.Curriculum, closed.ParentContact = policy.NoCurriculum, policy.Never
	call := medical()
	call.Kind = ParentContact
	for _, terms := range []Terms{lesson(), call} {
		if err := terms.Check(open(), calendar(), now); err != nil {
			t.Errorf("%s where it is allowed: %v", terms.Kind, err)
		}
		if err := terms.Check(closed, calendar(), now); errs.CodeOf(err) != errs.Denied {
			t.Errorf("%s where it is not: %v", terms.Kind, err)
		}
		e := Exception{Terms: terms, Approved: school.Approval{At: now}}
		if e.State(terms.From, open()) != InForce || e.State(terms.From, closed) != Barred {
			t.Errorf("%s is %s, and then %s", terms.Kind, e.State(terms.From, open()), e.State(terms.From, closed))
		}
	}
}

func TestPaper(t *testing.T) {
	for name, c := range map[string]struct {
		paper Paper
		kind  Kind
		want  int
	}{
		"all there":       {Paper{Why: "IHP", Evidence: "on file"}, Medical, 0},
		"no reason":       {Paper{Why: " "}, Medical, 1},
		"no departure":    {Paper{Why: "survey"}, Curriculum, 1},
		"a departure":     {Paper{Why: "survey", Departure: "no other camera"}, Curriculum, 0},
		"too long":        {Paper{Why: strings.Repeat("é", MaxText+1)}, Medical, 1},
		"just fits":       {Paper{Why: strings.Repeat("é", MaxText)}, Medical, 0},
		"control letters": {Paper{Why: "a\x00b"}, Medical, 1},
		"no text":         {Paper{Why: "a\xffb"}, Medical, 1},
	} {
		if got := errs.All(c.paper.Check(c.kind)); len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A medical exception goes on after its review, a travel one ends by it.
func TestLapse(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		after int // days
		state State
		due   Due
	}{
		{Medical, -1, Ahead, NotDue}, {Medical, 0, InForce, NotDue}, {Medical, 69, InForce, NotDue}, {Medical, 70, InForce, Soon},
		{Medical, 90, InForce, Soon}, {Medical, 91, InForce, Close}, {Medical, 97, InForce, Close}, {Medical, 98, Lapsed, Passed}, {Medical, 900, Lapsed, Passed},
		{Disability, 98, Lapsed, Passed},
		{Travel, 97, InForce, Close}, {Travel, 98, Over, NotDue}, {Safeguarding, 98, Over, NotDue}, {YoungCarer, 98, Over, NotDue},
	} {
		e := Exception{Terms: medical(), Approved: school.Approval{At: now}, Length: 98 * 24 * time.Hour}
		e.Kind = c.kind
		at := days(c.after)
		if got := e.State(at, open()); got != c.state {
			t.Errorf("%s after %d days is %s, want %s", c.kind, c.after, got, c.state)
		}
		if got := e.Due(at, open()); got != c.due {
			t.Errorf("%s after %d days is due %q, want %q", c.kind, c.after, got, c.due)
		}
	}
	short := Exception{Terms: lesson(), Approved: school.Approval{At: now}, Length: 2 * time.Hour}
	if short.Due(short.From, open()) != NotDue {
		t.Error("somebody is reminded of a single lesson")
	}
}

func TestSpans(t *testing.T) {
	first := school.DateOf(now)
	if s := medical().Spans(calendar(), first, 7); len(s) != 1 || !s[0].From.Equal(now) || !s[0].Until.IsZero() {
		t.Errorf("medical: %v", s)
	}
	travel := medical()
	travel.Kind, travel.Scope, travel.Start, travel.End = Travel, Daily, school.Clock{Hour: 7}, school.Clock{Hour: 9}
	travel.Review = days(3).Add(30 * time.Minute) // Thursday half past eight
	s := travel.Spans(calendar(), first, 7)
	if len(s) != 4 || !s[0].From.Equal(now) || !s[0].Until.Equal(now.Add(time.Hour)) || !s[3].Until.Equal(travel.Review) {
		t.Errorf("every morning until Thursday: %v", s)
	}
	if !s[0].Holds(now) || s[0].Holds(now.Add(time.Hour)) || s[0].Holds(now.Add(-1)) {
		t.Error("a span holds its beginning and not its end")
	}
}
