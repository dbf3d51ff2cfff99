package fleet

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

type deviceForm struct {
	Form      *kit.Form
	Device    mdm.Device // while its details are changed
	Platforms []kit.Option
	Groups    []kit.Option
	Flags     []kit.Option
}

func (p *pages) deviceForm(f *kit.Form) deviceForm {
	d := deviceForm{Form: f, Platforms: platforms, Flags: flags}
	for _, g := range p.Groups() {
		d.Groups = append(d.Groups, kit.Option{Value: g, Text: p.GroupWords(g)})
	}
	return d
}

func (p *pages) enrolForm(c echo.Context) error {
	return p.Page(c, http.StatusOK, "fleet-enrol", "Enrol a device", p.deviceForm(p.NewForm(c, nil)))
}

// asked is the device that a form describes, checked.
func (p *pages) asked(f *kit.Form, id, platform string) (mdm.Device, error) {
	d := fleet.NewDevice(id, f.Get("label"), platform, f.Values["groups"], f.Values["flags"])
	if id == "" {
		return d, errs.At("id", "Enter an id for the device", "For example: ipad-7")
	}
	if platform == "" {
		return d, errs.At("platform", "Choose what the device is", "")
	}
	err := fleet.CheckDevice(d, p.Groups())
	if err != nil {
		err = errs.At("id", err.Error(), "Ids are small letters, digits and hyphens.")
	}
	return d, err
}

// enrolOne lists one device and makes its joining code.
func (p *pages) enrolOne(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		d, err := p.asked(f, strings.ToLower(f.Get("id")), f.Get("platform"))
		if err != nil {
			return "", err
		}
		if _, listed := p.Book.Device(d.ID); listed {
			return "", errs.At("id", "Device "+d.ID+" is listed already", "Make a new joining code on its own page.")
		}
		return p.enrol(c, []mdm.Device{d})
	})
	if err != nil {
		return p.Refuse(c, f, err, "fleet-enrol", "Enrol a device", p.deviceForm(f))
	}
	return nil
}

// enrol lists devices, makes a code for each and gives the page with the codes.
func (p *pages) enrol(c echo.Context, devices []mdm.Device) (string, error) {
	ctx, by := c.Request().Context(), p.Who(c).Account
	if err := p.Desk.List(ctx, by, devices...); err != nil {
		return "", err
	}
	return p.invite(ctx, by, devices, false)
}

func (p *pages) invite(ctx context.Context, by string, devices []mdm.Device, replace bool, moves ...fleet.Move) (string, error) {
	b := &batch{account: by, certificates: p.Joining.Certificates()}
	for _, m := range moves {
		b.moves = append(b.moves, movedLine{m.ID, fleet.Series(m.Devices), p.groupWords(m.To)})
	}
	for _, d := range devices {
		b.lines = append(b.lines, p.code(ctx, by, d, replace))
	}
	if len(b.lines) == 1 && len(b.moves) == 0 && b.lines[0].Fault != nil {
		return "", b.lines[0].Fault
	}
	return "/fleet/codes/" + p.batches.keep(b), nil
}

// changed is a device with what a list would change about it.
type changed struct {
	mdm.Device
	Edits []edit
}

// edit is one thing about a device, before and after.
type edit struct{ What, Before, After string }

func (p *pages) edits(old, fresh mdm.Device) (list []edit) {
	for _, e := range []edit{
		{"Label", cmp.Or(old.Label, "none"), cmp.Or(fresh.Label, "none")},
		{"Platform", platformWords(old.Platform), platformWords(fresh.Platform)},
		{"Groups", p.groupWords(old.Groups), p.groupWords(fresh.Groups)},
		{"Needs", cmp.Or(flagWords(old.Flags), "none"), cmp.Or(flagWords(fresh.Flags), "none")},
	} {
		if e.Before != e.After {
			list = append(list, e)
		}
	}
	return list
}

type sheetData struct {
	Form     *kit.Form
	Groups   string
	Columns  string
	New      []mdm.Device // what the list would do
	Changes  []changed
	Moves    []moveView // of those, what takes a second person
	Same     int
	Joined   int    // of all, those that have a certificate already
	Saw      string // names exactly these
	Text     string
	MostText int
}

func (p *pages) sheetForm(c echo.Context) error {
	return p.Page(c, http.StatusOK, "fleet-sheet", "Enrol devices from a list", p.sheetData(p.NewForm(c, nil)))
}

func (p *pages) sheetData(f *kit.Form) sheetData {
	var groups []string
	for _, g := range p.Groups() {
		groups = append(groups, fmt.Sprintf("%s (%s)", g, p.GroupWords(g)))
	}
	return sheetData{Form: f, Groups: strings.Join(groups, ", "), Columns: "id,label,groups,platform,flags"}
}

// enrolSheet shows what a list would do, and does it once somebody has looked.
func (p *pages) enrolSheet(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d := p.sheetData(f)
	d.Text, err = sheetText(c, f)
	var devices []mdm.Device
	if err == nil {
		devices, err = fleet.ReadSheet(d.Text, p.Groups())
	}
	if err == nil {
		err = d.compare(p, devices)
	}
	if err != nil {
		f.Values = url.Values{"csv": {d.Text}}
		return p.Refuse(c, f, err, "fleet-sheet", "Enrol devices from a list", d)
	}
	if f.Get("saw") == "" {
		return p.Page(c, http.StatusOK, "fleet-sheet-check", "Is this right?", d)
	}
	err = p.Do(c, f, func() (string, error) {
		if f.Get("saw") != d.Saw {
			return "", errs.New(errs.Conflict, "The fleet has changed since you looked.", "Look over the list below and send it again.")
		}
		certificates := p.Joining.Certificates()
		moves, err := p.Desk.Change(c.Request().Context(), p.by(c), f.Get("why"), devices...)
		if err != nil {
			return "", err
		}
		var join []mdm.Device
		for _, device := range devices {
			if certificates[device.ID] == "" {
				join = append(join, device)
			}
		}
		if len(join)+len(moves) == 0 {
			return "/fleet", nil
		}
		return p.invite(c.Request().Context(), p.Who(c).Account, join, false, moves...)
	})
	if err != nil {
		return p.Refuse(c, f, err, "fleet-sheet-check", "Is this right?", d)
	}
	return nil
}

// compare fills in what devices would change. Errors: conflict, for one that cannot
// be listed any more.
func (d *sheetData) compare(p *pages, devices []mdm.Device) error {
	sum := sha256.New()
	certificates := p.Joining.Certificates()
	var faults []error
	for _, device := range devices {
		known, listed := p.Book.Device(device.ID)
		same := known.Device
		same.Quarantined = false
		switch {
		case listed && !known.Retired.IsZero():
			faults = append(faults, errs.At("csv", "Device "+device.ID+" is retired", "Give it a new id."))
		case !listed:
			d.New = append(d.New, device)
		case same.Equal(device):
			d.Same++
		default:
			d.Changes = append(d.Changes, changed{device, p.edits(same, device)})
		}
		if certificates[device.ID] != "" {
			d.Joined++
		}
		io.WriteString(sum, device.ID+" "+certificates[device.ID]+"\n") //nolint:errcheck // a hash takes everything
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	var err error
	if d.Moves, err = p.movesOf(devices...); err != nil {
		return err
	}
	d.Saw = strings.Join([]string{hex.EncodeToString(sum.Sum(nil)[:8]), number(len(d.New)), number(len(d.Changes)), number(len(d.Moves))}, "-")
	return nil
}

// sheetText is the file of a form, or the text pasted instead. Errors: invalid.
func sheetText(c echo.Context, f *kit.Form) (string, error) {
	text := f.Values.Get("csv")
	if file, _, err := c.Request().FormFile("file"); err == nil {
		defer file.Close()
		read, err := io.ReadAll(io.LimitReader(file, fleet.MaxSheet+1))
		if err != nil {
			return "", err
		}
		if len(read) > 0 {
			text = string(read)
		}
	}
	if strings.TrimSpace(text) == "" {
		return "", errs.At("csv", "Choose a file, or paste its text", "")
	}
	return text, nil
}
