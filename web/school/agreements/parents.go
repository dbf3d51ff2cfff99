package agreements

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// parentsForm is a form with the pupils whose parents have not signed.
type parentsForm struct {
	Name   string
	Signed int
	Open   []row
}

type parentsData struct {
	Query   string
	Version int
	Forms   []parentsForm
	Signed  int
	Open    int
}

// parents lists, form by form, for whom no parent has signed.
func (p *pages) parents(c echo.Context) error {
	v, _ := p.current(agreements.Parents)
	d := parentsData{Query: strings.TrimSpace(c.QueryParam("q")), Version: v.N}
	people := p.People.People()
	if d.Query != "" {
		people = p.People.Search(d.Query)
	}
	for _, person := range people {
		if person.Kind != register.Pupil || !person.OnRoll() {
			continue
		}
		i := slices.IndexFunc(d.Forms, func(f parentsForm) bool { return f.Name == person.Form })
		if i < 0 {
			i, d.Forms = len(d.Forms), append(d.Forms, parentsForm{Name: person.Form})
		}
		s := p.standing(person.ID, agreements.Parents)
		if s.Newest {
			d.Signed++
			d.Forms[i].Signed++
			if d.Query == "" {
				continue
			}
		} else {
			d.Open++
		}
		d.Forms[i].Open = append(d.Forms[i].Open, row{ID: person.ID, Name: person.Name(), Form: person.Form, standing: s})
	}
	slices.SortFunc(d.Forms, func(a, b parentsForm) int { return strings.Compare(a.Name, b.Name) })
	return p.Page(c, http.StatusOK, "agreements-parents", "Parents", d)
}

func (p *pages) parentData(c echo.Context, f *kit.Form) (signData, error) {
	person, ok := p.People.Person(kit.Param(c, "id"))
	if !ok || !person.OnRoll() || person.Kind != register.Pupil {
		return signData{}, errs.New(errs.NotFound, "No pupil on the roll has that number.", "Look for the name again.")
	}
	d, err := p.signData(f, person.ID, agreements.Parents)
	d.ID, d.Name, d.Parent, d.Send = person.ID, person.Name(), true, "/agreements/parents/"+person.ID
	return d, err
}

func (p *pages) parentForm(c echo.Context) error {
	d, err := p.parentData(c, p.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "agreement-sign", d.Title, d)
}

func (p *pages) parent(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.parentData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		return "/agreements/parents", p.Signing.WitnessParent(c.Request().Context(), p.Who(c).Actor, d.ID, version(f), f.Get("name"))
	})
	if err != nil {
		return p.Refuse(c, f, err, "agreement-sign", d.Title, d)
	}
	return nil
}
