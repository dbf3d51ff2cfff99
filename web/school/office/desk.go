package office

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

func (o *pages) deskRoutes() []kit.Route {
	list := []kit.Route{
		kit.Get("/desk", roles.DepositAtDesk, o.deskList),
		kit.Get("/found", roles.FoundItem, o.foundForm), kit.Post("/found", roles.FoundItem, o.takeFound),
		kit.Get("/desk/:item", roles.DepositAtDesk, o.devicePage),
		kit.Post("/desk/:item/back", roles.DepositAtDesk, o.giveBack),
		kit.Post("/desk/:item/owner", roles.FoundItem, o.setOwner),
		kit.Post("/desk/:item/police", roles.ReleaseItem, o.toPolice),
	}
	return append(list, o.about("/person/:id/desk", roles.DepositAtDesk, o.takeForm, o.take)...)
}

// deviceLine is one device of the list, in words.
type deviceLine struct {
	Device
	Page                               string // about it
	Who, Href, What, Why, Where, Since string
	Days                               int // school days that have begun since it came
}

func (o *pages) deviceLine(c echo.Context, d Device) deviceLine {
	l := deviceLine{Device: d, What: whatWords(d.What), Why: whyWords(d.Why), Where: o.where(d.Place),
		Since: since(d.Since.In(o.Calendar.Zone), o.Now()), Days: o.schoolDays(d.Since, o.Now())}
	if l.Page = "/desk/" + url.PathEscape(d.ID); d.Case != "" {
		l.Page = "/cases/" + url.PathEscape(d.Case)
	}
	l.Who, l.Href = o.owner(c, d, "Owner not known")
	return l
}

// owner names whose a device is, and their page. A device that is for the
// safeguarding team alone has no owner for anybody else.
func (o *pages) owner(c echo.Context, d Device, unknown string) (who, href string) {
	switch {
	case o.Desk.Restricted(o.Who(c), d):
		return "Restricted device", ""
	case d.Whose == "":
		return unknown, ""
	}
	return o.called(d.Whose), personPath(d.Whose)
}

// lines are devices with the name of their table.
func lines(label string, list []deviceLine) any {
	return struct {
		Label string
		Lines []deviceLine
	}{label, list}
}

// since is a time of day, with its date unless that is today's.
func since(t, now time.Time) string {
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("Mon 2 January, 15:04")
}

// deskData is every device in custody.
type deskData struct {
	Here    []deviceLine // at the desk
	Waiting []deviceLine // for a parent
	Later   []deviceLine // confiscated, and not to be released yet
	May     bool         // the reader takes in what was found
}

func (o *pages) deskList(c echo.Context) error {
	d := deskData{May: o.Kit.May(c, roles.FoundItem, roles.Target{})}
	for _, device := range o.Desk.Devices() {
		line := o.deviceLine(c, device)
		switch {
		case device.Due:
			d.Waiting = append(d.Waiting, line)
		case device.Why == Confiscated:
			d.Later = append(d.Later, line)
		default:
			d.Here = append(d.Here, line)
		}
	}
	return o.Page(c, http.StatusOK, "desk", "At the desk", d)
}

// takeData is the form that takes a device in.
type takeData struct {
	*kit.Form
	Who   register.Person // nobody for a found one
	Whats []kit.Option
	Spots []kit.Option
}

// takeData offers the named places that are free, and those that hold many.
func (o *pages) takeData(f *kit.Form, p register.Person) takeData {
	d := takeData{Form: f, Who: p, Whats: whats, Spots: []kit.Option{{Value: "", Text: "Choose a place"}}}
	for _, s := range o.Spots {
		text := s.Name
		if n := o.countAt(s.ID); n > 0 {
			text += " (" + plural(n, "device", "devices") + " in it)"
		}
		d.Spots = append(d.Spots, kit.Option{Value: s.ID, Text: text})
	}
	return d
}

func (o *pages) countAt(spot string) (n int) {
	for _, d := range o.Desk.Devices() {
		if d.Place.Spot == spot {
			n++
		}
	}
	return n
}

func (o *pages) takeForm(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "desk-take", "Take a device in", o.takeData(o.NewForm(c, url.Values{"what": {"phone"}}), p))
}

func (o *pages) take(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	why := GivenIn
	if !p.OnRoll() {
		why = LeftOver
	}
	return o.intake(c, p, why, "desk-take", "Take a device in")
}

func (o *pages) foundForm(c echo.Context) error {
	return o.Page(c, http.StatusOK, "found", "A device was found", o.takeData(o.NewForm(c, url.Values{"what": {"phone"}}), register.Person{}))
}

func (o *pages) takeFound(c echo.Context) error {
	return o.intake(c, register.Person{}, Found, "found", "A device was found")
}

// intake takes a device in and leads to its page.
func (o *pages) intake(c echo.Context, p register.Person, why Why, page, title string) error {
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) {
		in := Intake{What: f.Get("what"), Why: why, Whose: p.ID, Spot: f.Get("spot"), Condition: f.Get("condition")}
		if err := o.checkIntake(in); err != nil {
			return "", err
		}
		id, err := o.Hands.Take(c.Request().Context(), o.Who(c), in)
		return "/desk/" + url.PathEscape(id), err
	})
	if err != nil {
		return o.Refuse(c, f, err, page, title, o.takeData(f, p))
	}
	return nil
}

// maxCondition bounds a note, in characters.
const maxCondition = 500

func (o *pages) checkIntake(in Intake) error {
	var faults []error
	if !slices.ContainsFunc(whats, func(w kit.Option) bool { return w.Value == in.What }) {
		faults = append(faults, errs.At("what", "Choose what it is.", ""))
	}
	if !slices.ContainsFunc(o.Spots, func(s Spot) bool { return s.ID == in.Spot }) {
		faults = append(faults, errs.At("spot", "Choose where you put it.", ""))
	}
	if len([]rune(in.Condition)) > maxCondition {
		faults = append(faults, errs.At("condition", "The condition must be 500 characters or fewer.", ""))
	}
	return errors.Join(faults...)
}

// deviceData is one device at the desk, and what may be done with it.
type deviceData struct {
	*kit.Form
	deviceLine
	Condition string
	In        bool // in the school's custody
	Query     string
	Matches   []listed // people found, for whom it may be
	Tos       []kit.Option
	Doors     string // address of what opens a door for it; "" where the reader may not
	Police    string // what they left for it
	MayPolice bool   // the reader may hand it to them
}

func (o *pages) deviceData(c echo.Context, f *kit.Form) (deviceData, error) {
	device, err := o.Desk.Device(c.Param("item"))
	if err != nil {
		return deviceData{}, err
	}
	d := deviceData{Form: f, deviceLine: o.deviceLine(c, device), In: device.Place.Gone == "", Query: c.QueryParam("q"),
		Tos: []kit.Option{{Value: string(ToOwner), Text: "The owner"}, {Value: string(ToParent), Text: "A parent or carer, for the owner"}}}
	if o.Desk.Restricted(o.Who(c), device) {
		return d, nil
	}
	if d.Condition, err = o.Desk.Condition(c.Request().Context(), device.ID); err != nil {
		return d, err
	}
	if d.Police, err = o.Desk.Police(c.Request().Context(), device.ID); err != nil {
		return d, err
	}
	if d.In && device.Case == "" && device.Why != Confiscated {
		d.MayPolice = o.Kit.May(c, roles.ReleaseItem, roles.Target{})
		if o.Kit.May(c, roles.OpenDoor, roles.Target{}) {
			d.Doors = "/item/" + url.PathEscape(device.ID)
		}
	}
	if d.Whose == "" && d.Query != "" {
		for _, p := range o.People.Search(d.Query[:min(len(d.Query), 64)]) {
			if len(d.Matches) < 20 {
				d.Matches = append(d.Matches, listed{ID: p.ID, Name: o.called(p.ID)})
			}
		}
	}
	return d, nil
}

func (o *pages) devicePage(c echo.Context) error {
	d, err := o.deviceData(c, o.NewForm(c, url.Values{"to": {string(ToOwner)}}))
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "device-at-desk", d.What+" at the desk", d)
}

// giveBack hands a device that nobody confiscated to its owner or for them.
func (o *pages) giveBack(c echo.Context) error {
	return o.change(c, func(f *kit.Form, id string) error {
		to := To(f.Get("to"))
		if to != ToOwner && to != ToParent {
			return errs.At("to", "Choose who gets it.", "")
		}
		return o.Hands.GiveBack(c.Request().Context(), o.Who(c), id, to)
	})
}

// toPolice hands a device that nobody confiscated to the police.
func (o *pages) toPolice(c echo.Context) error {
	return o.change(c, func(f *kit.Form, id string) error {
		return o.Hands.ToPolice(c.Request().Context(), o.Who(c), id, f.Get("officer"), f.Get("reference"))
	})
}

// setOwner says whose a found device is.
func (o *pages) setOwner(c echo.Context) error {
	return o.change(c, func(f *kit.Form, id string) error {
		return o.Hands.Own(c.Request().Context(), o.Who(c), id, f.Get("person"))
	})
}

// change does something to a device and leads back to its page.
func (o *pages) change(c echo.Context, do func(f *kit.Form, id string) error) error {
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	id := c.Param("item")
	err = o.Do(c, f, func() (string, error) { return "/desk/" + url.PathEscape(id), do(f, id) })
	if err == nil {
		return nil
	}
	d, broken := o.deviceData(c, f)
	if broken != nil {
		return broken
	}
	return o.Refuse(c, f, err, "device-at-desk", d.What+" at the desk", d)
}
