package notify

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
)

var some = fields{School: "Elmfield Academy", OfficePhone: "01632 960001", Time: "15:10 on Monday 23 November", Child: anyChild, What: "Year 7: 3 of 30.", Link: "https://bellkeep.example/"}

func TestEnglishTemplates(t *testing.T) {
	for _, tmpl := range English() {
		if err := tmpl.Check(); err != nil {
			t.Errorf("%s: %v", tmpl.ID, err)
		}
		subject, text, err := tmpl.render(some)
		if err != nil || strings.ContainsAny(subject+text, "{}") {
			t.Errorf("%s: %q %q %v", tmpl.ID, subject, text, err)
		}
		if tmpl.For == ToStaff {
			continue
		}
		for _, word := range []string{"phone was", "confiscat", "device", "behaviour", "worr"} {
			if strings.Contains(strings.ToLower(text), word) {
				t.Errorf("%s says %q", tmpl.ID, word)
			}
		}
	}
}

// The values a template can take are these four, and two that Tell alone fills in;
// each has its placeholder.
func TestFieldsAreAClosedList(t *testing.T) {
	typ := reflect.TypeFor[fields]()
	if typ.NumField() != 6 || len(some.list()) != 2*typ.NumField() {
		t.Errorf("%d fields and %d placeholders", typ.NumField(), len(some.list())/2)
	}
	// What a caller can say: ids, a time, a way. Nothing of it is text for the notice.
	request := reflect.TypeFor[Request]()
	known := map[string]bool{"About": true, "Template": true, "Pupil": true, "Contact": true, "Staff": true, "Time": true, "Paper": true}
	for i := range request.NumField() {
		if !known[request.Field(i).Name] {
			t.Errorf("a request has the new field %s: can it carry free text into an e-mail?", request.Field(i).Name)
		}
	}
}

func TestRefusedTemplates(t *testing.T) {
	good := English()[0]
	for name, spoil := range map[string]func(*Template){
		"reason":           func(t *Template) { t.Text += "{reason}" },
		"device":           func(t *Template) { t.Subject = "{device}" },
		"pupil":            func(t *Template) { t.Text += "{pupil}" },
		"spaces":           func(t *Template) { t.Text += "{ school }" },
		"capitals":         func(t *Template) { t.Text += "{School}" },
		"nested":           func(t *Template) { t.Text += "{{school}}" },
		"left open":        func(t *Template) { t.Text += "{school" },
		"closed only":      func(t *Template) { t.Text += "}" },
		"split":            func(t *Template) { t.Subject, t.Text = "{sch", "ool}" },
		"no subject":       func(t *Template) { t.Subject = "" },
		"two lines":        func(t *Template) { t.Subject = "a\nBcc: b@c.example" },
		"return":           func(t *Template) { t.Text = "a\r\nb" },
		"hidden":           func(t *Template) { t.Text = "a\u202eb" },
		"not UTF-8":        func(t *Template) { t.Text = "\xff" },
		"long":             func(t *Template) { t.Text = strings.Repeat("a", MaxText+1) },
		"long subject":     func(t *Template) { t.Subject = strings.Repeat("a", MaxSubject+1) },
		"bad id":           func(t *Template) { t.ID = "Hello there" },
		"nobody":           func(t *Template) { t.For = "press" },
		"a child of staff": func(t *Template) { t.For = ToStaff },
	} {
		tmpl := good
		spoil(&tmpl)
		if err := tmpl.Check(); errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of any text at all, a template takes only what comes out as it went in, but
// for the four placeholders.
func checkTemplate(t interface{ Fatalf(string, ...any) }, text string) {
	tmpl := Template{ID: "any", For: ToContact, Subject: "a", Text: text}
	if tmpl.Check() != nil {
		return
	}
	_, got, err := tmpl.render(some)
	if err != nil {
		t.Fatalf("%q passed and cannot be rendered: %v", text, err)
	}
	fixed := regexp.MustCompile(`\{(school|office_phone|time|child)\}`)
	want := fixed.ReplaceAllStringFunc(text, func(p string) string {
		return map[string]string{"{school}": some.School, "{office_phone}": some.OfficePhone, "{time}": some.Time, "{child}": "your child"}[p]
	})
	if got != want || strings.ContainsAny(got, "{}") {
		t.Fatalf("%q became %q", text, got)
	}
}

func TestNoTemplateCarriesAnotherField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"{", "}", "school", "child", "reason", "{time}", "{office_phone}", "{name}", " ", "\n", "Hello", "%s", "${school}"}), 1, 12)
		checkTemplate(t, strings.Join(parts.Draw(t, "parts"), ""))
	})
}

func FuzzTemplate(f *testing.F) {
	for _, tmpl := range English() {
		f.Add(tmpl.Text)
	}
	f.Add("{school}{school")
	f.Add("{{child}}")
	f.Fuzz(func(t *testing.T, text string) { checkTemplate(t, text) })
}

// A value is put in as it is, or not at all.
func TestValues(t *testing.T) {
	tmpl := Template{ID: "any", For: ToContact, Subject: "{school}", Text: "{school} at {time}"}
	f := some
	f.School = "{time} {child}"
	if _, text, err := tmpl.render(f); err != nil || text != "{time} {child} at "+some.Time {
		t.Errorf("%q, %v", text, err)
	}
	for _, bad := range []string{"", "a\nb", "a\r\nBcc: x@y.example", strings.Repeat("a", maxField+1), "\xff"} {
		f.School = bad
		if _, _, err := tmpl.render(f); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	f = fields{School: "A"}
	if _, text, err := (Template{Subject: "a", Text: "{school}"}).render(f); err != nil || text != "A" {
		t.Errorf("what is not used is missed: %q %v", text, err)
	}
}

func TestClock(t *testing.T) {
	zone, err := time.LoadLocation("Europe/London")
	must(t, err)
	if got := clock(time.Date(2026, 6, 22, 14, 10, 0, 0, time.UTC), zone); got != "15:10 on Monday 22 June" {
		t.Error(got)
	}
}

func TestReadTemplates(t *testing.T) {
	read := func(text string) ([]Template, []config.Fault) {
		path := filepath.Join(t.TempDir(), "notices.yaml")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		var faults config.Faults
		return ReadTemplates(path, &faults), faults.List()
	}
	list, faults := read("templates:\n  - {id: contact-office, for: contact, subject: Hallo, text: 'Bitte {office_phone} anrufen.'}\n  - {id: own, for: staff, subject: a, text: b}\n")
	own, _ := Texts{Templates: list}.template("contact-office")
	if len(faults) != 0 || len(list) != len(English())+1 || own.Subject != "Hallo" {
		t.Errorf("%+v, %v", list, faults)
	}
	_, faults = read("templates:\n  - {id: a, for: contact, subject: '{reason}', text: b}\n  - {id: a, for: nobody, subject: a, text: b, colour: red}\n")
	var got []string
	for _, f := range faults {
		got = append(got, f.String())
	}
	want := []string{
		`notices.yaml:2: template "a": "{reason}" is no placeholder: there are {school}, {office_phone}, {time}, {child}, {what} and {link}`,
		"notices.yaml:3: there is no key colour; look for a typing error",
		`notices.yaml:3: template "a": "nobody" is neither contact nor staff`,
		`notices.yaml:3: template "a" stands on line 2 already`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("faults:\n%s", strings.Join(got, "\n"))
	}
	if _, faults := read("templates: [" + strings.Repeat("{id: a},", MaxTemplates+1) + "]"); len(faults) != 1 {
		t.Errorf("too many: %v", faults)
	}
}
