package devicerules

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/labstack/echo/v4"
)

// overviewData is the page of the rules in force and of all changes.
type overviewData struct {
	InForce          versionLine // zero without any
	Rules            rulesView
	Waiting, Ended   []requestLine
	Moves            []moveLine // of devices, that wait
	Coming, Versions []versionLine
	Now              string
}

// versionLine is one version in a list.
type versionLine struct {
	N                    int
	From, By, Why        string
	Change               string // its request
	Undoes               int
	Cancelled, InForce   bool
	Filters, IsFirst, On bool
}

// requestLine is one request in a list.
type requestLine struct {
	ID, By, At, Why, From string
	State                 change.State
	Tag, Colour           string
	Filters, Overtaken    bool
	Missing               string // who must still agree
}

const mostPast = 50 // versions and requests on the page

func (p *pages) overview(c echo.Context) error {
	now := p.Now()
	d := overviewData{Now: p.when(now), Moves: p.moves()}
	inForce, ok := p.Versions.VersionAt(now)
	if ok {
		d.InForce = p.versionLine(inForce)
		d.Rules = p.rulesView(inForce.Rules, p.may(c, roles.AskDeviceChange))
	}
	for _, r := range slices.Backward(p.Requests.Requests()) {
		switch line := p.requestLine(r); {
		case r.State == change.Waiting:
			d.Waiting = append(d.Waiting, line)
		case r.State != change.Published && len(d.Ended) < mostPast:
			d.Ended = append(d.Ended, line)
		}
	}
	for _, v := range slices.Backward(p.Versions.Versions()) {
		line := p.versionLine(v)
		line.InForce = ok && v.N == inForce.N
		switch {
		case !v.Cancelled && v.From.After(now):
			d.Coming = append(d.Coming, line)
		case len(d.Versions) < mostPast:
			d.Versions = append(d.Versions, line)
		}
	}
	return p.Page(c, http.StatusOK, "device-rules", "Device rules", d)
}

func (p *pages) versionLine(v change.Version) versionLine {
	line := versionLine{N: v.N, From: p.when(v.From), By: v.By, Why: v.Why, Change: v.Change, Undoes: v.Undoes, Cancelled: v.Cancelled, IsFirst: v.Change == "" && v.Undoes == 0}
	if r, ok := p.Requests.Request(v.Change); ok {
		line.By, line.Why, line.Filters = r.By.By, r.Why, r.Filters
	}
	return line
}

func (p *pages) requestLine(r change.Request) requestLine {
	last, _ := p.Versions.Last()
	line := requestLine{ID: r.ID, By: r.By.By, At: p.when(r.By.At), Why: r.Why, From: p.when(r.From), State: r.State, Filters: r.Filters,
		Overtaken: r.State == change.Waiting && r.Base != last.N}
	line.Missing = missingWords(r.Consensus)
	line.Tag, line.Colour = stateWords[r.State], stateColours[r.State]
	if line.Overtaken {
		line.Tag, line.Colour = "Overtaken", "orange"
	}
	return line
}

// missingWords say who must still agree.
func missingWords(c change.Consensus) string {
	var missing []string
	for _, s := range c.Missing() {
		missing = append(missing, sideWords[s])
	}
	return strings.Join(missing, " and ")
}

var sideWords = map[change.Side]string{
	change.Technical: "somebody who looks after the devices (IT)", change.Educational: "a teacher, the safeguarding lead or the headteacher",
	change.Leadership: "a member of the leadership team",
}

var (
	stateWords   = map[change.State]string{change.Waiting: "Waits", change.Refused: "Refused", change.Published: "Published", change.Cancelled: "Cancelled"}
	stateColours = map[change.State]string{change.Waiting: "blue", change.Refused: "red", change.Published: "green", change.Cancelled: "grey"}
)

// rulesView is rules in words.
type rulesView struct {
	Profiles      []profileView
	Lists, Groups []entryView
	Quarantine    []settingView
	Change        bool // whoever reads may ask for a change
}

type profileView struct {
	ID, Name string
	Settings []settingView
	Where    []string
}

type settingView struct{ Name, Value string }

type entryView struct{ ID, Name, Text string }

func (p *pages) rulesView(r mdm.Rules, mayChange bool) rulesView {
	view := rulesView{Change: mayChange, Quarantine: settingViews(r, r.Quarantine)}
	for _, profile := range r.Profiles {
		v := profileView{ID: profile.ID, Name: cmp.Or(profile.Name, profile.ID), Settings: settingViews(r, profile.Set)}
		for _, a := range r.Assignments {
			if a.Profile == profile.ID {
				v.Where = append(v.Where, upper(change.AssignmentWords(r, a)))
			}
		}
		view.Profiles = append(view.Profiles, v)
	}
	for _, l := range r.Lists {
		view.Lists = append(view.Lists, entryView{l.ID, cmp.Or(l.Name, l.ID), strings.Join(l.Items, ", ")})
	}
	for _, g := range r.Groups {
		view.Groups = append(view.Groups, entryView{ID: g.ID, Name: cmp.Or(g.Name, g.ID)})
	}
	return view
}

func settingViews(r mdm.Rules, set mdm.Set) (list []settingView) {
	for _, s := range change.Settings {
		if v, ok := set[s]; ok {
			list = append(list, settingView{change.SettingWords(s), change.ValueWords(r, s, v)})
		}
	}
	return list
}

// upper makes the first letter a capital.
func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
