package closure

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

var whyOptions = []kit.Option{
	{Value: string(closure.NoPower), Text: "The bank has no power"}, {Value: string(closure.NoAnswer), Text: "The bank does not answer"},
	{Value: string(closure.Stuck), Text: "A door is stuck"}, {Value: string(closure.Repair), Text: "Repair or cleaning"},
	{Value: string(closure.Looking), Text: "To look at doors"},
}

// keyLine is one time that a key was out.
type keyLine struct {
	ID, Bank, Doors, Why string
	Taker, Out, In       string
	BankID               string
	Form                 *kit.Form
}

type keysData struct {
	Form   *kit.Form
	Out    []keyLine
	Past   []keyLine
	Banks  []kit.Option
	Staff  []kit.Option
	Whys   []kit.Option
	Giving string // whoever gives it out
}

const mostPast = 50

// banks are all of them, to choose from.
func (p *pages) banks() (list []kit.Option) {
	for _, b := range p.Banks.Banks() {
		list = append(list, kit.Option{Value: b.Setup.Bank, Text: kit.BankName(b.Setup.Bank)})
	}
	return list
}

func (p *pages) keysData(c echo.Context, f *kit.Form) keysData {
	d := keysData{Form: f, Whys: whyOptions, Giving: p.person(p.Who(c).Person), Banks: kit.Choose(p.banks())}
	d.Staff = kit.Choose(slices.DeleteFunc(p.People.Staff(), func(o kit.Option) bool { return o.Value == p.Who(c).Person }))
	for _, k := range p.Book.Keys() {
		l := keyLine{ID: k.ID, BankID: k.Bank, Bank: kit.BankName(k.Bank), Doors: doors(k.Doors), Taker: p.person(k.Taker), Out: p.by(k.Out), Form: p.NewForm(c, nil)}
		if i := slices.IndexFunc(whyOptions, func(o kit.Option) bool { return o.Value == string(k.Why) }); i >= 0 {
			l.Why = whyOptions[i].Text
		}
		if k.In.Done() {
			l.In = p.by(k.In)
		}
		if !k.In.Done() {
			d.Out = append(d.Out, l)
		} else if len(d.Past) < mostPast {
			d.Past = append(d.Past, l)
		}
	}
	return d
}

func (p *pages) keys(c echo.Context) error {
	return p.Page(c, http.StatusOK, "closure-keys", "Keys of banks", p.keysData(c, p.NewForm(c, nil)))
}

func (p *pages) keyOut(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		list, err := p.doorsOf(f.Get("bank"), f.Get("doors"))
		if err != nil {
			return "", err
		}
		_, err = p.Book.KeyOut(c.Request().Context(), p.Who(c).Actor, closure.Key{Bank: f.Get("bank"), Doors: list, Why: closure.Why(f.Get("why")), Taker: f.Get("taker")})
		return "/closure/keys", err
	})
	if err != nil {
		return p.Refuse(c, f, err, "closure-keys", "Keys of banks", p.keysData(c, f))
	}
	return nil
}

// doorsOf reads numbers of doors of a bank; none means all.
func (p *pages) doorsOf(bank, text string) (list []int, err error) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(word)
		if err != nil || !p.hasDoor(bank, n) {
			return nil, errs.At("doors", "That bank has no door "+word, "Give numbers with commas between them, or leave it empty for all doors.")
		}
		list = append(list, n)
	}
	return list, nil
}

func (p *pages) hasDoor(bank string, door int) bool {
	for _, b := range p.Banks.Banks() {
		if b.Setup.Bank == bank && b.Setup.Class(door) != "" {
			return true
		}
	}
	return false
}

func (p *pages) keyBack(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	return p.Do(c, f, func() (string, error) {
		return "/closure/keys", p.Book.KeyBack(c.Request().Context(), p.Who(c).Actor, kit.Param(c, "id"))
	})
}
