package sheet

import (
	"fmt"
	"slices"
	"strings"
)

// Column is a column that is found by name, wherever it stands.
type Column struct {
	Names    []string // what systems call it; case and spaces do not matter
	Required bool
}

// Named picks columns by name. Others are ignored; a name that stands twice is
// refused, for nobody can say which is meant.
func Named(columns []Column) Pick {
	return func(heading []string) ([]int, error) {
		plain := make([]string, len(heading))
		for i, h := range heading {
			plain[i] = squeeze(h)
		}
		picked := make([]int, len(columns))
		for n, c := range columns {
			picked[n] = -1
			for i, h := range plain {
				if !slices.ContainsFunc(c.Names, func(name string) bool { return squeeze(name) == h }) {
					continue
				}
				if picked[n] >= 0 {
					return nil, fmt.Errorf("there are two columns for %q", c.Names[0])
				}
				picked[n] = i
			}
			if picked[n] < 0 && c.Required {
				return nil, fmt.Errorf("there is no column %q; other names it may have: %s", c.Names[0], strings.Join(c.Names[1:], ", "))
			}
		}
		return picked, nil
	}
}

// squeeze makes "Parental Responsibility" and "parental_responsibility" one.
func squeeze(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(name))
}
