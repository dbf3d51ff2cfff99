package closure

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// inventory is what is behind which door now, as the banks' last words have it.
func (p *pages) inventory() closure.Inventory {
	var i closure.Inventory
	for _, b := range p.Banks.Banks() {
		if whole, ok := p.Whole(b.Setup.Bank); ok {
			b.Board = whole
		}
		i.Words = append(i.Words, closure.Word{Bank: b.Setup.Bank, Heard: b.Board.Heard, Online: b.Online})
		since := map[string]time.Time{}
		for _, person := range b.Board.People {
			since[person.ID] = person.Since
		}
		for _, item := range b.Board.Items {
			since[item.ID] = item.Since
		}
		for _, d := range b.Board.Doors {
			if d.Person+d.Item != "" {
				i.Doors = append(i.Doors, closure.Behind{Bank: b.Setup.Bank, Door: d.Number, Person: d.Person, Item: d.Item, State: stateOf(d), Since: since[d.Person+d.Item]})
			}
		}
	}
	return i
}

func stateOf(d view.Door) string {
	switch {
	case d.InDoubt:
		return "unverified"
	case d.State == view.DoorOpen:
		return "door open"
	case d.State == view.DoorUnasked:
		return "sensor silent"
	}
	return "in"
}

type lostData struct {
	Form   *kit.Form
	Count  int
	Words  []wordLine
	Online int
}

// wordLine is how old a bank's last word is.
type wordLine struct{ Name, Heard string }

func (p *pages) words(list []closure.Word) []wordLine {
	var lines []wordLine
	for _, w := range list {
		line := wordLine{kit.BankName(w.Bank), "never heard"}
		if !w.Heard.IsZero() {
			line.Heard = "last word " + p.when(w.Heard)
		}
		if !w.Online {
			line.Heard += ", offline"
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *pages) lostData(f *kit.Form) lostData {
	i := p.inventory()
	return lostData{Form: f, Count: len(p.frozenLines(i)), Words: p.words(i.Words)}
}

func (p *pages) lostForm(c echo.Context) error {
	return p.Page(c, http.StatusOK, "closure-lose", "Nobody can get at the lockers", p.lostData(p.NewForm(c, nil)))
}

func (p *pages) lose(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		id, err := p.Book.LoseAccess(c.Request().Context(), p.Who(c).Actor, p.inventory())
		return "/closure/lost/" + id, err
	})
	if err != nil {
		return p.Refuse(c, f, err, "closure-lose", "Nobody can get at the lockers", p.lostData(f))
	}
	return nil
}

// frozenLine is one door of a frozen inventory.
type frozenLine struct {
	Bank              string
	Door              int
	Name, Form, State string
	Since             string
}

type frozenData struct {
	Form       *kit.Form
	ID         string
	Lost, Back string
	Words      []wordLine
	Lines      []frozenLine
	Told       []string
	Text       string
	MayLose    bool
}

// neutral is what parents may be told: no cause, no blame, no promise.
const neutral = "Pupils’ phones are safe in the school’s lockers, which cannot be reached for the moment. Your child will leave without their phone today. " +
	"We will write again as soon as they can be collected. To reach your child, call the school office."

func (p *pages) frozenLines(i closure.Inventory) []frozenLine {
	var lines []frozenLine
	for _, d := range i.Doors {
		if d.Item != "" && p.Hides(d.Item) {
			continue
		}
		l := frozenLine{Bank: kit.BankName(d.Bank), Door: d.Door, Name: "A device that staff put in", State: d.State, Since: p.clock(d.Since)}
		if d.Person != "" {
			l.Name = "A pupil who is not on the roll"
			if name, form, ok := p.People.Name(d.Person); ok {
				l.Name, l.Form = name, form
			}
		}
		lines = append(lines, l)
	}
	return lines
}

func (p *pages) frozenData(c echo.Context, f *kit.Form) (frozenData, error) {
	id := kit.Param(c, "id")
	l, err := p.Book.Loss(id)
	if err != nil {
		return frozenData{}, err
	}
	i, err := p.Book.Inventory(c.Request().Context(), id)
	if err != nil {
		return frozenData{}, err
	}
	d := frozenData{Form: f, ID: id, Lost: p.by(l.Lost), Words: p.words(i.Words), Lines: p.frozenLines(i), Text: neutral, MayLose: p.May(c, roles.LoseAccess, roles.Target{})}
	if l.Back.Done() {
		d.Back = p.by(l.Back)
	}
	for _, t := range l.Told {
		d.Told = append(d.Told, fmt.Sprintf("%s: %s", p.by(t.Act), t.How))
	}
	return d, nil
}

func (p *pages) frozen(c echo.Context) error {
	d, err := p.frozenData(c, p.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "closure-lost", "What was behind the doors", d)
}

func (p *pages) frozenCSV(c echo.Context) error {
	d, err := p.frozenData(c, nil)
	if err != nil {
		return err
	}
	rows := [][]string{{"Bank", "Door", "Form", "Name", "State", "Since", "As of"}}
	for _, l := range d.Lines {
		rows = append(rows, []string{l.Bank, strconv.Itoa(l.Door), l.Form, l.Name, l.State, l.Since, d.Lost})
	}
	return kit.CSV(c, "doors-"+d.ID+".csv", rows)
}

func (p *pages) frozenPDF(c echo.Context) error {
	l, err := p.Book.Loss(kit.Param(c, "id"))
	if err != nil {
		return err
	}
	d, err := p.frozenData(c, nil)
	if err != nil {
		return err
	}
	return p.pdf(c, "Behind the doors when access was lost", d.Lines, l.Lost.At)
}

// listPDF is what is behind the doors now, for paper: by door, or by form and name.
func (p *pages) listPDF(c echo.Context) error {
	lines, title := p.frozenLines(p.inventory()), "Who has a device behind which door"
	if bank := c.QueryParam("bank"); bank != "" {
		title += ": " + kit.BankName(bank)
		lines = slices.DeleteFunc(lines, func(l frozenLine) bool { return l.Bank != kit.BankName(bank) })
	}
	if c.QueryParam("by") == "form" {
		slices.SortStableFunc(lines, func(a, b frozenLine) int { return cmp.Or(cmp.Compare(a.Form, b.Form), cmp.Compare(a.Name, b.Name)) })
	}
	return p.pdf(c, title, lines, p.Now())
}

func (p *pages) pdf(c echo.Context, title string, lines []frozenLine, made time.Time) error {
	var list []DoorLine
	for _, l := range lines {
		name := l.Name
		if l.State != "in" {
			name += " (" + l.State + ")"
		}
		list = append(list, DoorLine{l.Bank, l.Door, name, l.Form})
	}
	data, err := p.PDF(title, list, made.In(p.Now().Location()))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="doors-`+made.In(p.Now().Location()).Format("2006-01-02-1504")+`.pdf"`)
	return c.Blob(http.StatusOK, "application/pdf", data)
}

func (p *pages) told(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	id := kit.Param(c, "id")
	err = p.Do(c, f, func() (string, error) {
		return "/closure/lost/" + id, p.Book.Told(c.Request().Context(), p.Who(c).Actor, id, f.Get("how"))
	})
	if err == nil {
		return nil
	}
	d, broken := p.frozenData(c, f)
	if broken != nil {
		return broken
	}
	return p.Refuse(c, f, err, "closure-lost", "What was behind the doors", d)
}

func (p *pages) back(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	return p.Do(c, f, func() (string, error) {
		return "/closure", p.Book.AccessBack(c.Request().Context(), p.Who(c).Actor)
	})
}
