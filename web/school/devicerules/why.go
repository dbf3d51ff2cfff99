package devicerules

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// whyData says of every setting of a device why it is what it is at a moment.
type whyData struct {
	Form       *kit.Form
	ID, Name   string
	At, Period string
	Groups     []string
	Version    int
	Lines      []whyLine
}

type whyLine struct {
	Setting, Value, Because string
	Over                    []overLine
}

// overLine is a rule that another won over.
type overLine struct{ Value, Because string }

// moment is how a form gives a time.
const moment = "2006-01-02T15:04"

func (p *pages) why(c echo.Context) error {
	device, ok := p.Devices.Device(kit.Param(c, "id"))
	if !ok {
		return errs.New(errs.NotFound, "This school has no device of that name.", "Look at the device board.")
	}
	now := p.Now()
	f := p.NewForm(c, url.Values{"at": {now.Format(moment)}})
	at := now
	status := http.StatusOK
	if text := c.QueryParam("at"); text != "" {
		f.Values.Set("at", text)
		t, err := time.ParseInLocation(moment, text, now.Location())
		if err != nil {
			f.Faults, status = []kit.Fault{{Field: "at", Text: "That is not a day and a time.", Next: "Give one such as 2026-11-23T10:00."}}, http.StatusUnprocessableEntity
		} else {
			at = t
		}
	}
	v, _ := p.Versions.VersionAt(at)
	day := p.Day(at)
	d := whyData{Form: f, ID: device.ID, Name: cmp.Or(device.Label, device.ID), At: p.when(at), Version: v.N, Period: periodWords(day, at)}
	for _, g := range device.Groups {
		d.Groups = append(d.Groups, change.GroupWords(v.Rules, g))
	}
	for _, w := range mdm.Explain(device, v.Rules, day, p.Devices.Exceptions(device, at), at) {
		line := whyLine{Setting: change.SettingWords(w.Setting), Value: change.ValueWords(v.Rules, w.Setting, w.Value), Because: because(v.Rules, w.Claim)}
		for _, o := range w.Over {
			if o.Layer != mdm.ByDefault {
				line.Over = append(line.Over, overLine{change.ValueWords(v.Rules, w.Setting, o.Value), because(v.Rules, o)})
			}
		}
		d.Lines = append(d.Lines, line)
	}
	return p.Page(c, status, "device-why", "Why "+d.Name+" is as it is", d)
}

func periodWords(day []mdm.Period, at time.Time) string {
	for _, period := range day {
		if !at.Before(period.From) && at.Before(period.Until) {
			return cmp.Or(period.Name, upper(string(period.Kind)))
		}
	}
	return "Outside school periods"
}

// because is a rule in words.
func because(r mdm.Rules, c mdm.Claim) string {
	whose := "every device"
	if c.Group != "" {
		whose = change.GroupWords(r, c.Group)
	}
	switch c.Layer {
	case mdm.ByBase, mdm.ByGroup:
		return "Profile “" + change.ProfileWords(r, c.Rule) + "” for " + whose
	case mdm.ByPeriod:
		return "Profile “" + change.ProfileWords(r, c.Rule) + "” for " + whose + ", in this kind of period"
	case mdm.ByException:
		return "An exception that holds now"
	case mdm.ByQuarantine:
		return "The device is in quarantine"
	case mdm.ByNeed:
		return "Whoever uses it relies on it: no rule takes it away"
	}
	return "No rule says anything"
}
