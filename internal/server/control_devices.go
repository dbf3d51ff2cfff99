package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
)

// DeviceLine is a line of the list of devices.
type DeviceLine struct {
	ID          string      `json:"id"`
	Label       string      `json:"label,omitempty"`
	Groups      []string    `json:"groups"`
	Platform    string      `json:"platform"`
	Holder      string      `json:"holder,omitempty"`      // id of whoever has it
	Lost        time.Time   `json:"lost,omitzero"`         // since when
	Quarantined bool        `json:"quarantined,omitempty"` // kept as evidence
	Retired     bool        `json:"retired,omitempty"`     // managed no longer
	Verdict     mdm.Verdict `json:"verdict,omitempty"`     // none for a retired one
}

// deviceLines is every device that ever was listed, by id.
func (s *Server) deviceLines() []DeviceLine {
	verdicts := map[string]mdm.Verdict{}
	for _, row := range s.Devices.Board().Rows {
		verdicts[row.Device.ID] = row.Verdict
	}
	var list []DeviceLine
	for _, l := range s.Fleet.Listings() {
		d := l.Device
		list = append(list, DeviceLine{ID: d.ID, Label: d.Label, Groups: d.Groups, Platform: d.Platform,
			Holder: l.Holder, Lost: l.Lost.At, Quarantined: d.Quarantined, Retired: !l.Retired.IsZero(), Verdict: verdicts[d.ID]})
	}
	return list
}

// DeviceChange asks for one thing about a device.
type DeviceChange struct {
	By       string    `json:"by"` // the account of who asks
	ID       string    `json:"id"`
	At       time.Time `json:"at,omitzero"`         // to explain; zero for now
	KeepLine bool      `json:"keep_line,omitempty"` // of a lost one
	With     string    `json:"with,omitempty"`      // the device its holder gets instead
	Seen     bool      `json:"seen,omitempty"`      // its passcode, by who asks
	Groups   []string  `json:"groups,omitempty"`    // all it is to be in
}

// Explained is why a device is to be what it is at a moment.
type Explained struct {
	At     time.Time `json:"at"`
	Period string    `json:"period,omitempty"` // its name
	Why    []mdm.Why `json:"why"`
}

// Explain says of every setting of a device why it is what it is at a moment, by the
// rules, the timetable and the exceptions that are known of then. Errors: not found.
func (s *Server) Explain(id string, at time.Time) (Explained, error) {
	l, ok := s.Fleet.Device(id)
	if !ok || !l.Retired.IsZero() {
		return Explained{}, errs.New(errs.NotFound, fmt.Sprintf("There is no device %.40q in use.", id), "See the list: bellkeep device list --data FOLDER")
	}
	rules, _ := s.DeviceRules.At(at)
	day := s.Day(at)
	e := Explained{At: at.In(s.School.Calendar.Zone)}
	for _, p := range day {
		if e.Period == "" && !at.Before(p.From) && at.Before(p.Until) {
			e.Period = p.Name
		}
	}
	e.Why = mdm.Explain(l.Device, rules, day, exceptions.Devices{Book: s.Exceptions, Fleet: s.Fleet}.For(l.Device, at), at)
	return e, nil
}

func (s *Server) explain(_ context.Context, in DeviceChange) (Explained, error) {
	if in.At.IsZero() {
		in.At = s.Now().Wall
	}
	return s.Explain(in.ID, in.At)
}

// answersForDevices refuses a change of devices in the name of an account that does not count.
// Before the school's first account anybody's may answer for it.
func (s *Server) answersForDevices(by string) error {
	a, ok := s.Users.Get(by)
	if s.Users.Empty() || ok && a.Live(s.Now().Wall) {
		return nil
	}
	return errs.New(errs.Denied, fmt.Sprintf("There is no account %.40q that counts, and somebody must answer for this.", by), "Say with --by which account does it. See: bellkeep user list --data FOLDER")
}

// regroup puts a device into other groups; each must be one that the rules know.
func (s *Server) regroup(ctx context.Context, in DeviceChange) error {
	l, ok := s.Fleet.Device(in.ID)
	if !ok {
		return errs.New(errs.NotFound, fmt.Sprintf("There is no device %.40q.", in.ID), "See the list: bellkeep device list --data FOLDER")
	}
	d := l.Device
	flags := make([]string, len(d.Flags))
	for i, f := range d.Flags {
		flags[i] = string(f)
	}
	changed := fleet.NewDevice(d.ID, d.Label, d.Platform, in.Groups, flags)
	if err := fleet.CheckDevice(changed, s.Groups()); err != nil {
		return err
	}
	return s.Fleet.List(ctx, in.By, changed)
}

// Groups are the ids of the groups that the rules in force know.
func (s *Server) Groups() []string {
	rules, _ := s.DeviceRules.At(s.Now().Wall)
	var list []string
	for _, g := range rules.Groups {
		list = append(list, g.ID)
	}
	return list
}

// serveDevices answers the commands about devices.
func (s *Server) serveDevices(mux *http.ServeMux) {
	mux.HandleFunc("POST /devices", control.Answer(func(context.Context, struct{}) ([]DeviceLine, error) { return s.deviceLines(), nil }))
	mux.HandleFunc("POST /device-explain", control.Answer(s.explain))
	change := func(path string, do func(context.Context, DeviceChange) error) {
		mux.HandleFunc("POST "+path, control.Answer(func(ctx context.Context, in DeviceChange) (struct{}, error) {
			if err := s.answersForDevices(in.By); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, do(ctx, in)
		}))
	}
	change("/device-groups", s.regroup)
	change("/device-lost", func(ctx context.Context, in DeviceChange) error { return s.LoseDevice(ctx, in.By, in.ID, in.KeepLine) })
	change("/device-found", func(ctx context.Context, in DeviceChange) error { return s.Fleet.Find(ctx, in.ID, in.By) })
	change("/device-retire", func(ctx context.Context, in DeviceChange) error { return s.RetireDevice(ctx, in.By, in.ID) })
	change("/device-replace", func(ctx context.Context, in DeviceChange) error {
		return s.ReplaceDevice(ctx, in.By, in.ID, fleet.Handover{Device: in.With, Seen: in.Seen})
	})
}
