package apple

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// An iPad whose settings are all in force may yet be another one, or gone, or locked, or
// evidence: each page says so.
func TestWhatTheSettingsDoNotSay(t *testing.T) {
	for name, c := range map[string]struct {
		is     func(*school, *gateway.Status)
		serial string // on the list
		state  string // in the list of iPads
		says   []string
		health string
	}{
		"another": {func(*school, *gateway.Status) {}, "DMPC0000009", "Another iPad",
			[]string{"The list says DMPC0000009; the iPad that is enrolled as this one says DMPC0000001", "6 of 7 steps", "-no other iPad can enrol", "-Next: A lesson"}, "Enrolled with another serial number"},
		"left": {func(_ *school, s *gateway.Status) { s.Managed, s.Left = false, true }, "", "Left management",
			[]string{"Nothing is enforced on it until it enrols anew", "Bring it under management"}, "Left the school’s management"},
		"wiped": {func(s *school, st *gateway.Status) { st.Wiped, s.devices[0].Settled = now, false }, "", "Wiped",
			[]string{"It was told to wipe itself", "-Next: A lesson"}, "Told to wipe itself"},
		"locked": {func(_ *school, s *gateway.Status) { s.Lost = true }, "DMPC0000001", "Locked as lost",
			[]string{"It is locked as lost", `href="/device/ipad-1/commands"`, "no other iPad can enrol"}, "Locked as lost"},
		"evidence": {func(s *school, _ *gateway.Status) { s.devices[0].Quarantined = true }, "DMPC0000009", "In quarantine",
			[]string{"It is kept as evidence", "-Make its address"}, ""},
	} {
		s := newSchool()
		st := s.status["ipad-1"]
		c.is(s, &st)
		s.status["ipad-1"] = st
		h, _, office := s.open(t)
		if c.serial != "" {
			if err := office.Expect([]enrol.Expected{{Device: mdm.Device{ID: "ipad-1"}, Serial: c.serial}}); err != nil {
				t.Fatal(err)
			}
		}
		t.Run(name, func(t *testing.T) {
			it := kittest.Visit(t, h, "it")
			it.Says("/ipads", c.state, "-As it must be")
			it.Says("/ipads/device/ipad-1", c.says...)
			if c.health == "" {
				c.health = "Nothing."
			}
			it.Says("/ipads/health", c.health)
		})
	}
}

// The test iPad is done with only if it is the one of the list.
func TestTheTestIPadIsThatOfTheList(t *testing.T) {
	s := newSchool()
	_, _, office := s.open(t)
	p := &pages{Config: s.config(office)}
	try := func(serial string, want tag) {
		t.Helper()
		if err := office.Expect([]enrol.Expected{{Device: mdm.Device{ID: "ipad-1"}, Serial: serial}}); err != nil {
			t.Fatal(err)
		}
		if got, err := p.tested(); err != nil || got != want {
			t.Errorf("with %s on the list: %+v, %v", serial, got, err)
		}
	}
	if err := office.TryWith("ipad-1"); err != nil {
		t.Fatal(err)
	}
	try("DMPC0000001", tagDone)
	try("DMPC0000009", tagTodo)
}

// Nobody waits for iPads that could not enrol anyhow, and none is on record as let in.
func TestNobodyIsWaitedForInVain(t *testing.T) {
	s := newSchool()
	h, _, office := s.open(t)
	it := kittest.Visit(t, h, "it")
	it.Says("/ipads/configurator", "No serial number is on the list yet", "-<button class=\"govuk-button\">Wait for them")
	kittest.Has(t, "none left", it.Answer(http.StatusConflict, "/ipads/configurator", url.Values{"once": {"a"}}), "There is no iPad to wait for")
	if err := office.Expect([]enrol.Expected{{Device: mdm.Device{ID: "ipad-2"}, Serial: "DMPC0000002"}}); err != nil {
		t.Fatal(err)
	}
	push := s.health.Push
	s.health.Push = gateway.Push{}
	kittest.Has(t, "no certificate", it.Answer(http.StatusNotFound, "/ipads/configurator", url.Values{"once": {"b"}}), "Do the step Push certificate first")
	it.Answer(http.StatusNotFound, "/ipads/device/ipad-2", url.Values{"once": {"c"}})
	it.Says("/ipads/health", "There is no push certificate yet", "Not enrolled yet: ", "ipad-2")
	if len(s.book.lines) > 0 {
		t.Errorf("on record: %q", s.book.lines)
	}
	s.health.Push = push
	it.Sent("/ipads/configurator", url.Values{"once": {"d"}})
	it.Says("/ipads/device/ipad-2", "It is waited for until 09:00:00, 24 November 2026")
	it.Says("/ipads", "Waited for", "Waiting")
	s.machine = now.Add(25 * time.Hour)
	it.Says("/ipads", "Not enrolled", "-Waited for")
}

// A list leads on by the school's way, and says what a new serial number takes the place of.
func TestAListLeadsOn(t *testing.T) {
	s := newSchool()
	h, _, office := s.open(t)
	it := kittest.Visit(t, h, "it")
	if err := office.Expect([]enrol.Expected{{Device: mdm.Device{ID: "ipad-2"}, Serial: "DMPC0000002"}}); err != nil {
		t.Fatal(err)
	}
	page := it.Answer(http.StatusOK, "/ipads/list", url.Values{"csv": {"id,serial\nipad-1,DMPC0000009\nipad-2,DMPC0000003\n"}})
	kittest.Has(t, "the check", page, "DMPC0000009: none before", "The one that is enrolled as it says DMPC0000001", "DMPC0000003: DMPC0000002 before")
	for _, way := range append(slices.Clone(enrol.Paths), "") {
		if way != "" {
			it.Sent("/ipads/path", url.Values{"path": {string(way)}})
			it.Says("/ipads/list", "Next: "+afterList[way].Name)
		}
		if afterList[way].Href == "" {
			t.Errorf("%q leads nowhere", way)
		}
	}
}

// Settings that change alike at one moment are one line, all others their own.
func TestEndingsAreNamedTogether(t *testing.T) {
	s := newSchool()
	_, _, office := s.open(t)
	p := &pages{Config: s.config(office), Kit: kittest.Kit(kittest.People(), nobody{}, func() time.Time { return now }, nil)}
	off := func(at time.Time, set mdm.Setting, by bool) apple.Ending {
		return apple.Ending{At: at, Setting: set, From: mdm.User, To: mdm.Block, ByItself: by, Why: "Its clock."}
	}
	var got []string
	for _, e := range p.endings([]apple.Ending{off(now, mdm.Bluetooth, true), off(now, mdm.Camera, true), off(now, mdm.Share, false), off(now.Add(time.Hour), mdm.Share, false)}) {
		got = append(got, e.At+" "+e.What+" "+e.Tag.Text)
	}
	want := []string{
		"09:00, Monday 23 November Bluetooth, Camera: as the user likes, then off By itself",
		"09:00, Monday 23 November AirDrop and sharing nearby: as the user likes, then off When it is reached",
		"10:00, Monday 23 November AirDrop and sharing nearby: as the user likes, then off When it is reached",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// The minute says what it is by the iPad's own report, and how each ban of it ends.
func TestTheMinuteSaysNoMoreThanIsKnown(t *testing.T) {
	s := newSchool()
	h, _, office := s.open(t)
	it := kittest.Visit(t, h, "it")
	if err := office.TryWith("ipad-1"); err != nil {
		t.Fatal(err)
	}
	s.until = now.Add(time.Minute)
	it.Says("/ipads/lesson", "As in a lesson", "by its own report", "-When the minute is over")
	s.devices[0].Settled = false
	it.Says("/ipads/lesson", "It is told to be as in a lesson", "It has not said yet whether", "-by its own report", "-It has not reported yet")
	s.devices[0].Reported = time.Time{}
	it.Says("/ipads/lesson", "It has not reported yet")
	s.until = now.Add(time.Hour) // as the ending the school below has
	it.Says("/ipads/lesson", "When the minute is over", "Camera: off, then as the user likes", "By itself")
	s.busy = errs.New(errs.Denied, "Not now.", "")
	it.Answer(http.StatusForbidden, "/ipads/lesson", url.Values{"once": {"a"}})
}
