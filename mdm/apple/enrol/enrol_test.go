package enrol

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/cms/cmstest"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

const topic = "com.apple.mgmt.External.elmfield"

// A push certificate comes by a request whose key stays here; each wrong file is
// refused with what to do.
func TestPushCertificate(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	refused(t, "without a request", r.TakePush(ctx, nil, "a@b.example"), errs.NotFound, "", "No request")
	must(t, r.Request())
	first := r.look().Request.CSR
	must(t, r.Request())
	csr := r.look().Request.CSR
	for what, c := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":                 {nil, "not a request signed"},
		"text":                    {[]byte("hello"), "not a request signed"},
		"the request itself":      {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr}), "not a request signed"},
		"another request":         {vendor(t, first, first), "another request"},
		"over another":            {vendor(t, csr, first), "not over this request"},
		"a file that is too long": {bytes.Repeat([]byte("A"), MaxUpload+4), "not a request signed"},
	} {
		refused(t, what, r.TakeSigned(c.file), errs.Invalid, "signed", c.says)
	}
	must(t, r.TakeSigned(vendor(t, csr, csr)))
	if _, err := r.Signed(); err != nil {
		t.Error(err)
	}

	a, err := double.NewAuthority()
	must(t, err)
	year := noon.Add(365 * 24 * time.Hour)
	good := certificateFor(t, r, a, topic, year)
	other, _, err := a.PushCertificate(topic, year)
	must(t, err)
	for what, c := range map[string]struct {
		file    []byte
		account string
		field   string
		says    string
	}{
		"no account":         {good, "", "account", "Apple Account"},
		"an account of text": {good, "the head", "account", "Apple Account"},
		"no certificate":     {[]byte("hello"), "a@b.example", "certificate", "no certificate"},
		"another kind":       {certificateFor(t, r, a, "com.example.app", year), "a@b.example", "certificate", "not for waking"},
		"another key":        {other, "a@b.example", "certificate", "another request"},
		"ended":              {certificateFor(t, r, a, topic, noon.Add(-time.Hour)), "a@b.example", "certificate", "ended on"},
		"not yet good":       {certificateFor(t, r, a, topic, year.Add(48*time.Hour)), "a@b.example", "certificate", "good from"},
	} {
		refused(t, what, r.TakePush(ctx, c.file, c.account), errs.Invalid, c.field, c.says)
	}
	must(t, r.TakePush(ctx, good, " mdm@elmfield.example "))
	has, err := r.Push()
	must(t, err)
	if has.Topic != topic || has.Account != "mdm@elmfield.example" || has.Left(noon) != 364 || !has.Asked.IsZero() {
		t.Errorf("it stands as %+v", has)
	}

	must(t, r.Request())
	refused(t, "another topic", r.TakePush(ctx, certificateFor(t, r, a, topic+"-2", year), "a@b.example"), errs.Conflict, "", "another topic")
	if has, _ = r.Push(); has.Account != "mdm@elmfield.example" || has.Topic != topic {
		t.Errorf("what was refused changed it: %+v", has)
	}
}

// Nothing that is secret lies readable in the file, and all of it is there after a
// restart.
func TestTheFile(t *testing.T) {
	r := withPush(t)
	must(t, r.Request())
	_, err := r.PublicKey()
	must(t, err)
	address, _, err := r.Link("ipad-1")
	must(t, err)
	b, err := os.ReadFile(r.File)
	must(t, err)
	code := address[strings.LastIndex(address, "/")+1:]
	for _, secret := range []string{"PRIVATE KEY", code} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("%q can be read in the file", secret)
		}
	}
	if info, err := os.Stat(r.File); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	again, err := Open(r.Config)
	must(t, err)
	again.For(r.gate)
	if w := serve(again, http.MethodGet, "/enrol/"+code, nil); w.Code != http.StatusOK {
		t.Errorf("after a restart its address answers %d", w.Code)
	}
	must(t, os.WriteFile(r.File, []byte("{"), 0o600))
	_, err = Open(r.Config)
	refused(t, "a damaged file", err, errs.Invalid, "", "damaged")
	_, err = Open(Config{URL: "http://ipads.elmfield.example"})
	refused(t, "an address without TLS", err, errs.Invalid, "", "https")
}

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

// The profile has all that Apple wants of one, of the right kind.
func TestProfile(t *testing.T) {
	b, err := Profile{School: "Elmfield", Base: "https://i.example", Topic: topic, Device: "ipad-1", Challenge: "once"}.Encode()
	must(t, err)
	var p struct {
		PayloadType, PayloadIdentifier, PayloadUUID, PayloadDisplayName, PayloadOrganization, PayloadDescription string
		PayloadVersion                                                                                           int
		PayloadContent                                                                                           []map[string]any
	}
	must(t, plist.Unmarshal(b, &p))
	if p.PayloadType != "Configuration" || p.PayloadVersion != 1 || p.PayloadIdentifier != identifier || p.PayloadUUID == "" || p.PayloadOrganization != "Elmfield" || len(p.PayloadContent) != 2 {
		t.Errorf("%+v", p)
	}
	seen := map[any]bool{}
	for _, content := range p.PayloadContent {
		for _, key := range []string{"PayloadType", "PayloadIdentifier", "PayloadUUID", "PayloadVersion"} {
			if content[key] == nil {
				t.Errorf("%v has no %s", content["PayloadType"], key)
			}
		}
		if seen[content["PayloadUUID"]] || seen[content["PayloadIdentifier"]] {
			t.Errorf("%v is told apart from none", content["PayloadType"])
		}
		seen[content["PayloadUUID"]], seen[content["PayloadIdentifier"]] = true, true
	}
	mdmPayload := p.PayloadContent[1]
	for key, want := range map[string]any{"AccessRights": uint64(8191), "SignMessage": true, "CheckOutWhenRemoved": true, "Topic": topic,
		"ServerURL": "https://i.example/mdm", "CheckInURL": "https://i.example/mdm", "IdentityCertificateUUID": p.PayloadContent[0]["PayloadUUID"]} {
		if mdmPayload[key] != want {
			t.Errorf("%s is %v, want %v", key, mdmPayload[key], want)
		}
	}
	_, err = Profile{Base: "https://i.example"}.Encode()
	refused(t, "without a topic", err, errs.NotFound, "", "push certificate")
}

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

// What would take its reader hours and all memory is refused before that.
func TestBombsAreNotRead(t *testing.T) {
	r := withPush(t)
	_, err := r.PublicKey()
	must(t, err)
	token := "Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(cmstest.Bomb()) + "\r\n"
	for what, do := range map[string]func(){
		"a reset device": func() {
			if w := serve(r, http.MethodPost, "/enrol/device", cmstest.Bomb()); w.Code != http.StatusBadRequest {
				t.Errorf("status %d", w.Code)
			}
		},
		"a server token": func() {
			refused(t, "a server token", r.TakeToken(t.Context(), []byte(token)), errs.Invalid, "token", "not a server token")
		},
	} {
		if cost := cmstest.Cost(do); cost > cmstest.Much {
			t.Errorf("%s took %d bytes to be refused", what, cost)
		}
	}
}

func FuzzReadMachine(f *testing.F) {
	key, _ := vendorOf(f)
	body, err := (&double.Device{UDID: "U-1", Serial: "DMPC0000001", Key: key}).MachineInfo()
	must(f, err)
	f.Add(body)
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, body []byte) {
		if m, err := readMachine(body); err == nil && m.Serial == "" {
			t.Error("nobody in particular")
		}
	})
}

// All that is wrong with a list is told at once.
func TestSheet(t *testing.T) {
	groups := []string{"year-7", "library"}
	list, err := ReadSheet("\ufeffSerial;Id;Group;Label\ndmpc0000001;IPAD-1;year-7 library;Pad 1\nDMPC0000002;ipad-2;;\n", groups)
	must(t, err)
	want := Expected{mdm.Device{ID: "ipad-1", Label: "Pad 1", Platform: apple.Platform, Groups: []string{"library", "year-7"}}, "DMPC0000001"}
	if len(list) != 2 || !list[0].Device.Equal(want.Device) || list[0].Serial != want.Serial {
		t.Errorf("%+v", list)
	}
	for what, c := range map[string]struct {
		text string
		says []string
	}{
		"nothing":        {"", []string{"empty"}},
		"no id":          {"serial\nDMPC0000001\n", []string{`no column "id"`}},
		"no serial":      {"id\nipad-1\n", []string{`no column "serial"`}},
		"twice a column": {"id,serial,id\n", []string{"two columns"}},
		"a strange one":  {"id,serial,pupil\n", []string{"nobody knows"}},
		"no device":      {"id,serial\n", []string{"no device"}},
		"all at once":    {"id,serial,label,groups\nA B,DMPC0000001,,\nipad-2,short,,\nipad-3,DMPC0000003,,year-9\nipad-3,DMPC0000003,,\n", []string{"Line 2", "Line 3", "serial number", "Line 4", "no group", "Line 5", "device ipad-3 stands in line 4", "serial number DMPC0000003 stands in line 4"}},
		"ragged":         {"id,serial\nipad-1\n", []string{"Line 2", "cells"}},
		"too long":       {"id,serial\n" + strings.Repeat("x", MaxSheet), []string{"longer than"}},
	} {
		_, err := ReadSheet(c.text, groups)
		said := fmt.Sprint(err)
		for _, text := range c.says {
			if err == nil || !strings.Contains(said, text) {
				t.Errorf("%s: %v does not say %q", what, err, text)
			}
		}
		for _, e := range errs.All(err) {
			if e.Field != "csv" {
				t.Errorf("%s: at %q", what, e.Field)
			}
		}
	}
	var many strings.Builder
	many.WriteString("id,serial\n")
	for n := range MaxRows + 1 {
		fmt.Fprintf(&many, "ipad-%d,DMPC%06d\n", n, n)
	}
	if _, err := ReadSheet(many.String(), nil); err == nil {
		t.Error("any number of devices is taken")
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add("id,serial,label,groups\nipad-1,DMPC0000001,Pad,year-7\n")
	f.Add("id;serial\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadSheet(text, []string{"year-7"})
		if err == nil && len(list) == 0 {
			t.Error("nothing, and no fault")
		}
		for _, e := range list {
			if err == nil && (e.Device.Validate() != nil || e.Device.Platform != apple.Platform || !serials.MatchString(e.Serial)) {
				t.Errorf("%+v", e)
			}
		}
	})
}

// A serial number is one device's.
func TestASerialNumberIsOneDevices(t *testing.T) {
	r := withPush(t)
	list, err := ReadSheet("id,serial\nipad-3,DMPC0000001\n", nil)
	must(t, err)
	refused(t, "a serial number that another has", r.Expect(list), errs.Invalid, "csv", "DMPC0000001 is that of device ipad-1 and of ipad-3")
	if r.Serial("ipad-3") != "" {
		t.Error("it was noted all the same")
	}
}

// The table says what package apple says of devices.
func TestTable(t *testing.T) {
	for _, line := range Table() {
		for _, p := range Paths {
			want := apple.Cannot(line.Setting, apple.Traits{OSVersion: tableOS, Supervised: apple.Is(p != Plain)})
			if line.Why[p] != want {
				t.Errorf("%s by %s: %q, want %q", line.Setting, p, line.Why[p], want)
			}
			if p != Plain && line.Why[p] != "" {
				t.Errorf("%s cannot be kept on a supervised device: %s", line.Setting, line.Why[p])
			}
		}
	}
	got := Unenforced(mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block, mdm.Bluetooth: mdm.User}, apple.Traits{OSVersion: tableOS})
	if len(got) != 1 || got[0] != mdm.Share {
		t.Errorf("without supervision these cannot be: %v", got)
	}
	r := newRig(t)
	refused(t, "no way", r.Choose("cloud"), errs.Invalid, "path", "Choose")
}

func TestSignerWithAChain(t *testing.T) {
	key, cert := vendorOf(t)
	b, err := Profile{School: "Elmfield", Base: "https://i.example", Topic: topic, Device: "ipad-1", Challenge: "once"}.Encode()
	must(t, err)
	signed, err := Signer(cert, key, []*x509.Certificate{cert}...)(b)
	must(t, err)
	if _, by, err := double.ReadProfile(signed); err != nil || !by.Equal(cert) {
		t.Errorf("it is signed by %v, %v", by, err)
	}
	signed[bytes.Index(signed, []byte("8191"))] ^= 1
	if _, _, err := double.ReadProfile(signed); err == nil {
		t.Error("it can be changed")
	}
}
