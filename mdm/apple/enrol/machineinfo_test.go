package enrol

import (
	"net/http"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// A reset device comes by its serial number, once somebody waits for it, and not over
// one that is there.
func TestResetDevices(t *testing.T) {
	r := withPush(t)
	key, _ := vendorOf(t)
	pad := &double.Device{UDID: "U-1", Serial: "DMPC0000001", Model: "iPad13,18", Key: key}
	body, err := pad.MachineInfo()
	must(t, err)
	post := func() int { return serve(r, http.MethodPost, "/enrol/device", body).Code }
	if got := post(); got != http.StatusForbidden {
		t.Errorf("nobody waits for it: %d", got)
	}
	had := r.gate.push
	r.gate.push = gateway.Push{}
	refused(t, "without a push certificate", r.Await("ipad-1"), errs.NotFound, "", "no push certificate")
	r.gate.push = had
	refused(t, "a device without a serial number", r.Await("ipad-3"), errs.NotFound, "", "No serial number")
	must(t, r.Await("ipad-1"))
	if n, until := r.Awaited(); n != 1 || until != noon.Add(waitLasts) {
		t.Errorf("%d are waited for until %s", n, until)
	}
	if got := post(); got != http.StatusOK || r.gate.invited[0].Device != "ipad-1" || r.gate.serials[0] != "DMPC0000001" {
		t.Errorf("it is waited for: %d", got)
	}
	r.gate.state["ipad-1"] = gateway.Status{Managed: true, There: true}
	if got := post(); got != http.StatusForbidden {
		t.Errorf("one is there already: %d", got)
	}
	r.gate.state["ipad-1"] = gateway.Status{Managed: true, Enrolled: noon.Add(time.Minute)}
	if got := post(); got != http.StatusForbidden {
		t.Errorf("it has come since: %d", got)
	}
	r.gate.state["ipad-1"] = gateway.Status{Enrolled: noon.Add(time.Minute)}
	if got := post(); got != http.StatusForbidden {
		t.Errorf("it has come since, and left: %d", got)
	}
	r.gate.state["ipad-1"] = gateway.Status{Managed: true, Enrolled: noon.Add(-time.Minute)}
	if got := post(); got != http.StatusOK {
		t.Errorf("it was there before it was reset: %d", got)
	}
	r.clock = noon.Add(waitLasts)
	if got := post(); got != http.StatusForbidden {
		t.Errorf("after a day: %d", got)
	}
}

func FuzzReadMachineInfo(f *testing.F) {
	key, _ := vendorOf(f)
	body, err := (&double.Device{UDID: "U-1", Serial: "DMPC0000001", Key: key}).MachineInfo()
	must(f, err)
	f.Add(body)
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, body []byte) {
		if m, err := readMachineInfo(body); err == nil && m.Serial == "" {
			t.Error("nobody in particular")
		}
	})
}
