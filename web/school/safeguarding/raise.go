package safeguarding

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

const (
	maxQuery = 64 // bytes looked at
	maxFound = 12 // people shown
)

// raiseData is the page on which anybody on the staff raises a concern: first of
// whom, then in one tap or in a few words.
type raiseData struct {
	Form    *kit.Form
	Query   string
	Asked   bool
	Found   []register.Person
	More    bool
	Chosen  bool   // it is said of whom it is, or that nobody knows
	ID      string // of the person; "" for nobody known
	Name    string
	Door    string // where their own device is behind a door; "" for nowhere
	Sorts   []kit.Option
	Devices []kit.Option
	Power   []kit.Option
	Answers []kit.Option
	Advice  string
}

// What a form says of a concern about nobody known, and of one without a device.
const (
	nobody   = "-"
	noDevice = "none"
)

func (o *pages) raisePage(c echo.Context) error {
	d := o.raiseData(c, c.QueryParam("person"))
	d.Query = strings.ToValidUTF8(strings.TrimSpace(c.QueryParam("q")), "")
	d.Query = strings.ToValidUTF8(d.Query[:min(len(d.Query), maxQuery)], "")
	d.Asked = d.Query != ""
	if d.Asked {
		for _, p := range o.Config.People.Search(d.Query) {
			if d.More = len(d.Found) == maxFound; d.More {
				break
			}
			if p.OnRoll() && o.mayFind(c, p) {
				d.Found = append(d.Found, p)
			}
		}
	}
	d.Form = o.NewForm(c, url.Values{"device": {string(d.device())}})
	return o.Page(c, http.StatusOK, "concern", "Raise a concern", d)
}

// raiseAbout leads from a pupil's page.
func (o *pages) raiseAbout(c echo.Context) error {
	id := kit.Param(c, "id")
	if p, ok := o.Config.People.Person(id); !ok || !o.mayFind(c, p) {
		return errs.New(errs.NotFound, "Nobody of that number is known here.", "Look for the name.")
	}
	to := url.URL{Path: "/concern", RawQuery: url.Values{"person": {id}}.Encode()}
	return c.Redirect(http.StatusSeeOther, to.RequestURI())
}

// mayFind reports whether whoever asks may learn that somebody is here: a governor who
// raises a concern finds staff by name, and says in words which pupil it is about.
func (o *pages) mayFind(c echo.Context, p register.Person) bool {
	if p.Kind == register.Staff {
		return true
	}
	for _, permission := range []roles.Permission{roles.SeeBoard, roles.SeeForm} {
		if scope, _ := o.Reach(c, permission); scope != roles.Nothing {
			return true
		}
	}
	return false
}

func (o *pages) raiseData(c echo.Context, person string) raiseData {
	d := raiseData{Advice: o.Rules().Seizure.Advice(), Chosen: person != "", Sorts: kit.Options(concern.Categories, concern.Category.Words, nil),
		Power:   []kit.Option{{Text: "Not known"}, {Value: "on", Text: "On"}, {Value: "off", Text: "Off"}},
		Answers: []kit.Option{{Text: "Not known"}, {Value: "yes", Text: "Yes"}, {Value: "no", Text: "No"}}}
	if p, ok := o.Config.People.Person(person); ok && o.mayFind(c, p) {
		d.ID, d.Name, d.Door = person, o.person(person), o.handedIn(p.ID)
	}
	d.Devices = []kit.Option{{Value: string(concern.InHand), Text: "I have taken it"}}
	if d.Door != "" {
		d.Devices = append(d.Devices, kit.Option{Value: string(concern.BehindDoor), Text: "It was handed in: " + d.Door, Hint: "Leave it there. Its door stays shut for everybody."})
	}
	d.Devices = append(d.Devices, kit.Option{Value: noDevice, Text: "There is no device, or I do not have it"})
	return d
}

// device is where the device most likely is.
func (d raiseData) device() concern.In {
	if d.Door != "" {
		return concern.BehindDoor
	}
	return concern.InHand
}

// Tap is what the one button says of the device.
func (d raiseData) Tap() concern.In { return d.device() }

func (o *pages) raise(c echo.Context) error {
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	in, err := o.raised(f)
	for _, id := range in.About {
		if p, known := o.Config.People.Person(id); known && !o.mayFind(c, p) { // as if there were nobody
			err = errors.Join(err, errs.At("about", "Nobody of that number is known here.", "Say in words whom it is about."))
		}
	}
	if err == nil {
		err = o.Do(c, f, func() (string, error) {
			file, err := o.Book.Raise(c.Request().Context(), o.by(c), in)
			return raisedPath(file), err
		})
	}
	if err != nil {
		d := o.raiseData(c, f.Get("person"))
		d.Form = f
		return o.Refuse(c, f, err, "concern", "Raise a concern", d)
	}
	return nil
}

// raised reads the form. The one button sends no more than the person and where the
// device is.
func (o *pages) raised(f *kit.Form) (concern.Raised, error) {
	in := concern.Raised{Category: concern.Category(f.Get("category")), Text: f.Get("text"),
		Seized: concern.Seizure{Power: concern.Power(f.Get("power")), Lock: concern.Answer(f.Get("locked")), Flight: concern.Answer(f.Get("flight")), Touched: f.Get("touched")}}
	person := f.Get("person")
	if person == nobody {
		person = ""
	}
	if person != "" {
		in.About = []string{person}
	}
	switch device := concern.In(f.Get("device")); device {
	case concern.InHand:
		in.Device = concern.Device{In: device, Whose: person, What: desk.Phone, Zone: desk.Elsewhere}
	case concern.BehindDoor:
		in.Device = concern.Device{In: device, Whose: person}
	case noDevice:
	default:
		return in, errs.At("device", "It is not said where the device is.", "Choose one.")
	}
	if text := f.Get("percent"); text != "" {
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(text, "%")))
		if err != nil {
			return in, errs.At("percent", "That is no number.", "Give 0 to 100, or leave it empty.")
		}
		in.Seized.Percent = n
	}
	return in, nil
}

func raisedPath(f concern.File) string {
	to := url.URL{Path: "/concern/raised"}
	switch {
	case len(f.Cases) > 0:
		to.RawQuery = url.Values{"case": {f.Cases[0]}}.Encode()
	case len(f.Bars) > 0:
		to.RawQuery = "door=yes"
	}
	return to.RequestURI()
}

// raisedData says what whoever raised a concern does now, and nothing of the file.
type raisedData struct {
	Device   bool
	Door     bool
	Evidence bool   // the school has evidence doors
	Put      string // where it is put behind one or locked away, by who may
	Mine     string // the page of what they have taken
	Lead     bool
	Advice   string
}

func (o *pages) raisedPage(c echo.Context) error {
	d := raisedData{Door: c.QueryParam("door") != "", Advice: o.Rules().Seizure.Advice(), Lead: o.May(c, roles.Safeguard, roles.Target{})}
	if file, err := o.Custody.Case(c.QueryParam("case")); err == nil && o.by(c).Follows(file, o.Now()) {
		d.Device = true
		d.Evidence = slices.ContainsFunc(o.Banks.Banks(), func(b banks.Status) bool { return len(b.Setup.Evidence) > 0 })
		if o.May(c, roles.OpenDoor, roles.Target{}) {
			d.Put = "/cases/" + url.PathEscape(file.ID) + "/put"
		}
		if o.May(c, roles.Confiscate, roles.Target{}) {
			d.Mine = "/confiscated/" + url.PathEscape(file.ID)
		}
	}
	return o.Page(c, http.StatusOK, "concern-raised", "The safeguarding lead has been told", d)
}
