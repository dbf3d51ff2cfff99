package registers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// entryData is one entry with all that was ever said of it.
type entryData struct {
	Form   *kit.Form
	Kind   registers.Kind
	ID     string
	Now    []pair
	State  string
	By     string
	At     string
	Seen   []string
	Ended  []pair
	Before []earlier
	Asks   []input // of the end

	MaySee, MayEnd, MayCorrect, MayAdd bool
}

// pair is a value under its title.
type pair struct{ Title, Value string }

// earlier is what an entry said before a correction.
type earlier struct {
	By, At, Why string
	Said        []pair
}

func (p *pages) entryData(c echo.Context, f *kit.Form, e registers.Entry, k registers.Kind) entryData {
	who, now := p.Who(c), p.Now()
	d := entryData{Form: f, Kind: k, ID: e.ID, Now: p.pairs(k, e.Said), By: e.By, At: p.moment(e.At), MayAdd: p.mayWrite(c, k),
		MayEnd: k.Closes && e.Ended == nil, MayCorrect: p.mayWrite(c, k), MaySee: k.MaySee(who.Roles, now)}
	d.State, _ = p.state(k, e)
	for _, m := range e.Seen {
		d.Seen = append(d.Seen, k.SeenWord()+" by "+m.By+" on "+p.moment(m.At))
		d.MaySee = d.MaySee && m.Person != who.Person
	}
	if e.Ended != nil {
		d.Ended = append(d.Ended, pair{"Outcome", e.Ended.Outcome})
		for _, field := range k.EndAsks {
			d.Ended = append(d.Ended, pair{field.Title, p.value(field, e.Ended.Values[field.ID])})
		}
		d.Ended = append(d.Ended, pair{"Written by", e.Ended.By + ", " + p.moment(e.Ended.At)})
	}
	for _, b := range e.Before {
		d.Before = append(d.Before, earlier{b.By, p.moment(b.At), b.Why, p.pairs(k, b.Said)})
	}
	for _, field := range k.EndAsks {
		d.Asks = append(d.Asks, p.input(k, field, f, false))
	}
	return d
}

// pairs are what an entry says, under the titles of its fields.
func (p *pages) pairs(k registers.Kind, s registers.Said) []pair {
	list := []pair{{"Day", registers.DayWords(s.On)}}
	for _, f := range k.Fields {
		if v := p.value(f, s.Values[f.ID]); v != "" {
			list = append(list, pair{f.Title, v})
		}
	}
	if due := registers.DayWords(s.Due); due != "" {
		list = append(list, pair{k.DueWords, due})
	}
	return list
}

func (p *pages) entry(c echo.Context) error {
	e, k, err := p.find(c)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "register-entry", k.Title, p.entryData(c, p.NewForm(c, nil), e, k))
}

// seen says that the reader, who must, has seen the entry or agrees to it.
func (p *pages) seen(c echo.Context) error {
	return p.change(c, func(f *kit.Form, e registers.Entry, _ registers.Kind) error {
		return p.Desk.See(c.Request().Context(), p.by(c), e.ID)
	})
}

// end writes the outcome.
func (p *pages) end(c echo.Context) error {
	return p.change(c, func(f *kit.Form, e registers.Entry, k registers.Kind) error {
		values := map[string]string{}
		for _, field := range k.EndAsks {
			values[field.ID] = f.Get(field.ID)
		}
		return p.Desk.End(c.Request().Context(), p.by(c), e.ID, f.Get("outcome"), values)
	})
}

// change does something with the entry in the path, and shows it.
func (p *pages) change(c echo.Context, do func(f *kit.Form, e registers.Entry, k registers.Kind) error) error {
	e, k, err := p.find(c)
	if err != nil {
		return err
	}
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if err := p.Do(c, f, func() (string, error) { return "/entries/" + e.ID, do(f, e, k) }); err != nil {
		return p.Refuse(c, f, err, "register-entry", k.Title, p.entryData(c, f, e, k))
	}
	return nil
}

func (p *pages) day(t time.Time) string { return t.In(p.Now().Location()).Format("2 January 2006") }

func (p *pages) moment(t time.Time) string {
	return t.In(p.Now().Location()).Format("2 January 2006, 15:04")
}
