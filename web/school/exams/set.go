package exams

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// title is what a paper is called.
func title(s exam.Sitting) string {
	return cmp.Or(s.Paper.Title, "A paper whose title is not kept any more")
}

func joined(list []string) string { return strings.Join(list, ", ") }

// lines are the lines of a text that say something.
func lines(text string) []string {
	list := strings.Split(text, "\n")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

type setData struct {
	Form  *kit.Form
	Leave []kit.Option
}

func newSetData(f *kit.Form) setData {
	return setData{f, []kit.Option{
		{Value: "no", Text: "With everybody else", Hint: "At the end of the school day."},
		{Value: "yes", Text: "As soon as they have finished", Hint: "For candidates who go home then."},
	}}
}

func (p *pages) newForm(c echo.Context) error {
	start := p.Now().Truncate(24*time.Hour).AddDate(0, 0, 1)
	f := p.NewForm(c, url.Values{"leave": {"no"}, "start": {time.Date(start.Year(), start.Month(), start.Day(), 9, 0, 0, 0, p.Now().Location()).Format(kit.DateTime)}})
	return p.Page(c, http.StatusOK, "exam-new", "Set a paper", newSetData(f))
}

func (p *pages) set(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		start, err := p.Moment(f, "start", "when it starts")
		if err != nil {
			return "", err
		}
		minutes, _ := strconv.Atoi(f.Get("minutes")) // what is no number is refused as 0 is
		s, err := p.Setting.Set(c.Request().Context(), p.by(c), exam.Draft{
			Paper: exam.Paper{Title: f.Get("title"), Series: f.Get("series"), Board: f.Get("board"), Rooms: lines(f.Get("rooms"))},
			Start: start, Minutes: minutes, Leave: f.Get("leave") == "yes",
		})
		return "/exam/" + s.ID + "/candidates", err
	})
	if err != nil {
		return p.Refuse(c, f, err, "exam-new", "Set a paper", newSetData(f))
	}
	return nil
}

type changeData struct {
	Form     *kit.Form
	ID, Name string
}

func (p *pages) changeForm(c echo.Context) error {
	s, err := p.Sittings.Sitting(c.Param("id"))
	if err != nil {
		return err
	}
	f := p.NewForm(c, url.Values{"start": {p.local(s.Start).Format(kit.DateTime)}, "minutes": {strconv.Itoa(s.Minutes)}})
	return p.Page(c, http.StatusOK, "exam-change", "Change or cancel "+title(s), changeData{f, s.ID, title(s)})
}

func (p *pages) change(c echo.Context) error {
	return p.changing(c, func(s exam.Sitting, f *kit.Form) (string, error) {
		start, err := p.Moment(f, "start", "when it starts")
		if err != nil {
			return "", err
		}
		minutes, _ := strconv.Atoi(f.Get("minutes")) // what is no number is refused as 0 is
		return "/exam/" + s.ID, p.Setting.Move(c.Request().Context(), p.by(c), s.ID, start, minutes)
	})
}

func (p *pages) cancel(c echo.Context) error {
	return p.changing(c, func(s exam.Sitting, f *kit.Form) (string, error) {
		if f.Get("sure") != "yes" {
			return "", errs.At("sure", "Tick the box to cancel it", "")
		}
		return "/exams", p.Setting.Cancel(c.Request().Context(), p.by(c), s.ID)
	})
}

func (p *pages) changing(c echo.Context, do func(s exam.Sitting, f *kit.Form) (string, error)) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	s, err := p.Sittings.Sitting(c.Param("id"))
	if err != nil {
		return err
	}
	if err := p.Do(c, f, func() (string, error) { return do(s, f) }); err != nil {
		return p.Refuse(c, f, err, "exam-change", "Change or cancel "+title(s), changeData{f, s.ID, title(s)})
	}
	return nil
}
