package devicerules

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// newID stands in an address for what is not there yet.
const newID = "new"

// editor is a form that changes one kind of thing.
type editor struct {
	title string
	has   func(r mdm.Rules, id string) bool
	start func(p *pages, r mdm.Rules, id string) url.Values
	apply func(r *mdm.Rules, id string, f *kit.Form) error
}

var editors = map[string]editor{
	"profile":    {"profile", hasProfile, (*pages).startProfile, applyProfile},
	"list":       {"list", hasList, (*pages).startList, applyList},
	"group":      {"group", hasGroup, (*pages).startGroup, applyGroup},
	"quarantine": {"what quarantine asks", func(_ mdm.Rules, id string) bool { return id == "all" }, (*pages).startQuarantine, applyQuarantine},
}

// editData is the form, or the page that shows what it would do and asks why.
type editData struct {
	Form            *kit.Form
	What, ID, Title string
	New             bool
	Settings        []settingField
	Where           []whereField
	Lists           []kit.Option

	Check *checkData // nil while the form is filled in
}

// checkData is what a change would do.
type checkData struct {
	Diff, Edits []change.Line
	Devices, Of int
	Filters     bool
	Hidden      []hidden // the form's answers
}

type hidden struct{ Name, Value string }

var errNoEntry = errs.New(errs.NotFound, "There is nothing of that name in the device rules.", "Look at the list of the rules.")

// base are the rules a form starts from: the last version, which may be yet to come.
func (p *pages) base(c echo.Context) (e editor, last change.Version, err error) {
	e, known := editors[c.Param("what")]
	last, ok := p.Versions.Last()
	if !known || !ok || c.Param("id") != newID && !e.has(last.Rules, c.Param("id")) || c.Param("id") == newID && c.Param("what") == "quarantine" {
		return e, last, errNoEntry
	}
	return e, last, nil
}

func (p *pages) editForm(c echo.Context) error {
	e, last, err := p.base(c)
	if err != nil {
		return err
	}
	start := e.start(p, last.Rules, c.Param("id"))
	start.Set("base", strconv.Itoa(last.N))
	d := p.editData(c, e, last, p.NewForm(c, start))
	return p.Page(c, http.StatusOK, "device-rules-edit", d.Title, d)
}

func (p *pages) editData(c echo.Context, e editor, last change.Version, f *kit.Form) *editData {
	d := &editData{Form: f, What: c.Param("what"), ID: c.Param("id"), New: c.Param("id") == newID}
	d.Title = "Change the " + e.title
	switch {
	case d.New:
		d.Title = "Add a " + e.title
	case d.What == "quarantine":
		d.Title = "Change " + e.title
	}
	for _, l := range last.Rules.Lists {
		d.Lists = append(d.Lists, kit.Option{Value: l.ID, Text: nameOr(l.Name, l.ID)})
	}
	if d.What == "profile" || d.What == "quarantine" {
		d.Settings = settingFields(last.Rules, f)
	}
	if d.What == "profile" {
		d.Where = p.whereFields(last.Rules, f)
	}
	return d
}

// edit shows what a form would do and asks why; then it asks for the change.
func (p *pages) edit(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	e, last, err := p.base(c)
	if err != nil {
		return err
	}
	d := p.editData(c, e, last, f)
	rules, err := p.asked(c, e, last, f)
	if err == nil && len(change.Edits(last.Rules, rules)) == 0 {
		err = errs.New(errs.Invalid, "Nothing would change.", "Change something, or leave it as it is.")
	}
	if err != nil {
		return p.Refuse(c, f, err, "device-rules-edit", d.Title, d)
	}
	d.Check = &checkData{Diff: p.Effects.Diff(last.Rules, rules), Edits: change.Edits(last.Rules, rules), Filters: p.Effects.Filters(last.Rules, rules), Hidden: answers(f)}
	d.Check.Devices, d.Check.Of = p.Effects.Affected(last.Rules, rules)
	d.Title = "Check the change"
	if f.Get("checked") == "" {
		return p.Page(c, http.StatusOK, "device-rules-edit", d.Title, d)
	}
	err = p.Do(c, f, func() (string, error) { return p.ask(c, f, last.N, rules) })
	if err != nil {
		return p.Refuse(c, f, err, "device-rules-edit", d.Title, d)
	}
	return nil
}

// asked are the rules that a form asks for.
func (p *pages) asked(c echo.Context, e editor, last change.Version, f *kit.Form) (mdm.Rules, error) {
	rules := copied(last.Rules)
	if base := f.Get("base"); base != strconv.Itoa(last.N) {
		return rules, errs.New(errs.Conflict, "Somebody published another version meanwhile.", "Open the form again: it starts from that one.")
	}
	if err := e.apply(&rules, c.Param("id"), f); err != nil {
		return rules, err
	}
	if err := rules.Validate(); err != nil {
		return rules, errs.New(errs.Invalid, errs.All(err)[0].Message, "Correct it.")
	}
	return copied(rules), nil
}

// copied shares nothing with r, and is as the ledger would give it back.
func copied(r mdm.Rules) (out mdm.Rules) {
	data, err := json.Marshal(r)
	if err != nil || json.Unmarshal(data, &out) != nil {
		return r // it was checked, so it is JSON
	}
	return out
}

func (p *pages) ask(c echo.Context, f *kit.Form, base int, rules mdm.Rules) (string, error) {
	a := change.Ask{Base: base, Rules: rules, Why: f.Get("why"), Risk: f.Get("risk")}
	if text := f.Get("from"); text != "" {
		t, err := time.ParseInLocation(moment, text, p.Now().Location())
		if err != nil {
			return "", errs.At("from", "That is not a day and a time.", "Give one such as 2027-01-04T08:00, or leave it empty.")
		}
		a.From = t
	}
	r, err := p.Asking.Ask(c.Request().Context(), p.by(c), a)
	for _, e := range errs.All(err) {
		if e.Field == "rules" {
			e.Field = ""
		}
	}
	return "/device-rules/change/" + r.ID, err
}

// answers are a form's fields but for those of the page that shows what it does.
func answers(f *kit.Form) (list []hidden) {
	own := []string{"once", "as", "why", "risk", "from", "checked"}
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		for _, v := range f.Values[name] {
			if !slices.Contains(own, name) {
				list = append(list, hidden{name, v})
			}
		}
	}
	return list
}

func nameOr(name, id string) string {
	if name == "" {
		return id
	}
	return fmt.Sprintf("%s (%s)", name, id)
}
