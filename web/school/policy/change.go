package policy

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// changeData is the form that changes one rule, and the page that asks whether
// it is meant.
type changeData struct {
	Form    *kit.Form
	Key     policy.Key
	Now     string // its value in words
	Options []kit.Option
	Clauses []clauseLine
	Check   *checkData // nil while the form is filled in
}

// clauseLine is a clause that a rule follows.
type clauseLine struct{ ID, Meaning string }

// checkData is what is about to be changed, in words.
type checkData struct {
	Changes []policy.Change
	From    string
	Second  bool // somebody else must approve
	Values  url.Values
}

var errNoRule = errs.New(errs.NotFound, "There is no such rule.", "Look at the list of the rules.")

func (o *pages) changeForm(c echo.Context) error {
	k, ok := policy.Find(c.Param("key"))
	if !ok {
		return errNoRule
	}
	v, _ := o.inForce()
	start := url.Values{"value": {k.Value(v.Rules)}}
	if k.Many && k.Options != nil {
		start["value"] = strings.Split(k.Value(v.Rules), "\n")
	}
	return o.Page(c, http.StatusOK, "policy-change", k.Title, o.changeData(k, o.NewForm(c, start)))
}

func (o *pages) changeData(k policy.Key, f *kit.Form) *changeData {
	v, _ := o.inForce()
	d := &changeData{Form: f, Key: k, Now: k.Words(v.Rules)}
	for _, opt := range k.Options {
		d.Options = append(d.Options, kit.Option{Value: opt.Value, Text: opt.Words})
	}
	for _, c := range o.follows(k.Name) {
		d.Clauses = append(d.Clauses, clauseLine{c.ID, c.Meaning})
	}
	return d
}

// change shows what would change, and changes it once somebody has looked.
func (o *pages) change(c echo.Context) error {
	k, ok := policy.Find(c.Param("key"))
	if !ok {
		return errNoRule
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	d := o.changeData(k, f)
	rules, from, err := o.asked(k, f)
	if err != nil {
		return o.Refuse(c, f, err, "policy-change", k.Title, d)
	}
	if f.Get("checked") == "" {
		if d.Check, err = o.check(f, rules, from); err != nil {
			return o.Refuse(c, f, err, "policy-change", k.Title, d)
		}
		return o.Page(c, http.StatusOK, "policy-change", "Check the change", d)
	}
	err = o.Do(c, f, func() (string, error) {
		_, _, err := o.Proposals.Propose(c.Request().Context(), o.Who(c).Actor, rules, from, f.Get("why"))
		return "/policy", atForm(err, k.Name)
	})
	if err != nil {
		return o.Refuse(c, f, err, "policy-change", k.Title, d)
	}
	return nil
}

// asked are the rules that a form asks for, from the moment it says; the zero
// time is now.
func (o *pages) asked(k policy.Key, f *kit.Form) (policy.Rules, time.Time, error) {
	from, at := time.Time{}, o.Now()
	if day := f.Get("from"); day != "" {
		d, err := school.ParseDate(day)
		if err != nil {
			return policy.Rules{}, from, errs.At("from", "That is not a day.", "Give a day such as 2027-01-04.")
		}
		if d != school.DateOf(at) { // today means now
			from = d.At(school.Clock{}, at.Location())
			at = from
		}
	}
	v, ok := o.Versions.VersionAt(at)
	r := policy.Default()
	if ok {
		r = v.Rules.Copy()
	}
	text := f.Get("value")
	if k.Many && k.Options != nil {
		text = strings.Join(f.Values["value"], "\n")
	}
	return r, from, atForm(k.Set(&r, text), k.Name)
}

// check is what would change.
func (o *pages) check(f *kit.Form, r policy.Rules, from time.Time) (*checkData, error) {
	at, words := o.Now(), "At once"
	switch {
	case from.IsZero():
	case from.Before(at):
		return nil, errs.At("from", "Rules cannot come into force in the past.", "Give today or a later day.")
	default:
		at, words = from, o.when(from)
	}
	if f.Get("why") == "" {
		return nil, errs.At("why", "Say why the rule changes.", "One sentence is enough.")
	}
	before, ok := o.Versions.VersionAt(at)
	if !ok {
		before.Rules = policy.Default()
	}
	d := &checkData{Changes: policy.Diff(before.Rules, r), From: words, Values: f.Values}
	if len(d.Changes) == 0 {
		return nil, errs.At("value", "That is what the rule says already.", "Choose something else, or leave it as it is.")
	}
	for _, change := range d.Changes {
		d.Second = d.Second || change.Loosens
	}
	return d, nil
}

// atForm puts what is wrong with the rule beside the form's one field for it.
func atForm(err error, key string) error {
	for _, e := range errs.All(err) {
		if e.Field == key || e.Field == "hold_end_approvers.second" {
			e.Field = "value"
		}
	}
	return err
}
