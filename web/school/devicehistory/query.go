package devicehistory

import (
	"net/url"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// wholeDay is the choice of no one period.
const wholeDay = "day"

// query is what somebody asks: of a while on a day.
type query struct {
	Date        school.Date
	Period      string // its name, or wholeDay
	Setting     mdm.Setting
	Group       string
	From, Until time.Time
	periods     []mdm.Period
}

// readQuery takes what is asked, or what is asked most: of today, of its exam or of
// the period that began last, of the camera.
func (o *pages) readQuery(c echo.Context) query {
	now := o.Now()
	q := query{Date: school.DateOf(now), Setting: mdm.Setting(c.QueryParam("setting")), Group: c.QueryParam("group"), Period: c.QueryParam("period")}
	if d, err := school.ParseDate(c.QueryParam("day")); err == nil {
		q.Date = d
	}
	if !slices.Contains(settings, q.Setting) {
		q.Setting = mdm.Camera
	}
	if len(q.Group) > maxGroup {
		q.Group = ""
	}
	midnight := q.Date.At(school.Clock{}, now.Location())
	q.periods = o.Periods(midnight.Add(12 * time.Hour))
	q.From, q.Until = midnight, q.Date.Next().At(school.Clock{}, now.Location())
	if p, ok := q.period(now); ok {
		q.Period, q.From, q.Until = p.Name, p.From.In(now.Location()), p.Until.In(now.Location())
	} else {
		q.Period = wholeDay
	}
	return q
}

const maxGroup = 64 // bytes

// period is the one that is asked of; false for the whole day.
func (q query) period(now time.Time) (p mdm.Period, ok bool) {
	if q.Period == wholeDay {
		return p, false
	}
	named := func(p mdm.Period) bool { return p.Name == q.Period }
	exam := func(p mdm.Period) bool { return q.Period == "" && p.Kind == history.Exam }
	for _, which := range []func(mdm.Period) bool{named, exam} {
		if i := slices.IndexFunc(q.periods, which); i >= 0 {
			return q.periods[i], true
		}
	}
	for _, one := range q.periods {
		if !one.From.After(now) || !ok {
			p, ok = one, true
		}
	}
	return p, ok
}

func (q query) values() url.Values {
	v := url.Values{"day": {q.Date.String()}, "period": {q.Period}, "setting": {string(q.Setting)}}
	if q.Group != "" {
		v.Set("group", q.Group)
	}
	return v
}

// choices are the periods of the day to choose from.
func (q query) choices() []kit.Option {
	list := []kit.Option{{Value: wholeDay, Text: "The whole day"}}
	for _, p := range q.periods {
		list = append(list, kit.Option{Value: p.Name, Text: p.Name + ", " + p.From.In(q.From.Location()).Format("15:04") + " to " + p.Until.In(q.From.Location()).Format("15:04")})
	}
	return list
}

func settingChoices() []kit.Option {
	var list []kit.Option
	for _, s := range settings {
		list = append(list, kit.Option{Value: string(s), Text: change.SettingWords(s)})
	}
	return list
}
