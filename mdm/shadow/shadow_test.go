package shadow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

var eight = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// school is a fleet, a day and a clock that a test turns by hand.
type school struct {
	mu      sync.Mutex
	now     time.Time
	devices []mdm.Device
	policy  mdm.Rules
	version uint64
}

func newSchool(n int) *school {
	s := &school{now: eight, policy: mdmtest.InLessons(mdm.Camera)}
	for i := range n {
		s.devices = append(s.devices, mdm.Device{ID: fmt.Sprintf("d-%d", i+1), Groups: []string{"g"}, Platform: "pretend"})
	}
	return s
}

func (s *school) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.version++
}

func (s *school) at(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = eight.Add(d)
}

func (s *school) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *school) Devices() []mdm.Device {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.devices)
}

func (s *school) At(time.Time) (mdm.Rules, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.policy, s.version
}

func (s *school) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// day has a lesson from nine to ten.
func day(time.Time) []mdm.Period {
	return []mdm.Period{{Kind: mdm.Lesson, Name: "P1", From: eight.Add(time.Hour), Until: eight.Add(2 * time.Hour)}}
}

// rig is a school's shadow on a bus.
type rig struct {
	*shadow.Shadow
	*school
	t    *testing.T
	bus  *mdmtest.Bus
	revs shadow.Revs
}

func newRig(t *testing.T, s *school, bus *mdmtest.Bus, revs shadow.Revs) *rig {
	t.Helper()
	r := &rig{school: s, t: t, bus: bus, revs: revs}
	var err error
	r.Shadow, err = shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: bus, Fleet: s, Rules: s, Revs: revs, Seal: mdmtest.Seal, Day: day, Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// revFile is the file of a server that has not given out a revision yet.
func revFile(t *testing.T) shadow.RevFile {
	t.Helper()
	f := shadow.RevFile(filepath.Join(t.TempDir(), "revs.json"))
	if err := f.Save(nil); err != nil {
		t.Fatal(err)
	}
	return f
}

func (r *rig) ring() {
	r.t.Helper()
	if err := r.Bell(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// desired is what the broker holds for a device.
func (r *rig) desired(dev string) mdm.Desired {
	r.t.Helper()
	payload, err := mdmtest.Open(wire.TypeDesired, r.bus.Retained("bk/1/d/"+dev+"/desired"))
	if err != nil {
		r.t.Fatal(err)
	}
	d, err := mdm.DecodeDesired(payload)
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

func (r *rig) say(dev, leaf string, message any) {
	r.t.Helper()
	b, err := json.Marshal(message)
	if err != nil {
		r.t.Fatal(err)
	}
	r.raw(dev, leaf, b)
}

func (r *rig) raw(dev, leaf string, b []byte) {
	r.t.Helper()
	if err := r.bus.Publish(r.t.Context(), "bk/1/d/"+dev+"/"+leaf, b, leaf != "event"); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) birth(dev, session string) {
	r.say(dev, "presence", mdm.NewPresence(true, session, r.Now()))
}
func (r *rig) death(dev, session string) {
	r.say(dev, "presence", mdm.NewPresence(false, session, eight))
}

// obey reports a document applied in full.
func (r *rig) obey(dev, session string) {
	r.t.Helper()
	d := r.desired(dev)
	report := mdm.NewReported(d.Rev, d.Mode, session, r.Now())
	for s, v := range d.Set {
		report.Set[s] = mdm.Outcome{State: mdm.Applied, Value: v}
	}
	r.say(dev, "reported", report)
}

func (r *rig) row(dev string) shadow.Row {
	r.t.Helper()
	for _, row := range r.Board().Rows {
		if row.Device.ID == dev {
			return row
		}
	}
	r.t.Fatalf("%s is not on the board", dev)
	return shadow.Row{}
}

func (r *rig) refusals() []string {
	var reasons []string
	for _, l := range r.Board().Last {
		reasons = append(reasons, l.Device+" "+string(l.Leaf)+": "+l.Reason)
	}
	return reasons
}

// Devices that are alike share what is desired of them, and others do not.
func TestEveryDeviceIsToldItsOwn(t *testing.T) {
	s := newSchool(6)
	s.policy = mdmtest.InLessons(mdm.Bluetooth)
	for i := range s.devices {
		if i%2 == 0 {
			s.devices[i].Flags = []mdm.Flag{mdm.Assistive}
		}
	}
	s.at(time.Hour)
	r := newRig(t, s, mdmtest.NewBus(), revFile(t))
	sums := map[string]bool{}
	for _, d := range s.devices {
		want, got := mdm.Compile(d, s.policy, day(s.now), nil, s.now), r.desired(d.ID)
		sums[want.Sum()] = true
		if got.Dev != d.ID || got.Sum() != want.Sum() {
			t.Errorf("%s was told %+v, want %+v", d.ID, got, want)
		}
	}
	if len(sums) != 2 {
		t.Errorf("%d different documents were needed, want 2", len(sums))
	}
}

func TestABellPushesOnlyWhatChanges(t *testing.T) {
	s := newSchool(3)
	s.devices[2].Groups = []string{"other"}
	r := newRig(t, s, mdmtest.NewBus(), revFile(t))
	if got := len(r.bus.Sent()); got != 3 {
		t.Errorf("at start %d documents went out", got)
	}
	for _, c := range []struct {
		at    time.Duration
		news  int
		rev   uint64
		after string
	}{
		{59 * time.Minute, 0, 1, "before the bell"},
		{time.Hour, 3, 2, "at the bell"},
		{90 * time.Minute, 0, 2, "in the lesson"},
		{2 * time.Hour, 3, 3, "after the lesson"},
		{9 * time.Hour, 0, 3, "in the evening"},
	} {
		s.at(c.at)
		r.ring()
		if got := len(r.bus.Sent()); got != c.news {
			t.Errorf("%s %d documents went out, want %d", c.after, got, c.news)
		}
		if got := r.desired("d-1"); got.Rev != c.rev || got.Dev != "d-1" {
			t.Errorf("%s d-1 has rev %d for %s", c.after, got.Rev, got.Dev)
		}
	}
	s.set(func() { s.devices[1].Flags = []mdm.Flag{mdm.Assistive} })
	r.ring()
	if got := len(r.bus.Sent()); got != 0 {
		t.Errorf("a flag that changes nothing sent %d documents", got)
	}
	s.set(func() {
		s.policy.Profiles = append(s.policy.Profiles, mdm.Profile{ID: "apart", Set: mdm.Set{mdm.Bluetooth: mdm.Block}})
		s.policy.Assignments = append(s.policy.Assignments, mdm.Assignment{Profile: "apart"})
	})
	r.ring()
	if got := r.bus.Sent(); len(got) != 2 || r.desired("d-2").Rev != 3 {
		t.Errorf("a block on Bluetooth sent %d documents; the assistive device has rev %d", len(got), r.desired("d-2").Rev)
	}
}

func TestRevsSurviveARestart(t *testing.T) {
	s, revs := newSchool(2), revFile(t)
	r := newRig(t, s, mdmtest.NewBus(), revs)
	s.at(time.Hour)
	r.ring()
	before := r.desired("d-1")

	r = newRig(t, s, mdmtest.NewBus(), revs) // a broker without a memory
	if got := r.desired("d-1"); got.Rev != before.Rev || !got.TS.Equal(before.TS) || got.Sum() != before.Sum() {
		t.Errorf("after the restart d-1 has rev %d of %v, before it %d of %v", got.Rev, got.TS, before.Rev, before.TS)
	}
	s.at(2 * time.Hour)
	r = newRig(t, s, mdmtest.NewBus(), revs) // down over a bell
	if got := r.desired("d-1"); got.Rev != before.Rev+1 {
		t.Errorf("after the next bell d-1 has rev %d", got.Rev)
	}
	if err := revs.Jump(s.Now()); err != nil {
		t.Fatal(err)
	}
	r = newRig(t, s, mdmtest.NewBus(), revs)
	if got := r.desired("d-1"); got.Rev <= 1_000_000 {
		t.Errorf("after a restored backup d-1 has rev %d", got.Rev)
	}
}

// A device ignores revisions lower than the one it has applied.
func TestLostRevsBeginAboveThoseGivenOut(t *testing.T) {
	s, revs := newSchool(1), revFile(t)
	r := newRig(t, s, mdmtest.NewBus(), revs)
	before := r.desired("d-1").Rev
	for loss := range 2 {
		if err := os.Remove(string(revs)); err != nil {
			t.Fatal(err)
		}
		if err := revs.Jump(s.Now()); err != nil {
			t.Fatal(err)
		}
		s.at(time.Duration(loss+1) * time.Hour)
		r = newRig(t, s, mdmtest.NewBus(), revs)
		if got := r.desired("d-1").Rev; got <= before || got > mdm.MaxRev || got < uint64(s.Now().Unix()) {
			t.Errorf("after loss %d d-1 has rev %d, before it %d", loss+1, got, before)
		} else {
			before = got
		}
	}
}

// badDisk keeps nothing.
type badDisk struct{}

func (badDisk) Load() (map[string]mdm.Mark, error) { return nil, nil }
func (badDisk) Save(map[string]mdm.Mark) error {
	return errs.New(errs.Unavailable, "revs.json cannot be written.", "")
}

func TestNoRevTravelsThatIsNotDurable(t *testing.T) {
	s, bus := newSchool(1), mdmtest.NewBus()
	sh, err := shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: bus, Fleet: s, Rules: s, Revs: badDisk{}, Seal: mdmtest.Seal, Day: day, Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := sh.Open(t.Context()); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("Open: %v", err)
	}
	if got := bus.Sent(); len(got) != 0 {
		t.Errorf("%d messages went out", len(got))
	}
}

func TestABrokerThatWasAwayGetsTheRest(t *testing.T) {
	s := newSchool(2)
	r := newRig(t, s, mdmtest.NewBus(), revFile(t))
	r.birth("d-1", "S1")
	r.bus.Down(errors.New("no route"))
	s.at(time.Hour)
	if err := r.Bell(t.Context()); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("Bell: %v", err)
	}
	if got := r.row("d-1"); got.Verdict != mdm.Pending || got.Rev != 2 {
		t.Errorf("meanwhile the board says %s for rev %d", got.Verdict, got.Rev)
	}
	r.bus.Down(nil)
	r.ring()
	if got := r.desired("d-2"); got.Rev != 2 {
		t.Errorf("later d-2 has rev %d", got.Rev)
	}
}

func TestRetiredDevicesAreForgotten(t *testing.T) {
	s, bus, revs := newSchool(3), mdmtest.NewBus(), revFile(t)
	r := newRig(t, s, bus, revs)
	s.set(func() { s.devices = s.devices[1:] })
	r.ring()
	if bus.Retained("bk/1/d/d-1/desired") != nil || len(r.Board().Rows) != 2 {
		t.Errorf("a retired device is still there: %d rows", len(r.Board().Rows))
	}
	s.set(func() { s.devices = s.devices[1:] }) // while the server is down
	r = newRig(t, s, bus, revs)
	if bus.Retained("bk/1/d/d-2/desired") != nil {
		t.Error("a device retired while the server was down is still there")
	}
	s.set(func() { s.devices = newSchool(3).devices })
	s.at(time.Hour)
	r.ring()
	if got := r.desired("d-1"); got.Rev != 2 {
		t.Errorf("a device that came back has rev %d, want a new one", got.Rev)
	}
}

func TestPresence(t *testing.T) {
	type step struct {
		online  bool
		session string
	}
	for _, c := range []struct {
		name    string
		steps   []step
		online  bool
		refused int
	}{
		{"a life", []step{{true, "1"}, {false, "1"}}, false, 0},
		{"a life after another", []step{{true, "1"}, {false, "1"}, {true, "2"}}, true, 0},
		{"a take-over, the old will last", []step{{true, "1"}, {true, "2"}, {false, "1"}}, true, 1},
		{"a take-over, then the end", []step{{true, "1"}, {true, "2"}, {false, "1"}, {false, "2"}}, false, 1},
		{"a birth told twice", []step{{true, "1"}, {true, "1"}}, true, 0},
		{"a birth after its death", []step{{true, "1"}, {false, "1"}, {true, "1"}}, false, 1},
		{"a death nobody was born for", []step{{false, "1"}}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, newSchool(1), mdmtest.NewBus(), revFile(t))
			for _, s := range c.steps {
				if s.online {
					r.birth("d-1", s.session)
				} else {
					r.death("d-1", s.session)
				}
			}
			if got := r.row("d-1").Link; !got.Known || got.Online != c.online {
				t.Errorf("the device is %+v", got)
			}
			if got := r.refusals(); len(got) != c.refused {
				t.Errorf("refused: %v", got)
			}
		})
	}
}

// What the broker kept may be older than what came before the server asked.
func TestRetainedDeathIsOutlivedByALiveReport(t *testing.T) {
	s, bus, revs := newSchool(1), mdmtest.NewBus(), revFile(t)
	r := newRig(t, s, bus, revs)
	r.birth("d-1", "S2")
	r.death("d-1", "S1") // the will of a connection that was taken over stays retained
	r = newRig(t, s, bus, revs)
	if r.row("d-1").Link.Online {
		t.Fatal("the retained death is not believed")
	}
	r.obey("d-1", "S2")
	if got := r.row("d-1"); got.Verdict != mdm.InForce {
		t.Errorf("after a live report it is %s", got.Verdict)
	}
	r.death("d-1", "S2")
	r.obey("d-1", "S2")
	if got := r.row("d-1"); got.Verdict != mdm.Offline {
		t.Errorf("a report of a dead session made it %s", got.Verdict)
	}
}

// After a reconnect of the server the broker's copies may be older than what
// came live before.
func TestAnOldCopyIsPassedOver(t *testing.T) {
	s := newSchool(1)
	r := newRig(t, s, mdmtest.NewBus(), revFile(t))
	oldDeath := mustJSON(t, mdm.NewPresence(false, "S0", eight.Add(-time.Hour)))
	oldReport := mustJSON(t, mdm.NewReported(1, mdm.Home, "S0", eight.Add(-time.Hour)))
	r.birth("d-1", "S1")
	r.obey("d-1", "S1")
	r.death("d-1", "S1")
	s.at(time.Minute)
	r.birth("d-1", "S2")
	r.bus.Repeat("bk/1/d/d-1/presence", oldDeath)
	r.bus.Repeat("bk/1/d/d-1/presence", mustJSON(t, mdm.NewPresence(true, "S1", eight)))
	r.bus.Repeat("bk/1/d/d-1/reported", oldReport)
	if got := r.row("d-1"); got.Verdict != mdm.InForce || !got.Link.Since.Equal(s.Now()) {
		t.Errorf("the device is %s since %v", got.Verdict, got.Link.Since)
	}
	if got := r.refusals(); len(got) != 0 {
		t.Errorf("refused: %v", got)
	}
	s.at(10 * time.Minute)
	r.obey("d-1", "S2")
	if got := r.row("d-1"); !got.Since.Equal(eight) {
		t.Errorf("in force since %v, though it was said at %v", got.Since, eight)
	}
}

func TestBadInputIsRefusedOnRecord(t *testing.T) {
	r := newRig(t, newSchool(1), mdmtest.NewBus(), revFile(t))
	r.birth("d-1", "S1")
	r.obey("d-1", "S1")
	future := mdm.NewReported(99, mdm.Lesson, "S1", eight)
	for i, bad := range []struct {
		what, dev, leaf string
		payload         []byte
	}{
		{"no JSON", "d-1", "reported", []byte("hello")},
		{"10 MB", "d-1", "reported", make([]byte, 10<<20)},
		{"nothing", "d-1", "presence", nil},
		{"a rev of the future", "d-1", "reported", mustJSON(t, future)},
		{"a device nobody listed", "d-9", "presence", mustJSON(t, mdm.NewPresence(true, "S", eight))},
		{"an event of another version", "d-1", "event", []byte(`{"v":2,"kind":"drift"}`)},
	} {
		r.raw(bad.dev, bad.leaf, bad.payload)
		got := r.Board()
		if got.Refused != uint64(i+1) || len(got.Last) != i+1 || got.Last[i].Device != bad.dev || got.Last[i].Reason == "" {
			t.Errorf("%s: refused %d, last %+v", bad.what, got.Refused, got.Last)
		}
	}
	if got := r.row("d-1"); got.Verdict != mdm.Rejected || got.Refusal == nil {
		t.Errorf("after all that d-1 is %s", got.Verdict)
	}
	r.obey("d-1", "S1")
	if got := r.row("d-1"); got.Verdict != mdm.InForce {
		t.Errorf("once it says what can be true d-1 is %s", got.Verdict)
	}
	for range 200 { // one that repeats itself takes one place
		r.raw("d-1", "reported", []byte(strings.Repeat("[", 500)))
		r.Refuse("d-1", "connects too often")
	}
	got := r.Board()
	if got.Refused != 406 || len(got.Last) != 8 || got.Last[6].Times != 200 || got.Last[7].Times != 200 {
		t.Errorf("refused %d, remembered %d: %+v", got.Refused, len(got.Last), got.Last[6:])
	}
	for n := range 200 {
		r.Refuse(fmt.Sprint("d-", n), "unknown or revoked")
	}
	if got := r.Board(); got.Refused != 606 || len(got.Last) != 100 || got.Last[99].Device != "d-199" {
		t.Errorf("refused %d, remembered %d", got.Refused, len(got.Last))
	}
}

// One device that is refused again and again, each time for another number or word,
// does not push what is on record of the others out.
func TestOneDeviceCrowdsOutNoOther(t *testing.T) {
	r := newRig(t, newSchool(2), mdmtest.NewBus(), revFile(t))
	r.Refuse("d-2", "unknown or revoked")
	r.birth("d-1", "S1")
	for n := range uint64(120) {
		r.raw("d-1", "reported", mustJSON(t, mdm.NewReported(1000+n, mdm.Lesson, "S1", eight)))
	}
	got := r.Board()
	if len(got.Last) != 2 || got.Last[0].Device != "d-2" || got.Last[1].Times != 120 || !strings.Contains(got.Last[1].Reason, "rev 1119") {
		t.Errorf("after 120 revisions that were never issued: %+v", got.Last)
	}
	for n := range 120 {
		r.Refuse("d-1", "it says "+strings.Repeat("x", n))
	}
	if got := r.Board(); got.Refused != 241 || len(got.Last) != 11 || got.Last[0].Device != "d-2" || !strings.HasSuffix(got.Last[10].Reason, strings.Repeat("x", 119)) {
		t.Errorf("after 120 reasons more: refused %d, %+v", got.Refused, got.Last)
	}
}

// Whoever keeps what devices do is shown every report, also one that the next undoes,
// and every revision.
func TestWatchSeesEveryReport(t *testing.T) {
	r := newRig(t, newSchool(1), mdmtest.NewBus(), revFile(t))
	var seen []mdm.Verdict
	r.Watch = func(row shadow.Row) { seen = append(seen, row.Verdict) }
	r.birth("d-1", "S1")
	r.obey("d-1", "S1")
	wrong := mdm.NewReported(r.desired("d-1").Rev, mdm.Home, "S1", eight)
	for s := range r.desired("d-1").Set {
		wrong.Set[s] = mdm.Outcome{State: mdm.Overridden, Value: mdm.Allow}
	}
	r.say("d-1", "reported", wrong)
	r.obey("d-1", "S1")
	r.at(time.Hour)
	r.ring()
	want := []mdm.Verdict{mdm.Pending, mdm.InForce, mdm.Violating, mdm.InForce, mdm.Pending}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %v, want %v", seen, want)
	}
}

// A client that reports failure, nothing, an old revision, a future one.
func TestWhatAClientIsShownAs(t *testing.T) {
	for what, want := range map[string]mdm.Verdict{"failure": mdm.Violating, "nothing": mdm.Late, "an old rev": mdm.Pending, "a future rev": mdm.Rejected} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newSchool(1), mdmtest.NewBus(), revFile(t))
				r.birth("d-1", "S1")
				report := mdm.NewReported(r.row("d-1").Rev, mdm.Lesson, "S1", eight)
				switch what {
				case "failure":
					for s := range r.row("d-1").Want.Set {
						report.Set[s] = mdm.Outcome{State: mdm.Failure}
					}
				case "nothing":
					time.Sleep(mdm.Grace)
					r.at(mdm.Grace)
				case "an old rev":
					report.Rev--
				case "a future rev":
					report.Rev++
				}
				if what != "nothing" {
					r.raw("d-1", "reported", mustJSON(t, report))
				}
				if got := r.row("d-1"); got.Verdict != want {
					t.Errorf("%s, want %s", got.Verdict, want)
				}
				if b := r.Board(); (b.Refused == 1) != (want == mdm.Rejected) {
					t.Errorf("%d refusals are on record: %+v", b.Refused, b.Last)
				}
			})
		})
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBoardPutsProblemsFirst(t *testing.T) {
	s := newSchool(12)
	r := newRig(t, s, mdmtest.NewBus(), revFile(t))
	for _, d := range s.devices[:11] {
		r.birth(d.ID, "S")
		r.obey(d.ID, "S")
	}
	broken := mdm.NewReported(1, mdm.Home, "S", eight)
	broken.Set[mdm.Camera] = mdm.Outcome{State: mdm.Failure, Value: mdm.Block, Detail: "stuck"}
	r.say("d-10", "reported", broken)
	r.death("d-2", "S")
	r.say("d-3", "event", mdm.NewEvent("drift", "camera", eight))
	b := r.Board()
	var order []string
	for _, row := range b.Rows {
		order = append(order, row.Device.ID)
	}
	if got := strings.Join(order, " "); got != "d-10 d-2 d-12 d-1 d-3 d-4 d-5 d-6 d-7 d-8 d-9 d-11" {
		t.Errorf("order %s", got)
	}
	if b.Counts[mdm.InForce] != 9 || b.Counts[mdm.Violating] != 1 || b.Counts[mdm.Offline] != 1 || b.Counts[mdm.Unknown] != 1 {
		t.Errorf("counts %v", b.Counts)
	}
	if got := r.row("d-2"); got.Applied != 1 {
		t.Errorf("the device that left had applied rev %d", got.Applied)
	}
	if got := r.row("d-3").Event; got == nil || got.Detail != "camera" {
		t.Errorf("the event is %+v", got)
	}
}

// Over a bell a device goes from in force to pending to late by time alone,
// and whoever watches hears of it.
func TestRunRingsAndWaitTells(t *testing.T) {
	revs := revFile(t)
	synctest.Test(t, func(t *testing.T) {
		s, bus := newSchool(1), mdmtest.NewBus()
		born := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		clock := func() time.Time { return eight.Add(59*time.Minute + 50*time.Second + time.Since(born)) }
		sh, err := shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: bus, Fleet: s, Rules: s, Revs: revs, Seal: mdmtest.Seal, Day: day, Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		if err := sh.Open(ctx); err != nil {
			t.Fatal(err)
		}
		r := &rig{Shadow: sh, school: s, t: t, bus: bus}
		r.birth("d-1", "S1")
		r.obey("d-1", "S1")
		done := make(chan error)
		go func() { done <- sh.Run(ctx, func(err error) { t.Error(err) }) }()

		if got := r.row("d-1"); got.Verdict != mdm.InForce {
			t.Errorf("before the bell: %s", got.Verdict)
		}
		for _, c := range []struct {
			verdict mdm.Verdict
			at      time.Duration // since the start; the bell is at 10 s
		}{{mdm.Pending, 10 * time.Second}, {mdm.Late, 25 * time.Second}} {
			for b := sh.Board(); b.Rows[0].Verdict != c.verdict; b = sh.Board() {
				if time.Since(born) > time.Minute {
					t.Fatalf("after a minute it is %s, want %s", b.Rows[0].Verdict, c.verdict)
				}
				within, stop := context.WithTimeout(ctx, time.Minute)
				err := sh.Wait(within, b.Size)
				stop()
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := time.Since(born).Round(time.Second); got != c.at {
				t.Errorf("%s after %v, want %v", c.verdict, got, c.at)
			}
		}
		r.obey("d-1", "S1")
		if got := r.row("d-1"); got.Verdict != mdm.InForce || got.Want.Set[mdm.Camera] != mdm.Block {
			t.Errorf("after the report: %+v", got)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		if err := sh.Wait(ctx, sh.Board().Size); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait ended with %v", err)
		}
	})
}

func TestRunTriesAFailedBellAgain(t *testing.T) {
	revs := revFile(t)
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(1)
		ctx, cancel := context.WithCancel(t.Context())
		r := newRig(t, s, mdmtest.NewBus(), revs)
		done, failures := make(chan error), 0
		go func() { done <- r.Run(ctx, func(error) { failures++ }) }()
		r.bus.Down(errors.New("no route"))
		s.at(time.Hour)
		time.Sleep(time.Minute)
		r.bus.Down(nil)
		time.Sleep(5 * time.Second)
		cancel()
		<-done
		if got := r.desired("d-1"); got.Rev != 2 || failures < 20 || failures > 40 {
			t.Errorf("rev %d after %d failures", got.Rev, failures)
		}
	})
}

func TestRevFileRefusesDamage(t *testing.T) {
	for name, content := range map[string]string{"cut": `{"v":1,"devi`, "version": `{"v":2}`, "id": `{"v":1,"devices":{"A":{"rev":1}}}`, "rev": `{"v":1,"devices":{"a":{"rev":0}}}`} {
		f := revFile(t)
		if err := os.WriteFile(string(f), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Load(); errs.CodeOf(err) != errs.Internal || errs.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// allowed are exceptions that a test gives.
type allowed struct {
	mu      sync.Mutex
	devices map[string]mdm.Set
}

func (a *allowed) give(device string, set mdm.Set) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.devices[device] = set
}

func (a *allowed) For(d mdm.Device, now time.Time) []mdm.Exception {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.devices[d.ID] == nil {
		return nil
	}
	return []mdm.Exception{{From: now, Until: now.Add(time.Hour), Set: a.devices[d.ID]}}
}

func (a *allowed) Version() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return uint64(len(a.devices))
}

// An exception reaches its own device at once, and no other one that is alike.
func TestExceptionReachesItsDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(2)
		s.at(70 * time.Minute) // in the lesson
		r := newRig(t, s, mdmtest.NewBus(), revFile(t))
		a := &allowed{devices: map[string]mdm.Set{}}
		r.Exceptions = a
		r.ring()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx, func(err error) { t.Error(err) }) }()
		a.give("d-1", mdm.Set{mdm.Camera: mdm.User})
		time.Sleep(time.Second)
		synctest.Wait()
		if one, two := r.desired("d-1"), r.desired("d-2"); one.Set[mdm.Camera] != mdm.User || one.Until.IsZero() || two.Set[mdm.Camera] != mdm.Block {
			t.Errorf("the cameras are %s and %s", one.Set[mdm.Camera], two.Set[mdm.Camera])
		}
		stop()
		<-ended
	})
}
