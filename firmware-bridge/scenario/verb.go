package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verb is one thing that somebody can do in a script. Its do calls what the
// pages and the API call, and gives back that error: what the product refuses is
// refused here by the same rule.
type verb struct {
	name   string
	who    string // what the doer is; "" for a verb without one
	about  string
	params []param
	do     func(w *world, c call) error
}

// param is one thing a verb is told.
type param struct {
	name   string
	kind   kind
	needed bool
	about  string
	among  []string // of a choice
}

// kind is what may stand for a parameter.
type kind string

const (
	aText   kind = "text"
	aPerson kind = "a name of the list"
	people  kind = "names of the list, with commas"
	aDoor   kind = "a door, like d/1001"
	aBank   kind = "a bank, or all"
	oneBank kind = "a bank"
	aTime   kind = "a time of day"
	aDate   kind = "a date"
	aNumber kind = "a number"
	aChoice kind = "one of"
	yesNo   kind = "yes or no"
)

func (v verb) param(name string) (param, bool) {
	i := slices.IndexFunc(v.params, func(p param) bool { return p.name == name })
	if i < 0 {
		return param{}, false
	}
	return v.params[i], true
}

// check says what is wrong with a value.
func (p param) check(value string, names map[string]string) error {
	switch p.kind {
	case aPerson, people:
		for _, name := range split(value) {
			if names[name] == "" {
				return fmt.Errorf("nobody in the list of people is %q", name)
			}
		}
		if p.kind == aPerson && len(split(value)) != 1 {
			return fmt.Errorf("it takes one name, not %q", value)
		}
	case aDoor:
		_, err := parseDoor(value)
		return err
	case aTime:
		_, err := time.Parse("15:04", value)
		if err != nil {
			return fmt.Errorf("%q is no time like 08:40", value)
		}
	case aDate:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return fmt.Errorf("%q is no date like 2026-11-23", value)
		}
	case aNumber:
		if n, err := strconv.Atoi(value); err != nil || n < 0 {
			return fmt.Errorf("%q is no number", value)
		}
	case aChoice:
		if !slices.Contains(p.among, value) {
			return fmt.Errorf("%q; it is one of %s", value, strings.Join(p.among, ", "))
		}
	case yesNo:
		if value != "yes" && value != "no" {
			return fmt.Errorf("%q is neither yes nor no", value)
		}
	default:
		if strings.TrimSpace(value) == "" || len(value) > 500 {
			return fmt.Errorf("it takes 1 to 500 characters")
		}
	}
	return nil
}

// split takes a list of names apart.
func split(value string) []string {
	var list []string
	for _, part := range strings.Split(value, ",") {
		list = append(list, strings.TrimSpace(part))
	}
	return list
}

// verbs are all verbs, in the order they are explained.
func verbs() []verb {
	return slices.Concat(kioskVerbs, officeVerbs, dayVerbs, exceptionVerbs, caseVerbs, concernVerbs, evidenceVerbs, examVerbs, trayVerbs, lineVerbs, machineVerbs, closureVerbs)
}

func verbNamed(name string) (verb, bool) {
	list := verbs()
	i := slices.IndexFunc(list, func(v verb) bool { return v.name == name })
	if i < 0 {
		return verb{}, false
	}
	return list[i], true
}

func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

// call is one use of a verb.
type call struct {
	who  string
	with map[string]string
}

func (c call) text(name string) string { return c.with[name] }
func (c call) yes(name string) bool    { return c.with[name] == "yes" }

// or is the value of name, or another where it is not given.
func (c call) or(name, usual string) string {
	if v, ok := c.with[name]; ok {
		return v
	}
	return usual
}

func (c call) number(name string) int {
	n, _ := strconv.Atoi(c.with[name]) // it was checked when the file was read
	return n
}

func (c call) names(name string) []string {
	if c.with[name] == "" {
		return nil
	}
	return split(c.with[name])
}

// String tells the call as a report does.
func (c call) String() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(c.with)) {
		parts = append(parts, key+" "+c.with[key])
	}
	return strings.Join(parts, "; ")
}
