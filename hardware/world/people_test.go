package world

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/democlock"
	"github.com/bellkeep/bellkeep/internal/errs"
)

var monday = time.Date(2026, 11, 23, 8, 10, 0, 0, time.UTC)

// class is one pupil of each habit and three ordinary ones, with own doors.
func class() []Pupil {
	var pupils []Pupil
	for i, h := range append(slices.Clone(Habits), "", "", "") {
		p := Pupil{
			ID: fmt.Sprintf("p-%02d", i+1), Badge: fmt.Sprintf("BK1BADGE%02d", i+1),
			Phones: []string{fmt.Sprintf("x-%02d", i+1)}, OwnDoor: i + 1, Habit: h,
		}
		switch h {
		case NoPhone:
			p.Phones = nil
		case LostBadge:
			p.OldBadge = "BK1LOST"
		}
		pupils = append(pupils, p)
	}
	return pupils
}

func with(pupils []Pupil, h Habit) Pupil {
	return pupils[slices.IndexFunc(pupils, func(p Pupil) bool { return p.Habit == h })]
}

func TestDayRepeatsFromItsSeed(t *testing.T) {
	times := SchoolDay(monday)
	plan := Day(1, class(), times)
	if !reflect.DeepEqual(plan, Day(1, class(), times)) {
		t.Error("the same seed gives another day")
	}
	if reflect.DeepEqual(plan, Day(2, class(), times)) {
		t.Error("another seed gives the same day")
	}
	one := Day(1, class()[:1], times)
	if !slices.Contains(plan.Visits, one.Visits[0]) {
		t.Error("what one pupil does depends on the others")
	}
	byTime := func(a, b Visit) int { return a.At.Compare(b.At) }
	if !slices.IsSortedFunc(plan.Visits, byTime) {
		t.Error("the visits are out of order")
	}
}

func TestDayKeepsTheBells(t *testing.T) {
	var pupils []Pupil
	for i := range 900 {
		pupils = append(pupils, Pupil{ID: fmt.Sprint(i)})
	}
	times := SchoolDay(monday)
	lastTen := 0
	for _, v := range Day(5, pupils, times).Visits {
		from, to := times.Gate, times.Bell
		if v.Aim == Collect {
			from, to = times.Release, times.Release.Add(times.Spread)
		}
		if v.At.Before(from) || v.At.After(to) {
			t.Fatalf("%s at %v", v.Aim, v.At)
		}
		if v.Aim == Deposit && v.At.After(times.Peak.Add(-4*time.Minute)) {
			lastTen++
		}
	}
	if lastTen < 450 {
		t.Errorf("%d of 900 arrive in the last ten minutes, want more than half", lastTen)
	}
}

func TestCast(t *testing.T) {
	pupils := []Pupil{{ID: "a", Habit: Exempt}, {ID: "b"}, {ID: "c"}, {ID: "d"}}
	cast := Cast(3, pupils, Late, Forgetful)
	with(cast, Late)
	with(cast, Forgetful)
	if cast[0].Habit != Exempt || pupils[1].Habit+pupils[2].Habit+pupils[3].Habit != Ordinary {
		t.Errorf("cast %v of %v", cast, pupils)
	}
	if !reflect.DeepEqual(cast, Cast(3, pupils, Late, Forgetful)) {
		t.Error("the same seed casts otherwise")
	}
}

// dayWorld is a world on a fast clock that skips quiet hours, and its bank.
func dayWorld(t *testing.T, pupils []Pupil) (*World, *bank, Config) {
	t.Helper()
	cfg := oneBus(t, Personality{})
	clock := democlock.New(monday, 600)
	cfg.Pupils, cfg.Now, cfg.Sleep = pupils, clock.Now, clock.Sleep
	w := openWorld(t, cfg)
	b := startBank(t, w, clock)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		for rest(ctx, 20*time.Millisecond) == nil {
			if at, quiet := w.NextAt(); quiet {
				clock.Skip(at)
			}
		}
	}()
	return w, b, cfg
}

func TestASmallDay(t *testing.T) {
	pupils := class()
	w, b, cfg := dayWorld(t, pupils)
	plan := Day(1, pupils, SchoolDay(monday))
	jammed := pupils[len(pupils)-1]
	plan.Jam = []int{jammed.OwnDoor}
	must(t, w.Play(t.Context(), plan))
	if at, quiet := w.NextAt(); quiet {
		t.Errorf("something is planned at %v after the day", at)
	}

	forgetful := with(pupils, Forgetful)
	s := w.Summary()
	if want := map[int][]string{forgetful.OwnDoor: forgetful.Phones}; !reflect.DeepEqual(s.Inside, want) {
		t.Errorf("inside %v, want %v", s.Inside, want)
	}
	if len(s.InHand) != 12 {
		t.Errorf("%d phones in hand, want 12 of 13", len(s.InHand))
	}
	lines := told(t, cfg)
	checkPhysics(t, lines)
	checkStories(t, pupils, lines)
	if got := countOf(b.scans(), "BK1LOST"); got != 1 {
		t.Errorf("the lost badge was scanned %d times", got)
	}
	for door := range 32 {
		if w.Door(door + 1).Open {
			t.Errorf("door %d stands open at night", door+1)
		}
	}
}

// checkStories looks for what each habit must have left in the truth.
func checkStories(t *testing.T, pupils []Pupil, lines []Line) {
	t.Helper()
	own := func(h Habit) []What {
		var found []What
		for _, l := range lines {
			if l.Pupil == with(pupils, h).ID {
				found = append(found, l.What)
			}
		}
		return found
	}
	day := []What{Arrived, Scan, Put, Shut, Scan, Took, Shut, Gone}
	tests := map[Habit][]What{
		AbsentToday: {Absent},
		Late:        day,
		Exempt:      {Arrived, Scan, Note, Gone},
		LostBadge:   {Arrived, Scan, Put, Shut, Scan, Note, Scan, Took, Shut, Gone},
		DoubleScan:  {Arrived, Scan, Scan, Put, Shut, Scan, Took, Shut, Gone},
		Forgetful:   {Arrived, Scan, Put, Shut, Gone},
		LeavesOpen:  {Arrived, Scan, Put, Scan, Took, Shut, Gone},
		ShutsEarly:  {Arrived, Scan, Put, Shut, Scan, Shut, Scan, Took, Shut, Gone},
		DamagedCode: {Arrived, Scan, Scan, Put, Shut, Scan, Took, Shut, Gone},
		Scribbler:   {Arrived, Garbled, Scan, Put, Shut, Scan, Took, Shut, Gone},
		NoPhone:     {Arrived, Gone},
	}
	for h, want := range tests {
		if got := own(h); !slices.Equal(got, want) {
			t.Errorf("%s: truth tells %v, want %v", h, got, want)
		}
	}
}

// checkPhysics says whether the truth could have happened: hands only in open
// doors, phones in one place, and one reaction to each frame.
func checkPhysics(t *testing.T, lines []Line) {
	t.Helper()
	open, at := map[int]bool{}, map[string]int{}
	frames, reactions := 0, 0
	for _, l := range lines {
		ok := true
		switch l.What {
		case Frame:
			frames++
		case Opened:
			reactions++
			ok, open[l.Door] = !open[l.Door], true
		case Jammed:
			reactions++
		case Note:
			if l.Text == "stood open already" {
				reactions++
			}
		case Shut:
			ok, open[l.Door] = open[l.Door], false
		case Put:
			ok, at[l.Phone] = open[l.Door] && at[l.Phone] == 0, l.Door
		case Took:
			ok, at[l.Phone] = open[l.Door] && at[l.Phone] == l.Door, 0
		}
		if !ok {
			t.Errorf("line %d cannot have happened: %+v", l.N, l)
		}
	}
	if frames == 0 || frames != reactions {
		t.Errorf("%d frames and %d reactions", frames, reactions)
	}
}

func countOf(all []string, one string) int {
	n := 0
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

func TestRush(t *testing.T) {
	pupils := class()
	w, _, cfg := dayWorld(t, pupils)
	must(t, w.Rush(t.Context(), 2, 0))
	lines := told(t, cfg)
	checkPhysics(t, lines)
	all := kinds(lines, 0)
	for _, what := range []What{Put, Took} {
		n := 0
		for _, got := range all {
			if got == what {
				n++
			}
		}
		// Everybody but the absent, the exempt and the one without a phone, twice.
		if n != 22 {
			t.Errorf("%d times %s, want 22", n, what)
		}
	}
	if s := w.Summary(); len(s.Inside) != 0 {
		t.Errorf("still inside: %v", s.Inside)
	}
}

// Somebody whose scan led nowhere, but whose own door stands open, uses it.
func TestAnOpenOwnDoorIsUsed(t *testing.T) {
	cfg := oneBus(t, Personality{})
	cfg.Pupils = []Pupil{{ID: "p", Badge: "B", Phones: []string{"x"}, OwnDoor: 4}}
	w := openWorld(t, cfg)
	n := uint64(0)
	must(t, w.Watch("1", LookFunc(func(context.Context, uint64) (View, error) {
		n++
		return View{N: n, Word: SayTryAgain}, nil
	})))
	must(t, w.Force(4))
	must(t, w.Rush(t.Context(), 1, 0)) // collecting ends at the office
	lines := told(t, cfg)
	wantKinds(t, lines, 4, Forced, Put, Shut)
	if last := lines[len(lines)-1]; last.What != Note || last.Pupil != "p" {
		t.Errorf("last line %+v, want the office", last)
	}
	scans := 0
	for _, l := range lines {
		if l.What == Scan {
			scans++
		}
	}
	if scans != maxScans {
		t.Errorf("%d scans before the office, want %d", scans, maxScans)
	}
}

func TestFollowTheScreen(t *testing.T) {
	tests := []struct {
		view View
		done bool
		want []What
	}{
		{View{Word: SayKeep}, true, []What{Note}},
		{View{Word: SayOffice}, true, []What{Note}},
		{View{Word: SayFull}, true, []What{Note}},
		{View{Word: SayOtherBank}, true, []What{Note}},
		{View{Word: SayLeaveNow}, true, []What{Note}},
		{View{Word: SayStuck}, false, nil},
		{View{Word: SayAgain}, false, nil},
		{View{Word: SayTryAgain}, false, nil},
		{View{Word: SayAlreadyIn}, false, nil},
		{View{}, false, nil},
		{View{Word: SayShutDoor, Door: 2}, false, []What{Shut}},
		{View{Word: SayShutDoor}, false, nil}, // the own door, which is shut
		{View{Word: SayPutIn, Door: 2}, true, []What{Put, Shut}},
		{View{Word: SayTakeOut, Door: 2}, false, []What{Shut}}, // nothing of theirs is in it
	}
	for _, tt := range tests {
		t.Run(string(tt.view.Word), func(t *testing.T) {
			t.Parallel()
			cfg := oneBus(t, Personality{})
			cfg.Pupils = []Pupil{{ID: "p", Phones: []string{"x"}, OwnDoor: 1}}
			w := openWorld(t, cfg)
			must(t, w.Force(2))
			c := w.newCrowd(t.Context())
			k := c.newWalk(cfg.Pupils[0], Deposit)
			k.brisk = true
			done, err := k.follow(t.Context(), tt.view)
			must(t, err)
			must(t, c.wait())
			if done != tt.done {
				t.Errorf("done: %v, want %v", done, tt.done)
			}
			wantKinds(t, told(t, cfg)[1:], 0, tt.want...)
		})
	}
}

func TestPlayEndsWithItsContext(t *testing.T) {
	pupils := class()
	cfg := oneBus(t, Personality{})
	cfg.Pupils = pupils
	w := openWorld(t, cfg)
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	plan := Day(1, pupils, SchoolDay(time.Now().AddDate(0, 0, 1)))
	if err := w.Play(ctx, plan); !errors.Is(err, why) {
		t.Errorf("Play = %v, want the cause", err)
	}
	plan.Visits[0].Pupil = "stranger"
	if err := w.Play(t.Context(), plan); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("Play of an unknown pupil = %v", err)
	}
}

func TestAgenda(t *testing.T) {
	var a agenda
	if _, quiet := a.next(); quiet {
		t.Error("an empty agenda has a next entry")
	}
	late, early := a.enter(monday.Add(time.Hour)), a.enter(monday)
	if at, quiet := a.next(); !quiet || !at.Equal(monday) {
		t.Errorf("next %v, %v", at, quiet)
	}
	a.begin(early)
	if _, quiet := a.next(); quiet {
		t.Error("quiet while somebody acts")
	}
	a.leave(early)
	if at, quiet := a.next(); !quiet || !at.Equal(monday.Add(time.Hour)) {
		t.Errorf("next %v, %v", at, quiet)
	}
	a.leave(late) // given up before it began
	if _, quiet := a.next(); quiet {
		t.Error("something is left")
	}
}
