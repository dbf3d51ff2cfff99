package agreements

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// row is a person in a list.
type row struct {
	ID, Name, Form string
	Devices        int // of the school that they have already
	standing
}

type unsignedData struct {
	Query   string
	Rows    []row
	More    int
	Staff   int // who have not signed
	Pupils  int
	Missing []string // agreements that are not published
}

// mostShown is how many people a page names.
const mostShown = 100

// unsigned lists who has not signed, those who have a device first, then staff.
func (p *pages) unsigned(c echo.Context) error {
	d := unsignedData{Query: strings.TrimSpace(c.QueryParam("q"))}
	for _, k := range []agreements.Kind{agreements.Staff, agreements.Pupils} {
		if _, ok := p.current(k); !ok {
			d.Missing = append(d.Missing, title(k))
		}
	}
	devices, people := p.Devices(), p.People.People()
	if d.Query != "" {
		people = p.People.Search(d.Query)
	}
	for _, person := range people {
		if !person.OnRoll() {
			continue
		}
		r := row{ID: person.ID, Name: person.Name(), Form: person.Form, Devices: devices[person.ID], standing: p.standing(person.ID, agreements.For(person))}
		switch {
		case r.Version == 0, r.Newest && d.Query == "":
			continue
		case !r.Newest && person.Kind == register.Staff:
			d.Staff++
		case !r.Newest:
			d.Pupils++
		}
		d.Rows = append(d.Rows, r)
	}
	slices.SortStableFunc(d.Rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.Devices, a.Devices), cmp.Compare(rank(a), rank(b)))
	})
	d.More = max(0, len(d.Rows)-mostShown)
	d.Rows = d.Rows[:len(d.Rows)-d.More]
	return p.Page(c, http.StatusOK, "agreements-unsigned", "Who has not signed", d)
}

func rank(r row) int { return slices.Index(agreements.Kinds, r.Kind) }

type phonesData struct {
	Form    *kit.Form
	Version int
	Rows    []row
}

// phones lists staff's own phones by what their owners say: never as in force.
func (p *pages) phones(c echo.Context) error {
	return p.Page(c, http.StatusOK, "own-phones", "Staff’s own phones", p.phonesData(p.NewForm(c, nil)))
}

func (p *pages) phonesData(f *kit.Form) phonesData {
	v, _ := p.current(agreements.OwnPhones)
	d := phonesData{Form: f, Version: v.N}
	for _, person := range p.People.People() {
		if person.Kind == register.Staff && person.OnRoll() {
			d.Rows = append(d.Rows, row{ID: person.ID, Name: person.Name(), standing: p.phone(person.ID)})
		}
	}
	return d
}

// phone says what is known of somebody's own phone.
func (p *pages) phone(person string) standing {
	s := standing{Kind: agreements.OwnPhones, Signed: "Not told yet"}
	if signed, ok := p.Texts.Signed(person, agreements.OwnPhones); ok {
		v, _ := p.current(agreements.OwnPhones)
		s.Newest = signed.Version == v.N
		s.Signed = "Attested on " + p.day(signed.At)
		if signed.How == agreements.Advised {
			s.Signed = "Advised on " + p.day(signed.At)
		}
		if !s.Newest {
			s.Signed += ", of an earlier text"
		}
	}
	return s
}

// advise records that somebody was told.
func (p *pages) advise(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		return "/agreements/phones", p.Signing.Advise(c.Request().Context(), p.Who(c).Actor, kit.Param(c, "id"))
	})
	if err != nil {
		return p.Refuse(c, f, err, "own-phones", "Staff’s own phones", p.phonesData(f))
	}
	return nil
}

type publishData struct {
	Form  *kit.Form
	Kind  agreements.Kind
	Title string
	Years []kit.Option // up to which a parent signs; none for staff
	Again bool         // everybody signs again
}

func (p *pages) publishData(f *kit.Form, k agreements.Kind) publishData {
	d := publishData{Form: f, Kind: k, Title: title(k)}
	_, d.Again = p.current(k)
	if k == agreements.Pupils {
		d.Years = []kit.Option{{Value: "-1", Text: "No year: all pupils sign themselves"}, {Value: "0", Text: "Reception"}}
		for n := 1; n <= 13; n++ {
			d.Years = append(d.Years, kit.Option{Value: strconv.Itoa(n), Text: "Year " + strconv.Itoa(n)})
		}
	}
	return d
}

func (p *pages) publishForm(c echo.Context) error {
	k, err := kind(c)
	if err != nil {
		return err
	}
	v, ok := p.current(k)
	parents := "-1"
	if ok {
		parents = strconv.Itoa(int(v.Parents))
	}
	f := p.NewForm(c, url.Values{"text": {v.Text}, "parents": {parents}})
	return p.Page(c, http.StatusOK, "agreement-publish", "Publish an agreement", p.publishData(f, k))
}

func (p *pages) publish(c echo.Context) error {
	k, err := kind(c)
	if err != nil {
		return err
	}
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		d := agreements.Draft{Kind: k, Text: f.Get("text"), Parents: agreements.NoYear}
		if n, err := strconv.Atoi(f.Get("parents")); err == nil && k == agreements.Pupils && n >= 0 && n <= 13 {
			d.Parents = agreements.Year(n)
		}
		if day := f.Get("from"); day != "" {
			date, err := school.ParseDate(day)
			if err != nil {
				return "", errs.At("from", "That is not a day", "Give a day such as 2027-01-04.")
			}
			d.From = date.At(school.Clock{}, p.zone())
		}
		_, err := p.Signing.Publish(c.Request().Context(), p.Who(c).Actor, d)
		return "/agreements", err
	})
	if err != nil {
		return p.Refuse(c, f, err, "agreement-publish", "Publish an agreement", p.publishData(f, k))
	}
	return nil
}

func (p *pages) zone() *time.Location { return p.Now().Location() }
