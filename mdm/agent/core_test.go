package agent_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// settle lets a core bring a device to rest.
func settle(c *agent.Core, d *pretend.Device, now time.Time) agent.Turn {
	for {
		turn := c.Turn(now, d.Read)
		if len(turn.Apply) == 0 {
			return turn
		}
		for _, change := range turn.Apply {
			d.Apply(change.Setting, change.Value, change.Items)
		}
	}
}

func drawStage(r *rapid.T, from time.Time, depth int) mdm.Stage {
	rule := rapid.SampledFrom([]mdm.Value{mdm.Allow, mdm.Block, mdm.User})
	s := mdm.Stage{Mode: rapid.SampledFrom([]mdm.Mode{mdm.Lesson, mdm.Break, mdm.Home}).Draw(r, "mode"), Set: mdm.Set{
		mdm.Camera: rule.Draw(r, "camera"), mdm.Bluetooth: rule.Draw(r, "bluetooth"), mdm.Share: rule.Draw(r, "share"),
	}}
	if depth > 0 {
		s.Until = from.Add(time.Duration(rapid.IntRange(1, 60).Draw(r, "minutes")) * time.Minute)
		next := drawStage(r, s.Until, depth-1)
		s.Fallback = &next
	}
	return s
}

// However documents are repeated, delayed and reordered, whatever is changed
// by hand, the device is what the newest of them asks for: to the second at
// which a stage ends, and by its own clock alone.
func TestTheNewestDocumentHolds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		docs := make([]mdm.Desired, rapid.IntRange(1, 6).Draw(r, "docs"))
		for i := range docs {
			docs[i] = mdm.Desired{V: 1, Dev: "d", Rev: uint64(i + 1), Stage: drawStage(r, start, rapid.IntRange(0, 3).Draw(r, "depth"))}
		}
		now := start
		device := pretend.New(pretend.Nature{}, func() time.Time { return now })
		core := &agent.Core{Device: "d"}
		var newest *mdm.Desired
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"document", "document", "time", "hand"}).Draw(r, "step") {
			case "document":
				d := rapid.SampledFrom(docs).Draw(r, "doc")
				news, err := core.Accept(d)
				older := newest != nil && d.Rev < newest.Rev
				if older != (err != nil) || news != (newest == nil || d.Rev > newest.Rev) {
					r.Fatalf("rev %d: news %v, %v", d.Rev, news, err)
				}
				if news {
					newest = &d
				}
			case "time":
				now = now.Add(time.Duration(rapid.IntRange(0, 1800).Draw(r, "seconds")) * time.Second)
			case "hand":
				device.Tamper(mdm.Camera, rapid.SampledFrom([]mdm.Value{mdm.Allow, mdm.Block, mdm.User}).Draw(r, "camera"))
			}
			turn := settle(core, device, now)
			if newest == nil {
				continue
			}
			stage := newest.Stage
			for stage.Fallback != nil && !stage.Until.After(now) {
				stage = *stage.Fallback
			}
			if turn.Report.Rev != newest.Rev || turn.Report.Mode != stage.Mode {
				r.Fatalf("reports rev %d in %s, want %d in %s", turn.Report.Rev, turn.Report.Mode, newest.Rev, stage.Mode)
			}
			for s, v := range stage.Set {
				if have := device.Read(s).Value; have != v || turn.Report.Set[s] != (mdm.Outcome{State: mdm.Applied, Value: v}) {
					r.Fatalf("%s is %s and reported %+v, want %s", s, have, turn.Report.Set[s], v)
				}
			}
		}
	})
}

func lesson() mdm.Desired {
	home := mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User, mdm.Share: mdm.User}}
	return mdm.Desired{V: 1, Dev: "d", Rev: 5, Stage: mdm.Stage{Mode: mdm.Lesson, Until: start.Add(time.Hour), Fallback: &home,
		Set: mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block}}}
}

func TestFallbackOfflineToTheSecond(t *testing.T) {
	now := start
	device := pretend.New(pretend.Nature{}, func() time.Time { return now })
	core := &agent.Core{Device: "d"}
	if _, err := core.Accept(lesson()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   time.Duration
		want mdm.Value
	}{{0, mdm.Block}, {time.Hour - time.Second, mdm.Block}, {time.Hour, mdm.User}, {72 * time.Hour, mdm.User}, {time.Minute, mdm.Block}} {
		now = start.Add(c.at)
		settle(core, device, now)
		if got := device.Read(mdm.Camera).Value; got != c.want {
			t.Errorf("after %v the camera is %s, want %s", c.at, got, c.want)
		}
	}
}

func TestAcceptRefuses(t *testing.T) {
	core := &agent.Core{Device: "d"}
	if _, err := core.Accept(lesson()); err != nil {
		t.Fatal(err)
	}
	other, older := lesson(), lesson()
	other.Dev, other.Rev = "e", 9
	older.Rev = 4
	if _, err := core.Accept(other); errs.CodeOf(err) != errs.Denied {
		t.Errorf("a document for another device: %v", err)
	}
	if _, err := core.Accept(older); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("an older document: %v", err)
	}
	if core.Rev() != 5 {
		t.Errorf("rev is %d", core.Rev())
	}
}

// Each sort of device says the truth about itself.
func TestReportsWhatIsReadBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		nature pretend.Nature
		set    mdm.Set
		want   map[mdm.Setting]mdm.State
	}{
		{"obedient", pretend.Nature{}, mdm.Set{mdm.Camera: mdm.Block}, map[mdm.Setting]mdm.State{mdm.Camera: mdm.Applied}},
		{"slow", pretend.Nature{Delay: time.Minute}, mdm.Set{mdm.Camera: mdm.Block}, map[mdm.Setting]mdm.State{mdm.Camera: mdm.Updating}},
		{"refusing", pretend.Nature{Refuse: map[mdm.Setting]string{mdm.Camera: "broken"}}, mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block},
			map[mdm.Setting]mdm.State{mdm.Camera: mdm.Failure, mdm.Share: mdm.Applied}},
		{"asking", pretend.Nature{Ask: map[mdm.Setting]string{mdm.Camera: "sure?"}}, mdm.Set{mdm.Camera: mdm.Block}, map[mdm.Setting]mdm.State{mdm.Camera: mdm.UserAction}},
		{"lacking", pretend.Nature{Lack: map[mdm.Setting]bool{mdm.Camera: true}}, mdm.Set{mdm.Camera: mdm.User}, map[mdm.Setting]mdm.State{mdm.Camera: mdm.Unsupported}},
		{"told nonsense", pretend.Nature{}, mdm.Set{mdm.Camera: `"sideways"`, "x-ray": mdm.Block},
			map[mdm.Setting]mdm.State{mdm.Camera: mdm.Invalid, "x-ray": mdm.Unsupported}},
	} {
		t.Run(c.name, func(t *testing.T) {
			device := pretend.New(c.nature, func() time.Time { return start })
			core := &agent.Core{Device: "d"}
			if _, err := core.Accept(mdm.Desired{Dev: "d", Rev: 1, Stage: mdm.Stage{Mode: mdm.Lesson, Set: c.set}}); err != nil {
				t.Fatal(err)
			}
			turn := settle(core, device, start)
			if len(turn.Report.Set) != len(c.want) {
				t.Errorf("reports %+v", turn.Report.Set)
			}
			for s, state := range c.want {
				if got := turn.Report.Set[s].State; got != state {
					t.Errorf("%s is %s, want %s", s, got, state)
				}
			}
		})
	}
}

func TestSlowAndAskingDevicesArrive(t *testing.T) {
	now := start
	device := pretend.New(pretend.Nature{Delay: time.Minute, Ask: map[mdm.Setting]string{mdm.Share: "sure?"}}, func() time.Time { return now })
	core := &agent.Core{Device: "d"}
	if _, err := core.Accept(lesson()); err != nil {
		t.Fatal(err)
	}
	settle(core, device, now)
	now = now.Add(time.Minute)
	if got := settle(core, device, now).Report.Set; got[mdm.Camera].State != mdm.Applied || got[mdm.Share].State != mdm.UserAction {
		t.Errorf("after a minute: %+v", got)
	}
	device.Agree(mdm.Share)
	if got := settle(core, device, now).Report.Set[mdm.Share]; got != (mdm.Outcome{State: mdm.Applied, Value: mdm.Block}) {
		t.Errorf("after the user agreed: %+v", got)
	}
}

// A change of mind reaches a device that is still busy with the last.
func TestNewsOvertakesASlowDevice(t *testing.T) {
	now := start
	device := pretend.New(pretend.Nature{Delay: time.Minute}, func() time.Time { return now })
	core := &agent.Core{Device: "d"}
	for _, v := range []mdm.Value{mdm.Block, mdm.Allow} {
		d := mdm.Desired{Dev: "d", Rev: core.Rev() + 1, Stage: mdm.Stage{Mode: mdm.Lesson, Set: mdm.Set{mdm.Camera: v}}}
		if _, err := core.Accept(d); err != nil {
			t.Fatal(err)
		}
		settle(core, device, now)
		now = now.Add(30 * time.Second)
	}
	now = now.Add(time.Minute)
	if got := settle(core, device, now).Report.Set[mdm.Camera]; got != (mdm.Outcome{State: mdm.Applied, Value: mdm.Allow}) {
		t.Errorf("in the end the camera is %+v", got)
	}
}

func TestDriftIsToldAndUndone(t *testing.T) {
	device := pretend.New(pretend.Nature{}, func() time.Time { return start })
	core := &agent.Core{Device: "d"}
	if _, err := core.Accept(lesson()); err != nil {
		t.Fatal(err)
	}
	settle(core, device, start)
	device.Tamper(mdm.Camera, mdm.Allow)
	turn := core.Turn(start, device.Read)
	if len(turn.Drift) != 1 || turn.Report.Set[mdm.Camera] != (mdm.Outcome{State: mdm.Overridden, Value: mdm.Allow}) || len(turn.Apply) != 1 {
		t.Errorf("after it was changed by hand: %+v", turn)
	}
	device.Apply(mdm.Camera, turn.Apply[0].Value, nil)
	if turn = core.Turn(start, device.Read); len(turn.Drift) != 0 || turn.Report.Set[mdm.Camera].State != mdm.Applied {
		t.Errorf("after it was undone: %+v", turn)
	}
}

// A refused setting is tried again, ever more seldom, and never given up.
func TestRetriesAreSpacedOut(t *testing.T) {
	device := pretend.New(pretend.Nature{Refuse: map[mdm.Setting]string{mdm.Camera: "broken"}}, func() time.Time { return start })
	core := &agent.Core{Device: "d"}
	if _, err := core.Accept(mdm.Desired{Dev: "d", Rev: 1, Stage: mdm.Stage{Mode: mdm.Lesson, Set: mdm.Set{mdm.Camera: mdm.Block}}}); err != nil {
		t.Fatal(err)
	}
	var tries []int
	for n := range 1000 {
		for _, c := range core.Turn(start, device.Read).Apply {
			device.Apply(c.Setting, c.Value, c.Items)
			tries = append(tries, n)
		}
	}
	if len(tries) < 15 || len(tries) > 25 || tries[len(tries)-1] < 900 {
		t.Errorf("tried in turns %v", tries)
	}
}
