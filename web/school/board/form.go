package board

import (
	"html/template"
	"net/url"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// formData is what the sections of a form's page get.
type formData struct {
	moment
	form
	Counts formLine
	Banks  []bankNow // of its lines
}

func formPage(get func(string) string, _ reader, s *scene) (livePage, error) {
	name := get("name")
	if len(s.formData(name).Lines) == 0 {
		return livePage{}, errs.New(errs.NotFound, "There is no such form on any bank's list.", "Look at the forms on the start page.")
	}
	return livePage{name: "form", title: "Form " + name, query: url.Values{"name": {name}}, draw: func(s *scene) (any, []part) {
		d := s.formData(name)
		return d, parts(d, "form", "asof-banks")
	}}, nil
}

func (s *scene) formData(name string) formData {
	d := formData{moment: s.moment(), form: form{Name: name}}
	d.Lines = s.linesOf(func(l line) bool { return l.Form == name })
	if counts := formLines(d.Lines); len(counts) > 0 {
		d.Counts = counts[0]
	}
	d.Banks = s.banksOf(d.Lines)
	return d
}

// banksOf gives the banks that lines are of.
func (s *scene) banksOf(lines []line) []bankNow {
	of := map[string]bool{}
	for _, l := range lines {
		of[l.Bank] = true
	}
	var list []bankNow
	for _, b := range s.banks {
		if of[b.ID] {
			list = append(list, b)
		}
	}
	return list
}

// formPath is the address of a form's page; a form may be named 10/A.
func formPath(name string) template.URL {
	return template.URL("/form/" + url.PathEscape(name)) // escaped right here
}
