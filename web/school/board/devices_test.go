package board

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// bigFleet is n devices of two groups, every tenth offline.
func bigFleet(n int) *fleet {
	f := &fleet{news: newNews()}
	for i := range n {
		row := DeviceRow{ID: fmt.Sprintf("pad-%d", i), Label: fmt.Sprintf("Pad %d", i), Groups: []string{[]string{"trolley-1", "trolley-2"}[i%2]}, Mode: "lesson",
			State: DeviceInForce, Since: now, Online: true, AsOf: now, Rev: 7, Applied: 7}
		for _, name := range []string{"apps", "autolock", "bluetooth", "camera", "passcode", "screen", "share", "web"} {
			row.Settings = append(row.Settings, DeviceSetting{Name: mdm.Setting(name), State: "applied", Want: mdm.Block, Have: mdm.Block})
		}
		if i%10 == 0 {
			row.State, row.Online, row.Applied = DeviceOffline, false, 5
		}
		f.rows = append(f.rows, row)
	}
	return f
}

func TestDevicesByPages(t *testing.T) {
	v := signedIn(t, handlerFor(t, newAcademy(false), func(c *setting) {
		c.Devices, c.GroupWords = bigFleet(450), func(id string) string { return strings.ReplaceAll(id, "-", " no. ") }
	}))
	for _, c := range []struct {
		path  string
		cards int
		says  []string
	}{
		{"/devices", 200, []string{"Devices 1 to 200 of 450", "The next devices", "-The devices before", "All (450)", "Offline (45)"}},
		{"/devices?from=400", 50, []string{"Devices 401 to 450 of 450", "The devices before", "-The next devices"}},
		{"/devices?from=9999", 200, []string{"Devices 1 to 200"}},
		{"/devices?from=-1&state=offline", 45, []string{"-Devices 1 to", "The last rules it confirmed are number 5; the newest are 7."}},
		{"/devices?group=trolley-2", 200, []string{"of the group trolley no. 2", "All (225)", "Devices 1 to 200 of 225", "/devices?from=200&amp;group=trolley-2"}},
		{"/devices?group=trolley-2&state=offline", 0, []string{"No device is like that."}},
		{"/devices?q=pad%2044", 11, []string{"Pad 449", "-Pad 100<"}},
		{"/devices?q=" + strings.Repeat("x", 100), 200, nil},
	} {
		v.says(c.path, c.says...)
		if text := body(t, v.get(c.path)); strings.Count(text, `class="bk-device bk-device--`) != c.cards {
			t.Errorf("%s shows %d devices, want %d", c.path, strings.Count(text, `class="bk-device bk-device--`), c.cards)
		}
	}
	v.says("/devices", `<td class="govuk-table__cell govuk-table__cell--numeric">225</td><td class="govuk-table__cell govuk-table__cell--numeric">180</td>`)
}

// States that are not in force are told apart, with their reasons.
func TestDeviceStates(t *testing.T) {
	f := newFleet(false)
	f.rows[0].State, f.rows[0].Refused = DeviceRejected, "rev 99 was never issued, the last is 7"
	f.rows[1].State, f.rows[1].Settings[2] = DeviceAwaits, DeviceSetting{Name: "passcode", State: "user_action", Want: `{"minLength":6,"require":true}`, Detail: "set a passcode"}
	f.rows[2].State, f.rows[2].Settings[1] = DeviceAssumed, DeviceSetting{Name: "camera", State: "assumed", Want: mdm.Block}
	f.rows[3].State, f.rows[3].Settings[3] = DeviceViolating, DeviceSetting{Name: "share", State: "unsupported", Want: mdm.Block, Detail: "no such switch"}
	f.rows[4].State, f.rows[4].Settings = DeviceViolating, []DeviceSetting{
		{Name: "share", State: "unsupported", Want: mdm.Block}, {Name: "camera", State: "overridden", Want: mdm.Block, Have: mdm.User}}
	v := signedIn(t, handlerFor(t, newAcademy(false), func(c *setting) { c.Devices = f }))
	v.says("/devices", "Says what cannot be true (1)", "rev 99 was never issued", "Waits for its user (1)", "Waits for its user: set a passcode", "Assumed, not confirmed (1)",
		"The device cannot do this: no such switch", "In force (7)")
	v.says("/", "Their reports were refused: iPad 1.", "Not able to do all that the rules ask: iPad 4.", "Not as it must be now: iPad 5.", "-iPad 3.")
	v.says("/device/ipad-1", "rev 99 was never issued", "/device/ipad-1/history")
}

// Of a list that stays in order only the devices that changed are sent.
func TestOnlyWhatChangedIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := bigFleet(300)
		follow(t, newHamlet(), func(h http.Handler, cookie *http.Cookie) {
			ctx, cancel := context.WithCancel(t.Context())
			stream, done := open(ctx, h, cookie, "devices")
			time.Sleep(1300 * time.Millisecond)
			sent := func(change func()) string {
				before := len(stream.String())
				f.mu.Lock()
				change()
				f.mu.Unlock()
				f.ring()
				time.Sleep(time.Second)
				return stream.String()[before:]
			}
			one := sent(func() { f.rows[1].AsOf = now.Add(time.Second) })
			if strings.Count(one, "bk-device__head") != 1 || strings.Contains(one, "event: device-list") || !strings.Contains(one, "event: device-pad-1\n") {
				t.Errorf("%d bytes are sent for one device: %.300s", len(one), one)
			}
			all := sent(func() { f.rows[1].State = DeviceViolating }) // and goes to the top
			if strings.Count(all, "event: device-list") != 1 || strings.Count(all, "bk-device__head") != 200 {
				t.Errorf("%d cards are sent when the order changes", strings.Count(all, "bk-device__head"))
			}
			cancel()
			<-done
		}, func(c *setting) { c.Devices = f })
	})
}

// BenchmarkDevices is a page of a thousand devices, one of which changes each time.
func BenchmarkDevices(b *testing.B) {
	f := bigFleet(1000)
	h := handlerFor(b, newAcademy(false), func(c *setting) { c.Devices = f })
	w := httptest.NewRecorder()
	r := here(b.Context(), http.MethodPost, "/sign-in", strings.NewReader(url.Values{"user": {"office"}, "password": {kittest.Password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.ServeHTTP(w, r)
	cookie := w.Result().Cookies()[0]
	for i := 0; b.Loop(); i++ {
		f.mu.Lock()
		f.rows[i%len(f.rows)].AsOf = now.Add(time.Duration(i) * time.Second)
		f.mu.Unlock()
		f.ring()
		r := here(b.Context(), http.MethodGet, "/devices", nil)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
