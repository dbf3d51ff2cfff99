package registers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// formData is the form of an entry, new or to be corrected.
type formData struct {
	Form   *kit.Form
	Kind   registers.Kind
	Entry  string // "" for a new one
	Advice string
	Fields []input
	On     kit.Field
	Due    *kit.Field // nil where nothing is due
}

// input is one field of the form.
type input struct {
	As string // the template that draws it
	kit.Field
}

func (p *pages) formData(k registers.Kind, f *kit.Form, entry string) formData {
	d := formData{Form: f, Kind: k, Entry: entry, On: kit.Field{Form: f, Name: "on", Label: "Day"}}
	if k.Due != registers.Not {
		hint := ""
		if k.Due == registers.May {
			hint = "Leave it empty if there is none."
		}
		d.Due = &kit.Field{Form: f, Name: "due", Label: k.DueWords, Hint: hint}
	}
	for _, field := range k.Fields {
		d.Fields = append(d.Fields, p.input(k, field, f, entry == ""))
	}
	return d
}

// input draws a field. Of a register with an entry for each member of staff several
// are ticked at once, those first who lack one.
func (p *pages) input(k registers.Kind, field registers.Field, f *kit.Form, fresh bool) input {
	in := input{Field: kit.Field{Form: f, Name: field.ID, Label: field.Title, Hint: field.Hint}}
	switch field.Type {
	case registers.Text:
		in.As = "area"
	case registers.Day:
		in.As = "date"
	case registers.Choice:
		in.As = "radios"
		in.Options = kit.Options(field.Choices, func(choice string) string { return choice }, nil)
	case registers.Staff:
		in.As, in.Options = "select", p.staff(field.Required)
		if fresh && k.Each == registers.EachStaff && field.ID == k.EachField {
			in.As, in.Options = "ticks", p.lackingFirst(k)
		}
	case registers.Form:
		in.As, in.Options = "select", p.forms()
	case registers.Pupil:
		in.As = "input"
		if in.Hint == "" {
			in.Hint = "The name."
		}
	default:
		in.As = "input"
	}
	if !field.Required && in.As != "radios" && in.As != "ticks" {
		in.Label += " (optional)"
	}
	return in
}

func (p *pages) staff(required bool) []kit.Option {
	first := kit.Option{Text: "Choose"}
	if !required {
		first.Text = "Nobody"
	}
	var list []kit.Option
	for _, person := range p.People.People() {
		if person.Kind == register.Staff && person.OnRoll() {
			list = append(list, kit.Option{Value: person.ID, Text: person.Name()})
		}
	}
	slices.SortFunc(list, func(a, b kit.Option) int { return strings.Compare(a.Text, b.Text) })
	return append([]kit.Option{first}, list...)
}

// lackingFirst are all staff, those without an entry that counts first.
func (p *pages) lackingFirst(k registers.Kind) []kit.Option {
	lacking := p.Book.Standing(k, "").Lacking
	list := p.staff(true)[1:]
	for i, o := range list {
		if !slices.Contains(lacking, o.Value) {
			list[i].Hint = "Has one that counts."
		}
	}
	slices.SortStableFunc(list, func(a, b kit.Option) int { return strings.Compare(a.Hint, b.Hint) })
	return list
}

func (p *pages) forms() []kit.Option {
	var names []string
	for _, person := range p.People.People() {
		if person.Kind == register.Pupil && person.Form != "" && !slices.Contains(names, person.Form) {
			names = append(names, person.Form)
		}
	}
	slices.Sort(names)
	return kit.Choose(kit.Options(names, func(name string) string { return name }, nil))
}

// read is what a form says, an entry for each person ticked.
func (p *pages) read(c echo.Context, k registers.Kind, f *kit.Form) ([]registers.Said, error) {
	said := registers.Said{Values: map[string]string{}}
	var err error
	if said.On, err = day(f, "on"); err != nil {
		return nil, err
	}
	if said.Due, err = day(f, "due"); err != nil {
		return nil, err
	}
	for _, field := range k.Fields {
		v := f.Get(field.ID)
		if field.Type == registers.Pupil && v != "" {
			if v, err = p.pupil(c, field.ID, v); err != nil {
				return nil, err
			}
		}
		said.Values[field.ID] = v
	}
	var list []registers.Said
	for _, id := range f.Values[k.EachField] {
		one := said
		one.Values = maps.Clone(said.Values)
		one.Values[k.EachField] = id
		list = append(list, one)
	}
	if len(list) == 0 {
		list = append(list, said)
	}
	return list, nil
}

func day(f *kit.Form, name string) (school.Date, error) {
	text := f.Get(name)
	if text == "" {
		return school.Date{}, nil
	}
	d, err := school.ParseDate(text)
	if err != nil {
		return d, errs.At(name, "That is not a day", "Give a day such as 2027-01-04.")
	}
	return d, nil
}

// pupil is the pupil of a name, among those whom the writer may see. Errors: invalid,
// at the field.
func (p *pages) pupil(c echo.Context, field, name string) (string, error) {
	words, class, _ := strings.Cut(name, "(")
	class = strings.TrimSuffix(strings.TrimSpace(class), ")")
	var found []register.Person
	for _, person := range p.People.Search(strings.TrimSpace(words)) {
		if person.Kind == register.Pupil && person.OnRoll() && isCalled(person, words) && (class == "" || strings.EqualFold(person.Form, class)) &&
			p.May(c, roles.SeeForm, p.Person(person.ID)) {
			found = append(found, person)
		}
	}
	switch len(found) {
	case 0:
		return "", errs.At(field, "No pupil of that name is known to you", "Leave it empty, and say it in words.")
	case 1:
		return found[0].ID, nil
	}
	var names []string
	for _, q := range found[:min(len(found), 5)] {
		names = append(names, called(q))
	}
	return "", errs.At(field, fmt.Sprintf("That could be %s", strings.Join(names, ", ")), "Type one of them in full, with the class.")
}

// isCalled reports whether every word stands in a pupil's name: a search may be kinder.
func isCalled(p register.Person, words string) bool {
	name := strings.ToLower(p.Name())
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if !strings.Contains(name, word) {
			return false
		}
	}
	return true
}

// called is a pupil's name with the class, as a form has it.
func called(p register.Person) string { return p.Name() + " (" + p.Form + ")" }
