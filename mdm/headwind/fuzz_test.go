package headwind

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

// Whatever a stranger asks is answered as an envelope, and changes nothing.
func FuzzRequest(f *testing.F) {
	g, err := New(Config{ID: "headwind", Root: wire.DefaultRoot, Dir: f.TempDir(), Key: Key(strings.Repeat("k", MinKey)), Now: time.Now, MustSign: true,
		Open: func(_ wire.Type, sealed []byte) ([]byte, error) { return sealed, nil }})
	if err != nil {
		f.Fatal(err)
	}
	school := mdmtest.NewBus()
	if err := g.intake.Run(f.Context(), school); err != nil {
		f.Fatal(err)
	}
	if err := school.Publish(f.Context(), "bk/1/g/headwind/devices", []byte(`{"v":1,"rev":1,"devices":[]}`), true); err != nil || !g.intake.Heard() {
		f.Fatal("there is no list", err)
	}
	for _, path := range []string{"", "rest/public/sync/configuration/phone-7", "p/rest/public/sync/info", "p/rest/notification/polling/phone-7", "p/rest/plugins/devicereset/public/reboot/x", "files/agent.apk", "%2e%2e/x"} {
		f.Add("GET", path, []byte("{}"))
		f.Add("POST", path, []byte(`{"deviceId":"phone-7"}`))
	}
	f.Fuzz(func(t *testing.T, method, path string, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), method, "https://phones.example/"+path, bytes.NewReader(body))
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if b := w.Body.Bytes(); w.Code == http.StatusOK && len(b) > 0 && (!json.Valid(b) || b[len(b)-1] != '}' || !bytes.Contains(b, []byte(unknownDevice))) {
			t.Errorf("%s %s is answered %q", method, path, b)
		}
		if said := posted(g); len(g.phones) > 0 || said > 0 {
			t.Errorf("there are %d phones, and the school is told %d things", len(g.phones), said)
		}
	})
}

func FuzzInfo(f *testing.F) {
	f.Add([]byte(`{"model":"Pixel 7a","deviceId":"phone-7","batteryLevel":80,"mdmMode":true}`))
	f.Add([]byte(`{"model":"\u0000","batteryLevel":-7}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		i, err := parseInfo(body)
		if err != nil {
			return
		}
		p := phone{id: "phone-7", want: mdm.Desired{V: 1, Dev: "phone-7", Rev: 1, Stage: mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}}}}
		p.back(i)
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		b, err := json.Marshal(p.report(p.order(now, ByPoll), "s", now))
		if err == nil {
			_, err = mdm.DecodeReported(b)
		}
		if err != nil {
			t.Errorf("%q makes a report that is refused: %v", body, err)
		}
	})
}

func FuzzSaved(f *testing.F) {
	f.Add([]byte(`{"v":1,"sealed":"e30=","taken":{"sum":"x","at":"2026-11-23T09:00:00Z","back":true},"session":"S"}`))
	f.Add([]byte(`{"v":2}`))
	dir := folder(f.TempDir())
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(dir.path("phone-7", savedSuffix), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := dir.read("phone-7"); err == nil && s.V != savedVersion {
			t.Errorf("read %+v", s)
		}
	})
}

func FuzzSavedTasks(f *testing.F) {
	f.Add([]byte(`{"memory":{"v":1,"known":[{"id":"c-1","exp":"2026-11-23T10:00:00Z","state":"accepted"}]},"open":[{"id":"c-1","op":"wipe","exp":"2026-11-23T10:00:00Z","fetched":"2026-11-23T09:00:00Z"}],"said":{}}`))
	f.Add([]byte(`{"memory":{"v":2},"said":{}}`))
	dir := folder(f.TempDir())
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(dir.path("phone-7", tasksSuffix), b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := dir.tasks("phone-7")
		if err != nil {
			return
		}
		for _, a := range append(got.fetched(false, now), got.end(now.AddDate(1, 0, 0))...) {
			if len(a.Detail) > mdm.MaxText {
				t.Errorf("%q is answered %+v", b, a)
			}
		}
	})
}

// Whatever is wanted, and however far a phone has come, it is never said to be
// applied; and a block that is assumed is really asked for.
func TestNothingIsEverApplied(t *testing.T) {
	values := map[mdm.Setting][]mdm.Value{
		mdm.Camera: {mdm.Allow, mdm.Block, mdm.User}, mdm.Bluetooth: {mdm.Allow, mdm.Block, mdm.User}, mdm.Share: {mdm.Block, mdm.User}, mdm.Screen: {mdm.Block, mdm.User},
		mdm.PasscodeSetting: {mdm.Passcode{}.Value(), mdm.Passcode{Require: true, MinLength: 6}.Value(), mdm.Passcode{Require: true, MinLength: 12}.Value()},
		mdm.AutoLock:        {"0", "60"}, mdm.Apps: {mdm.Lists{}.Value(), mdm.Lists{Block: []string{"x"}}.Value()}, "x-ray": {mdm.Block},
	}
	key := map[mdm.Setting]string{mdm.Camera: "no_camera", mdm.Bluetooth: "no_bluetooth", mdm.Share: "no_outgoing_beam"}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		set := mdm.Set{}
		for s, list := range values {
			if rapid.Bool().Draw(t, string(s)) {
				set[s] = rapid.SampledFrom(list).Draw(t, "value")
			}
		}
		p := phone{id: "phone-7", want: mdm.Desired{V: 1, Dev: "phone-7", Rev: 1, Stage: mdm.Stage{Mode: mdm.Lesson, Set: set}}}
		o := p.order(now, ByPoll)
		if rapid.Bool().Draw(t, "fetched") {
			p.fetch(o, now)
		}
		if rapid.Bool().Draw(t, "reported in") {
			p.back(deviceInfo{})
		}
		r := p.report(o, "s", now)
		var c ServerConfig
		if err := json.Unmarshal(o.data, &c); err != nil {
			t.Fatal(err)
		}
		for s, v := range set {
			got, said := r.Set[s]
			switch {
			case !said || got.State == mdm.Applied || got.Value != "":
				t.Fatalf("%s is reported %+v", s, got)
			case got.State == mdm.Assumed && p.took.Sum != o.sum && got.Detail != "left to the user":
				t.Fatalf("%s is assumed before it was fetched", s)
			case v == mdm.Block && key[s] != "" && !strings.Contains(","+c.Restrictions+",", ","+key[s]+","):
				t.Fatalf("%s is not asked for: %s", s, o.data)
			}
		}
		if len(r.Set) != len(set) {
			t.Fatalf("%d settings are reported, %d wanted", len(r.Set), len(set))
		}
	})
}
