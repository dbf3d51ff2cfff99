package registers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// line is a register in the list.
type line struct {
	ID, Title string
	Words     []string // what is to be done
	Calm      string   // how it stands, when nothing is
}

type group struct {
	Title string
	Lines []line
}

// list shows the registers that need something first.
func (p *pages) list(c echo.Context) error {
	var groups []group
	var needs []line
	for _, k := range p.Book.Registers() {
		reads := p.mayRead(c, k)
		if !reads && !p.mayWrite(c, k) {
			continue
		}
		l := line{ID: k.ID, Title: k.Title, Calm: "You may write in it."}
		if reads {
			s := p.Book.Standing(k, p.Who(c).Person)
			l.Words, l.Calm = s.Words(), calm(s)
		}
		if len(l.Words) > 0 {
			needs = append(needs, l)
			continue
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.Title == k.Group })
		if i < 0 {
			i, groups = len(groups), append(groups, group{Title: k.Group})
		}
		groups[i].Lines = append(groups[i].Lines, l)
	}
	return p.Page(c, http.StatusOK, "registers", "Registers", struct {
		Needs  []line
		Groups []group
	}{needs, groups})
}

// calm says how a register stands that needs nothing now.
func calm(s registers.Standing) string {
	var words []string
	switch {
	case len(s.Kind.Write) == 0:
		return "Bellkeep fills it in."
	case s.Entries == 0:
		words = append(words, "No entries yet.")
	default:
		words = append(words, "Last entry: "+registers.DayWords(s.Last)+".")
	}
	if s.Of > 0 {
		words = append(words, number(s.Done)+" of "+number(s.Of)+" this school year.")
	}
	if s.Next != (school.Date{}) && !s.Overdue {
		words = append(words, "Next due by "+registers.DayWords(s.Next)+".")
	}
	if s.Open > 0 {
		words = append(words, "Open: "+number(s.Open)+".")
	}
	return strings.Join(words, " ")
}

func number(n int) string { return strconv.Itoa(n) }

// oneData is a register with its entries.
type oneData struct {
	Kind     registers.Kind
	At       string
	Advice   string
	Clauses  []clauses.Clause
	Words    []string
	Calm     string
	Lacking  []string // by name
	Entries  []entryLine
	More     int
	Filled   *Filled
	MayWrite bool
	Reads    bool
	Heads    []string
	Writers  string
}

// entryLine is an entry in the list.
type entryLine struct {
	ID, On string
	Cells  []string
	State  string
	Asks   bool // something is to be done about it
}

// mostShown are entries on one page; the file has them all.
const mostShown = 200

func (p *pages) one(c echo.Context) error {
	k, err := p.register(c)
	if err != nil {
		return err
	}
	s := p.Book.Standing(k, p.Who(c).Person)
	d := oneData{Kind: k, At: p.Now().Format("2 January 2006, 15:04"), Clauses: p.clausesOf(k), MayWrite: p.mayWrite(c, k), Reads: p.mayRead(c, k), Writers: writers(k)}
	if rule, ok := policy.Find(k.AdviceBy); ok {
		d.Advice = rule.Words(p.Rules())
	}
	if d.Reads {
		d.Words, d.Calm = s.Words(), calm(s)
		for _, id := range s.Lacking {
			if k.Each == registers.EachStaff {
				id = p.name(id)
			}
			d.Lacking = append(d.Lacking, id)
		}
		if fill := p.Filled[k.ID]; fill != nil {
			filled := fill()
			d.Filled = &filled
		}
	}
	for _, f := range k.Fields {
		if f.Type != registers.Text {
			d.Heads = append(d.Heads, f.Title)
		}
	}
	list := p.entries(c, k)
	d.More = max(0, len(list)-mostShown)
	for _, e := range list[:len(list)-d.More] {
		d.Entries = append(d.Entries, p.entryLine(k, e))
	}
	return p.Page(c, http.StatusOK, "register", k.Title, d)
}

// writers are the roles that keep a register, as people say them.
func writers(k registers.Kind) string {
	var names []string
	for _, r := range k.Write {
		names = append(names, kit.RoleName(r))
	}
	return strings.Join(names, ", ")
}

func (p *pages) entryLine(k registers.Kind, e registers.Entry) entryLine {
	l := entryLine{ID: e.ID, On: registers.DayWords(e.On)}
	for _, f := range k.Fields {
		if f.Type != registers.Text {
			l.Cells = append(l.Cells, p.value(f, e.Values[f.ID]))
		}
	}
	l.State, l.Asks = p.state(k, e)
	return l
}

// state says how an entry stands, and whether something is to be done about it.
func (p *pages) state(k registers.Kind, e registers.Entry) (words string, asks bool) {
	var list []string
	late := e.Late(k, school.DateOf(p.Now()))
	switch by := e.ClosesBy(k); {
	case e.Ended != nil:
		list = append(list, "Ended "+p.day(e.Ended.At))
	case late:
		list = append(list, "Late: was due by "+registers.DayWords(by))
	case k.Closes && by != (school.Date{}):
		list = append(list, "Open, "+dueWords(k)+" "+registers.DayWords(by))
	case k.Closes:
		list = append(list, "Open")
	case e.Due != (school.Date{}):
		list = append(list, k.DueWords+" "+registers.DayWords(e.Due))
	}
	if e.Unseen(k) {
		list = append(list, "not yet "+strings.ToLower(k.SeenWord()))
	}
	if len(e.Before) > 0 {
		list = append(list, "corrected")
	}
	if e.Values == nil {
		list = append(list, "its text is not kept any more")
	}
	words = strings.Join(list, "; ")
	if words != "" {
		words = strings.ToUpper(words[:1]) + words[1:]
	}
	return words, late || e.Unseen(k)
}

func dueWords(k registers.Kind) string {
	if k.DueWords == "" {
		return "due by"
	}
	return strings.ToLower(k.DueWords[:1]) + k.DueWords[1:]
}

// value is one value for people.
func (p *pages) value(f registers.Field, v string) string {
	switch f.Type {
	case registers.Staff, registers.Pupil:
		if v != "" {
			return p.name(v)
		}
	case registers.Day:
		if d, err := school.ParseDate(v); err == nil {
			return registers.DayWords(d)
		}
	}
	return v
}

// name is a person's, or what stands for somebody whose name is not kept.
func (p *pages) name(id string) string {
	if person, ok := p.People.Person(id); ok && person.Name() != "" {
		if person.Form != "" {
			return person.Name() + " (" + person.Form + ")"
		}
		return person.Name()
	}
	return "somebody who has left"
}

// csv is a register for a spreadsheet, with what other books say of it.
func (p *pages) csv(c echo.Context) error {
	k, err := p.register(c)
	if err != nil {
		return err
	}
	head := []string{"Day"}
	for _, f := range k.Fields {
		head = append(head, f.Title)
	}
	rows := [][]string{append(head, "Due", "Written by", "Written on", "State", "Outcome")}
	for _, e := range p.entries(c, k) {
		row := []string{e.On.String()}
		for _, f := range k.Fields {
			row = append(row, p.value(f, e.Values[f.ID]))
		}
		state, _ := p.state(k, e)
		due, outcome := "", ""
		if e.Due != (school.Date{}) {
			due = e.Due.String()
		}
		if e.Ended != nil {
			outcome = e.Ended.Outcome
		}
		rows = append(rows, append(row, due, e.By, p.day(e.At), state, outcome))
	}
	if fill := p.Filled[k.ID]; fill != nil && p.mayRead(c, k) {
		filled := fill()
		if len(k.Fields) == 0 {
			rows = nil
		}
		rows = append(append(rows, filled.Heads), filled.Rows...)
	}
	return kit.CSV(c, "register-"+k.ID+".csv", rows)
}
