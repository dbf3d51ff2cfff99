package fleetcommands

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

var now = time.Date(2027, 6, 7, 8, 41, 7, 0, time.UTC)

type nobody struct{}

func (nobody) Name(string) (name, form string, ok bool) { return "", "", false }

// fleet is one tablet.
type fleet struct {
	device mdm.Device
	lost   bool
}

func (f *fleet) isLost(string) bool { return f.lost }

func (f *fleet) Devices() []mdm.Device { return []mdm.Device{f.device} }

func open(t *testing.T) (http.Handler, *command.Book, *fleet) {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	f := &fleet{device: mdm.Device{ID: "ipad-7", Label: "Trolley 1, iPad 7", Platform: "ipad"}}
	book := command.New(command.Config{Log: log, Vault: v, Fleet: f, Lost: f.isLost, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: now} }})
	k := kittest.Kit(kittest.People(), nobody{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, Config{Book: book, Decisions: book, Lost: f.isLost, Account: func(a string) string { return a },
		Device: func(id string) (mdm.Device, bool, bool) { return f.device, false, id == f.device.ID }})
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, feature), book, f
}

const page = "/device/ipad-7/commands"

func ask(op, text string) url.Values {
	return url.Values{"op": {op}, "text": {text}, "life": {"24h"}}
}

func TestITTellsADevice(t *testing.T) {
	h, book, f := open(t)
	it := kittest.Visit(t, h, "it")
	it.Says(page, "Tell Trolley 1, iPad 7", "It is offline", "Nothing yet")
	it.Sent(page, ask("message", "Bring it to the office."))
	it.Says(page, "Message", "“Bring it to the office.”", "Waits for the device", "Asked for by it")
	it.Answer(http.StatusUnprocessableEntity, page, ask("message", ""))
	it.Answer(http.StatusUnprocessableEntity, page, ask("message", strings.Repeat("x", 300)))
	it.Answer(http.StatusUnprocessableEntity, page, ask("sing", ""))
	it.Page(http.StatusNotFound, "/device/ipad-9/commands")
	if lines := book.Of("ipad-7", now); len(lines) != 1 || lines[0].Person != "s-it" {
		t.Errorf("%+v", lines)
	}
	f.device.Quarantined = true
	text := it.Page(http.StatusOK, page)
	kittest.Has(t, "in quarantine", text, "quarantine")
	if strings.Contains(text, `value="wipe"`) {
		t.Error("a wipe is offered in quarantine")
	}
	it.Answer(http.StatusConflict, page, ask("wipe", ""))
}

func TestAWipeTakesASecondPerson(t *testing.T) {
	h, book, _ := open(t)
	it, head := kittest.Visit(t, h, "it"), kittest.Visit(t, h, "head")
	it.Sent(page, ask("wipe", ""))
	id := book.Of("ipad-7", now)[0].ID
	it.Says(page, "Waits for a second person")
	it.Answer(http.StatusForbidden, page+"/"+id+"/approve", nil)
	kittest.Visit(t, h, "office").Answer(http.StatusForbidden, page, ask("lock", ""))
	head.Says(page, "Approve: Wipe")
	head.Sent(page+"/"+id+"/approve", nil)
	head.Says(page, "Waits for the device")
	it.Sent(page+"/"+id+"/withdraw", nil)
	it.Says(page, "Withdrawn")
}

// The start page says it to whoever may be the second person, until it is over.
func TestAWipeThatWaitsIsATask(t *testing.T) {
	h, book, f := open(t)
	cfg := Config{Book: book, Device: func(id string) (mdm.Device, bool, bool) { return f.device, false, id == f.device.ID }}
	it, head := kittest.Visit(t, h, "it"), kittest.Visit(t, h, "head")
	it.Sent(page, ask("lock", ""))
	if tasks := cfg.Tasks(now); len(tasks) != 0 {
		t.Errorf("a lock waits for nobody: %+v", tasks)
	}
	it.Sent(page, ask("wipe", ""))
	tasks := cfg.Tasks(now)
	if len(tasks) != 1 || tasks[0].Href != page || tasks[0].Permission != roles.ApprovePolicy || !strings.Contains(tasks[0].What, "Wipes of Trolley 1, iPad 7 that wait for a second person: 1") {
		t.Fatalf("%+v", tasks)
	}
	if tasks := cfg.Tasks(now.Add(25 * time.Hour)); len(tasks) != 0 {
		t.Errorf("it has run out: %+v", tasks)
	}
	head.Sent(page+"/"+book.Of("ipad-7", now)[0].ID+"/approve", nil)
	if tasks := cfg.Tasks(now); len(tasks) != 0 {
		t.Errorf("it is approved: %+v", tasks)
	}
}

// What an iPad hears is said as it is: it is asleep until it is woken.
func TestAnIPad(t *testing.T) {
	h, _, f := open(t)
	f.device.Platform = apple.Platform
	it := kittest.Visit(t, h, "it")
	it.Says(page, "did not come when it was last woken", "Shown with a lock.", `href="/device/ipad-7"`, "-It is offline", "-For a message")
}

// Nobody is offered to find whoever holds a device that is not lost.
func TestOnlyALostDeviceIsLocated(t *testing.T) {
	h, _, f := open(t)
	it := kittest.Visit(t, h, "it")
	it.Says(page, `-value="locate"`, "Say where it is: only a device that is lost says so.")
	it.Answer(http.StatusConflict, page, ask("locate", ""))
	f.lost = true
	it.Says(page, `value="locate"`, "-only a device that is lost says so")
	it.Sent(page, ask("locate", ""))
	it.Says(page, "Locate", "Waits for the device")
}

func TestAQuarantineEndsAWipe(t *testing.T) {
	h, book, _ := open(t)
	it := kittest.Visit(t, h, "it")
	it.Sent(page, ask("wipe", ""))
	e, err := ledger.NewEntry("device-quarantined", ledger.Stamp{Wall: now}, map[string]string{"device": "ipad-7"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Follow().Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	it.Says(page, "Ended by the quarantine", "-Waits for a second person", "-Withdraw<")
}

// A staff phone is offered what its agent can do. What became of it is said as far as
// that is known, and a passcode to those only who set it.
func TestAStaffPhone(t *testing.T) {
	h, book, f := open(t)
	it, dsl := kittest.Visit(t, h, "it"), kittest.Visit(t, h, "head")
	if text := it.Page(http.StatusOK, page); strings.Contains(text, `value="unlock"`) || !strings.Contains(text, `value="message"`) {
		t.Error("an iPad is offered what it does not need, or not what it can do")
	}
	f.device.Platform = headwind.Platform
	text := it.Page(http.StatusOK, page)
	kittest.Has(t, "a phone", text, `value="unlock"`, `value="wipe"`, "cannot confirm it", "What it cannot do", "Show a message: the stock agent shows a text only together with a lock", "Say where it is: ")
	for _, op := range []string{"message", "locate"} {
		if strings.Contains(text, `value="`+op+`"`) {
			t.Errorf("a phone is offered %s", op)
		}
	}
	it.Sent(page, ask("clear-passcode", ""))
	id := book.Of("ipad-7", now)[0].ID
	told := func(s mdm.AckState, detail string) {
		t.Helper()
		if err := book.Answered(t.Context(), "ipad-7", mdm.NewAck(id, s, detail, now)); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Sent(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	it.Says(page, "Waits for the phone to come for it")
	told(mdm.Accepted, "fetched 08:41:09")
	it.Says(page, "The phone has come for it")
	told(mdm.HandedOver, "it tried to take the passcode kmwp4827 at 08:41:10, and cannot say whether it could")
	it.Says(page, "Assumed done", "kmwp4827")
	if text := dsl.Page(http.StatusOK, page); strings.Contains(text, "kmwp4827") || !strings.Contains(text, "Assumed done") {
		t.Error("who does not manage devices reads the passcode")
	}
}

func TestInBrowser(t *testing.T) {
	h, book, f := open(t)
	it := kittest.Visit(t, h, "it")
	it.Sent(page, ask("lock", "Lost. Please ring the office."))
	it.Sent(page, ask("wipe", ""))
	id := book.Of("ipad-7", now)[1].ID
	if err := book.Sent(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := book.Answered(t.Context(), "ipad-7", mdm.NewAck(id, mdm.Done, "", now)); err != nil {
		t.Fatal(err)
	}
	browser := axetest.Open(t)
	looks := func(account, heading, of string) {
		for name, width := range map[string]int64{"1280": 1280, "320": 320} {
			base, _ := axetest.Serve(t, "127.0.0.1:0", h)
			tab := browser.Tab(t, width, 900)
			tab.SignIn(base, account, kittest.Password, page)
			tab.Wait(`document.querySelector("h1")?.innerText == "` + heading + `"`)
			tab.Looks("device-commands-" + of + "-" + name)
		}
	}
	looks("it", "Tell Trolley 1, iPad 7", "it")
	looks("head", "Tell Trolley 1, iPad 7", "head")
	f.device.Label, f.device.Platform = "Office phone", headwind.Platform
	it.Sent(page, ask("lock", "Lost. Please ring the office."))
	lock := book.Of("ipad-7", now)[0].ID
	if err := book.Sent(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	if err := book.Answered(t.Context(), "ipad-7", mdm.NewAck(lock, mdm.HandedOver, "fetched 08:41:09, not confirmed", now)); err != nil {
		t.Fatal(err)
	}
	looks("it", "Tell Office phone", "phone")
}
