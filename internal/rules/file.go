package rules

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// FileName is the file in a school's folder.
const FileName = "policy.yaml"

// File is a school's policy as it stands in a folder.
type File struct {
	Policy  string      // the written policy it follows, for people
	From    school.Date // in force from
	Rules   policy.Rules
	Clauses map[string][]string // ids of the clauses that each rule follows, by key
	lines   map[string]int      // of Clauses
}

// document is the file's shape. Rules and clauses are read key by key.
type document struct {
	Policy  config.Value[string] `yaml:"policy"`
	From    config.Value[string] `yaml:"in_force_from"`
	Rules   yaml.Node            `yaml:"rules"`
	Clauses yaml.Node            `yaml:"clauses"`
}

// most of a policy's clauses that one rule follows.
const maxClauses = 20

// ReadFile reads a policy and notes everything wrong with it: keys that do not
// exist, stand twice or are missing, values a rule cannot have, and rules that
// contradict each other. Every rule must be there: what a policy does not say
// is said too.
func ReadFile(path string, faults *config.Faults) File {
	var d document
	if !config.Load(path, &d, faults) {
		return File{}
	}
	f := File{Policy: d.Policy.V, Rules: policy.Default(), Clauses: map[string][]string{}, lines: map[string]int{}}
	r := reader{path, faults}
	if f.Policy == "" {
		r.fault(d.Policy.Line, "policy: name the written policy that these rules follow")
	}
	var err error
	if f.From, err = school.ParseDate(d.From.V); err != nil {
		r.fault(d.From.Line, "in_force_from: %v", err)
	}
	r.rules(&f, &d.Rules)
	r.clauses(&f, &d.Clauses)
	return f
}

type reader struct {
	path   string
	faults *config.Faults
}

func (r reader) fault(line int, format string, args ...any) {
	r.faults.Add(r.path, line, format, args...)
}

func (r reader) rules(f *File, node *yaml.Node) {
	lines := map[string]int{}
	r.walk(node, "", func(name string, value *yaml.Node) {
		lines[name] = value.Line
		k, ok := policy.Find(name)
		if !ok {
			r.fault(value.Line, "there is no rule %s; look for a typing error", name)
			return
		}
		text, ok := textOf(value, k.Many)
		if !ok {
			r.fault(value.Line, "%s: needs %s", name, map[bool]string{true: "a list like [a, b]", false: "one plain value"}[k.Many])
			return
		}
		if err := k.Set(&f.Rules, text); err != nil {
			r.fault(value.Line, "%s: %v", name, err)
		}
	})
	for _, k := range policy.Keys {
		if lines[k.Name] == 0 {
			r.fault(node.Line, "the rule %s is missing; where the policy does not say, write what shall be done", k.Name)
		}
	}
	for _, c := range policy.Contradictions(f.Rules) {
		r.fault(lines[c.Key], "%s: %s %s", c.Key, c.Text, c.Next)
	}
}

// clauses reads which clauses each rule follows.
func (r reader) clauses(f *File, node *yaml.Node) {
	r.walk(node, "", func(name string, value *yaml.Node) {
		if _, ok := policy.Find(name); !ok {
			r.fault(value.Line, "clauses: there is no rule %s", name)
			return
		}
		text, ok := textOf(value, true)
		ids := strings.Fields(text)
		if !ok || len(ids) == 0 || len(ids) > maxClauses {
			r.fault(value.Line, "clauses: %s needs a list of 1 to %d clauses", name, maxClauses)
			return
		}
		f.Clauses[name], f.lines[name] = ids, value.Line
	})
}

// walk visits every value of a mapping, and of the mappings in it, by its key.
func (r reader) walk(node *yaml.Node, under string, visit func(name string, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		if node.Kind != 0 {
			r.fault(node.Line, "%sneeds keys and values", under)
		}
		return
	}
	var seen []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := under+node.Content[i].Value, node.Content[i+1]
		if slices.Contains(seen, name) {
			r.fault(node.Content[i].Line, "key %s stands here a second time", name)
			continue
		}
		seen = append(seen, name)
		if value.Kind == yaml.MappingNode && under == "" {
			r.walk(value, name+".", visit)
			continue
		}
		visit(name, value)
	}
}

// textOf is the text form of a value: its items a line each if it is a list.
func textOf(node *yaml.Node, many bool) (string, bool) {
	switch {
	case node.Kind == yaml.ScalarNode && !many:
		return node.Value, node.Tag != "!!null"
	case node.Kind == yaml.SequenceNode && many:
		items := make([]string, len(node.Content))
		for i, n := range node.Content {
			if n.Kind != yaml.ScalarNode {
				return "", false
			}
			items[i] = n.Value
		}
		return strings.Join(items, "\n"), true
	}
	return "", false
}

// Known notes every clause named that is not one of known.
func (f File) Known(path string, known func(id string) bool, faults *config.Faults) {
	for name, ids := range f.Clauses {
		for _, id := range ids {
			if !known(id) {
				faults.Add(path, f.lines[name], "clauses: %s names %.40q, which is no clause of this policy", name, id)
			}
		}
	}
}

// Path is where a school's folder has its policy, if it has one.
func Path(dir string) (path string, ok bool) {
	path = filepath.Join(dir, FileName)
	_, err := os.Stat(path)
	return path, err == nil
}
