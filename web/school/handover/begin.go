package handover

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// deviceData is the page on which somebody asks for what two people sign about a
// device.
type deviceData struct {
	Form    *kit.Form
	ID      string
	What    string
	Whose   string // "" for a reader who sees no pupils
	Where   string
	Here    bool // in the school's custody
	Behind  bool // a door
	Held    bool // a stop or hold stands on it
	Gone    string
	States  []kit.Option
	Past    []requestLine
	Sheet   bool
	Restore bool // the form is the one to take it back
}

// requestLine is one request in a list.
type requestLine struct {
	ID, What, At, State string
}

var stateWords = map[consent.State]string{"off": "Off", "on-locked": "On, locked", "on-unlocked": "On, not locked", "flight-mode": "On, in flight mode", "damaged": "Damaged", "unknown": "Nobody can tell"}

func stateOptions() []kit.Option {
	var list []kit.Option
	for _, s := range consent.States {
		list = append(list, kit.Option{Value: string(s), Text: stateWords[s]})
	}
	return list
}

func (p *pages) deviceData(c echo.Context, f *kit.Form) (deviceData, error) {
	i, err := p.Custody.Item(param(c, "item"))
	if err != nil {
		return deviceData{}, err
	}
	d := deviceData{Form: f, ID: i.ID, What: whatWords(i.What), Where: p.where(i), Here: i.Open(), Behind: i.Place.Kind == desk.Behind, Held: p.Custody.Held(i),
		States: stateOptions(), Sheet: p.Config.Sheet != nil, Restore: f.Get("kind") == string(consent.Restore)}
	if i.Place.Kind == desk.Gone {
		d.Gone = p.at(i.Place.Since)
	}
	if i.Whose != "" && p.May(c, roles.SeePerson, p.Person(i.Whose)) {
		d.Whose = p.person(i.Whose)
	}
	for _, r := range p.Requests.Of(i.ID) {
		d.Past = append(d.Past, p.line(r))
	}
	return d, nil
}

func whatWords(w desk.What) string {
	return map[desk.What]string{desk.Phone: "Phone", desk.Watch: "Watch", desk.Earbuds: "Earbuds", desk.SecondPhone: "Second phone", desk.Tracker: "Tracker"}[w] +
		map[bool]string{true: "Device"}[w == desk.OtherDevice || w == ""]
}

// where is a place in words.
func (p *pages) where(i desk.Item) string {
	switch at := i.Place; at.Kind {
	case desk.Behind:
		return doorWords(at.Bank, at.Door)
	case desk.Hands:
		return "In the hands of " + p.person(at.Person)
	case desk.Gone:
		return map[desk.To]string{desk.ToPolice: "With the police", desk.ToOwner: "With its owner", desk.ToParent: "With a parent"}[at.To]
	}
	return "At " + i.Place.Spot
}

func (p *pages) form(c echo.Context) error {
	d, err := p.deviceData(c, p.NewForm(c, url.Values{}))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "handover", "Two people for one device", d)
}

// begin puts down what is to be signed, and leads to the page where it is.
func (p *pages) begin(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	a := consent.Ask{Kind: consent.Kind(f.Get("kind")), Item: param(c, "item"), Paper: consent.Paper{Why: f.Get("why")}}
	if a.Kind == consent.HandOver {
		a.Paper.Officer, a.Paper.Collar, a.Paper.Force = f.Get("officer"), f.Get("collar"), f.Get("force")
		a.Paper.Reference, a.Paper.Seal, a.Paper.State = f.Get("reference"), f.Get("seal"), consent.State(f.Get("state"))
	}
	if a.Kind == consent.Restore {
		a.Paper.Why = f.Get("why_back")
	}
	err = p.Do(c, f, func() (string, error) { return p.beginning(c, a) })
	if err == nil {
		return nil
	}
	d, other := p.deviceData(c, f)
	if other != nil {
		return other
	}
	return p.Refuse(c, f, beside(err, a.Kind), "handover", "Two people for one device", d)
}

// beside moves a fault to the field of its form: the page has two for why.
func beside(err error, kind consent.Kind) error {
	all := errs.All(err)
	if kind != consent.Restore || len(all) != 1 || all[0].Field != "why" {
		return err
	}
	return errs.At("why_back", all[0].Message, all[0].Hint)
}

func (p *pages) beginning(c echo.Context, a consent.Ask) (next string, err error) {
	if a.Kind == consent.Approvers || a.Kind == consent.EndHold {
		if a.Item != "" {
			return "", errs.New(errs.Invalid, "That is not asked for here.", "")
		}
	}
	r, err := p.Requests.Begin(c.Request().Context(), asStaff(p.Who(c)), a)
	return "/agree/" + r.ID, err
}

// holdData is the page on which somebody asks for the end of a bank's own hold.
type holdData struct {
	Form        *kit.Form
	Door        int
	Bank, By    string
	Placed      string
	Requestable bool
}

func (p *pages) holdData(c echo.Context, f *kit.Form) (holdData, string, error) {
	bank, n, hold := p.holdAt(param(c, "n"))
	if hold == nil {
		return holdData{}, "", errs.New(errs.NotFound, "That door is not held any more.", "Look at the list of holds.")
	}
	return holdData{Form: f, Door: n, Bank: kit.BankName(bank), By: p.person(hold.By), Placed: p.at(hold.Since.Wall)}, bank, nil
}

func (p *pages) holdForm(c echo.Context) error {
	d, _, err := p.holdData(c, p.NewForm(c, url.Values{}))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "hold-end", "End a hold", d)
}

func (p *pages) endHold(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, bank, err := p.holdData(c, f)
	if err != nil {
		return err
	}
	a := consent.Ask{Kind: consent.EndHold, Bank: bank, Door: d.Door, Paper: consent.Paper{Why: f.Get("why")}}
	if err := p.Do(c, f, func() (string, error) { return p.beginning(c, a) }); err != nil {
		return p.Refuse(c, f, err, "hold-end", "End a hold", d)
	}
	return nil
}
