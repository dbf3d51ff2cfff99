package trays

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// step is what a count is for.
type step struct {
	Title, Lead, Button string
	Spot                string // its label, "" where nothing is put anywhere
	Asks                bool   // about pupils with nothing ticked
}

var steps = map[string]step{
	"lock":   {"Count and put the tray away", "Count what is in the tray, then lock it away.", "Put it away", "Where is it now?", true},
	"hand":   {"Hand the tray on", "Count what is in the tray with your colleague. They take it over in their own account.", "Offer it", "", false},
	"accept": {"Take the tray over", "Count what is in the tray with your colleague. From then on you have it.", "Take it over", "", false},
	"close":  {"Close the tray for today", "Count what is left in the tray. It goes to the office with the pupils’ names.", "Close the tray", "Where do you leave it at the office?", false},
}

type countData struct {
	*kit.Form
	step
	For      string
	Class    classData
	Common   []kit.Field
	More     []kit.Field
	Spots    []kit.Option
	Left     []string // what is ticked as not given back
	Unticked []string // pupils with nothing ticked
}

func (p *pages) countData(c echo.Context, f *kit.Form) (countData, tray.Tray, error) {
	d := countData{Form: f, For: kit.Param(c, "for")}
	var ok bool
	if d.step, ok = steps[d.For]; !ok {
		return d, tray.Tray{}, errs.New(errs.NotFound, "There is no such page.", "Go to the class’s tray.")
	}
	var err error
	if d.Class, err = p.classData(c, f); err != nil {
		return d, tray.Tray{}, err
	}
	t, taken := p.current(d.Class.Name)
	if !taken || t.Closed() {
		return d, t, errs.New(errs.NotFound, "Nobody has that tray.", "Take the tray of your class first.")
	}
	for _, what := range desk.Whats {
		field := kit.Field{Form: f, Name: "n-" + string(what), Label: plural[what]}
		if slices.Contains(common, what) || t.Count()[what] > 0 {
			d.Common = append(d.Common, field)
		} else {
			d.More = append(d.More, field)
		}
	}
	if d.Spots = p.places(); d.For == "close" { // what is left over goes to the office
		d.Spots = d.Spots[:1+len(p.Config.Spots)]
	}
	exempt := p.exempt()
	for _, q := range p.with(t, p.pupils(d.Class.Name)) {
		for _, what := range t.Here(q.ID) {
			d.Left = append(d.Left, q.Name()+": "+words[what])
		}
		if said := t.In(q.ID); len(said.Things) == 0 && said.Mark == "" && !exempt[q.ID] {
			d.Unticked = append(d.Unticked, q.Name())
		}
	}
	return d, t, nil
}

var plural = map[desk.What]string{desk.Phone: "Phones", desk.Watch: "Watches", desk.Earbuds: "Earbuds", desk.SecondPhone: "Second phones", desk.Tracker: "Trackers", desk.OtherDevice: "Other things"}

func (p *pages) countForm(c echo.Context) error {
	d, _, err := p.countData(c, p.NewForm(c, url.Values{}))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "tray-count", d.Title, d)
}

// counted reads the numbers typed; an empty one is none.
func counted(f *kit.Form) (tray.Count, error) {
	n := tray.Count{}
	for _, what := range desk.Whats {
		text := f.Get("n-" + string(what))
		if text == "" {
			continue
		}
		k, err := strconv.Atoi(text)
		if err != nil || k < 0 || k > tray.MaxTicks {
			return nil, errs.At("n-"+string(what), "Enter how many you counted, as a number", "")
		}
		n[what] = k
	}
	return n, nil
}

func (p *pages) count(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if bank(f.Get("spot")) != "" { // as whatever opens a door
		return p.Proved(func(c echo.Context) error { return p.counting(c, f) })(c)
	}
	return p.counting(c, f)
}

func (p *pages) counting(c echo.Context, f *kit.Form) error {
	d, t, err := p.countData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		n, err := counted(f)
		if err != nil {
			return "", err
		}
		return d.Class.Path, p.move(c, f, d, t.ID, n)
	})
	if err != nil {
		return p.Refuse(c, f, beside(err), "tray-count", d.Title, d)
	}
	return nil
}

func (p *pages) move(c echo.Context, f *kit.Form, d countData, id string, n tray.Count) error {
	ctx, by := c.Request().Context(), p.by(c)
	if d.Spot != "" && f.Get("spot") != "" && !slices.ContainsFunc(d.Spots, func(s kit.Option) bool { return s.Value == f.Get("spot") }) {
		return errs.At("spot", "Choose where it is put", "")
	}
	switch d.For {
	case "lock":
		asked := 0
		if f.Get("asked") == "yes" {
			asked, _ = strconv.Atoi(f.Get("unticked"))
		}
		what := tray.Counted{Spot: f.Get("spot"), Count: n, Asked: asked}
		if at := bank(what.Spot); at != "" {
			ordered, err := p.Doors.Put(ctx, by, id, at, what, len(d.Unticked))
			if err != nil {
				return err
			}
			return p.order(ctx, ordered)
		}
		return p.Trays.Lock(ctx, by, id, what, len(d.Unticked))
	case "hand":
		return p.Trays.Hand(ctx, by, id, n)
	case "accept":
		return p.Trays.Accept(ctx, by, id, n)
	}
	return p.Trays.Close(ctx, by, id, f.Get("spot"), n)
}

// beside puts what is wrong with a count beside its first field.
func beside(err error) error {
	for _, e := range errs.All(err) {
		if e.Field == "count" {
			e.Field = "n-" + string(desk.Phone)
		}
	}
	return err
}

// take gives the reader the empty tray.
func (p *pages) take(c echo.Context) error {
	return p.press(c, func() error {
		_, err := p.Trays.Take(c.Request().Context(), p.by(c), kit.Param(c, "form"))
		return err
	})
}

// fetch gets the tray out.
func (p *pages) fetch(c echo.Context) error {
	if t, taken := p.current(kit.Param(c, "form")); taken && t.Place.Kind == desk.Behind {
		return p.letOut(c, t)
	}
	return p.press(c, func() error {
		t, taken := p.current(kit.Param(c, "form"))
		if !taken {
			return errs.New(errs.NotFound, "Nobody has taken that tray.", "Take it first.")
		}
		return p.Trays.Fetch(c.Request().Context(), p.by(c), t.ID)
	})
}

// press does what one button asks for, and shows the class's page.
func (p *pages) press(c echo.Context, do func() error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	path := Path + "/" + url.PathEscape(kit.Param(c, "form"))
	err = p.Do(c, f, func() (string, error) { return path, do() })
	if err == nil {
		return nil
	}
	d, broken := p.classData(c, f)
	if broken != nil {
		return broken
	}
	return p.Refuse(c, f, err, "tray", "Tray of "+d.Name, d)
}

func (p *pages) worker(c echo.Context) error {
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", worker)
}
