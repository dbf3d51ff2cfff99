package registers

import (
	"strings"

	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
)

// entryLine is an entry in the list.
type entryLine struct {
	ID, On string
	Cells  []string
	State  string
	Asks   bool // something is to be done about it
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
