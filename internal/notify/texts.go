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

// English are the templates a school has that writes none itself.
func English() []Template {
	return []Template{
		{ID: "contact-office", For: ToContact, Subject: "{school}: please contact the office", Text: `Dear parent or carer,

please contact the office of {school} about {child}.

Telephone: {office_phone}

For reasons of privacy we say no more here.
`},
		{ID: "come-to-office", For: ToContact, Subject: "{school}: please come to the office", Text: `Dear parent or carer,

please come to the office of {school} about {child}, from {time}, and bring something that shows who you are.

Telephone: {office_phone}

For reasons of privacy we say no more here.
`},
		{ID: "come-again", For: ToContact, Subject: "{school}: a reminder to come to the office", Text: `Dear parent or carer,

we are still waiting to see you at the office of {school} about {child}. Please come, and bring something that shows who you are, or telephone if you cannot.

Telephone: {office_phone}

For reasons of privacy we say no more here.
`},
		{ID: "staff-office", For: ToStaff, Subject: "{school}: please see the office", Text: `Please see the office, or telephone {office_phone}.

For reasons of privacy we say no more here.
`},
		{ID: "device-change", For: ToStaff, Subject: "{school}: a change for school devices waits for you", Text: `Somebody asked at {time} for a change for school devices, and it waits for others to agree.

{what}

Read it and decide: {link}

Until then everything stays as it is. You are told once for each change.
`},
		{ID: "visitor-breach", For: ToStaff, Subject: "{school}: a record about a visitor waits for you", Text: `Staff recorded at {time} that a visitor broke the agreement on devices.

{what}

Read it: {link}

For reasons of privacy we say no more here. You are told once for each.
`},
		{ID: "device-bell", For: ToStaff, Subject: "{school}: a bell did not reach all school devices", Text: `The bell at {time} did not take on all school devices.

{what}

See which, and set them right by hand: {link}

Until they answer, take it that their rules are not in force. You are told once for each bell.
`},
		{ID: "concern", For: ToStaff, Subject: "{school}: something waits for you", Text: `Something was reported at {time}.

{what}

{link}

For reasons of privacy we say no more here.
`},
		{ID: "registers-week", For: ToStaff, Subject: "{school}: registers that need something", Text: `Registers that you look after need something:

{what}

Look at them: {link}

You are told once a week while there is anything. Nothing at the lockers waits for it.
`},
		{ID: "register-entry", For: ToStaff, Subject: "{school}: a register has a new entry for you", Text: `Somebody wrote at {time} in a register of which you are told at once.

{what}

Read it: {link}

For reasons of privacy we say no more here.
`},
	}
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
