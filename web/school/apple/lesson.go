package apple

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// endingWords are what a change to come does.
func endingWords(e apple.Ending) string {
	return change.StateWords(e.Setting, e.From) + ", then " + change.StateWords(e.Setting, e.To)
}

type testData struct {
	Form    *kit.Form
	Options []kit.Option
	Chosen  string
	Name    string
	Section template.HTML
}

func (p *pages) testData(f *kit.Form) testData {
	d := testData{Form: f, Chosen: p.Office.Test(), Options: []kit.Option{{Value: "", Text: "Choose an iPad"}}}
	for _, device := range p.Devices() {
		d.Options = append(d.Options, kit.Option{Value: device.ID, Text: device.Name()})
		if device.ID == d.Chosen {
			d.Name = device.Name()
		}
	}
	return d
}

func (p *pages) test(c echo.Context) error {
	return p.Page(c, http.StatusOK, "ipads-test", "One test iPad", p.testData(p.NewForm(c, url.Values{"device": {p.Office.Test()}})))
}

func (p *pages) chooseTest(c echo.Context) error {
	return p.done(c, "ipads-test", "One test iPad", func(f *kit.Form) (any, error) { return p.testData(f), nil }, func(f *kit.Form) (string, error) {
		id := f.Get("device")
		if _, ok := p.find(id); !ok {
			return "", errs.At("device", "Choose an iPad of the list", "If there is none, bring the list with serial numbers first.")
		}
		return devicePath(id), p.Office.TryWith(id)
	})
}

type lessonData struct {
	Form    *kit.Form
	ID      string
	Name    string
	Ready   bool // it is enrolled
	Stream  string
	Section template.HTML
}

type rehearsalData struct {
	On      bool
	Left    int // seconds of school time
	Settled bool
	Open    string
	Tag     tag
	Ends    []ending // what changes when it is over
}

func (p *pages) lessonData(f *kit.Form) (lessonData, error) {
	d := lessonData{Form: f, ID: p.Office.Test(), Stream: "/ipads/lesson/events"}
	device, ok := p.find(d.ID)
	if !ok {
		return lessonData{Form: f}, nil
	}
	d.Name = device.Name()
	s, _, err := p.Gate.Status(d.ID)
	if err != nil {
		return d, err
	}
	d.Ready = s.Managed
	text, err := p.rehearsalText()
	d.Section = template.HTML(text) // html/template made it
	return d, err
}

func (p *pages) rehearsalText() (string, error) {
	d, _ := p.find(p.Office.Test())
	until, on := p.Lessons.Rehearsed(d.ID)
	r := rehearsalData{On: on, Settled: d.Settled, Tag: tagSettled}
	if on {
		r.Left = int(until.Sub(p.Now()).Round(time.Second) / time.Second)
		r.Ends = p.endings(slices.DeleteFunc(p.Ends(d.ID), func(e apple.Ending) bool { return e.At.Sub(until).Abs() > time.Second }))
	}
	if !d.Settled {
		r.Tag, r.Open = tagOpen, openWords(d)
	}
	return p.Text("ipads-lesson", "rehearsal", r)
}

func (p *pages) lesson(c echo.Context) error {
	d, err := p.lessonData(p.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "ipads-lesson", "A lesson of a minute", d)
}

func (p *pages) rehearse(c echo.Context) error {
	return p.done(c, "ipads-lesson", "A lesson of a minute", func(f *kit.Form) (any, error) { return p.lessonData(f) }, func(*kit.Form) (string, error) {
		_, err := p.Lessons.Rehearse(c.Request().Context(), p.Who(c).Account, p.Office.Test())
		return "/ipads/lesson", err
	})
}

func (p *pages) followLesson(c echo.Context) error { return p.follow(c, "rehearsal", p.rehearsalText) }
