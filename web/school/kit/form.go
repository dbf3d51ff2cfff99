package kit

import (
	"crypto/rand"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Form is what somebody filled in, and what is wrong with it. A page shows it
// with the templates of fields.html.
type Form struct {
	Values url.Values
	Faults []Fault
	Once   string // makes sending it twice do it once
	As     string // marks the account that was shown it
}

// Fault is one thing wrong with a form, beside its field.
type Fault struct {
	Field string // its name, and its id on the page; "" for the form as a whole
	Text  string
	Next  string
}

// NewForm is an empty form, or what the same person typed into it before their
// session ended or in the steps before. start are its first values.
func (k *Kit) NewForm(c echo.Context, start url.Values) *Form {
	who := k.Who(c)
	f := &Form{Values: url.Values{}, Once: rand.Text(), As: k.drafts.mark(who.Account)}
	for name, v := range start {
		f.Values[name] = v
	}
	kept, ok := k.draft(c)
	if ok {
		f.Values = kept.values
	}
	switch {
	case ok && !kept.step:
		f.Faults = []Fault{{Text: "You had been signed out. What you typed is still here: look it over and send it again."}}
	case !ok && c.QueryParam(draftField) != "":
		f.Faults = []Fault{{Text: "What you typed before is not kept any more.", Next: "Begin again."}}
	}
	return f
}

// ReadForm is what was posted, with files or without.
func (k *Kit) ReadForm(c echo.Context) (*Form, error) {
	r := c.Request()
	parse := r.ParseForm
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		parse = func() error { return r.ParseMultipartForm(inMemory) }
	}
	if err := parse(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, errs.Wrap(err, errs.Invalid, "The form could not be read.", "Go back and try again.")
	}
	f := &Form{Values: r.PostForm, Once: r.PostForm.Get(onceField), As: k.drafts.mark(k.Who(c).Account)}
	if f.Once == "" || len(f.Once) > len(rand.Text()) {
		f.Once = rand.Text()
	}
	return f, nil
}

// inMemory is how much of a form with files is read into memory, in bytes: all
// that the routes with files allow.
const inMemory = 4 << 20

// Get is the value of a field, without blanks around it. What is not text is
// nothing.
func (f *Form) Get(name string) string {
	v := strings.TrimSpace(f.Values.Get(name))
	if !utf8.ValidString(v) {
		return ""
	}
	return v
}

// Has reports whether value is among those chosen for a field.
func (f *Form) Has(name, value string) bool {
	for _, v := range f.Values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Fault is what is wrong with a field, or "".
func (f *Form) Fault(name string) string {
	for _, fault := range f.Faults {
		if fault.Field == name {
			return fault.Text
		}
	}
	return ""
}

// Refuse shows the page again with what is wrong beside each field and what was
// typed. What is broken inside becomes a failure page.
func (k *Kit) Refuse(c echo.Context, f *Form, err error, page, title string, data any) error {
	f.Faults = nil
	for _, e := range errs.All(err) {
		if e.Code == errs.Internal {
			return err
		}
		f.Faults = append(f.Faults, Fault{e.Field, e.Message, e.Hint})
	}
	if len(f.Faults) == 0 {
		return err
	}
	status := ui.ProblemOf(err).Status
	if status == http.StatusBadRequest {
		status = http.StatusUnprocessableEntity
	}
	return k.Page(c, status, page, "Error: "+title, data)
}

// Field is one input of a form as a template draws it.
type Field struct {
	*Form
	Name, Label, Hint string
	Options           []Option // of radios, ticks and a select
}

// Option is one choice.
type Option struct{ Value, Text, Hint string }

// Options are choices in the order of list; hints has none for most of them.
func Options[T ~string](list []T, words func(T) string, hints map[T]string) []Option {
	var out []Option
	for _, v := range list {
		out = append(out, Option{Value: string(v), Text: words(v), Hint: hints[v]})
	}
	return out
}

// Choose is a list behind an option that is no choice yet.
func Choose(list []Option) []Option { return append([]Option{{Text: "Choose"}}, list...) }

// DateTime is how browsers give and take a date with its time.
const DateTime = "2006-01-02T15:04"

// Moment reads a date with its time out of a form, in the school's zone. asked is what
// it is the time of, such as: when it started. Errors: invalid, at the field.
func (k *Kit) Moment(f *Form, field, asked string) (time.Time, error) {
	t, err := time.ParseInLocation(DateTime, f.Get(field), k.Now().Location())
	if err != nil {
		return t, errs.At(field, "Enter "+asked+", with date and time", "")
	}
	return t, nil
}

// Value is what stands in the field.
func (f Field) Value() string { return f.Values.Get(f.Name) }

// Wrong is what is wrong with it.
func (f Field) Wrong() string { return f.Fault(f.Name) }

// Describes are the ids of what is read out with the field.
func (f Field) Describes() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Wrong() != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// funcs are what templates of forms call.
var funcs = template.FuncMap{
	"field": func(f *Form, name, label, hint string, options ...[]Option) Field {
		field := Field{Form: f, Name: name, Label: label, Hint: hint}
		for _, list := range options {
			field.Options = append(field.Options, list...)
		}
		return field
	},
}
