package mdm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Lists is the value of the settings apps and web: what is blocked, or what
// alone is left. Both name lists by their id; the zero Lists leave all to the
// user.
type Lists struct {
	Block []string `json:"block,omitempty"`
	Only  []string `json:"only,omitempty"`
}

// Value gives the rule as a value.
func (l Lists) Value() Value {
	b, _ := json.Marshal(l) // strings
	v, _ := canonical(b)
	return v
}

func (l Lists) all() []string { return slices.Concat(l.Block, l.Only) }

// lists of a value; none when it is no Lists.
func (v Value) lists() (l Lists) {
	if strings.HasPrefix(string(v), "{") {
		_ = json.Unmarshal([]byte(v), &l) // whatever else it is names no lists
	}
	return l
}

// maxNamed bounds the lists one value names.
const maxNamed = 20

func checkLists(s Setting, v Value) error {
	var l Lists
	if err := strict(v, &l); err != nil {
		return invalid("%s cannot be %.40s: use block or only, with names of lists.", s, v)
	}
	if len(l.Block) > 0 && len(l.Only) > 0 || len(l.all()) > maxNamed {
		return invalid("%s either blocks lists or leaves only lists, at most %d of them.", s, maxNamed)
	}
	for _, name := range l.all() {
		id, sum, stamped := strings.Cut(name, "@")
		if !school.ValidID(id) || stamped && len(sum) != sumLength {
			return invalid("%s names the list %.40q.", s, name)
		}
	}
	return nil
}

// validItem reports whether text is an app's id or a host name.
func validItem(text string) bool {
	return text != "" && len(text) <= 100 && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && r != '*' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

const sumLength = 8

// stamped is a list's id with a digest of what is in it, so that a list that
// changed is another value.
func (l List) stamped() string {
	sum := sha256.Sum256([]byte(strings.Join(l.Items, "\n")))
	return l.ID + "@" + hex.EncodeToString(sum[:])[:sumLength]
}

// stamp gives a set with stamped lists, and puts these into into.
func (r Rules) stamp(s Set, into map[string][]string) {
	for _, name := range []Setting{Apps, Web} {
		l := s[name].lists()
		if len(l.all()) == 0 {
			continue
		}
		each := func(ids []string) {
			for i, id := range ids {
				if list, ok := r.list(id); ok {
					ids[i] = list.stamped()
					into[ids[i]] = list.Items
				}
			}
		}
		each(l.Block)
		each(l.Only)
		s[name] = l.Value()
	}
}

// Items are the entries that a value's lists name, sorted.
func (d Desired) Items(v Value) []string {
	var items []string
	for _, name := range v.lists().all() {
		items = append(items, d.Lists[name]...)
	}
	slices.Sort(items)
	return slices.Compact(items)
}
