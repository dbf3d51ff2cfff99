package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	ipads "github.com/bellkeep/bellkeep/web/school/apple"
)

// ipadOffice is what the pages about iPads work with: the gateway in this process, and
// what it takes to enrol.
type ipadOffice struct {
	*enrol.Office
	gate *gateway.Gateway
}

// openIPadOffice opens what it takes to enrol iPads. The handler is the gateway's to
// serve; attach says which gateway that is.
func openIPadOffice(o *appleOptions, trusted func() bool) (*ipadOffice, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The folder of the gateway to iPads cannot be made.", "Choose a data folder this user may write to.")
	}
	opened, err := enrol.Open(enrol.Config{
		File: filepath.Join(o.Dir, "enrolment.json"), URL: o.url, School: o.school, Root: o.root, Seal: o.Config.Seal, Now: time.Now,
		Client: &http.Client{}, Probe: enrol.Probe{Trusted: trusted, Push: pushAddresses(o.PushURL)},
	})
	if err != nil {
		return nil, err
	}
	office := &ipadOffice{Office: opened}
	if o.secure != nil {
		return office, office.signedBy(o.secure.Certificates[0])
	}
	return office, nil
}

// pushAddresses are where to look whether a push service answers; nil for Apple's.
func pushAddresses(address string) []string {
	u, err := url.Parse(address)
	if address == "" || err != nil {
		return nil
	}
	return []string{u.Host}
}

// attach says which gateway it is. Profiles are signed by the devices' authority unless
// there is a certificate that devices trust before they enrol.
func (o *ipadOffice) attach(g *gateway.Gateway) {
	o.gate = g
	o.For(g)
	o.Probe.CA = g.CA.Cert.Raw
	if o.Sign == nil {
		o.Sign = enrol.Signer(g.CA.Cert, g.CA.Key)
	}
}

// signedBy has profiles signed by the certificate of the gateway's name, so that
// devices show them as verified.
func (o *ipadOffice) signedBy(pair tls.Certificate) error {
	var certs []*x509.Certificate
	for _, der := range pair.Certificate {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		certs = append(certs, cert)
	}
	o.Sign = enrol.Signer(certs[0], pair.PrivateKey, certs[1:]...)
	return nil
}

// ipadPages are the pages about iPads; o is nil where no gateway works in this server.
func ipadPages(s *server.Server, o *ipadOffice) ipads.Config {
	config := ipads.Config{
		Devices: func() []ipads.Device { return ipadsOf(s) },
		Listed: func(id string) (mdm.Device, bool) {
			l, ok := s.Fleet.Device(id)
			if ok && !l.Retired.IsZero() {
				l.Device.Platform = "" // its id is used up
			}
			return l.Device, ok
		},
		Needs:  func(d mdm.Device) []mdm.Setting { return needsSupervision(s, d) },
		Groups: s.Groups, GroupWords: groupWords(s), Desk: s.Fleet, Register: s.Fleet, Lessons: s, Machine: time.Now,
	}
	if o == nil {
		return config
	}
	config.Office, config.Gate = o.Office, o.gate
	config.Ends = func(id string) []apple.Ending { return endsOf(s, o.gate, id) }
	return config
}

// ipadsOf are the iPads that are managed, by id.
func ipadsOf(s *server.Server) []ipads.Device {
	rows := map[string]shadow.Row{}
	for _, row := range s.Devices.Board().Rows {
		rows[row.Device.ID] = row
	}
	var list []ipads.Device
	for _, d := range s.Fleet.Devices() {
		if d.Platform == apple.Platform {
			row := rows[d.ID] // none before the first bell since it was listed
			row.Device = d
			list = append(list, ipadOf(row))
		}
	}
	slices.SortFunc(list, func(a, b ipads.Device) int { return mdm.CompareIDs(a.ID, b.ID) })
	return list
}

// ipadOf is how one stands: settled where, by its own report on what is wanted now, it
// has every setting or has no way to.
func ipadOf(row shadow.Row) ipads.Device {
	d := ipads.Device{Device: row.Device, Want: row.Want.Mode, Reported: row.Heard}
	if row.Said == nil || row.Said.Rev != row.Rev || row.Said.Mode != row.Want.Mode {
		return d
	}
	for s, o := range row.Said.Set {
		if o.State != mdm.Applied && o.State != mdm.Unsupported {
			d.Open = append(d.Open, ipads.Open{Setting: s, Outcome: o})
		}
	}
	slices.SortFunc(d.Open, func(a, b ipads.Open) int { return cmp.Compare(a.Setting, b.Setting) })
	d.Settled = len(d.Open) == 0
	return d
}

// endsOf is what changes on a device by the timetable.
func endsOf(s *server.Server, g *gateway.Gateway, id string) []apple.Ending {
	status, ok, err := g.Status(id)
	if err != nil || !ok || !status.Managed || !status.Wiped.IsZero() {
		return nil
	}
	for _, row := range s.Devices.Board().Rows {
		if row.Device.ID == id {
			d := apple.Device{ID: id, Traits: status.Traits, Managed: true, Want: mdm.Desired{V: 1, Dev: id, Rev: row.Rev, Stage: row.Want}}
			return d.Ends(s.Now().Wall.In(s.School.Calendar.Zone))
		}
	}
	return nil
}

// needsSupervision are the settings that the rules ask of a device at some time and
// that it cannot be kept to unless it is supervised.
func needsSupervision(s *server.Server, d mdm.Device) (list []mdm.Setting) {
	now := s.Now().Wall.In(s.School.Calendar.Zone)
	rules, _ := s.DeviceRules.At(now)
	for _, mode := range []mdm.Mode{mdm.Lesson, mdm.Break, mdm.Home} {
		day := []mdm.Period{{Kind: mode, From: now.Add(-time.Minute), Until: now.Add(time.Minute)}}
		list = append(list, enrol.Unenforced(mdm.Compile(d, rules, day, nil, now).Set)...)
	}
	slices.SortFunc(list, func(a, b mdm.Setting) int {
		return cmp.Compare(slices.Index(change.Settings, a), slices.Index(change.Settings, b))
	})
	return slices.Compact(list)
}
