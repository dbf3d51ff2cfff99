package enrol

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

func serve(o http.Handler, method, path string, body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(body)))
	return w
}

// An address is looked at as often as one likes and gives one profile, for the device
// it was made for.
func TestAddress(t *testing.T) {
	root := []byte{0x30, 0x03, 0x02, 0x01, 0x07}
	r := withPush(t, func(c *Config) { c.Root = root })
	address, until, err := r.Link("ipad-1")
	must(t, err)
	if until != noon.Add(time.Hour) || r.Waiting("ipad-1") != until {
		t.Errorf("it holds until %s", until)
	}
	path := strings.TrimPrefix(address, r.URL)
	for range 3 {
		if w := serve(r, http.MethodGet, path, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), path+"/profile") {
			t.Fatalf("it answers %d %s", w.Code, w.Body)
		}
		serve(r, http.MethodHead, path+"/profile", nil)
	}
	var group sync.WaitGroup
	got := make(chan *httptest.ResponseRecorder, 8)
	for range cap(got) {
		group.Go(func() { got <- serve(r, http.MethodGet, path+"/profile", nil) })
	}
	group.Wait()
	close(got)
	profiles := 0
	for w := range got {
		if w.Code != http.StatusOK {
			continue
		}
		profiles++
		s, by, err := double.ReadProfile(w.Body.Bytes())
		must(t, err)
		if by == nil || s.Topic != r.gate.push.Topic || s.Server != r.URL+"/mdm" || s.SCEP != r.URL+"/scep" || s.Challenge == "" || w.Header().Get("Content-Type") != profileType {
			t.Errorf("it has %+v, by %v", s, by)
		}
		if !bytes.Contains(w.Body.Bytes(), []byte("com.apple.security.root")) {
			t.Error("the school's own authority is missing")
		}
	}
	if profiles != 1 {
		t.Errorf("it gave %d profiles", profiles)
	}
	for n, i := range r.gate.invited {
		if i.Device != "ipad-1" || r.gate.serials[n] != "DMPC0000001" {
			t.Errorf("invited %+v as %s", i, r.gate.serials[n])
		}
	}

	first, _, err := r.Link("ipad-1")
	must(t, err)
	_, _, err = r.Link("ipad-1")
	must(t, err)
	if w := serve(r, http.MethodGet, strings.TrimPrefix(first, r.URL), nil); w.Code != http.StatusNotFound {
		t.Errorf("an older address answers %d", w.Code)
	}
	last, _, err := r.Link("ipad-2")
	must(t, err)
	r.clock = r.clock.Add(time.Hour)
	if w := serve(r, http.MethodGet, strings.TrimPrefix(last, r.URL)+"/profile", nil); w.Code != http.StatusNotFound {
		t.Errorf("after an hour it answers %d", w.Code)
	}
	_, _, err = r.Link("phone-1")
	refused(t, "a device that nobody knows", err, errs.NotFound, "", "not heard")
	_, _, err = newRig(t).Link("ipad-1")
	refused(t, "without a push certificate", err, errs.NotFound, "", "no push certificate")
}

// What nobody honest sends is refused with a sentence.
func TestBadRequests(t *testing.T) {
	r := withPush(t)
	key, _ := vendorOf(t)
	unsigned, err := plist.Marshal(map[string]string{"SERIAL": "DMPC0000001"})
	must(t, err)
	nameless := &double.Device{UDID: "U-1", Key: key}
	empty, err := nameless.MachineInfo()
	must(t, err)
	changed := bytes.Clone(empty)
	changed[bytes.Index(changed, []byte("SERIAL"))] ^= 1
	for what, c := range map[string]struct {
		method, path string
		body         []byte
		status       int
	}{
		"a wrong code":         {http.MethodGet, "/enrol/abcdefgh", nil, 404},
		"no code":              {http.MethodGet, "/enrol/", nil, 404},
		"a path behind a code": {http.MethodGet, "/enrol/abc/other", nil, 404},
		"a form":               {http.MethodPost, "/enrol/abc", nil, 400},
		"a look at it":         {http.MethodGet, "/enrol/device", nil, 400},
		"nothing":              {http.MethodPost, "/enrol/device", nil, 400},
		"text":                 {http.MethodPost, "/enrol/device", []byte("hello"), 400},
		"unsigned":             {http.MethodPost, "/enrol/device", unsigned, 400},
		"changed":              {http.MethodPost, "/enrol/device", changed, 400},
		"no serial number":     {http.MethodPost, "/enrol/device", empty, 400},
		"too long":             {http.MethodPost, "/enrol/device", make([]byte, maxPost+1), 400},
	} {
		if w := serve(r, c.method, c.path, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), "<p>") {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	for range maxWrong {
		serve(r, http.MethodGet, "/enrol/guess", nil)
	}
	if w := serve(r, http.MethodGet, "/enrol/guess", nil); w.Code != http.StatusTooManyRequests {
		t.Errorf("whoever guesses goes on: %d", w.Code)
	}
	address, _, err := r.Link("ipad-1")
	must(t, err)
	if w := serve(r, http.MethodGet, strings.TrimPrefix(address, r.URL), nil); w.Code != http.StatusOK {
		t.Errorf("whoever does not guess is refused meanwhile: %d", w.Code)
	}
}
