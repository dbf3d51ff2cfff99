package devicerules

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// changeData is the page of one request.
type changeData struct {
	requestLine
	Form          *kit.Form
	Asker, Risk   string
	Diff, Edits   []change.Line
	Moved         []change.Line // what has changed since it was made
	Devices, Of   int
	Said          []saidLine
	Version       int
	EndedBy, Ends string // who cancelled it and why

	Sides          []sideForm // for which whoever reads may speak
	Part           bool       // they have had their part in it
	Cancel, Rebase bool
	Stays          string // why whoever reads may not cancel it alone, though it is not in force
}

// Path is its page's, before what is sent there.
func (d changeData) Path() string { return "/device-rules/change/" + d.ID }

// Called is what a button calls it.
func (changeData) Called() string { return "change" }

// saidLine is what one person said.
type saidLine struct {
	Who, As, At, Words string
	Agreed             bool
}

// sideForm is the form with which somebody speaks for a side.
type sideForm struct {
	Side  change.Side
	Title string
}

var (
	errNoChange = errs.New(errs.NotFound, "There is no such change of the device rules.", "Look at the list of changes.")

	sideTitles = map[change.Side]string{
		change.Technical: "Your review, as one who looks after the devices", change.Educational: "Your review, as one who knows the pupils",
		change.Leadership: "Your decision, for the leadership",
	}
	saidAs = map[change.Side]string{
		change.Technical: "technical review", change.Educational: "educational review", change.Leadership: "for the leadership",
	}
)

func (p *pages) change(c echo.Context) error {
	r, ok := p.Requests.Request(c.Param("id"))
	if !ok {
		return errNoChange
	}
	return p.Page(c, http.StatusOK, "device-rules-change", "A change of device rules", p.changeData(c, r, p.NewForm(c, nil)))
}

func (p *pages) changeData(c echo.Context, r change.Request, f *kit.Form) changeData {
	d := changeData{requestLine: p.requestLine(r), Form: f, Asker: p.name(r.By), Risk: r.Risk, Version: r.Version, EndedBy: r.Ended.By, Ends: r.Ended.Words}
	base, _ := p.Versions.Version(r.Base)
	d.Diff, d.Edits = p.Effects.Diff(base.Rules, r.Rules), change.Edits(base.Rules, r.Rules)
	d.Devices, d.Of = p.Effects.Affected(base.Rules, r.Rules)
	d.Said = p.said(r.Said)
	may := p.may(c, roles.AskDeviceChange)
	switch r.State {
	case change.Waiting:
		last, _ := p.Versions.Last()
		if d.Overtaken {
			if d.Moved = p.Effects.Diff(base.Rules, last.Rules); len(d.Moved) == 0 {
				d.Moved = change.Edits(base.Rules, last.Rules)
			}
		}
		d.Cancel, d.Rebase = may, may && d.Overtaken
		d.Sides = p.sides(c, r.Consensus)
		d.Part = len(d.Sides) == 0 && len(r.Said) > 0 && r.Said[0].Person == p.Who(c).Person
	case change.Published:
		v, _ := p.Versions.Version(r.Version)
		d.From = p.when(v.From)
		if may && p.Now().Before(v.From) {
			err := p.Asking.MayCancel(r, p.Now())
			if d.Cancel = err == nil; !d.Cancel {
				d.Stays = err.Error() + " " + errs.HintOf(err)
			}
		}
	}
	return d
}

// sides are those that are missing and that whoever reads may speak for.
func (p *pages) sides(c echo.Context, r change.Consensus) (list []sideForm) {
	for _, s := range r.Missing() {
		if p.may(c, s.Permission()) && r.MayAgree(p.Who(c).Person, s) {
			list = append(list, sideForm{s, sideTitles[s]})
		}
	}
	return list
}

// sideField is what somebody says for a side: a page may have the forms of two.
func sideField(as change.Side) string { return "words-" + string(as) }

// Field is where the form's words are.
func (s sideForm) Field() string { return sideField(s.Side) }

// say records what somebody says for a side.
func (p *pages) say(as change.Side) echo.HandlerFunc {
	return func(c echo.Context) error {
		return p.decide(c, func(id string, f *kit.Form) (string, error) {
			_, err := p.Deciding.Review(c.Request().Context(), p.by(c), id, as, f.Get("agree") == "yes", f.Get(sideField(as)))
			return id, beside(err, as)
		})
	}
}

// beside puts what is wrong with the words of a side beside their field.
func beside(err error, as change.Side) error {
	for _, e := range errs.All(err) {
		if e.Field == "words" {
			e.Field = sideField(as)
		}
	}
	return err
}

func (p *pages) said(list []change.Agreement) (lines []saidLine) {
	for _, a := range list {
		lines = append(lines, saidLine{p.name(a.Approval), saidAs[a.As], p.when(a.At), a.Words, a.Agreed})
	}
	return lines
}

func (p *pages) cancel(c echo.Context) error {
	return p.decide(c, func(id string, f *kit.Form) (string, error) {
		return id, p.Asking.Cancel(c.Request().Context(), p.by(c), id, f.Get("words"))
	})
}

func (p *pages) rebase(c echo.Context) error {
	return p.decide(c, func(id string, _ *kit.Form) (string, error) {
		r, err := p.Asking.Rebase(c.Request().Context(), p.by(c), id)
		return r.ID, err
	})
}

// decide does something about a request and leads to the one it ends at. A refusal
// is shown on its page.
func (p *pages) decide(c echo.Context, do func(id string, f *kit.Form) (string, error)) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		id, err := do(c.Param("id"), f)
		return "/device-rules/change/" + id, err
	})
	r, ok := p.Requests.Request(c.Param("id"))
	if err == nil || !ok {
		return err
	}
	return p.Refuse(c, f, err, "device-rules-change", "A change of device rules", p.changeData(c, r, f))
}
