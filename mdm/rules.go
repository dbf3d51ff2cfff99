package mdm

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// The limits of a school's rules.
const (
	MaxProfiles    = 100
	MaxAssignments = 500
	MaxGroups      = 200
	MaxLists       = 50
	MaxItems       = 200      // in one list
	MaxListed      = 24 << 10 // bytes of all lists together
)

// Rules are all that a school asks of its devices. The zero Rules manage nothing.
type Rules struct {
	Groups      []Group      `json:"groups,omitempty" yaml:"groups"`
	Lists       []List       `json:"lists,omitempty" yaml:"lists"`
	Profiles    []Profile    `json:"profiles,omitempty" yaml:"profiles"`
	Assignments []Assignment `json:"assignments,omitempty" yaml:"assignments"`
	Quarantine  Set          `json:"quarantine,omitempty" yaml:"quarantine"` // laid over all else on a device in quarantine
}

// Group is devices that are managed alike. Where a device's groups disagree, the
// higher rank wins, and of equal ranks the later id.
type Group struct {
	ID   string `json:"id" yaml:"id"`
	Name string `json:"name,omitempty" yaml:"name"`
	Rank int    `json:"rank,omitempty" yaml:"rank"`
}

// List is apps or web addresses that profiles name.
type List struct {
	ID    string   `json:"id" yaml:"id"`
	Name  string   `json:"name,omitempty" yaml:"name"`
	Items []string `json:"items" yaml:"items"` // bundle or package ids, or host names
}

// Profile is a set of settings with a name.
type Profile struct {
	ID   string `json:"id" yaml:"id"`
	Name string `json:"name,omitempty" yaml:"name"`
	Set  Set    `json:"set" yaml:"set"`
}

// Assignment says where a profile holds: for a group or for every device, at all
// times or in some kinds of period.
type Assignment struct {
	Profile string `json:"profile" yaml:"profile"`
	Group   string `json:"group,omitempty" yaml:"group"`     // "" for every device
	Periods []Mode `json:"periods,omitempty" yaml:"periods"` // nil for all times
}

// layer is the layer of an assignment.
func (a Assignment) layer() Layer {
	switch {
	case len(a.Periods) > 0:
		return ByPeriod
	case a.Group != "":
		return ByGroup
	}
	return ByBase
}

// Equal reports whether two rules ask for the same in the same words.
func (r Rules) Equal(o Rules) bool { return reflect.DeepEqual(r, o) }

// assigned are the rules for a device in a mode by its profiles, the weakest
// first.
func (r Rules) assigned(d Device, m Mode) []rule {
	var found []rule
	for _, a := range r.Assignments {
		if a.Group != "" && !d.In(a.Group) || len(a.Periods) > 0 && !slices.Contains(a.Periods, m) {
			continue
		}
		rank := -1 << 31 // what holds for everybody is weaker than any group's
		if a.Group != "" {
			rank = r.group(a.Group).Rank
		}
		found = append(found, rule{layer: a.layer(), id: a.Profile, group: a.Group, rank: rank, set: r.profile(a.Profile).Set})
	}
	slices.SortStableFunc(found, func(a, b rule) int {
		return cmp.Or(cmp.Compare(a.layer, b.layer), cmp.Compare(a.rank, b.rank), cmp.Compare(a.group, b.group), cmp.Compare(a.id, b.id))
	})
	return found
}

func (r Rules) group(id string) Group {
	n := slices.IndexFunc(r.Groups, func(g Group) bool { return g.ID == id })
	if n < 0 {
		return Group{ID: id}
	}
	return r.Groups[n]
}

func (r Rules) profile(id string) Profile {
	n := slices.IndexFunc(r.Profiles, func(p Profile) bool { return p.ID == id })
	if n < 0 {
		return Profile{ID: id}
	}
	return r.Profiles[n]
}

func (r Rules) list(id string) (List, bool) {
	n := slices.IndexFunc(r.Lists, func(l List) bool { return l.ID == id })
	if n < 0 {
		return List{}, false
	}
	return r.Lists[n], true
}

// Validate names the first fault. Rules may only ask for what is known: a
// misspelt setting would never be in force anywhere. Errors: invalid.
func (r Rules) Validate() error {
	switch {
	case len(r.Groups) > MaxGroups, len(r.Profiles) > MaxProfiles, len(r.Assignments) > MaxAssignments, len(r.Lists) > MaxLists:
		return invalid("There are too many groups, lists, profiles or assignments.")
	}
	if err := unlike("group", r.Groups, func(g Group) (string, string) { return g.ID, g.Name }); err != nil {
		return err
	}
	if err := r.checkLists(); err != nil {
		return err
	}
	if err := unlike("profile", r.Profiles, func(p Profile) (string, string) { return p.ID, p.Name }); err != nil {
		return err
	}
	for _, p := range r.Profiles {
		if err := r.checkSet(p.Set); err != nil {
			return err
		}
	}
	if err := r.checkAssignments(); err != nil {
		return err
	}
	return r.checkSet(r.Quarantine)
}

// unlike refuses entries of the same id, or with an id or name of the wrong form.
func unlike[T any](what string, list []T, of func(T) (id, name string)) error {
	seen := map[string]bool{}
	for _, entry := range list {
		id, name := of(entry)
		if !school.ValidID(id) || !plainText(name) {
			return invalid("There is a %s %.40q.", what, id)
		}
		if seen[id] {
			return invalid("There are two of the %s %s.", what, id)
		}
		seen[id] = true
	}
	return nil
}

func (r Rules) checkLists() error {
	if err := unlike("list", r.Lists, func(l List) (string, string) { return l.ID, l.Name }); err != nil {
		return err
	}
	bytes := 0
	for _, l := range r.Lists {
		if len(l.Items) == 0 || len(l.Items) > MaxItems {
			return invalid("The list %s has %d entries; it may have 1 to %d.", l.ID, len(l.Items), MaxItems)
		}
		for _, item := range l.Items {
			if !validItem(item) {
				return invalid("The list %s has the entry %.40q.", l.ID, item)
			}
			bytes += len(item)
		}
	}
	if bytes > MaxListed {
		return invalid("The lists together have more than %d bytes.", MaxListed)
	}
	return nil
}

func (r Rules) checkSet(s Set) error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !Known(name) {
			return invalid("A profile has the unknown setting %.40q.", name)
		}
		if err := CheckValue(name, s[name]); err != nil {
			return err
		}
		for _, id := range s[name].lists().all() {
			if _, ok := r.list(id); !ok {
				return invalid("%s names the list %.40q, which there is not.", name, id)
			}
		}
	}
	return nil
}

func (r Rules) checkAssignments() error {
	for i, a := range r.Assignments {
		switch {
		case !slices.ContainsFunc(r.Profiles, func(p Profile) bool { return p.ID == a.Profile }):
			return invalid("An assignment names the profile %.40q, which there is not.", a.Profile)
		case a.Group != "" && !slices.ContainsFunc(r.Groups, func(g Group) bool { return g.ID == a.Group }):
			return invalid("An assignment names the group %.40q, which there is not.", a.Group)
		case len(a.Periods) > MaxSettings || slices.ContainsFunc(a.Periods, func(m Mode) bool { return !school.ValidID(string(m)) }):
			return invalid("An assignment of %s has a kind of period of the wrong form.", a.Profile)
		case slices.ContainsFunc(r.Assignments[:i], func(b Assignment) bool { return reflect.DeepEqual(a, b) }):
			return invalid("The profile %s is assigned twice in the same way.", a.Profile)
		}
	}
	return nil
}
