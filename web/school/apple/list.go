package apple

import (
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
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

type listData struct {
	Form   *kit.Form
	Groups string
	Has    int // serial numbers there are
	Next   step
	New    []enrol.Expected
	Known  []renumbered // listed already, with another serial number than before
	Same   int
	Text   string
	Saw    string
}

// renumbered is a device that gets another serial number on the list.
type renumbered struct {
	ID, Serial string
	Was        string // "" for none
	Enrolled   string // that of the iPad that is enrolled as it, where it is neither
}

func (p *pages) listData(f *kit.Form) listData {
	var groups []string
	for _, g := range p.Groups() {
		groups = append(groups, fmt.Sprintf("%s (%s)", g, p.GroupWords(g)))
	}
	return listData{Form: f, Groups: strings.Join(groups, ", "), Has: len(p.Office.Serials()), Next: afterList[p.Office.Path()]}
}

func (p *pages) list(c echo.Context) error {
	return p.Page(c, http.StatusOK, "ipads-list", "Serial numbers", p.listData(p.NewForm(c, nil)))
}

// bringList shows what a list would do, and does it once somebody has looked.
func (p *pages) bringList(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d := p.listData(f)
	d.Text = f.Values.Get("csv")
	if file, _, err := c.Request().FormFile("file"); err == nil {
		defer file.Close()
		if b, err := io.ReadAll(io.LimitReader(file, enrol.MaxSheet+1)); err == nil && len(b) > 0 {
			d.Text = string(b)
		}
	}
	var rows []enrol.Expected
	if strings.TrimSpace(d.Text) == "" {
		err = errs.At("csv", "Choose a file, or paste its text", "")
	} else {
		rows, err = enrol.ReadSheet(d.Text, p.Groups())
	}
	if err == nil {
		err = p.compare(&d, rows)
	}
	if err != nil {
		f.Values = url.Values{"csv": {d.Text}}
		return p.Refuse(c, f, err, "ipads-list", "Serial numbers", d)
	}
	if f.Get("saw") == "" {
		return p.Page(c, http.StatusOK, "ipads-list-check", "Is this right?", d)
	}
	err = p.Do(c, f, func() (string, error) {
		if f.Get("saw") != d.Saw {
			return "", errs.New(errs.Conflict, "The device list has changed since you looked.", "Look over the list below and send it again.")
		}
		return afterList[p.Office.Path()].Href, p.take(c, d, rows)
	})
	if err != nil {
		return p.Refuse(c, f, err, "ipads-list-check", "Is this right?", d)
	}
	return nil
}

// afterList is the step that follows the list, by the school's way.
var afterList = map[enrol.Path]step{
	"":                 {Href: "/ipads/path", Name: "Which way"},
	enrol.Automated:    {Href: "/ipads/asm", Name: "Apple School Manager"},
	enrol.Configurator: {Href: "/ipads/configurator", Name: "Apple Configurator"},
	enrol.Plain:        {Href: "/ipads/test", Name: "One test iPad"},
}

// take lists the devices that are new, then notes all serial numbers. What is done
// when it fails between the two is done again without harm.
func (p *pages) take(c echo.Context, d listData, rows []enrol.Expected) error {
	var fresh []mdm.Device
	for _, e := range d.New {
		fresh = append(fresh, e.Device)
	}
	if len(fresh) > 0 {
		if err := p.Desk.List(c.Request().Context(), p.Who(c).Account, fresh...); err != nil {
			return err
		}
	}
	return p.Office.Expect(rows)
}

// compare sorts the lines of a list. All faults are found at once. Errors: invalid at
// csv.
func (p *pages) compare(d *listData, rows []enrol.Expected) error {
	sum := sha256.New()
	var faults []error
	for _, e := range rows {
		known, listed := p.Listed(e.Device.ID)
		switch {
		case listed && known.Platform != apple.Platform:
			faults = append(faults, errs.At("csv", "Device "+e.Device.ID+" is on the device list as something else than an iPad, or retired", "Give it a new id."))
		case !listed:
			d.New = append(d.New, e)
		case p.Office.Serial(e.Device.ID) == e.Serial:
			d.Same++
		default:
			s, _, err := p.Gate.Status(e.Device.ID)
			if err != nil {
				return err
			}
			r := renumbered{ID: e.Device.ID, Serial: e.Serial, Was: p.Office.Serial(e.Device.ID)}
			if s.Managed && s.Traits.Serial != e.Serial {
				r.Enrolled = s.Traits.Serial
			}
			d.Known = append(d.Known, r)
		}
		fmt.Fprintln(sum, e.Device.ID, listed, p.Office.Serial(e.Device.ID), e.Serial)
	}
	d.Saw = hex.EncodeToString(sum.Sum(nil)[:8])
	return errors.Join(faults[:min(len(faults), 20)]...)
}
