package gateway_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/mdm/apple/scep"
)

const head = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`

func message(kind, udid, rest string) []byte {
	return []byte(head + `<plist version="1.0"><dict><key>MessageType</key><string>` + kind + `</string><key>UDID</key><string>` + udid + `</string>` + rest + `</dict></plist>`)
}

func report(udid, rest string) []byte {
	return []byte(head + `<plist version="1.0"><dict><key>UDID</key><string>` + udid + `</string><key>Status</key><string>Idle</string>` + rest + `</dict></plist>`)
}

// deepBinary is a binary property list of arrays in arrays, or of one array that
// holds itself.
func deepBinary(depth int, loop bool) []byte {
	b := []byte("bplist00")
	var offsets []byte
	for n := range depth {
		offsets = binary.BigEndian.AppendUint16(offsets, uint16(len(b)))
		next := uint16(n + 1)
		if n == depth-1 {
			next = 0
		}
		b = binary.BigEndian.AppendUint16(append(b, 0xa1), next)
	}
	if !loop {
		b[len(b)-3] = 0xa0
	}
	table := len(b)
	b = append(b, offsets...)
	trailer := make([]byte, 32)
	trailer[6], trailer[7] = 2, 2
	binary.BigEndian.PutUint64(trailer[8:], uint64(depth))
	binary.BigEndian.PutUint64(trailer[24:], uint64(table))
	return append(b, trailer...)
}

// sign makes the header that says whose a body is.
func sign(t *testing.T, d *double.Device, body []byte) string {
	t.Helper()
	s, err := pkcs7.NewSignedData(body)
	must(t, err)
	must(t, s.AddSigner(d.Identity(), d.Key, pkcs7.SignerInfoConfig{}))
	s.Detach()
	b, err := s.Finish()
	must(t, err)
	return base64.StdEncoding.EncodeToString(b)
}

func (r *rig) put(body []byte, signature string, checkIn bool) int {
	req := httptest.NewRequest(http.MethodPut, base+gateway.PathMDM, bytes.NewReader(body))
	if signature != "" {
		req.Header.Set("Mdm-Signature", signature)
	}
	if checkIn {
		req.Header.Set("Content-Type", "application/x-apple-aspen-mdm-checkin")
	}
	w := httptest.NewRecorder()
	r.gate.ServeHTTP(w, req)
	return w.Code
}

// What no honest device sends is refused, is on record, and changes nothing for any
// other.
func TestBadInput(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1", "ipad-2", "ipad-3")
	one, two, fresh := r.device(1), r.device(2), r.device(3)
	for _, id := range []string{"ipad-1", "ipad-2", "ipad-3"} {
		r.want(id, 1, day())
	}
	r.enrol("ipad-1", one)
	r.enrol("ipad-2", two)
	r.settled("ipad-1")
	r.settled("ipad-2")
	must(t, fresh.FetchIdentity(t.Context(), r.settings("ipad-3", fresh.Serial)))

	stranger := r.device(4)
	ca, err := scep.OpenCA(filepath.Join(t.TempDir(), "other.pem"), time.Now())
	must(t, err)
	forged, err := ca.Issue(&stranger.Key.PublicKey, "ipad-1", time.Now())
	must(t, err)
	stranger.UseIdentity(forged, stranger.Key, double.EnrolmentProfile{})
	retired := r.device(5)
	gone, err := r.gate.CA.Issue(&retired.Key.PublicKey, "ipad-9", time.Now())
	must(t, err)
	retired.UseIdentity(gone, retired.Key, double.EnrolmentProfile{})
	uninvited := r.device(6)
	without, err := r.gate.CA.Issue(&uninvited.Key.PublicKey, "ipad-1", time.Now())
	must(t, err)
	uninvited.UseIdentity(without, uninvited.Key, double.EnrolmentProfile{})
	ended := r.device(1)
	old, err := r.gate.CA.Issue(&ended.Key.PublicKey, "ipad-1", time.Now().Add(-6*365*24*time.Hour))
	must(t, err)
	ended.UseIdentity(old, ended.Key, double.EnrolmentProfile{})

	idle := report(one.UDID, "")
	enrolRest := `<key>Topic</key><string>` + topic + `</string><key>SerialNumber</key><string>SERIAL3</string>`
	bomb := `<!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	type from = *double.Device
	for name, c := range map[string]struct {
		as      from // who signs; nil for nobody
		body    []byte
		checkIn bool
		status  int
		event   string // of which device and kind; "" for a line in the log
	}{
		"no signature":                        {nil, idle, false, 400, ""},
		"a certificate of another authority":  {stranger, idle, false, 400, ""},
		"a certificate that has ended":        {ended, idle, false, 400, ""},
		"a device that is not listed":         {retired, report(retired.UDID, ""), false, 403, ""},
		"the certificate of another device":   {two, idle, false, 403, "ipad-2 tamper"},
		"a check-out for another device":      {two, message("CheckOut", one.UDID, ""), true, 403, "ipad-2 tamper"},
		"a UDID nobody knows":                 {one, report("UNKNOWN", ""), false, 403, "ipad-1 refused"},
		"a second certificate for a UDID":     {uninvited, idle, false, 403, "ipad-1 tamper"},
		"an enrolment without an invitation":  {uninvited, message("Authenticate", one.UDID, enrolRest), true, 403, "ipad-1 refused"},
		"an enrolment as another's UDID":      {fresh, message("Authenticate", one.UDID, enrolRest), true, 403, "ipad-3 tamper"},
		"an enrolment by another device":      {fresh, message("Authenticate", "NEW", strings.ReplaceAll(enrolRest, "SERIAL3", "SERIAL7")), true, 403, "ipad-3 tamper"},
		"an enrolment of another topic":       {fresh, message("Authenticate", "NEW", strings.ReplaceAll(enrolRest, topic, "com.apple.mgmt.other")), true, 403, "ipad-3 refused"},
		"a token before the enrolment":        {fresh, message("TokenUpdate", fresh.UDID, enrolRest), true, 403, "ipad-3 refused"},
		"a token of another topic":            {one, message("TokenUpdate", one.UDID, `<key>Topic</key><string>com.apple.mgmt.other</string>`), true, 403, "ipad-1 refused"},
		"a user of a device":                  {one, message("TokenUpdate", one.UDID, `<key>UserID</key><string>U</string>`), true, 403, "ipad-1 refused"},
		"a message of a kind that is none":    {one, message("Hello", one.UDID, ""), true, 400, "ipad-1 refused"},
		"what is not served":                  {one, message("DeclarativeManagement", one.UDID, ""), true, 400, "ipad-1 refused"},
		"an entity bomb":                      {one, []byte(bomb + `<plist version="1.0"><dict><key>UDID</key><string>&c;</string></dict></plist>`), false, 400, "ipad-1 refused"},
		"arrays in depth":                     {one, []byte(head + `<plist version="1.0">` + strings.Repeat("<array>", 10_000) + strings.Repeat("</array>", 10_000) + `</plist>`), false, 400, "ipad-1 refused"},
		"very many elements":                  {one, report(one.UDID, `<key>A</key><array>`+strings.Repeat("<true/>", 30_000)+`</array>`), false, 400, "ipad-1 refused"},
		"a binary list in depth":              {one, deepBinary(20_000, false), false, 400, "ipad-1 refused"},
		"a binary list that holds itself":     {one, deepBinary(1, true), false, 400, "ipad-1 refused"},
		"no property list":                    {one, []byte("hello"), false, 400, "ipad-1 refused"},
		"half of a property list":             {one, idle[:len(idle)-20], false, 400, "ipad-1 refused"},
		"a report that is too long":           {one, bytes.Repeat([]byte("x"), apple.MaxAnswer+1), false, 413, ""},
		"a check-in that is too long":         {one, bytes.Repeat([]byte("x"), gateway.MaxCheckIn+1), true, 413, ""},
		"an answer to a command nobody gave":  {one, report(one.UDID, `<key>CommandUUID</key><string>`+strings.Repeat("U", 1000)+`</string>`), false, 200, ""},
		"an answer that is no dictionary":     {one, []byte(head + `<plist version="1.0"><array><string>UDID</string></array></plist>`), false, 400, "ipad-1 refused"},
		"numbers where there should be texts": {one, []byte(head + `<plist version="1.0"><dict><key>UDID</key><integer>5</integer></dict></plist>`), false, 400, "ipad-1 refused"},
	} {
		r.bus.Sent()
		header := ""
		if c.as != nil {
			header = sign(t, c.as, c.body)
		}
		if got := r.put(c.body, header, c.checkIn); got != c.status {
			t.Errorf("%s: status %d, want %d", name, got, c.status)
		}
		if c.event != "" {
			var all []string
			r.until(name+" is an event", func() bool {
				all = append(all, r.events()...)
				return strings.Contains(strings.Join(all, "\n"), c.event)
			})
		}
	}

	header := sign(t, one, idle)
	if got := r.put(report(one.UDID, "<key>A</key><true/>"), header, false); got != 400 {
		t.Errorf("a body that was changed: status %d", got)
	}
	if got := r.put(idle, header[:len(header)/2], false); got != 400 {
		t.Errorf("half of a signature: status %d", got)
	}
	if got := r.put(idle, strings.Repeat("A", gateway.MaxSignature+1), false); got != 413 {
		t.Errorf("a signature that is too long: status %d", got)
	}

	r.set(morning.Add(time.Hour))
	for id, d := range map[string]*double.Device{"ipad-1": one, "ipad-2": two} {
		if got := lies(d, r.settled(id)); got != nil || !d.Forbids("allowCamera") {
			t.Errorf("after all that, %s: %v", id, got)
		}
	}
	must(t, fresh.Authenticate(t.Context()))
	must(t, fresh.TokenUpdate(t.Context()))
}

// Somebody who has the profile of an invitation cannot take an enrolled device's
// place; the school can let it enrol anew.
func TestNobodyTakesADevicesPlace(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	early := r.settings("ipad-1", "") // two invitations are out
	d := r.device(1)
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	thief := r.device(1)
	thief.Key = key
	if err := thief.Enrol(t.Context(), early); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a second certificate, of an older invitation, enrolled: %v", err)
	}
	r.until("it is an event", func() bool { return strings.Contains(strings.Join(r.events(), "\n"), "ipad-1 tamper") })
	if _, err := d.Poll(t.Context()); err != nil {
		t.Errorf("the device itself is locked out: %v", err)
	}
	again := r.device(8)
	again.Serial = d.Serial
	r.enrol("ipad-1", again)
	r.until("it is given its profiles", func() bool { return len(again.Profiles()) > 0 })
	r.idle()
	if got := lies(again, r.settled("ipad-1")); got != nil {
		t.Error(got)
	}
	if _, err := d.Poll(t.Context()); err == nil {
		t.Error("the device before still speaks for it")
	}
}

func TestPushCertificates(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		topic string
		until time.Time
		code  errs.Code
	}{
		"another topic":    {"com.apple.mgmt.External.other", time.Now().Add(time.Hour), errs.Conflict},
		"no topic":         {"somebody", time.Now().Add(time.Hour), errs.Invalid},
		"one that ended":   {topic, time.Now().Add(-time.Hour), errs.Invalid},
		"one not yet good": {topic, time.Now().Add(2 * 365 * 24 * time.Hour), errs.Invalid},
		"a renewal":        {topic, time.Now().Add(200 * 24 * time.Hour), ""},
	} {
		cert, key, err := r.apple.PushCertificate(c.topic, c.until)
		must(t, err)
		if err := r.gate.SetPush(t.Context(), cert, key); (err == nil) != (c.code == "") || err != nil && errs.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	cert, _, err := r.apple.PushCertificate(topic, time.Now().Add(time.Hour))
	must(t, err)
	if err := r.gate.SetPush(t.Context(), cert, []byte("no key")); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("without its key: %v", err)
	}
	p, err := r.gate.Push()
	if err != nil || p.Topic != topic || time.Until(p.Until) < 199*24*time.Hour {
		t.Errorf("%+v, %v", p, err)
	}
}

// slow is a body that does not come until it is told to.
type slow struct{ come chan struct{} }

func (s slow) Read([]byte) (int, error) {
	<-s.come
	return 0, io.EOF
}

// Who sends slowly holds up nobody who does not.
func TestSlowSendersHoldNobodyUp(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	r.enrol("ipad-1", d)
	body := slow{make(chan struct{})}
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			req := httptest.NewRequest(http.MethodPut, base+gateway.PathMDM, body)
			r.gate.ServeHTTP(httptest.NewRecorder(), req)
		})
	}
	r.settled("ipad-1")
	if _, err := d.Poll(t.Context()); err != nil {
		t.Error(err)
	}
	close(body.come)
	group.Wait()
}

func TestRequestsAreLimited(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	r.enrol("ipad-1", d)
	body := report(d.UDID, "")
	header := sign(t, d, body)
	counts := map[int]int{}
	for range gateway.MaxRequests + 50 {
		counts[r.put(body, header, false)]++
	}
	if counts[http.StatusTooManyRequests] < 40 {
		t.Errorf("%s", fmt.Sprint(counts))
	}
}
