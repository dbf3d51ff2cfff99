package visitors

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

type challengeData struct {
	Form                    *kit.Form
	Visits, Zones, Outcomes []kit.Option
	Told                    string
}

func (p *pages) challengeData(f *kit.Form) challengeData {
	d := challengeData{Form: f, Visits: []kit.Option{{Text: "Nobody of the list"}}, Zones: kit.Choose(kit.Options(desk.Zones, desk.Zone.Words, nil)), Told: p.told(), Outcomes: []kit.Option{
		{Value: string(visit.Stopped), Text: "They put it away when asked"},
		{Value: string(visit.Explained), Text: "It was all right after all"},
		{Value: string(visit.Breach), Text: "They broke the agreement", Hint: "Pictures, calls among pupils, or they went on. The safeguarding lead is told at once."},
	}}
	for _, v := range p.Config.Visits.Present() {
		d.Visits = append(d.Visits, kit.Option{Value: v.ID, Text: v.Called()})
	}
	return d
}

// told says who hears of a breach, by the school's rules.
func (p *pages) told() string {
	t := visit.TellsOf(p.Rules())
	names := []string{"the safeguarding lead"}
	for _, r := range t.Others {
		names = append(names, "the "+strings.ToLower(kit.RoleName(r)))
	}
	text := "Of a breach, " + strings.Join(names, ", ") + " are told."
	if len(names) == 1 {
		text = "Of a breach the safeguarding lead is told."
	}
	if t.Decide {
		text += " Whether parents are told, a person decides."
	}
	return text
}

func (p *pages) challengeForm(c echo.Context) error {
	f := p.NewForm(c, url.Values{"at": {p.Now().Format(kit.DateTime)}})
	return p.Page(c, http.StatusOK, "visitor-challenge", "A visitor’s use of a device", p.challengeData(f))
}

func (p *pages) challenge(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		at, err := p.Moment(f, "at", "when it was")
		if err != nil {
			return "", err
		}
		_, err = p.Challenges.Record(c.Request().Context(), p.by(c), visit.Asked{Visit: f.Get("visit"), At: at, Zone: desk.Zone(f.Get("zone")), Outcome: visit.Outcome(f.Get("outcome")), Text: f.Get("text")})
		return "/visitors/recorded", err
	})
	if err != nil {
		return p.Refuse(c, f, err, "visitor-challenge", "A visitor’s use of a device", p.challengeData(f))
	}
	return nil
}

// breachLine is a record in a list.
type breachLine struct {
	visit.Challenge
	Name, When, Zone, What, Who, Noted string
}

func (p *pages) breachLine(c visit.Challenge) breachLine {
	l := breachLine{Challenge: c, Name: p.called(c.Visit), When: p.when(c.At), Zone: c.Zone.Words(), Who: p.NameOf(c.Person)}
	l.What = map[visit.Outcome]string{visit.Explained: "All right after all", visit.Stopped: "Put away when asked", visit.Breach: "Breach"}[c.Outcome]
	if c.Seen != nil {
		l.Noted = p.when(c.Seen.At) + ", " + p.NameOf(c.Seen.Person) + ": " + c.Seen.Text
	}
	return l
}

// mostShown is how many records a list shows.
const mostShown = 100

type recordedData struct{ Own []breachLine }

// recorded are those of whoever asks.
func (p *pages) recorded(c echo.Context) error {
	var d recordedData
	for _, one := range p.Challenges.Challenges() {
		if one.Person == p.Who(c).Person && len(d.Own) < mostShown {
			d.Own = append(d.Own, p.breachLine(one))
		}
	}
	return p.Page(c, http.StatusOK, "visitor-recorded", "What you recorded of visitors", d)
}

type breachesData struct {
	Form         *kit.Form
	Open, Before []breachLine
	MaySee       bool
	Wrong        string // the record that a fault is about
}

func (p *pages) breachesData(c echo.Context, f *kit.Form) breachesData {
	d := breachesData{Form: f, MaySee: visit.Leads(p.Rules(), p.Who(c).Roles, p.Now()), Wrong: c.Param("id")}
	for _, one := range p.Challenges.Challenges() {
		switch l := p.breachLine(one); {
		case one.Outcome == visit.Breach && one.Seen == nil:
			d.Open = append(d.Open, l)
		case len(d.Before) < mostShown:
			d.Before = append(d.Before, l)
		}
	}
	return d
}

func (p *pages) breaches(c echo.Context) error {
	return p.Page(c, http.StatusOK, "visitor-breaches", "Visitors’ breaches", p.breachesData(c, p.NewForm(c, nil)))
}

func (p *pages) seen(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		return "/visitors/breaches", p.Challenges.See(c.Request().Context(), p.by(c), c.Param("id"), f.Get("text"))
	})
	if err != nil {
		return p.Refuse(c, f, err, "visitor-breaches", "Visitors’ breaches", p.breachesData(c, f))
	}
	return nil
}
