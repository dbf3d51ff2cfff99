package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm/agent/member"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/fleet"
)

// send posts a form as somebody and gives where it leads.
func (w *wholeSite) send(t *testing.T, who, path string, form url.Values) string {
	t.Helper()
	answer := w.do("POST", path, who, form.Encode())
	if answer.Code != http.StatusSeeOther {
		t.Fatalf("%s as %s: %d\n%s", path, who, answer.Code, answer.Body)
	}
	return answer.Header().Get("Location")
}

// refuses fails unless a form is refused with some words.
func (w *wholeSite) refuses(t *testing.T, who, path string, form url.Values, words string) {
	t.Helper()
	answer := w.do("POST", path, who, form.Encode())
	if answer.Code < 400 || answer.Code >= 500 || !strings.Contains(answer.Body.String(), words) {
		t.Errorf("%s as %s: %d, without %q\n%s", path, who, answer.Code, words, answer.Body)
	}
}

func (w *wholeSite) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) { // sockets: there is no clock to fake
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

var joiningCode = regexp.MustCompile(`<p class="bk-code">(BKJ1[^<]+)</p>`)

// enrol enrols a device on the pages, and lets an agent join with the code it reads
// there and work until the test ends.
func (w *wholeSite) enrol(t *testing.T, id string) (codes string) {
	t.Helper()
	codes = w.send(t, "it", "/fleet/enrol", url.Values{"id": {id}, "platform": {"pretend"}, "groups": {deviceGroup}})
	found := joiningCode.FindStringSubmatch(w.do("GET", codes, "it", "").Body.String())
	if found == nil {
		t.Fatal("the page has no code")
	}
	code, err := joining.ParseCode(found[1])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, _, err := identity.Join(t.Context(), code, dir, identity.Options{Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	device := pretend.New(pretend.Nature{}, time.Now)
	m, err := member.Open(t.Context(), member.Config{Dir: dir, Root: w.server.Root, Platform: device, Changed: device.Changed(),
		Now: func() time.Time { return w.server.Now().Wall }, Tick: 20 * time.Millisecond, Jitter: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	w.until(t, id+" has joined", func() bool {
		return strings.Contains(w.do("GET", codes, "it", "").Body.String(), "<strong>1 of 1</strong>")
	})
	return codes
}

// IT enrols devices, which join over the wire. One goes to a pupil who has signed, and
// not before; it is replaced, which cuts it off; the other one becomes evidence, and
// nobody retires that.
func TestLifeOfADevice(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.refuses(t, "it", "/fleet/device/tab-1/issue", url.Values{"to": {ownPupil}}, "no device of that name")
	w.enrol(t, "tab-1")
	w.refuses(t, "it", "/fleet/device/tab-1/issue", url.Values{"to": {ownPupil}}, "published no agreement")
	w.send(t, "head", "/agreements/publish/pupils", url.Values{"text": {"We look after what the school lends us."}, "parents": {"-1"}})
	w.refuses(t, "it", "/fleet/device/tab-1/issue", url.Values{"to": {ownPupil}}, "have not signed")
	w.send(t, "office", "/agreements/person/"+ownPupil, url.Values{"version": {"1"}, "how": {"desk"}, "name": {"A Pupil"}})
	w.until(t, "tab-1 reports its passcode", func() bool { return w.server.Fleet.Passcode("tab-1") == fleet.Reported })
	w.send(t, "it", "/fleet/device/tab-1/issue", url.Values{"to": {ownPupil}})

	w.enrol(t, "tab-2")
	w.until(t, "tab-2 reports its passcode", func() bool { return w.server.Fleet.Passcode("tab-2") == fleet.Reported })
	refused := w.server.Broker.Health().Refused
	w.send(t, "it", "/fleet/device/tab-1/replace", url.Values{"with": {"tab-2"}})
	w.until(t, "tab-1 is cut off and tries to come back", func() bool { return w.server.Broker.Health().Refused > refused })
	if _, speaks := w.server.Roll.Belongs("tab-1"); speaks || w.server.Fleet.Holder("tab-2") != ownPupil {
		t.Errorf("tab-1 speaks: %v; tab-2 is with %q", speaks, w.server.Fleet.Holder("tab-2"))
	}
	w.send(t, "dsl", "/fleet/device/tab-2/quarantine", url.Values{"why": {"It may be evidence."}})
	for _, deed := range []string{"retire", "code"} {
		w.refuses(t, "it", "/fleet/device/tab-2/"+deed, nil, "kept as evidence")
	}
	if err := w.server.Revoke(t.Context(), "it", "tab-2"); err == nil {
		t.Error("a device in quarantine was cut off")
	}
}

// Somebody answers for what is done to a device from the server's own machine: nobody
// whom the school never had, nor one whose account has ended.
func TestDeviceCommandsNameAnAccount(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.enrol(t, "tab-1")
	users := w.server.Users
	for _, id := range []string{"it", "gone"} {
		if err := users.Make(t.Context(), accounts.Console, accounts.NewAccount{ID: id, Name: "Account " + id}); err != nil {
			t.Fatal(err)
		}
		if err := users.Give(t.Context(), accounts.Console, id, roles.Assignment{Role: roles.Exams}); err != nil {
			t.Fatal(err)
		}
	}
	if err := users.End(t.Context(), accounts.Console, "gone"); err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"nobody", "gone", ""} {
		for path, in := range map[string]any{
			"/device-groups": server.DeviceChange{By: by, ID: "tab-1", Groups: []string{deviceGroup}}, "/device-lost": server.DeviceChange{By: by, ID: "tab-1"},
			"/device-retire": server.DeviceChange{By: by, ID: "tab-1"}, "/revoke": server.Invitation{By: by, ID: "tab-1"},
			"/invite": server.Invitation{By: by, Kind: cert.Device, ID: "tab-2", Platform: "ipad"},
		} {
			err := control.Ask(t.Context(), w.server.Dir, path, in, &struct{}{})
			if errs.CodeOf(err) != errs.Denied || !strings.Contains(errs.HintOf(err), "--by") {
				t.Errorf("%s by %q: %v", path, by, err)
			}
		}
	}
	if err := control.Ask(t.Context(), w.server.Dir, "/device-lost", server.DeviceChange{By: "it", ID: "tab-1"}, &struct{}{}); err != nil {
		t.Error(err)
	}
}

// The same from the server's own machine.
func TestDeviceCommands(t *testing.T) {
	data := schoolData(t)
	runServer(t, data)
	mustRun(t, "device", "add", "ipad-7", "--platform", "ipad", "--data", data)
	mustRun(t, "device", "add", "ipad-8", "--platform", "ipad", "--data", data)
	out := mustRun(t, "device", "explain", "ipad-7", "--at", "2026-11-23T10:00", "--data", data)
	mustSay(t, out, "ipad-7 at 2026-11-23 10:00", "SETTING", "camera", "user", "default")
	mustSay(t, mustRun(t, "device", "explain", "ipad-7", "--json", "--data", data), `"why":[`)
	mustRun(t, "device", "lost", "ipad-7", "--data", data)
	mustSay(t, mustRun(t, "device", "list", "--data", data), "lost")
	mustRun(t, "device", "found", "ipad-7", "--data", data)
	mustRun(t, "device", "retire", "ipad-7", "--data", data)
	mustSay(t, mustRun(t, "device", "list", "--data", data), "retired")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"is retired", []string{"device", "retire", "ipad-7", "--data", data}},
		{"is retired", []string{"device", "add", "ipad-7", "--data", data}},
		{"no group", []string{"device", "groups", "ipad-8", "year-99", "--data", data}},
		{"Nobody has device ipad-8", []string{"device", "replace", "ipad-8", "--with", "ipad-7", "--data", data}},
		{"There is no device", []string{"device", "explain", "nothing", "--data", data}},
		{"A time is written like", []string{"device", "explain", "ipad-8", "--at", "noon", "--data", data}},
		{"bellkeep device lost --help", []string{"device", "lost", "ipad-8"}},
	} {
		if code, _, stderr := bellkeep(t, c.args...); code == 0 || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: exit code %d, %s", c.args, code, stderr)
		}
	}
	for word, says := range map[string]string{"revoke": "bellkeep device revoke ipad-7", "groups": "a second person must agree", "replace": "is moved first"} {
		if _, out, _ := bellkeep(t, "device", word, "--help"); !strings.Contains(out, says) || strings.Contains(out, "bank") {
			t.Errorf("device %s --help does not say %q, or speaks of banks:\n%s", word, says, out)
		}
	}
	for _, word := range []string{"add", "list", "explain", "groups", "lost", "found", "replace", "retire", "revoke"} {
		if code, out, _ := bellkeep(t, "device", word, "--help"); code != 0 || !strings.Contains(out, "xample") {
			t.Errorf("device %s --help: exit code %d\n%s", word, code, out)
		}
	}
}
