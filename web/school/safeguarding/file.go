package safeguarding

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// fileData is the page of one file.
type fileData struct {
	Form    *kit.Form
	Base    string
	Title   string
	About   []named
	Area    string
	Raised  string
	Has     string // who has it in hand; "" for nobody yet
	Outcome string
	Open    bool
	Locked  bool
	Chair   bool // it is about the headteacher
	Deputy  bool // it is about the safeguarding lead
	Devices []device
	Doors   []door // pupils' doors kept shut for it
	Seized  []fact
	Steps   []step
	Actions []action
	Entries []entry
	Looks   []entry
	Held    bool
	Sign    bool // the reader may be one of two who hand a device over
	Advice  string
	Hears   []string // by the school's rules
	Rules   []fact   // of the school, that matter to the file
	Printed string   // when, on paper
}

type named struct{ Text, Href string }

type fact struct{ Key, Value string }

// device is one device of the file.
type device struct {
	ID, Case, What, Where, Since string
	Held, Here                   bool   // a hold stands on it; it is in the school's custody
	Bar, Wanted                  string // the hold, and who ends it
}

type door struct{ Bar, Who, Where, Wanted string }

type step struct {
	ID, Text, State, Detail, Due string
	Late, Todo                   bool
}

type action struct {
	N                      int
	Text, Owner, Due, Came string
	Done, Late             bool
}

type entry struct {
	N                       int
	At, By, What, Text, Ref string
	Corrects                int
	Correct                 string // the page on which it is corrected
}

func (o *pages) filePage(c echo.Context) error {
	f, err := o.Book.Look(c.Request().Context(), o.by(c), c.Param("file"))
	if err != nil {
		return err
	}
	d := o.fileData(f)
	d.Form, d.Sign = o.NewForm(c, nil), o.May(c, roles.Sign, roles.Target{})
	return o.Page(c, http.StatusOK, "safeguarding-file", d.Title, d)
}

func (o *pages) printPage(c echo.Context) error {
	f, err := o.Book.Export(c.Request().Context(), o.by(c), c.Param("file"))
	if err != nil {
		return err
	}
	d := o.fileData(f)
	d.Printed = o.Now().Format("Monday 2 January 2006, 15:04") + " by " + o.Who(c).Name
	return o.Page(c, http.StatusOK, "safeguarding-print", d.Title, d)
}

func (o *pages) fileData(f concern.File) fileData {
	d := fileData{Base: "/safeguarding/" + f.ID, Title: title(f), Area: f.Area.Words(), Open: f.Open(), Locked: f.Sealed, Advice: o.Rules().Seizure.Advice(),
		Raised: o.clock(f.Raised.At) + " by " + o.person(f.Raised.Person)}
	if f.Acknowledged.Some() {
		d.Has = o.person(f.Acknowledged.Person) + ", since " + o.clock(f.Acknowledged.At)
	}
	if !f.Open() {
		d.Outcome = f.Outcome.Words() + ", " + o.day(f.Closed.At)
	}
	for _, p := range f.About {
		d.About = append(d.About, named{o.person(p), "/person/" + url.PathEscape(p)})
	}
	d.Chair, d.Deputy = o.Book.Routes(f)
	for _, h := range o.Book.Hears(f) {
		d.Hears = append(d.Hears, h.Words())
	}
	d.Rules = guides(o.Rules(), f.Category)
	o.devices(&d, f)
	d.Seized = o.seized(f.Seized)
	for _, l := range f.Steps {
		d.Steps = append(d.Steps, o.step(l))
	}
	for _, a := range f.Actions {
		d.Actions = append(d.Actions, action{N: a.N, Text: a.Text, Owner: a.Owner, Due: o.day(a.Due), Came: a.Came, Done: a.Done.Some(), Late: !a.Done.Some() && o.Now().After(a.Due)})
	}
	for _, e := range f.Entries {
		line := entry{N: e.N, At: o.clock(e.At), By: o.person(e.Person), What: recordWords(e), Text: e.Text, Ref: e.Ref, Corrects: e.Corrects}
		if e.Record == concern.KindLooked {
			d.Looks = append(d.Looks, line)
			continue
		}
		line.Correct = d.Base + "/do/correct?entry=" + number(e.N)
		d.Entries = append(d.Entries, line)
	}
	return d
}

// devices are those of the file, each with the hold that stands on it.
func (o *pages) devices(d *fileData, f concern.File) {
	standing := o.Bars.Standing()
	for n, id := range f.Items {
		i, err := o.Custody.Item(id)
		if err != nil {
			continue
		}
		line := device{ID: id, Here: i.Open(), What: i.What.Words(), Where: o.place(i.Place), Since: o.clock(i.Place.Since)}
		if n < len(f.Cases) {
			line.Case = f.Cases[n]
		}
		if bar, held := holdOn(standing, func(b desk.Bar) bool { return b.On.Item == id }); held {
			line.Held, line.Bar, line.Wanted, d.Held = true, bar.ID, approvers.Words(bar.Wanted, "and"), true
		}
		d.Devices = append(d.Devices, line)
	}
	for _, id := range f.Bars {
		if bar, held := holdOn(standing, func(b desk.Bar) bool { return b.ID == id }); held {
			d.Held = true
			d.Doors = append(d.Doors, door{id, o.person(bar.On.Person), o.handedIn(bar.On.Person), approvers.Words(bar.Wanted, "and")})
		}
	}
}

func holdOn(list []desk.Bar, is func(desk.Bar) bool) (desk.Bar, bool) {
	n := slices.IndexFunc(list, func(b desk.Bar) bool { return b.Kind == desk.Hold && is(b) })
	if n < 0 {
		return desk.Bar{}, false
	}
	return list[n], true
}

func (o *pages) place(p desk.Place) string {
	switch p.Kind {
	case desk.Behind:
		return kit.BankName(p.Bank) + ", door " + number(p.Door)
	case desk.Hands:
		return "In the hands of " + o.person(p.Person)
	case desk.AtSpot:
		return o.Places(p.Spot)
	}
	return map[desk.To]string{desk.ToParent: "With a parent or carer", desk.ToOwner: "Back with its owner", desk.ToPolice: "With the police"}[p.To]
}

func (o *pages) seized(s concern.Seizure) []fact {
	if s.At.IsZero() {
		return nil
	}
	answer := map[concern.Answer]string{"": "Not known", concern.Yes: "Yes", concern.No: "No"}
	battery := "Not known"
	if s.Percent > 0 {
		battery = number(s.Percent) + " %"
	}
	list := []fact{{"Taken", o.clock(s.At)}, {"It was", map[concern.Power]string{"": "Not known", concern.On: "On", concern.Off: "Off"}[s.Power]},
		{"Locked", answer[s.Lock]}, {"Flight mode", answer[s.Flight]}, {"Battery", battery}}
	if s.Touched != "" {
		list = append(list, fact{"Had it in hand", s.Touched})
	}
	return list
}

func (o *pages) step(l concern.Line) step {
	s := step{ID: l.ID, Text: l.Text, State: stateWords[l.State], Late: l.Late(o.Now()), Todo: l.State == concern.Todo, Due: o.clock(l.Until)}
	switch {
	case l.State == concern.NotNeeded:
		s.Detail = "Because " + l.Why
	case l.State == concern.Done && l.Ref != "":
		s.Detail = "Reference " + l.Ref
	}
	if l.Some() {
		s.Detail += " (" + o.person(l.Person) + ", " + o.clock(l.At) + ")"
	}
	return s
}
