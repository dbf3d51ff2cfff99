package change

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// FileName is the file in a school's folder that says what its devices must be. It
// makes the first version and nothing after that.
const FileName = "devices.yaml"

// EditedHint is the way for somebody who edited the file later.
const EditedHint = "Ask for the change on the page Device rules, or put the file back as it was."

// Path is where a school's folder has its rules for devices, if it has any.
func Path(dir string) (path string, ok bool) {
	path = filepath.Join(dir, FileName)
	_, err := os.Stat(path)
	return path, err == nil
}

type (
	fileText = config.Value[string]

	document struct {
		Groups      []groupFile      `yaml:"groups"`
		Lists       []listFile       `yaml:"lists"`
		Profiles    []profileFile    `yaml:"profiles"`
		Assignments []assignmentFile `yaml:"assignments"`
		Quarantine  yaml.Node        `yaml:"quarantine"`
	}
	groupFile struct {
		ID   fileText          `yaml:"id"`
		Name fileText          `yaml:"name"`
		Rank config.Value[int] `yaml:"rank"`
	}
	listFile struct {
		ID    fileText   `yaml:"id"`
		Name  fileText   `yaml:"name"`
		Items []fileText `yaml:"items"`
	}
	profileFile struct {
		ID   fileText  `yaml:"id"`
		Name fileText  `yaml:"name"`
		Set  yaml.Node `yaml:"set"`
	}
	assignmentFile struct {
		Profile fileText   `yaml:"profile"`
		Group   fileText   `yaml:"group"`
		Periods []fileText `yaml:"periods"`
	}
)

// ReadFile reads a school's rules for devices and notes everything wrong with them.
func ReadFile(path string, faults *config.Faults) mdm.Rules {
	var d document
	if !config.Load(path, &d, faults) {
		return mdm.Rules{}
	}
	r := reader{path: path, faults: faults}
	for _, g := range d.Groups {
		group := mdm.Group{ID: g.ID.V, Name: g.Name.V, Rank: g.Rank.V}
		if r.fresh(cmp.Or(g.ID.Line, g.Name.Line, g.Rank.Line), "group", group.ID, mdm.Rules{Groups: []mdm.Group{group}}) {
			r.rules.Groups = append(r.rules.Groups, group)
		}
	}
	for _, l := range d.Lists {
		r.list(l)
	}
	for _, p := range d.Profiles {
		profile := mdm.Profile{ID: p.ID.V, Name: p.Name.V}
		if r.fresh(cmp.Or(p.ID.Line, p.Name.Line, p.Set.Line), "profile", profile.ID, mdm.Rules{Profiles: []mdm.Profile{profile}}) {
			profile.Set = r.set(&p.Set)
			r.rules.Profiles = append(r.rules.Profiles, profile)
		}
	}
	for _, a := range d.Assignments {
		r.assignment(a)
	}
	r.rules.Quarantine = r.set(&d.Quarantine)
	if len(r.seen) > 0 && !r.faulty {
		r.check(0, r.rules) // limits of all together
	}
	return tidy(r.rules)
}

// reader puts rules together, one sound entry after another.
type reader struct {
	path   string
	faults *config.Faults
	rules  mdm.Rules
	seen   []string
	faulty bool
}

func (r *reader) fault(line int, format string, args ...any) {
	r.faulty = true
	r.faults.Add(r.path, line, format, args...)
}

// check notes what is wrong with rules that hold one new entry and what it names.
func (r *reader) check(line int, probe mdm.Rules) bool {
	err := probe.Validate()
	if err != nil {
		r.fault(line, "%s", errs.All(err)[0].Message)
	}
	return err == nil
}

// fresh is check for an entry whose id must not stand twice.
func (r *reader) fresh(line int, what, id string, probe mdm.Rules) bool {
	if slices.Contains(r.seen, what+id) {
		r.fault(line, "there is a %s %s already", what, id)
		return false
	}
	r.seen = append(r.seen, what+id)
	return r.check(line, probe)
}

func (r *reader) list(l listFile) {
	list := mdm.List{ID: l.ID.V, Name: l.Name.V}
	good := true
	for _, item := range l.Items {
		good = r.check(item.Line, mdm.Rules{Lists: []mdm.List{{ID: "list", Items: []string{item.V}}}}) && good
		if slices.Contains(list.Items, item.V) {
			r.fault(item.Line, "the list %s has %s twice", list.ID, item.V)
		}
		list.Items = append(list.Items, item.V)
	}
	if good && r.fresh(cmp.Or(l.ID.Line, l.Name.Line), "list", list.ID, mdm.Rules{Lists: []mdm.List{list}}) {
		r.rules.Lists = append(r.rules.Lists, list)
	}
}

// set reads settings, each on its own.
func (r *reader) set(node *yaml.Node) mdm.Set {
	if node.Kind == 0 || node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		r.fault(node.Line, "needs settings and their values")
		return nil
	}
	set := mdm.Set{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, line := mdm.Setting(node.Content[i].Value), node.Content[i].Line
		if _, twice := set[name]; twice {
			r.fault(line, "key %s stands here a second time", name)
			continue
		}
		v, err := valueOf(node.Content[i+1])
		if err != nil {
			r.fault(line, "%s has a value that cannot be read", name)
			continue
		}
		set[name] = v
		r.check(line, mdm.Rules{Lists: r.rules.Lists, Profiles: []mdm.Profile{{ID: "probe", Set: mdm.Set{name: v}}}})
	}
	return set
}

func valueOf(node *yaml.Node) (v mdm.Value, err error) {
	var plain any
	if err = node.Decode(&plain); err != nil {
		return "", err
	}
	data, err := json.Marshal(plain)
	if err != nil {
		return "", err
	}
	err = json.Unmarshal(data, &v)
	return v, err
}

func (r *reader) assignment(f assignmentFile) {
	a := mdm.Assignment{Profile: f.Profile.V, Group: f.Group.V}
	for _, p := range f.Periods {
		a.Periods = append(a.Periods, mdm.Mode(p.V))
	}
	if slices.ContainsFunc(r.rules.Assignments, func(b mdm.Assignment) bool { return reflect.DeepEqual(a, b) }) {
		r.fault(f.Profile.Line, "%s is assigned in the same way already", a.Profile)
		return
	}
	line := cmp.Or(f.Profile.Line, f.Group.Line)
	probe := mdm.Rules{Groups: r.rules.Groups, Assignments: []mdm.Assignment{a}}
	for _, p := range r.rules.Profiles {
		probe.Profiles = append(probe.Profiles, mdm.Profile{ID: p.ID}) // its set has faults of its own
	}
	if r.check(line, probe) {
		r.rules.Assignments = append(r.rules.Assignments, a)
	}
}

// WriteFile gives rules as a school's file says them.
func WriteFile(r mdm.Rules) ([]byte, error) {
	type profile struct {
		ID   string         `yaml:"id"`
		Name string         `yaml:"name,omitempty"`
		Set  map[string]any `yaml:"set"`
	}
	type assignment struct {
		Profile string     `yaml:"profile"`
		Group   string     `yaml:"group,omitempty"`
		Periods []mdm.Mode `yaml:"periods,omitempty,flow"`
	}
	out := struct {
		Groups      []mdm.Group    `yaml:"groups,omitempty"`
		Lists       []mdm.List     `yaml:"lists,omitempty"`
		Profiles    []profile      `yaml:"profiles,omitempty"`
		Assignments []assignment   `yaml:"assignments,omitempty"`
		Quarantine  map[string]any `yaml:"quarantine,omitempty"`
	}{Groups: r.Groups, Lists: r.Lists, Quarantine: plain(r.Quarantine)}
	for _, p := range r.Profiles {
		out.Profiles = append(out.Profiles, profile{p.ID, p.Name, plain(p.Set)})
	}
	for _, a := range r.Assignments {
		out.Assignments = append(out.Assignments, assignment(a))
	}
	return yaml.Marshal(out)
}

func plain(s mdm.Set) map[string]any {
	out := map[string]any{}
	for name, v := range s {
		var value any
		_ = json.Unmarshal([]byte(v), &value) // a value is canonical JSON
		out[string(name)] = value
	}
	return out
}
