package policy

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Change is one rule that differs between two sets.
type Change struct {
	Key           Key
	Before, After string // in words
	Loosens       bool   // it takes a second person
}

// String says it in one line.
func (c Change) String() string { return c.Key.Title + ": " + c.Before + " → " + c.After }

// Diff is what differs from a to b, in the order of Keys.
func Diff(a, b Rules) []Change {
	var list []Change
	for _, k := range Keys {
		if k.Value(a) != k.Value(b) {
			list = append(list, Change{k, k.Words(a), k.Words(b), k.Loosens(a, b)})
		}
	}
	return list
}

// Loosens reports whether a change of rules from a to b does away with some of
// what protects pupils: a guarded rule takes a value further from its strictest.
// Of a list, being told less and being allowed more both loosen.
func (k Key) Loosens(a, b Rules) bool {
	before, after := k.Value(a), k.Value(b)
	if !k.Guarded || before == after {
		return false
	}
	if k.Many {
		less, more := items(before), items(after)
		if k.Options != nil { // who is told
			less, more = more, less
		}
		return slices.ContainsFunc(more, func(v string) bool { return !slices.Contains(less, v) })
	}
	return k.rank(after) > k.rank(before)
}

func (k Key) rank(value string) int {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	return slices.IndexFunc(k.Options, func(o Option) bool { return o.Value == value })
}

// Copy is r without anything shared.
func (r Rules) Copy() Rules {
	for _, k := range Keys {
		if k.Many {
			_ = k.set(&r, strings.Clone(k.get(r))) // its own value is one it may have
		}
	}
	return r
}

// Read gives rules from their JSON. What a later schema has and data does not is
// as in Default; of what this schema does not know nothing is kept.
func Read(data []byte) (Rules, error) {
	r := Default()
	if err := json.Unmarshal(data, &r); err != nil {
		return Rules{}, err
	}
	for _, k := range Keys {
		if err := k.Set(&r, k.Value(r)); err != nil {
			return Rules{}, err
		}
	}
	return r, nil
}
