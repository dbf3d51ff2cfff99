package fleet

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Sheet is a list of devices as CSV (RFC 4180) with a heading, with commas, semicolons
// or tabs between the cells. What is wrong with it is gathered, each fault with its
// line, so that all can be told at once.
type Sheet struct {
	Rows    []Row
	columns map[string]int            // where each stands, by its name
	seen    map[string]map[string]int // line of each value that stands once, by what it is
	faults  []fault
}

// Row is one line of a sheet under the heading.
type Row struct {
	Line  int // from 1, the heading's
	cells map[string]string
}

type fault struct {
	line int
	error
}

// OpenSheet reads a list whose columns are some of known; the first two must be there.
// Errors: invalid at csv for one without a usable heading.
func OpenSheet(text string, known []string) (*Sheet, error) {
	if len(text) > MaxSheet {
		return nil, errs.At("csv", fmt.Sprintf("The list is longer than %d kB", MaxSheet>>10), "Bring it in parts.")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.TrimLeadingSpace = separator(text), true
	heading, err := r.Read()
	if err != nil {
		return nil, errs.At("csv", "The list is empty or not CSV", "Its first line is: "+strings.Join(known, ","))
	}
	s := &Sheet{seen: map[string]map[string]int{}}
	if s.columns, err = columnsOf(heading, known); err != nil {
		return nil, err
	}
	s.read(r)
	return s, nil
}

// read takes the rows up to the first that is not CSV.
func (s *Sheet) read(r *csv.Reader) {
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			s.Fault(wrong.Line, "it is not CSV, or has another number of cells than the heading")
			break
		}
		row := Row{cells: make(map[string]string, len(s.columns))}
		row.Line, _ = r.FieldPos(0)
		for name, n := range s.columns {
			row.cells[name] = strings.TrimSpace(cells[n])
		}
		s.Rows = append(s.Rows, row)
	}
	if len(s.Rows) == 0 && len(s.faults) == 0 {
		s.Fault(1, "there is no device under the heading")
	}
}

// Columns are the names in the heading, sorted.
func (s *Sheet) Columns() []string { return slices.Sorted(maps.Keys(s.columns)) }

// Cell is what a row has in a column; "" where there is no such column.
func (r Row) Cell(column string) string { return r.cells[column] }

// Fault notes what is wrong with a line.
func (s *Sheet) Fault(line int, format string, args ...any) {
	text := fmt.Sprintf("Line %d: ", line) + fmt.Sprintf(format, args...)
	s.faults = append(s.faults, fault{line, errs.At("csv", text, "")})
}

// Once reports whether a value stands for the first time, and notes a fault where it
// does not; "" may stand anywhere. what is what the value is called.
func (s *Sheet) Once(line int, what, value string) bool {
	if s.seen[what] == nil {
		s.seen[what] = map[string]int{}
	}
	if first := s.seen[what][value]; first > 0 && value != "" {
		s.Fault(line, "%s %s stands in line %d already", what, value, first)
		return false
	}
	s.seen[what][value] = line
	return true
}

// Err is all that is wrong, by line, as far as people read; nil for nothing. Errors:
// invalid at csv.
func (s *Sheet) Err() error {
	byLine := slices.SortedStableFunc(slices.Values(s.faults), func(a, b fault) int { return cmp.Compare(a.line, b.line) })
	var list []error
	for _, f := range byLine[:min(len(byLine), mostFaults)] {
		list = append(list, f.error)
	}
	return errors.Join(list...)
}

// columnsOf are where columns stand, by name; the first two of known must be there.
func columnsOf(heading, known []string) (map[string]int, error) {
	at := map[string]int{}
	for i, h := range heading {
		name := strings.ToLower(strings.TrimSpace(h))
		if name == "group" || name == "flag" {
			name += "s"
		}
		if _, twice := at[name]; twice {
			return nil, errs.At("csv", fmt.Sprintf("There are two columns %.20q", name), "")
		}
		at[name] = i
	}
	for _, name := range known[:2] {
		if _, ok := at[name]; !ok {
			return nil, errs.At("csv", fmt.Sprintf("There is no column %q", name), "The first line is: "+strings.Join(known, ","))
		}
	}
	return at, nil
}

// separator is whichever of comma, semicolon and tab the heading has most of.
func separator(text string) rune {
	heading, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, c := range ";\t" {
		if strings.Count(heading, string(c)) > strings.Count(heading, string(best)) {
			best = c
		}
	}
	return best
}
