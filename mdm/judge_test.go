package mdm

import (
	"maps"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	want := Compile(ipad, policy, day(t, "2026-11-23"), nil, clock(t, "10:00:00")) // in P2, then break
	want.Rev = 7
	pushed, birth := clock(t, "09:45:00"), clock(t, "08:10:00")
	online := Link{Known: true, Online: true, Since: birth}
	said := clock(t, "09:45:02")

	report := func(rev uint64, change func(Setting, *Outcome)) *Reported {
		r := NewReported(rev, Lesson, "s", said)
		for s, v := range want.Set {
			o := Outcome{State: Applied, Value: v}
			change(s, &o)
			if o.State != "" {
				r.Set[s] = o
			}
		}
		return &r
	}
	all := func(Setting, *Outcome) {}
	only := func(which Setting, o Outcome) func(Setting, *Outcome) {
		return func(s Setting, out *Outcome) {
			if s == which {
				*out = o
			}
		}
	}
	for _, c := range []struct {
		name    string
		seen    Seen
		now     string
		verdict Verdict
		since   time.Time
		faults  int
	}{
		{"never seen", Seen{Pushed: pushed}, "10:00:00", Unknown, time.Time{}, 8},
		{"never seen, an old report", Seen{Pushed: pushed, Report: report(7, all), At: said}, "10:00:00", Unknown, time.Time{}, 0},
		{"just pushed", Seen{Link: online, Pushed: pushed, Waited: 14 * time.Second}, "09:45:14", Pending, pushed, 8},
		{"no answer", Seen{Link: online, Pushed: pushed, Waited: Grace}, "09:45:15", Late, pushed, 8},
		{"not pushed yet", Seen{Link: online}, "09:45:15", Pending, birth, 8},
		{"just back", Seen{Link: Link{true, true, clock(t, "09:59:59")}, Pushed: pushed, Waited: time.Second}, "10:00:00", Pending, clock(t, "09:59:59"), 8},
		{"gone", Seen{Link: Link{true, false, birth}, Pushed: pushed}, "10:00:00", Offline, birth, 8},
		{"gone after it was applied", Seen{Link: Link{true, false, birth}, Report: report(7, all), At: said, Applied: 7}, "10:00:00", Offline, birth, 0},
		{"applied", Seen{Link: online, Pushed: pushed, Report: report(7, all), At: said, Waited: time.Hour}, "10:00:00", InForce, said, 0},
		{"applied for the rev before", Seen{Link: online, Pushed: pushed, Report: report(6, all), At: said, Waited: time.Hour}, "10:00:00", Late, pushed, 8},
		{"applied for a rev never issued", Seen{Link: online, Pushed: pushed, Report: report(8, all), At: said, Waited: time.Hour}, "10:00:00", Late, pushed, 8},
		{"another value applied", Seen{Link: online, Report: report(7, only(Camera, Outcome{Applied, Allow, ""})), At: said}, "10:00:00", Violating, said, 1},
		{"applied without a value", Seen{Link: online, Report: report(7, only(Camera, Outcome{State: Applied})), At: said}, "10:00:00", Violating, said, 1},
		{"overridden", Seen{Link: online, Report: report(7, only(Camera, Outcome{Overridden, User, ""})), At: said}, "10:00:00", Violating, said, 1},
		{"failed", Seen{Link: online, Report: report(7, only(Camera, Outcome{Failure, User, "no"})), At: said}, "10:00:00", Violating, said, 1},
		{"invalid", Seen{Link: online, Report: report(7, only(Camera, Outcome{Invalid, User, ""})), At: said}, "10:00:00", Violating, said, 1},
		{"the user is asked", Seen{Link: online, Report: report(7, only(PasscodeSetting, Outcome{UserAction, "", "set a passcode"})), At: said}, "10:00:00", AwaitsUser, said, 1},
		{"unsupported", Seen{Link: online, Report: report(7, only(Share, Outcome{State: Unsupported})), At: said}, "10:00:00", Violating, said, 1},
		{"on its way", Seen{Link: online, Pushed: pushed, Report: report(7, only(Share, Outcome{Updating, User, ""})), At: said, Waited: time.Second}, "09:45:03", Pending, pushed, 1},
		{"too long on its way", Seen{Link: online, Pushed: pushed, Report: report(7, only(Share, Outcome{Updating, User, ""})), At: said, Waited: Grace}, "09:45:15", Late, pushed, 1},
		{"left out", Seen{Link: online, Pushed: pushed, Report: report(7, only(Share, Outcome{})), At: said, Waited: Grace}, "10:00:00", Late, pushed, 1},
		{"assumed", Seen{Link: online, Report: report(7, only(Share, Outcome{Assumed, Block, ""})), At: said}, "10:00:00", OnlyAssumed, said, 1},
		{"all assumed", Seen{Link: online, Report: report(7, func(_ Setting, o *Outcome) { o.State = Assumed }), At: said}, "10:00:00", OnlyAssumed, said, 8},
		{"assumed and the user is asked", Seen{Link: online, Report: report(7, func(s Setting, o *Outcome) {
			switch s {
			case Share:
				o.State = Assumed
			case PasscodeSetting:
				o.State = UserAction
			}
		}), At: said}, "10:00:00", AwaitsUser, said, 2},
		{"the user is asked, and something is on its way", Seen{Link: online, Pushed: pushed, Waited: Grace, Report: report(7, func(s Setting, o *Outcome) {
			switch s {
			case Share:
				o.State = Updating
			case PasscodeSetting:
				o.State = UserAction
			}
		}), At: said}, "10:00:00", Late, pushed, 2},
		{"the user is asked, and something failed", Seen{Link: online, Report: report(7, func(s Setting, o *Outcome) {
			switch s {
			case Share:
				o.State = Failure
			case PasscodeSetting:
				o.State = UserAction
			}
		}), At: said}, "10:00:00", Violating, said, 2},
		{"its last report was refused", Seen{Link: online, Report: report(7, all), At: said, Refused: clock(t, "09:50:00"), Waited: time.Hour}, "10:00:00", Rejected, clock(t, "09:50:00"), 0},
		{"refused, and gone since", Seen{Link: Link{true, false, birth}, Report: report(7, all), At: said, Refused: clock(t, "09:50:00")}, "10:00:00", Offline, birth, 0},
		{"assumed and failed", Seen{Link: online, Report: report(7, func(s Setting, o *Outcome) {
			if s == Share {
				o.State = Assumed
			}
			if s == Camera {
				o.State = Failure
			}
		}), At: said}, "10:00:00", Violating, said, 2},
		{"the last lesson's settings after the bell", Seen{Link: online, Report: report(7, all), At: said}, "10:35:00", Violating, said, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(want, c.seen, clock(t, c.now))
			if got.Verdict != c.verdict || !got.Since.Equal(c.since) || len(got.Faults) != c.faults || got.Rev != 7 || got.Applied != c.seen.Applied {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A device whose clock runs a little ahead does the next thing early. That is
// not in force, and no violation either.
func TestJudgeAllowsForSkew(t *testing.T) {
	want := Compile(ipad, policy, day(t, "2026-11-23"), nil, clock(t, "10:00:00"))
	want.Rev = 7
	early := NewReported(7, Break, "s", clock(t, "10:35:00"))
	for s, v := range want.Fallback.Set {
		early.Set[s] = Outcome{State: Applied, Value: v}
	}
	seen := Seen{Link: Link{Known: true, Online: true}, Report: &early}
	for at, verdict := range map[string]Verdict{"10:34:54": Violating, "10:34:55": Pending, "10:34:59": Pending, "10:35:00": InForce} {
		if got := Judge(want, seen, clock(t, at)); got.Verdict != verdict {
			t.Errorf("at %s: %s, want %s", at, got.Verdict, verdict)
		}
	}
}

// Nothing to be in force is not in force either before the device says so.
func TestNothingWantedStillWantsAnAnswer(t *testing.T) {
	seen := Seen{Link: Link{Known: true, Online: true}}
	for rev, verdict := range map[uint64]Verdict{1: Pending, 2: InForce} {
		r := NewReported(rev, Home, "s", time.Time{})
		seen.Report = &r
		if got := Judge(Desired{Rev: 2}, seen, time.Time{}); got.Verdict != verdict {
			t.Errorf("with a report for rev %d: %s", rev, got.Verdict)
		}
	}
}

func TestDiffNamesSettingsInOrder(t *testing.T) {
	wanted := Set{PasscodeSetting: six, Camera: Block, Bluetooth: Block, Share: Block}
	before := maps.Clone(wanted)
	got := Diff(wanted, map[Setting]Outcome{Camera: {State: Applied, Value: Block}, Share: {Failure, User, "stuck"}, "extra": {State: Applied}})
	want := []Fault{{Bluetooth, "", Block, "", ""}, {PasscodeSetting, "", six, "", ""}, {Share, Failure, Block, User, "stuck"}}
	if len(got) != len(want) {
		t.Fatalf("faults %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("fault %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	if !maps.Equal(wanted, before) {
		t.Error("Diff changed what is wanted")
	}
}
