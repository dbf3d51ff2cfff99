package board

import (
	"bytes"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

func withDemo(c *setting) {
	c.Demo = func() kit.Demo { return kit.Demo{Now: now.Add(3 * time.Second), Speed: 60} }
}

func withTrouble(c *setting) { c.Devices = newFleet(true) }

func TestPages(t *testing.T) {
	v := signedIn(t, handlerFor(t, newAcademy(true), withTrouble))
	for _, c := range []struct {
		path   string
		status int
		says   []string
	}{
		{"/", 200, []string{"Today", "As of <strong>08:41:07", "Problems (12)", "Bank C has been offline since 07:51.", "Door 8 does not open.",
			"Bank A, main entrance", "Newest rules in force since 08:11:07", "As last heard 07:51:07; the bank goes on by itself",
			"<strong>Not at the newest rules</strong>", `href="/form/7A"`, "Not as it must be now: iPad 5.", "Offline: 1", "None stands."}},
		{"/?q=CHLOE+m", 200, []string{"Chloé Martin", "Bank A, door 23", "Handed in"}},
		{"/?q=12", 200, []string{`href="/door/12">Door 12</a> of Bank A: Keeping a phone`, "Bilal Khan"}},
		{"/?q=7a+ada", 200, []string{"Ada Byron"}},
		{"/?q=a", 200, []string{"And ", " more. Type more of the name."}},
		{"/?q=%3Cscript%3E", 200, []string{"&lt;script&gt;", "Nobody."}},
		{"/?q=%ff%fe" + strings.Repeat("é", 60), 200, []string{"Nobody."}},
		{"/bank/a", 200, []string{"Bank A, main entrance", "Who has not (155)", "Hana Byron", `id="plan-300"`, "sign-unknown", "Problems (9)"}},
		{"/bank/a?show=in", 200, []string{"Ada Byron", "At the door now"}},
		{"/bank/b?show=out", 200, []string{"Collected", "08:31 late"}},
		{"/bank/c?show=nonsense", 200, []string{"Who has not", "Offline since 07:51"}},
		{"/bank/z", 404, []string{"no bank of that name"}},
		{"/form/7A", 200, []string{"Form 7A", "Ada Byron", "Bank A, door 1", "Bank A: as last heard 08:41:04"}},
		{"/form/11F", 200, []string{"Bank C: as last heard 07:51:07, offline since 07:51; the bank goes on by itself"}},
		{"/form/12Z", 404, []string{"no such form"}},
		{"/person/p-5", 200, []string{"Ewa Byron", "Door 5 came open at 08:37", "Bank A, main entrance, door 5", "No. 17, in use since", "Not yet at Bank C", "Replace badge",
			"Open the door now", "Sent away: may not collect now", "Handed in"}},
		{"/person/p-290", 200, []string{"Not in a locker", "-Open the door now"}},
		{"/person/s-1", 200, []string{"Sam Caretaker", "No locker", "Print a badge"}},
		{"/person/p-901", 404, []string{"Nobody of that number"}},
		{"/door/201", 200, []string{"Does not answer", "Not known", "Door 201 of Bank A"}},
		{"/door/901", 404, []string{"No bank has a door of that number"}},
		{"/door/x", 404, []string{"No bank has a door of that number"}},
		{"/bars", 200, []string{"No stop or hold stands."}},
		{"/bar/b-1", 404, []string{"does not stand any more"}},
		{"/opened/x", 404, []string{"not kept here any more"}},
		{"/devices", 200, []string{"Devices", "iPad 5", "Changed on the device", "Camera off", "6 characters or more", "All (12)", "never reported"}},
		{"/devices?state=offline", 200, []string{"iPad 3", "-iPad 1<"}},
		{"/devices?state=nonsense", 200, []string{"iPad 1<"}},
		{"/device/ipad-5", 200, []string{"iPad 5", "Changed on the device: changed in the settings", "Not as it must be since 08:39:37"}},
		{"/device/ipad-99", 404, []string{"no device of that name"}},
		{"/print", 200, []string{"<caption", "7A", "10C", "Not handed in", "Bank C: as last heard 07:51:07, offline since 07:51"}},
		{"/print?bank=c", 200, []string{"Bank C", "11F", "-7A</h2>", "as last heard 07:51:07"}},
		{"/print?bank=z", 404, []string{"no bank of that name"}},
		{"/badges", 200, []string{"4 people have no badge.", "7A (2)", "No form (1)", "The file holds secrets"}},
		{"/person/p-5/badge", 200, []string{"Badge No. 17 stops working"}},
		{"/person/p-3/badge", 409, []string{"They have no badge to replace."}},
		{"/nowhere", 404, []string{"There is no page"}},
	} {
		r := v.get(c.path)
		text := body(t, r)
		if r.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.path, r.StatusCode, c.status)
		}
		has(t, c.path, text, c.says...)
		if !strings.Contains(strings.Join(r.Header.Values("Cache-Control"), ","), "no-store") {
			t.Errorf("%s may be stored: %v", c.path, r.Header.Values("Cache-Control"))
		}
		if strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "<no value>") {
			t.Errorf("%s: a template was handed something unsafe or nothing", c.path)
		}
	}
}

// TestWithoutTheRest: what a school does not have is not offered.
func TestWithoutTheRest(t *testing.T) {
	v := signedIn(t, handlerFor(t, newAcademy(false), func(c *setting) {
		c.Devices, c.History, c.Badges, c.BadgeDesk, c.Cards = nil, nil, nil, nil, nil
	}))
	v.says("/", "No problems.", "-/devices", "-/badges")
	v.says("/person/p-5", "-Badge", "-The last days")
	for _, path := range []string{"/devices", "/device/ipad-1", "/badges", "/person/p-5/badge", "/events?page=devices"} {
		if r := v.get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func TestNoBanksYet(t *testing.T) {
	s := newAcademy(false)
	s.banks = nil
	v := signedIn(t, handlerFor(t, s, withDemo))
	v.says("/", "No bank has joined this school yet.", "No problems.", "08:41:10")
	v.says("/print", "Nobody is on this list.")
}

// TestFormsOfAnyName: a slash or a space in a form's name leads to its page.
func TestFormsOfAnyName(t *testing.T) {
	s := newAcademy(false)
	v := signedIn(t, handlerFor(t, s, func(c *setting) { c.People = renamed{s} }))
	v.says("/", `href="/form/10%2FA%20B"`)
	v.says("/form/10%2FA%20B", "Form 10/A B", "Ada Byron")
}

type renamed struct{ *academy }

func (r renamed) Name(id string) (string, string, bool) {
	name, _, ok := r.academy.Name(id)
	return name, "10/A B", ok
}

func TestFormsInOrder(t *testing.T) {
	var got []string
	for _, f := range byForm(sceneOf(newAcademy(false)).roll) {
		got = append(got, f.Name)
	}
	if all := strings.Join(got, " "); len(got) != 30 || !strings.HasPrefix(all, "7A 7B 7C") || !strings.HasSuffix(all, "11E 11F") {
		t.Errorf("forms in the order %v", got)
	}
	if compareForms(noForm, "11F") <= 0 || compareForms("R1", "1A") >= 0 {
		t.Error("those without a form come last, reception first")
	}
}

// TestNoNameIsLogged: not of a pupil, and not what somebody typed.
func TestNoNameIsLogged(t *testing.T) {
	var log bytes.Buffer
	s := newAcademy(true)
	h := handlerFor(t, s, func(c *setting) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	v := visit(t, h)
	v.post("/sign-in", url.Values{"user": {"Ada Byron"}, "password": {"open sesame"}})
	v.signIn("office")
	v.get("/?q=Byron")
	v.get("/person/p-901")
	v.post("/person/p-1/hold", url.Values{"on": {"person"}})
	v.post("/badges", url.Values{"for": {"all"}})
	for _, name := range []string{"Ada", "Byron", "sesame"} {
		if strings.Contains(log.String(), name) {
			t.Errorf("the log has %q:\n%s", name, &log)
		}
	}
}

// TestTwoClocksOnlyWhenTheyDiffer: one time said twice only puzzles.
func TestTwoClocksOnlyWhenTheyDiffer(t *testing.T) {
	for ahead, want := range map[time.Duration]bool{0: false, time.Second: false, 2 * time.Second: true} {
		v := signedIn(t, handlerFor(t, newAcademy(false), func(c *setting) {
			c.Demo = func() kit.Demo { return kit.Demo{Now: now.Add(ahead), Speed: 8} }
		}))
		if got := strings.Contains(body(t, v.get("/")), "School time is"); got != want {
			t.Errorf("%v ahead: says both clocks: %t, want %t", ahead, got, want)
		}
	}
}

// TestOfflineByTheSchoolsClock: what the server knows by its machine's clock is
// told by the school's, which a demonstration runs faster.
func TestOfflineByTheSchoolsClock(t *testing.T) {
	s := newAcademy(false)
	s.change(func(b []banks.Status) { b[1].Online, b[1].Since = false, time.Now().Add(-time.Minute) })
	got := sceneOf(s, func(c *setting) { c.Demo = func() kit.Demo { return kit.Demo{Now: now, Speed: 30} } }).problems(anybody)
	if len(got) != 1 || got[0].What != "Bank B has been offline since 08:11." {
		t.Errorf("%+v", got)
	}
	s.change(func(b []banks.Status) {
		b[1].Since, b[1].Board.Heard, b[1].State.At = time.Time{}, time.Time{}, time.Time{}
	})
	v := signedIn(t, handlerFor(t, s))
	v.says("/", "Bank B has not been heard since this server started.", "Never heard.")
}

// TestLostRecord: a bank whose ledger is not followed says so on every page of
// its own.
func TestLostRecord(t *testing.T) {
	s := newAcademy(false)
	s.change(func(b []banks.Status) { b[0].Refused = "Epoch 3 does not continue epoch 2." })
	v := signedIn(t, handlerFor(t, s))
	v.says("/", "its record is not followed any more. Epoch 3 does not continue epoch 2.")
	v.says("/bank/a", "its record is not followed any more")
}

// TestDeviceElsewhere: a phone left at a bank that is no longer its owner's is
// found there.
func TestDeviceElsewhere(t *testing.T) {
	s := newAcademy(false)
	s.change(func(b []banks.Status) {
		b[1].Board.Doors[200].Person, b[1].Board.Doors[200].State = "p-290", view.DoorKeeping
	})
	signedIn(t, handlerFor(t, s)).says("/person/p-290", "Bank B, sports hall, door 501", "Not handed in", "Open the door now")
}

// TestBankOfTheOffice: a bank for what staff take away counts its doors, not
// pupils, and is sure of a device only behind a door that shut.
func TestBankOfTheOffice(t *testing.T) {
	s := newAcademy(false)
	s.banks[2].Setup = locker.Setup{Bank: "c", Confiscation: []int{601, 602, 603}}
	s.banks[2].Board = view.Board{Bank: "c", AsOf: now, Heard: now, Items: []view.Item{{ID: "i-1", Door: 602, Class: locker.ClassConfiscation, Since: now, State: view.ItemIn}}}
	s.banks[2].Board.Doors = []view.Door{{Number: 602, Item: "i-1", State: view.DoorOpen}}
	v := signedIn(t, handlerFor(t, s))
	v.says("/", "For devices that staff put in: <strong>1</strong> of 3 doors in use")
	v.says("/bank/c", "<strong>1</strong> of 3 doors in use", "Door 602</a>: A device, since "+now.Format("15:04"), "-May keep it", "-Who has not", "-Nobody.")
	v.says("/door/602", "Behind it", "A device, since "+now.Format("15:04"), "-Pupil</dt>")
	s.banks[2].Board.Items[0].State = view.ItemComing
	s.ring()
	v.says("/bank/c", "Perhaps a device: opened for it at", "not seen to shut. Look inside")
	v.says("/door/602", "Perhaps a device")
	v.says("/bank/a", "May keep it", `id="tab-not-yet"`)
}
