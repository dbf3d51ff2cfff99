package enrol

import (
	"context"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// statuses are those of errors that whoever asks is told of.
var statuses = map[errs.Code]int{
	errs.NotFound: http.StatusNotFound, errs.Invalid: http.StatusBadRequest, errs.Denied: http.StatusForbidden, errs.TooOften: http.StatusTooManyRequests,
}

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
	status, told := statuses[errs.CodeOf(err)]
	if !told {
		status = http.StatusInternalServerError
		err = errs.New(errs.Internal, "Something is wrong here.", "Tell the school's IT.")
	}
	page(w, status, "This iPad cannot be set up with that", err.Error()+" "+errs.HintOf(err), "")
}

func (o *Office) serve(w http.ResponseWriter, r *http.Request) error {
	code, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, gateway.PathRoot), "/")
	switch {
	case code == resetPath && rest == "" && r.Method == http.MethodPost:
		return o.serveReset(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return errs.New(errs.Invalid, "That is not how an iPad is set up.", "Open the address in Safari.")
	case code == resetPath:
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
	has, err := o.gateway.Push()
	if err != nil {
		return nil, err
	}
	i, err := o.gateway.Invite(ctx, device, o.Serial(device), linkLasts)
	if err != nil {
		return nil, err
	}
	p, err := Profile{School: o.School, Base: o.URL, Topic: has.Topic, Device: device, Challenge: i.Challenge, Root: o.Root}.Encode()
	if err != nil || o.Sign == nil {
		return p, err
	}
	return o.Sign(p)
}

// give sends a profile to the device that asked for it.
func give(w http.ResponseWriter, profile []byte) {
	w.Header().Set("Content-Type", profileType)
	w.Header().Set("Content-Disposition", `attachment; filename="school.mobileconfig"`)
	_, _ = w.Write(profile) // the device has gone if it cannot read
}

// page is all that a person sees here; profile is where its button leads, "" for none.
func page(w http.ResponseWriter, status int, title, text, profile string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, struct{ Title, Text, Profile string }{title, text, profile}) // the reader has gone
}

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title></head>
<body style="font:1.2em/1.4 sans-serif;max-width:32em;margin:2em auto;padding:0 1em;color:#0b0c0c">
<main><h1>{{.Title}}</h1><p>{{.Text}}</p>
{{if .Profile}}<p><a href="{{.Profile}}" style="display:inline-block;padding:.8em 1.2em;background:#00703c;color:#fff;text-decoration:none;font-weight:700">Fetch the profile</a></p>{{end}}
</main></body></html>
`))
