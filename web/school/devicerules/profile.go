package devicerules

import (
	"net/url"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// settingField is the radios of one setting, and the lists of one that names some.
type settingField struct {
	Name, Title string
	Options     []kit.Option
	Lists       bool
}

// whereField is the ticks that say in which periods a profile holds for a group.
type whereField struct {
	Name, Title string
	Ticked      bool // any of them
	Options     []kit.Option
}

// What a radio of a setting with lists may say besides nothing.
const (
	allOfThem = "all"
	butLists  = "block"
	onlyLists = "only"

	always = "always"
	onAll  = "on" // field of the periods for every device; on-ID is a group's
)

func hasProfile(r mdm.Rules, id string) bool { return profileAt(r, id) >= 0 }

func profileAt(r mdm.Rules, id string) int {
	return slices.IndexFunc(r.Profiles, func(p mdm.Profile) bool { return p.ID == id })
}

// settingFields are all settings as a form offers them. What a form holds already
// is offered too.
func settingFields(r mdm.Rules, f *kit.Form) (list []settingField) {
	for _, s := range change.Settings {
		field := settingField{Name: string(s), Title: change.SettingWords(s), Lists: s == mdm.Apps || s == mdm.Web,
			Options: []kit.Option{{Value: "", Text: "Not said here"}}}
		if field.Lists {
			field.Options = append(field.Options, kit.Option{Value: allOfThem, Text: "All"}, kit.Option{Value: butLists, Text: "All but the lists ticked below"},
				kit.Option{Value: onlyLists, Text: "Only the lists ticked below"})
			list = append(list, field)
			continue
		}
		values := offered(s)
		if now := mdm.Value(f.Get(string(s))); now != "" && !slices.Contains(values, now) && mdm.CheckValue(s, now) == nil {
			values = append(values, now)
		}
		for _, v := range values {
			field.Options = append(field.Options, kit.Option{Value: string(v), Text: upper(change.ValueWords(r, s, v))})
		}
		list = append(list, field)
	}
	return list
}

// offered are values that schools use.
func offered(s mdm.Setting) (values []mdm.Value) {
	switch s {
	case mdm.PasscodeSetting:
		values = []mdm.Value{mdm.Passcode{}.Value()}
		for _, n := range []int{4, 6, 8, 10} {
			values = append(values, mdm.Passcode{Require: true, MinLength: n}.Value())
		}
	case mdm.AutoLock:
		values = []mdm.Value{"0", "60", "120", "300", "600", "900"}
	default:
		values = []mdm.Value{mdm.Block, mdm.User, mdm.Allow}
	}
	return values
}

// whereFields are the periods of every device and of each group.
func (p *pages) whereFields(r mdm.Rules, f *kit.Form) []whereField {
	options := []kit.Option{{Value: always, Text: "At all times"}}
	for _, m := range p.kinds(r) {
		options = append(options, kit.Option{Value: string(m), Text: upper(change.KindWords(m))})
	}
	field := func(name, title string) whereField { return whereField{name, title, len(f.Values[name]) > 0, options} }
	list := []whereField{field(onAll, "On every device")}
	for _, g := range r.Groups {
		list = append(list, field(onField(g.ID), "On "+change.GroupWords(r, g.ID)))
	}
	return list
}

// kinds of period that the calendar or the rules know.
func (p *pages) kinds(r mdm.Rules) []mdm.Mode {
	list := []mdm.Mode{"registration", mdm.Lesson, mdm.Break, "lunch", "assembly", "exam", mdm.Home}
	more := slices.Clone(p.Kinds)
	for _, a := range r.Assignments {
		more = append(more, a.Periods...)
	}
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

func (p *pages) startProfile(r mdm.Rules, id string) url.Values {
	start := startSet(nil)
	if n := profileAt(r, id); n >= 0 {
		start = startSet(r.Profiles[n].Set)
		start.Set("name", r.Profiles[n].Name)
	}
	for _, a := range r.Assignments {
		if a.Profile != id {
			continue
		}
		field := onField(a.Group)
		if len(a.Periods) == 0 {
			start.Add(field, always)
		}
		for _, m := range a.Periods {
			start.Add(field, string(m))
		}
	}
	return start
}

func onField(group string) string {
	if group == "" {
		return onAll
	}
	return onAll + "-" + group
}

func startSet(set mdm.Set) url.Values {
	start := url.Values{}
	for _, s := range change.Settings {
		v := set[s]
		if s != mdm.Apps && s != mdm.Web || v == "" {
			start.Set(string(s), string(v))
			continue
		}
		switch l := change.ListsOf(v); {
		case len(l.Block) > 0:
			start.Set(string(s), butLists)
			start[string(s)+"-lists"] = l.Block
		case len(l.Only) > 0:
			start.Set(string(s), onlyLists)
			start[string(s)+"-lists"] = l.Only
		default:
			start.Set(string(s), allOfThem)
		}
	}
	return start
}

func applySet(f *kit.Form) (mdm.Set, error) {
	set := mdm.Set{}
	for _, s := range change.Settings {
		text := f.Get(string(s))
		if text == "" {
			continue
		}
		if s != mdm.Apps && s != mdm.Web {
			var v mdm.Value
			if v.UnmarshalJSON([]byte(text)) != nil {
				return nil, errs.At(string(s), "Choose one of these.", "")
			}
			set[s] = v
			continue
		}
		lists := f.Values[string(s)+"-lists"]
		if text != allOfThem && len(lists) == 0 {
			return nil, errs.At(string(s), "Tick at least one list.", "")
		}
		switch text {
		case allOfThem:
			set[s] = mdm.Lists{}.Value()
		case butLists:
			set[s] = mdm.Lists{Block: lists}.Value()
		case onlyLists:
			set[s] = mdm.Lists{Only: lists}.Value()
		}
	}
	return set, nil
}

func applyProfile(r *mdm.Rules, id string, f *kit.Form) (err error) {
	if id == newID {
		if id = f.Get("id"); !school.ValidID(id) || id == newID || hasProfile(*r, id) {
			return errs.At("id", "Give a short name that no profile has yet.", "Use small letters, digits and hyphens, like exam-hall.")
		}
		r.Profiles = append(r.Profiles, mdm.Profile{ID: id})
	}
	before := slices.Clone(r.Assignments)
	keep := slices.DeleteFunc(r.Assignments, func(a mdm.Assignment) bool { return a.Profile == id })
	n := profileAt(*r, id)
	if f.Get("remove") != "" {
		r.Profiles, r.Assignments = slices.Delete(r.Profiles, n, n+1), keep
		return nil
	}
	r.Profiles[n].Name = f.Get("name")
	if r.Profiles[n].Set, err = applySet(f); err != nil {
		return err
	}
	for _, a := range ticked(id, *r, f) {
		if n := slices.IndexFunc(before, func(b mdm.Assignment) bool { return alike(a, b) }); n >= 0 {
			a = before[n] // its periods in the order they had
		}
		keep = append(keep, a)
	}
	r.Assignments = keep
	return nil
}

// alike reports whether two assignments hold at the same times for the same devices.
func alike(a, b mdm.Assignment) bool {
	notIn := func(list []mdm.Mode) func(mdm.Mode) bool {
		return func(m mdm.Mode) bool { return !slices.Contains(list, m) }
	}
	return a.Profile == b.Profile && a.Group == b.Group && len(a.Periods) == len(b.Periods) && !slices.ContainsFunc(a.Periods, notIn(b.Periods))
}

// ticked are the assignments that a form's ticks say.
func ticked(id string, r mdm.Rules, f *kit.Form) (list []mdm.Assignment) {
	groups := []string{""}
	for _, g := range r.Groups {
		groups = append(groups, g.ID)
	}
	for _, g := range groups {
		var periods []mdm.Mode
		for _, v := range f.Values[onField(g)] {
			if v == always {
				list = append(list, mdm.Assignment{Profile: id, Group: g})
				continue
			}
			periods = append(periods, mdm.Mode(strings.TrimSpace(v)))
		}
		if len(periods) > 0 {
			list = append(list, mdm.Assignment{Profile: id, Group: g, Periods: periods})
		}
	}
	return list
}

func (p *pages) startQuarantine(r mdm.Rules, _ string) url.Values { return startSet(r.Quarantine) }

func applyQuarantine(r *mdm.Rules, _ string, f *kit.Form) (err error) {
	r.Quarantine, err = applySet(f)
	return err
}
