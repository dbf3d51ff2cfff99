package gateway_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

// Whatever a device with a true certificate sends, the answer is one that was meant.
func FuzzMessages(f *testing.F) {
	for _, udid := range []string{"U", ""} {
		f.Add(report(udid, ""), false)
		f.Add(report(udid, "<key>CommandUUID</key><string>X</string>"), false)
		for _, kind := range []string{"Authenticate", "TokenUpdate", "CheckOut", "SetBootstrapToken", "GetBootstrapToken", "UserAuthenticate", "DeclarativeManagement", "GetToken"} {
			f.Add(message(kind, udid, "<key>Topic</key><string>"+topic+"</string>"), true)
		}
	}
	f.Add(deepBinary(10, true), true)
	f.Add([]byte("<plist><dict><key>UDID</key></dict></plist>"), false)
	f.Fuzz(func(t *testing.T, body []byte, checkIn bool) {
		r := fuzzed(t)
		status := r.put(body, sign(t, r.one, body), checkIn)
		if !slices.Contains([]int{200, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge}, status) {
			t.Errorf("answered %d", status)
		}
		if h, err := r.gate.Health(); err != nil || h.Panics > 0 {
			t.Errorf("%+v, %v", h, err)
		}
	})
}

type fuzzRig struct {
	*rig
	one *double.Device
}

// fuzzed is a gateway with one device that has joined.
func fuzzed(t *testing.T) fuzzRig {
	t.Helper()
	r := newRig(t)
	r.list("ipad-1")
	d := r.device(1)
	must(t, d.FetchIdentity(t.Context(), r.settings("ipad-1", "")))
	return fuzzRig{r, d}
}
