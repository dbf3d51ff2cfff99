package notify

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
)

// Texts is what a school's notices are made of.
type Texts struct {
	School      string // its name
	OfficePhone string
	Zone        *time.Location // of {time}; nil is UTC
	Templates   []Template     // nil are those of English
}

// template finds a template.
func (t Texts) template(id string) (Template, bool) {
	templates := t.Templates
	if templates == nil {
		templates = English()
	}
	i := slices.IndexFunc(templates, func(t Template) bool { return t.ID == id })
	if i < 0 {
		return Template{}, false
	}
	return templates[i], true
}

// templateLine is a template in a school's file.
type templateLine struct {
	ID      config.Value[string] `yaml:"id"`
	For     string               `yaml:"for"`
	Subject string               `yaml:"subject"`
	Text    string               `yaml:"text"`
}

// ReadTemplates reads a school's own templates and notes every fault:
//
//	templates:
//	  - id: contact-office
//	    for: contact # or staff
//	    subject: "{school}: please contact the office"
//	    text: |
//	      Dear parent or carer, ...
//
// A template takes the place of the English one with its id; the others stay.
func ReadTemplates(path string, faults *config.Faults) []Template {
	var file struct {
		Templates []templateLine `yaml:"templates"`
	}
	list := English()
	if !config.Load(path, &file, faults) {
		return list
	}
	if len(file.Templates) > MaxTemplates {
		faults.Add(path, 0, "templates: there are %d, and may be up to %d", len(file.Templates), MaxTemplates)
		return list
	}
	lines := map[string]int{}
	for _, l := range file.Templates {
		t := Template{ID: l.ID.V, For: Audience(l.For), Subject: l.Subject, Text: l.Text}
		for _, fault := range t.faults() {
			faults.Add(path, l.ID.Line, "template %.40q: %s", t.ID, fault)
		}
		if lines[t.ID] != 0 {
			faults.Add(path, l.ID.Line, "template %.40q stands on line %d already", t.ID, lines[t.ID])
		}
		lines[t.ID] = l.ID.Line
		list = append(slices.DeleteFunc(list, func(old Template) bool { return old.ID == t.ID }), t)
	}
	return list
}
