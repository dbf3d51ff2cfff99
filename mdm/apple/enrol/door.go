package enrol

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/micromdm/plist"
	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/cms"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// deviceName is what stands for a code in the address that reset devices post to.
const deviceName = "device"

// link is an address from which one device fetches its profile, once.
type link struct {
	Device string    `json:"device"`
	Until  time.Time `json:"until"`
}

// Link makes the address of a device's profile, in place of those made before. Errors:
// not_found without a push certificate, conflict, unavailable.
func (o *Office) Link(device string) (address string, until time.Time, err error) {
	if p, err := o.gate.Push(); err != nil || p.Topic == "" {
		return "", until, errs.New(errs.NotFound, "There is no push certificate yet, so no iPad can enrol.", "Do the step Push certificate first.")
	}
	if _, listed, err := o.gate.Status(device); err != nil || !listed {
		return "", until, errs.Wrap(err, errs.NotFound, "The gateway to iPads has not heard of that device yet.", "It is told within a second or two. Try again; if that does not help, look whether it is on the device list as an iPad.")
	}
	now := o.Now().UTC()
	code := strings.ToLower(rand.Text())
	until = now.Add(linkLasts)
	err = o.change(func(s *state) error {
		if s.Links == nil {
			s.Links = map[string]link{}
		}
		for key, l := range s.Links {
			if l.Device == device || !now.Before(l.Until) {
				delete(s.Links, key)
			}
		}
		if len(s.Links) >= maxLinks {
			return errs.New(errs.TooOften, "Too many devices are being set up at once.", "Make this address in an hour.")
		}
		s.Links[hash(code)] = link{device, until}
		return nil
	})
	return o.URL + gateway.PathRoot + code, until, err
}

// Waiting reports until when an address of a device is good; zero for none.
func (o *Office) Waiting(device string) (until time.Time) {
	for _, l := range o.look().Links {
		if l.Device == device && o.Now().Before(l.Until) {
			until = l.Until
		}
	}
	return until
}

// Await waits for devices that were reset: each may fetch its profile by its serial
// number for a day. Errors: not_found for one without a serial number.
func (o *Office) Await(devices ...string) error {
	return o.change(func(s *state) error {
		if s.Waited == nil {
			s.Waited = map[string]time.Time{}
		}
		for _, id := range devices {
			if s.Serials[id] == "" {
				return errs.New(errs.NotFound, "No serial number is on record for "+id+".", "Bring the list with serial numbers first.")
			}
			s.Waited[id] = o.Now().Add(waitLasts).UTC()
		}
		return nil
	})
}

// Awaited counts the devices that are waited for, and says until when the last is.
func (o *Office) Awaited() (n int, until time.Time) {
	for _, t := range o.look().Waited {
		if o.Now().Before(t) {
			n++
			if t.After(until) {
				until = t
			}
		}
	}
	return n, until
}

// DeviceURL is the address that reset devices post to.
func (o *Office) DeviceURL() string { return o.URL + gateway.PathRoot + deviceName }

// ServeHTTP answers devices, and the people who hold them.
func (o *Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
	err := o.serve(w, r)
	if err == nil {
		return
	}
	status := map[errs.Code]int{errs.NotFound: http.StatusNotFound, errs.Invalid: http.StatusBadRequest, errs.Denied: http.StatusForbidden, errs.TooOften: http.StatusTooManyRequests}[errs.CodeOf(err)]
	if status == 0 {
		status = http.StatusInternalServerError
		err = errs.New(errs.Internal, "Something is wrong here.", "Tell the school's IT.")
	}
	page(w, status, "This iPad cannot be set up with that", err.Error()+" "+errs.HintOf(err), "")
}

func (o *Office) serve(w http.ResponseWriter, r *http.Request) error {
	code, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, gateway.PathRoot), "/")
	switch {
	case code == deviceName && rest == "" && r.Method == http.MethodPost:
		return o.serveReset(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return errs.New(errs.Invalid, "That is not how an iPad is set up.", "Open the address in Safari.")
	case code == deviceName:
		return errs.New(errs.Invalid, "This address is for iPads that were reset.", "Give it to Apple Configurator or Apple School Manager.")
	case rest == "":
		return o.greet(w, code)
	case rest == "profile" && r.Method == http.MethodGet:
		return o.hand(w, r, code)
	}
	return o.unknown()
}

// unknown refuses what there is not; whoever tries many is refused at once.
func (o *Office) unknown() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := o.Now(); now.Sub(o.since) >= time.Minute || now.Before(o.since) {
		o.since, o.wrong = now, 0
	}
	if o.wrong++; o.wrong > maxWrong {
		return errs.New(errs.TooOften, "Too many wrong addresses were tried.", "Wait a minute.")
	}
	return errs.New(errs.NotFound, "This address is not good any more: it works once, and for an hour.", "Ask the school's IT for a new one.")
}

// good is the device that a code is for.
func (s state) good(code string, now time.Time) (device string, ok bool) {
	l, ok := s.Links[hash(code)]
	return l.Device, ok && now.Before(l.Until)
}

// greet shows what the address is for, so that looking at it does not use it up.
func (o *Office) greet(w http.ResponseWriter, code string) error {
	device, ok := o.look().good(code, o.Now())
	if !ok {
		return o.unknown()
	}
	page(w, http.StatusOK, "Set up "+device, "Open this page in Safari on the iPad that is "+device+
		", then fetch its profile, once. After that open Settings, Profile Downloaded, Install.", gateway.PathRoot+code+"/profile")
	return nil
}

// hand gives the profile that a code is for, and uses the code up.
func (o *Office) hand(w http.ResponseWriter, r *http.Request, code string) error {
	device, ok := o.look().good(code, o.Now())
	if !ok {
		return o.unknown()
	}
	profile, err := o.profile(r.Context(), device)
	if err != nil {
		return err
	}
	err = o.change(func(s *state) error {
		if _, still := s.good(code, o.Now()); !still {
			return errs.New(errs.NotFound, "This address is not good any more: it works once, and for an hour.", "Ask the school's IT for a new one.")
		}
		delete(s.Links, hash(code))
		return nil
	})
	if err == nil {
		give(w, profile)
	}
	return err
}

// profile makes the profile of a device, with a challenge of its own.
func (o *Office) profile(ctx context.Context, device string) ([]byte, error) {
	has, err := o.gate.Push()
	if err != nil {
		return nil, err
	}
	i, err := o.gate.Invite(ctx, device, o.Serial(device), linkLasts)
	if err != nil {
		return nil, err
	}
	p, err := Profile{School: o.School, Base: o.URL, Topic: has.Topic, Device: device, Challenge: i.Challenge, Root: o.Root}.Encode()
	if err != nil || o.Sign == nil {
		return p, err
	}
	return o.Sign(p)
}

func give(w http.ResponseWriter, profile []byte) {
	w.Header().Set("Content-Type", profileType)
	w.Header().Set("Content-Disposition", `attachment; filename="school.mobileconfig"`)
	_, _ = w.Write(profile) // the device has gone if it cannot read
}

// machineInfo is what a reset device says of itself.
type machineInfo struct {
	Serial string `plist:"SERIAL"`
	UDID   string `plist:"UDID"`
}

// serveReset gives a reset device its profile, if it is waited for.
func (o *Office) serveReset(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPost))
	if err != nil {
		return errs.New(errs.Invalid, "What the device sent is too long.", "")
	}
	said, err := readMachine(body)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "What the device sent is not how a reset iPad asks.", "Give this address to Apple Configurator or Apple School Manager.")
	}
	device, until := o.look().awaited(said.Serial)
	if !o.Now().Before(until) {
		_ = o.unknown() // counted
		return errs.New(errs.Denied, "No device with that serial number is waited for.", "Press Wait for them on the page of iPads, and try again.")
	}
	s, _, err := o.gate.Status(device)
	if err != nil {
		return err
	}
	if s.Managed && s.There || s.Enrolled.After(until.Add(-waitLasts)) {
		return errs.New(errs.Denied, "That device has enrolled already.", "If it was reset, press Wait for them on the page of iPads, wait two minutes and try again.")
	}
	profile, err := o.profile(r.Context(), device)
	if err == nil {
		give(w, profile)
	}
	return err
}

// awaited is the device of a serial number, and until when it is waited for.
func (s state) awaited(serial string) (device string, until time.Time) {
	for id, has := range s.Serials {
		if serial != "" && has == strings.ToUpper(serial) {
			return id, s.Waited[id]
		}
	}
	return "", until
}

// readMachine reads what a reset device posts.
func readMachine(body []byte) (m machineInfo, err error) {
	defer func() { // the parser of CMS is made for messages of friends
		if p := recover(); p != nil {
			err = fmt.Errorf("it made the reader fail: %v", p)
		}
	}()
	if err := cms.Check(body); err != nil {
		return m, err
	}
	signed, err := pkcs7.Parse(body)
	if err != nil {
		return m, err
	}
	if err := signed.Verify(); err != nil {
		return m, err
	}
	if err := apple.Check(signed.Content); err != nil {
		return m, err
	}
	if err := plist.Unmarshal(signed.Content, &m); err != nil {
		return m, err
	}
	if m.Serial == "" {
		return m, errors.New("it does not say its serial number")
	}
	return m, nil
}

// page is all that a person sees here.
func page(w http.ResponseWriter, status int, title, text, profile string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	button := ""
	if profile != "" {
		button = `<p><a href="` + html.EscapeString(profile) + `" style="display:inline-block;padding:.8em 1.2em;background:#00703c;color:#fff;text-decoration:none;font-weight:700">Fetch the profile</a></p>`
	}
	fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%[1]s</title></head>`+
		`<body style="font:1.2em/1.4 sans-serif;max-width:32em;margin:2em auto;padding:0 1em;color:#0b0c0c"><main><h1>%[1]s</h1><p>%[2]s</p>%[3]s</main></body></html>`,
		html.EscapeString(title), html.EscapeString(text), button)
}
