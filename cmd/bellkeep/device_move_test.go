package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
)

// Nobody takes a device out from under the rules on sharing alone: not on its page,
// not by a list, not from the server's own machine. Two people do, and only then is
// something else desired of it.
func TestMoveTakesTwoEverywhere(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.enrol(t, "tab-1")
	const path = "/fleet/device/tab-1/details"
	away := url.Values{"label": {"Tablet 1"}}
	if answer := w.do("POST", path, "it", away.Encode()); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "a second person has agreed") {
		t.Errorf("on its page: %d\n%s", answer.Code, answer.Body)
	}
	sheet := url.Values{"csv": {"id,platform,label,groups\ntab-1,pretend,Tablet 1,\n"}}
	if answer := w.do("POST", "/fleet/enrol/list", "it", sheet.Encode()); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "a second person has agreed") {
		t.Errorf("by a list: %d\n%s", answer.Code, answer.Body)
	}
	err := control.Ask(t.Context(), w.server.Dir, "/device-groups", server.DeviceChange{By: "it", ID: "tab-1"}, &struct{}{})
	if errs.CodeOf(err) != errs.Denied || !strings.Contains(err.Error(), "a second person must agree") {
		t.Errorf("from the server's own machine: %v", err)
	}
	groups := func() []string {
		l, _ := w.server.Fleet.Device("tab-1")
		return l.Device.Groups
	}
	away.Set("asks", "yes")
	away.Set("why", "It goes to the museum; pictures may travel.")
	w.send(t, "it", path, away)
	m, waits := w.server.Fleet.MoveOf("tab-1")
	if !waits || !slices.Equal(groups(), []string{deviceGroup}) {
		t.Fatalf("it waits: %v, in %v", waits, groups())
	}
	agree := "/device-rules/move/" + m.ID + "/educational"
	if answer := w.do("POST", agree, "it", "agree=yes"); answer.Code != http.StatusForbidden {
		t.Errorf("IT agrees: %d", answer.Code)
	}
	at := w.server.Now().Wall
	w.send(t, "teacher", agree, url.Values{"agree": {"yes"}})
	if len(groups()) > 0 {
		t.Errorf("it is in %v", groups())
	}
	e, err := w.server.Explain("tab-1", at)
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range e.Why {
		if why.Setting == mdm.Share && why.Value != mdm.User {
			t.Errorf("of it is desired %+v", why)
		}
	}
}
