package closure

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

var whatOptions = []kit.Option{
	{Value: string(closure.TakenOut), Text: "Taken out, given to the pupil"}, {Value: string(closure.PutIn), Text: "Put in"},
	{Value: string(closure.ToDesk), Text: "Taken out, brought to the desk"},
}

// paperLine is one line that was typed in.
type paperLine struct {
	What, Bank, Name, At, Witness, Typed, Against string
	Door                                          int
}

type paperData struct {
	Form    *kit.Form
	Banks   []kit.Option
	Staff   []kit.Option
	Whats   []kit.Option
	Found   []kit.Option // pupils of that name
	Despite []kit.Option // whoever insists may, where that is what is wrong
	Lines   []paperLine
}

const mostLines = 100

func (p *pages) paperData(f *kit.Form) paperData {
	d := paperData{Form: f, Whats: whatOptions, Banks: kit.Choose(p.banks()), Staff: kit.Choose(p.People.Staff())}
	if name := f.Get("name"); name != "" {
		if d.Found = p.People.Search(name); len(d.Found) == 1 && f.Get("person") == "" {
			f.Values.Set("person", d.Found[0].Value)
		}
	}
	for _, l := range p.Book.Paper() {
		if len(d.Lines) == mostLines {
			break
		}
		line := paperLine{Bank: kit.BankName(l.Bank), Door: l.Door, Name: p.person(l.Person), At: l.At.In(p.Now().Location()).Format("15:04 on 2 January"), Witness: p.person(l.Witness), Typed: p.by(l.Typed), Against: l.Against}
		for _, o := range whatOptions {
			if o.Value == string(l.What) {
				line.What = o.Text
			}
		}
		d.Lines = append(d.Lines, line)
	}
	return d
}

func (p *pages) paper(c echo.Context) error {
	start := url.Values{"at": {p.Now().Format(kit.DateTime)}}
	for _, keep := range []string{"bank", "witness", "what"} { // the next line is mostly like the last
		if v := c.QueryParam(keep); v != "" {
			start.Set(keep, v)
		}
	}
	return p.Page(c, http.StatusOK, "closure-paper", "Paper mode", p.paperData(p.NewForm(c, start)))
}

func (p *pages) typed(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		l, err := p.lineOf(f)
		if err != nil {
			return "", err
		}
		if err := p.Book.Type(c.Request().Context(), p.Who(c).Actor, l, p.People.Known(l.Person, l.At), f.Get("despite") == "yes"); err != nil {
			return "", err
		}
		return "/closure/paper?" + url.Values{"bank": {l.Bank}, "witness": {l.Witness}, "what": {string(l.What)}}.Encode() + "#typed", nil
	})
	if err != nil {
		d := p.paperData(f)
		if slices.ContainsFunc(errs.All(err), func(e *errs.Error) bool { return e.Field == "despite" }) {
			d.Despite = []kit.Option{{Value: "yes", Text: "The paper is right"}}
		}
		return p.Refuse(c, f, err, "closure-paper", "Paper mode", d)
	}
	return nil
}

// lineOf reads a line. Of several pupils of that name one must be chosen.
func (p *pages) lineOf(f *kit.Form) (closure.Line, error) {
	l := closure.Line{What: closure.What(f.Get("what")), Bank: f.Get("bank"), Person: f.Get("person"), Witness: f.Get("witness")}
	l.Door, _ = strconv.Atoi(f.Get("door"))
	if !p.hasDoor(l.Bank, l.Door) {
		return l, errs.At("door", "That bank has no such door", "Give the bank and the door as the paper has them.")
	}
	var err error
	if l.At, err = p.Moment(f, "at", "when it happened, as the paper has it"); err != nil {
		return l, err
	}
	switch found := p.People.Search(f.Get("name")); {
	case f.Get("name") == "" || len(found) == 0:
		return l, errs.At("name", "There is no pupil of that name", "Type a part of the name.")
	case len(found) == 1:
		l.Person = found[0].Value
	case !slices.ContainsFunc(found, func(o kit.Option) bool { return o.Value == l.Person }):
		return l, errs.At("person", "Several pupils have that name", "Choose which of them.")
	}
	return l, nil
}
