package apple

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

type nobody struct{}

func (nobody) Name(string) (name, form string, ok bool) { return "", "", false }

// mask turns every bit over.
type mask struct{}

func (mask) Seal(plain []byte) ([]byte, error) {
	out := make([]byte, len(plain))
	for i, b := range plain {
		out[i] = ^b
	}
	return out, nil
}

func (m mask) Open(sealed []byte) ([]byte, error) { return m.Seal(sealed) }

// school is a gateway and a device list, as the pages see them.
type school struct {
	health  gateway.Health
	status  map[string]gateway.Status
	devices []Device
	listed  []mdm.Device
	needs   []mdm.Setting
	until   time.Time // of a rehearsal
	busy    error
	machine time.Time
	book    book
}

// book is what was put on record.
type book struct {
	lines  []string
	refuse error
}

func (b *book) note(what, by string, devices []string) error {
	b.lines = append(b.lines, what+" "+by+" "+strings.Join(devices, ","))
	return b.refuse
}
func (b *book) Invite(_ context.Context, by string, devices ...string) error {
	return b.note("invite", by, devices)
}
func (b *book) Assign(_ context.Context, by string, devices ...string) error {
	return b.note("assign", by, devices)
}
func (b *book) TakePush(_ context.Context, by, topic string, _ time.Time) error {
	return b.note("push", by, []string{topic})
}

func (s *school) Status(id string) (gateway.Status, bool, error) { return s.status[id], true, nil }
func (s *school) Health() (gateway.Health, error)                { return s.health, nil }
func (s *school) Push() (gateway.Push, error) {
	if s.health.Push.Topic == "" {
		return gateway.Push{}, errs.New(errs.NotFound, "There is no push certificate.", "")
	}
	return s.health.Push, nil
}
func (s *school) SetPush(context.Context, []byte, []byte) error { return nil }
func (s *school) Invite(_ context.Context, id, _ string, life time.Duration) (gateway.Invitation, error) {
	return gateway.Invitation{Device: id, Challenge: "once", Expires: now.Add(life)}, nil
}

func (s *school) List(_ context.Context, _ string, devices ...mdm.Device) error {
	s.listed = append(s.listed, devices...)
	for _, d := range devices {
		s.devices = append(s.devices, Device{Device: d})
	}
	return nil
}

func (s *school) Rehearse(context.Context, string, string) (time.Time, error) {
	if s.busy == nil {
		s.until = now.Add(time.Minute)
	}
	return s.until, s.busy
}
func (s *school) Rehearsed(string) (time.Time, bool) { return s.until, now.Before(s.until) }

func newSchool() *school {
	yes := true
	return &school{
		health: gateway.Health{Push: gateway.Push{Topic: "com.apple.mgmt.External.elmfield", Until: now.Add(300 * 24 * time.Hour)}, CA: now.AddDate(20, 0, 0), Listed: 2, Managed: 1},
		status: map[string]gateway.Status{"ipad-1": {Managed: true, There: true, Traits: apple.Traits{Serial: "DMPC0000001", Model: "iPad13,18", OSVersion: "18.1", Supervised: &yes},
			Invited: now.Add(-time.Hour), Issued: now.Add(-time.Hour), Authenticated: now.Add(-time.Hour), Enrolled: now.Add(-time.Hour), Informed: now.Add(-time.Hour), Obeyed: now.Add(-time.Hour)}},
		devices: []Device{{Device: mdm.Device{ID: "ipad-1", Label: "Test iPad", Platform: apple.Platform}, Settled: true, Want: mdm.Lesson, Reported: now},
			{Device: mdm.Device{ID: "ipad-2", Platform: apple.Platform}}},
		machine: now,
	}
}

func (s *school) open(t testing.TB) (http.Handler, *kittest.Gate, *enrol.Office) {
	t.Helper()
	office, err := enrol.Open(enrol.Config{File: filepath.Join(t.TempDir(), "e.json"), URL: "https://192.0.2.7", School: "Elmfield", Seal: mask{}, Now: func() time.Time { return s.machine },
		Probe: enrol.Probe{Push: []string{}, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }}})
	if err != nil {
		t.Fatal(err)
	}
	office.For(s)
	gate := kittest.People()
	k := kittest.Kit(gate, nobody{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, s.config(office))
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, feature), gate, office
}

func (s *school) config(office *enrol.Office) Config {
	return Config{
		Office: office, Gate: s, Devices: func() []Device { return s.devices }, Desk: s, Register: &s.book, Lessons: s, Machine: func() time.Time { return s.machine },
		Listed: func(id string) (mdm.Device, bool) {
			for _, d := range s.devices {
				if d.ID == id {
					return d.Device, true
				}
			}
			return mdm.Device{Platform: "headwind"}, id == "phone-1"
		},
		Groups: func() []string { return []string{"year-7"} }, GroupWords: func(id string) string { return strings.ToUpper(id) },
		Needs: func(mdm.Device) []mdm.Setting { return s.needs },
		Ends: func(id string) []apple.Ending {
			return []apple.Ending{{At: now.Add(time.Hour), Setting: mdm.Camera, From: mdm.Block, To: mdm.User, ByItself: id == "ipad-1", Why: "Its clock."}}
		},
	}
}

// Everything is for whoever manages devices, and for nobody else.
func TestWhoMaySeeThem(t *testing.T) {
	h, gate, _ := newSchool().open(t)
	it := kittest.Visit(t, h, "it")
	for _, path := range []string{"/ipads", "/ipads/preflight", "/ipads/push", "/ipads/path", "/ipads/asm", "/ipads/configurator", "/ipads/list", "/ipads/test", "/ipads/lesson", "/ipads/health", "/ipads/device/ipad-1"} {
		it.Page(http.StatusOK, path)
		kittest.Visit(t, h, "office").Page(http.StatusForbidden, path)
	}
	it.Page(http.StatusNotFound, "/ipads/device/phone-1")
	it.Page(http.StatusNotFound, "/ipads/push/request.csr")
	it.Page(http.StatusNotFound, "/ipads/push/signed.plist")

	gate.Set("it", func(w *kit.Who) { w.Proved = now.AddDate(-9, 0, 0) })
	if status, text, _ := it.Post("/ipads/device/ipad-1", url.Values{}); status == http.StatusOK || strings.Contains(text, "/enrol/") {
		t.Error("an address is shown to whoever finds the page open")
	}
}

func TestWithoutAGateway(t *testing.T) {
	k := kittest.Kit(kittest.People(), nobody{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, Config{})
	if err != nil {
		t.Fatal(err)
	}
	it := kittest.Visit(t, kittest.Serve(t, k, feature), "it")
	it.Says("/ipads", "no gateway to iPads", "bellkeep serve --help")
	it.Page(http.StatusNotFound, "/ipads/push")
	if tasks := (Config{}).Tasks(); tasks != nil {
		t.Errorf("tasks: %+v", tasks)
	}
}

// The preflight says what follows from a wrong name.
func TestPreflightPage(t *testing.T) {
	h, _, _ := newSchool().open(t)
	kittest.Visit(t, h, "it").Says("/ipads/preflight", "192.0.2.7 is an address, not a name", "in a domain that the school owns", "Put right first", "-Next: Push certificate")
}

// The address is shown once it is made, and made once however often the button is
// pressed.
func TestAddressPage(t *testing.T) {
	s := newSchool()
	h, _, office := s.open(t)
	it := kittest.Visit(t, h, "it")
	it.Says("/ipads/device/ipad-1", "7 of 7 steps are done", "18.1, supervised", "Camera: off, then as the user likes", "By itself", "-Works once")
	it.Says("/ipads/device/ipad-2", "0 of 7 steps are done", "None is on the list", "When it is reached")
	form := url.Values{"once": {"one"}}
	first := it.Answer(http.StatusOK, "/ipads/device/ipad-2", form)
	kittest.Has(t, "the address", first, "Works once", `aria-label="Code of the address"`, "https://192.0.2.7/enrol/")
	if again := it.Answer(http.StatusOK, "/ipads/device/ipad-2", form); address(again) != address(first) || address(first) == "" {
		t.Errorf("pressed twice it made %q and %q", address(first), address(again))
	}
	if other := it.Answer(http.StatusOK, "/ipads/device/ipad-2", url.Values{"once": {"two"}}); address(other) == address(first) {
		t.Error("another address is the same")
	}
	if office.Waiting("ipad-2").IsZero() {
		t.Error("no address is good")
	}
	s.health.Push = gateway.Push{}
	kittest.Has(t, "no certificate", it.Answer(http.StatusNotFound, "/ipads/device/ipad-2", url.Values{"once": {"three"}}), "There is no push certificate yet", "Do the step Push certificate first")
}

func address(page string) string {
	_, rest, _ := strings.Cut(page, `id="address">`)
	text, _, _ := strings.Cut(rest, "<")
	return text
}

// What was refused, and what is missing, is said with what to do.
func TestTroublesOfADevice(t *testing.T) {
	s := newSchool()
	h, _, _ := s.open(t)
	it := kittest.Visit(t, h, "it")
	no := false
	one := s.status["ipad-1"]
	one.Traits.Supervised = &no
	one.Refused, one.RefusedAt = "another device used the invitation: its serial number is not the one expected", now
	s.status["ipad-1"], s.needs = one, []mdm.Setting{mdm.Share}
	it.Says("/ipads/device/ipad-1", "Refused: another device used", "Look at the serial number in Settings", "rules need that for: AirDrop", "It cannot be, without supervision", "-Next: A lesson")
	one.Refused = "something tried to enrol in its place, and nothing may do so now"
	s.status["ipad-1"] = one
	it.Says("/ipads/device/ipad-1", "Leave it as it is", "-make a new address")
	s.needs = nil
	it.Says("/ipads/device/ipad-1", "not supervised: it cannot be kept from AirDrop")
	s.devices[0].Settled = false
	s.devices[0].Open = []Open{{mdm.Camera, mdm.Outcome{State: mdm.Updating, Detail: "pending: locked"}}}
	it.Says("/ipads/device/ipad-1", "Still open: Camera (being set: pending: locked)")
}

// A list is looked over before it counts, and refused with all its faults.
func TestListPage(t *testing.T) {
	s := newSchool()
	h, _, office := s.open(t)
	it := kittest.Visit(t, h, "it")
	kittest.Has(t, "faults", it.Answer(http.StatusUnprocessableEntity, "/ipads/list", url.Values{"csv": {"id,serial\nipad-3,x\nphone-1,DMPC0000003\n"}}), "Line 2")
	kittest.Has(t, "another platform", it.Answer(http.StatusUnprocessableEntity, "/ipads/list", url.Values{"csv": {"id,serial\nphone-1,DMPC0000003\n"}}), "phone-1 is on the device list as something else")
	kittest.Has(t, "nothing", it.Answer(http.StatusUnprocessableEntity, "/ipads/list", url.Values{}), "Choose a file")
	text := "id,serial,label,groups\nipad-2,DMPC0000002,,\nipad-3,DMPC0000003,Pad 3,year-7\n"
	page := it.Answer(http.StatusOK, "/ipads/list", url.Values{"csv": {text}})
	kittest.Has(t, "the check", page, "New: 1", "ipad-3", "Another serial number: 1", "ipad-2")
	_, rest, _ := strings.Cut(page, `name="saw" value="`)
	saw, _, _ := strings.Cut(rest, `"`)
	if len(s.listed) > 0 || office.Serial("ipad-2") != "" {
		t.Error("it counted before anybody looked")
	}
	if status, _, _ := it.Post("/ipads/list", url.Values{"csv": {text}, "saw": {"another"}}); status != http.StatusConflict {
		t.Errorf("a list that nobody saw: %d", status)
	}
	it.Sent("/ipads/list", url.Values{"csv": {text}, "saw": {saw}})
	if len(s.listed) != 1 || s.listed[0].ID != "ipad-3" || s.listed[0].Platform != apple.Platform || office.Serial("ipad-2") != "DMPC0000002" {
		t.Errorf("listed %+v, serials %v", s.listed, office.Serials())
	}
}

// The steps that are chosen lead on, and wrong choices say what to do.
func TestChoices(t *testing.T) {
	s := newSchool()
	h, _, office := s.open(t)
	it := kittest.Visit(t, h, "it")
	it.Says("/ipads/path", "only on a supervised device", "A profile only")
	kittest.Has(t, "no way", it.Answer(http.StatusUnprocessableEntity, "/ipads/path", url.Values{}), "Choose how your iPads come under management")
	it.Sent("/ipads/path", url.Values{"path": {"ade"}})
	it.Says("/ipads", "Chosen: Apple School Manager", "Not your way")
	kittest.Has(t, "no iPad", it.Answer(http.StatusUnprocessableEntity, "/ipads/test", url.Values{"device": {"phone-1"}}), "Choose an iPad of the list")
	it.Says("/ipads/lesson", "No test iPad is chosen yet")
	it.Sent("/ipads/test", url.Values{"device": {"ipad-2"}})
	it.Says("/ipads/lesson", "is not enrolled yet")
	it.Sent("/ipads/test", url.Values{"device": {"ipad-1"}})
	s.busy = errs.New(errs.Conflict, "Somebody has that device.", "Choose one that nobody has.")
	kittest.Has(t, "somebody has it", it.Answer(http.StatusConflict, "/ipads/lesson", url.Values{"once": {"a"}}), "Choose one that nobody has")
	s.busy = nil
	it.Sent("/ipads/lesson", url.Values{"once": {"b"}})
	it.Says("/ipads/lesson", "As in a lesson", "60 more seconds")
	if office.Test() != "ipad-1" {
		t.Errorf("the test iPad is %s", office.Test())
	}
}

// The start page says it 60, 30 and 7 days before something ends, and once it has.
func TestTasks(t *testing.T) {
	s := newSchool()
	_, _, office := s.open(t)
	cfg := s.config(office)
	for left, want := range map[time.Duration]string{
		61 * 24 * time.Hour: "", 60 * 24 * time.Hour: "ipads-push-60", 31 * 24 * time.Hour: "ipads-push-60", 30 * 24 * time.Hour: "ipads-push-30",
		8 * 24 * time.Hour: "ipads-push-30", 7 * 24 * time.Hour: "ipads-push-7", time.Hour: "ipads-push-7", 0: "ipads-push",
	} {
		s.health.Push.Until = now.Add(left)
		tasks := cfg.Tasks()
		switch {
		case want == "" && len(tasks) > 0, want != "" && (len(tasks) != 1 || tasks[0].Key != want || tasks[0].Next == "" || tasks[0].Href != "/ipads/push"):
			t.Errorf("%s before: %+v", left, tasks)
		case want != "" && tasks[0].Grave != (left <= 7*24*time.Hour):
			t.Errorf("%s before: grave %v", left, tasks[0].Grave)
		}
	}
	s.health.Push.Until = now.Add(300 * 24 * time.Hour)
	s.health.Unsupervised = []string{"ipad-2"}
	if tasks := cfg.Tasks(); len(tasks) != 0 {
		t.Errorf("none of its rules needs supervision: %+v", tasks)
	}
	s.needs = []mdm.Setting{mdm.Share}
	if tasks := cfg.Tasks(); len(tasks) != 1 || !strings.Contains(tasks[0].What, "ipad-2") {
		t.Errorf("an unsupervised iPad: %+v", tasks)
	}
}

// Health lists what needs somebody, each with what to do.
func TestHealthPage(t *testing.T) {
	s := newSchool()
	h, _, _ := s.open(t)
	it := kittest.Visit(t, h, "it")
	it.Says("/ipads/health", "1 of 2 are under management", "23 November 2046", "Nothing.")
	s.health.Away, s.health.Locked, s.health.Failing, s.health.Fault = []string{"ipad-1"}, []string{"ipad-2"}, []string{"ipad-3"}, "the push certificate is refused"
	s.health.Unsupervised, s.needs = []string{"ipad-2"}, []mdm.Setting{mdm.Bluetooth}
	s.health.Push.Until = now.Add(20 * 24 * time.Hour)
	it.Says("/ipads/health", "Did not come when woken", "until it is unlocked", "Answered with an error", "cannot be woken: the push certificate is refused", "Not supervised, in a group whose rules need that", "20 more days", "Choose Renew")
}

// What to assign is chosen: all, a group, or one; the test iPad can always be.
func TestWhichToAssign(t *testing.T) {
	s := newSchool()
	s.devices = nil
	var owned []enrol.Owned
	for n := range most + 5 {
		id := fmt.Sprintf("ipad-%d", n)
		s.devices = append(s.devices, Device{Device: mdm.Device{ID: id, Groups: []string{"year-7"}[:n%2], Platform: apple.Platform}})
		owned = append(owned, enrol.Owned{Serial: "S" + id, Device: id})
	}
	owned = append(owned, enrol.Owned{Serial: "FOREIGN"}, enrol.Owned{Serial: "GONE", Device: "ipad-gone"})
	_, _, office := s.open(t)
	last := s.devices[len(s.devices)-1].ID
	if err := office.TryWith(last); err != nil {
		t.Fatal(err)
	}
	p := &pages{Config: s.config(office)}
	list := p.choices(owned)
	sizes := map[string]int{}
	for _, c := range list {
		sizes[c.Value] = len(c.owned)
	}
	for value, want := range map[string]int{assignAll: most + 5, assignGroup + "year-7": (most + 5) / 2, assignOne + "ipad-0": 1, assignOne + last: 1} {
		if sizes[value] != want {
			t.Errorf("%s is %d iPads, want %d", value, sizes[value], want)
		}
	}
	if len(list) != 2+most+1 || len(p.choices(owned[most+5:])) != 0 {
		t.Errorf("%d choices", len(list))
	}
}

// Whoever lets an iPad enrol is on record before it may; without the record it may not.
func TestEnrolmentIsOnRecord(t *testing.T) {
	s := newSchool()
	h, _, office := s.open(t)
	it := kittest.Visit(t, h, "it")
	s.book.refuse = errs.New(errs.Denied, "It is kept as evidence.", "")
	it.Answer(http.StatusForbidden, "/ipads/device/ipad-2", url.Values{"once": {"one"}})
	if !office.Waiting("ipad-2").IsZero() {
		t.Error("without a record there is an address")
	}
	s.book.refuse = nil
	it.Answer(http.StatusOK, "/ipads/device/ipad-2", url.Values{"once": {"two"}})
	if office.Waiting("ipad-2").IsZero() {
		t.Error("there is no address")
	}
	if want := []string{"invite it ipad-2", "invite it ipad-2"}; !slices.Equal(s.book.lines, want) {
		t.Errorf("on record: %q", s.book.lines)
	}
}
