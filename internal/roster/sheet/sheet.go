// Package sheet reads CSV files (RFC 4180) that another system exported:
// within limits, with or without a byte order mark, with commas, semicolons or
// tabs between the cells, each fault named with its file and line. Cells that nobody asked for are dropped as soon as a line is
// read, and no fault repeats what a cell holds: it may be a name, or worse.
package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// The limits of one file.
const (
	MaxBytes = 16 << 20
	MaxRows  = 100_000 // enrolments of a large school are some 40,000
	MaxCell  = 4096    // bytes, of the cells asked for
)

const (
	byteOrderMark = "\ufeff"
	enoughFaults  = 50 // a file with more is the wrong file
)

// Pick looks at the heading and gives the columns wanted, in the order in
// which cells are to come; -1 for a column that is not there and stays empty.
type Pick func(heading []string) ([]int, error)

// Read calls row for each line after the heading with the cells picked, free
// of spaces around them. Faults go to faults; cells is the reader's own and
// changes with the next line. A file without any line is a fault.
func Read(name string, r io.Reader, pick Pick, faults *config.Faults, row func(line int, cells []string)) {
	before := len(faults.List())
	s := scan{name: name, faults: faults, bytes: &io.LimitedReader{R: r, N: MaxBytes + 1}}
	text := bufio.NewReader(s.bytes)
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(byteOrderMark)) // what was peeked at can be discarded
	}
	s.csv = csv.NewReader(text)
	s.csv.Comma, s.csv.ReuseRecord = separator(text), true
	wanted, ok := s.heading(pick)
	if !ok {
		return
	}
	cells := make([]string, len(wanted))
	for n := 0; ; n++ {
		line, more := s.next(wanted, cells)
		found := len(faults.List()) - before
		switch {
		case !more && n == 0 && found == 0:
			s.fault(0, "there is a heading but no line under it")
			return
		case !more:
			return
		case n == MaxRows:
			s.fault(0, "more than %d lines", MaxRows)
			return
		case found > enoughFaults:
			s.fault(0, "too many faults; the rest was not read")
			return
		case line > 0:
			row(line, cells)
		}
	}
}

// longestHeading is how much of a file is looked at for what separates cells.
const longestHeading = 4096

// separator is what stands between the cells of the heading: a comma, unless
// there is none.
func separator(text *bufio.Reader) rune {
	heading, _ := text.Peek(longestHeading)
	if end := bytes.IndexAny(heading, "\r\n"); end >= 0 {
		heading = heading[:end]
	}
	for _, mark := range ",;\t" {
		if bytes.ContainsRune(heading, mark) {
			return mark
		}
	}
	return ','
}

type scan struct {
	name   string
	faults *config.Faults
	bytes  *io.LimitedReader
	csv    *csv.Reader
}

func (s *scan) fault(line int, format string, args ...any) {
	s.faults.Add(s.name, line, format, args...)
}

func (s *scan) heading(pick Pick) ([]int, bool) {
	heading, err := s.csv.Read()
	if errors.Is(err, io.EOF) {
		s.fault(0, "the file is empty")
		return nil, false
	}
	if err != nil {
		s.broken(err)
		return nil, false
	}
	for i := range heading {
		heading[i] = strings.TrimSpace(heading[i])
	}
	wanted, err := pick(heading)
	if err != nil {
		s.fault(1, "%v", err)
		return nil, false
	}
	return wanted, true
}

// next reads a line into cells. The line is 0 when it had a fault of its own
// and is to be passed over; more is false at the end.
func (s *scan) next(wanted []int, cells []string) (line int, more bool) {
	record, err := s.csv.Read()
	switch {
	case s.bytes.N <= 0:
		s.fault(0, "the file is larger than %d bytes", MaxBytes)
		return 0, false
	case errors.Is(err, io.EOF):
		return 0, false
	case err != nil:
		return 0, s.broken(err)
	}
	line, _ = s.csv.FieldPos(0)
	for i, column := range wanted {
		cells[i] = ""
		if column >= 0 {
			cells[i] = strings.Clone(strings.TrimSpace(record[column])) // a cell shares its memory with the whole line
		}
	}
	if fault := unusable(cells); fault != "" {
		s.fault(line, "%s", fault)
		return 0, true
	}
	return line, true
}

// broken words what the CSV reader says and reports whether lines after it
// can still be read.
func (s *scan) broken(err error) bool {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, csv.ErrFieldCount) && errors.As(err, &parse):
		s.fault(parse.Line, "the line has more or fewer cells than the heading")
		return true
	case errors.As(err, &parse):
		s.fault(parse.Line, "a quote stands where none may, or is not closed")
	default:
		s.fault(0, "the file cannot be read: %v", err)
	}
	return false
}

// unusable says what no cell may be.
func unusable(cells []string) string {
	for _, c := range cells {
		switch {
		case len(c) > MaxCell:
			return fmt.Sprintf("a cell is longer than %d bytes", MaxCell)
		case !utf8.ValidString(c):
			return "the line is not UTF-8; export the file as UTF-8"
		case strings.ContainsFunc(c, unicode.IsControl):
			return "a cell holds a line break or another control character"
		}
	}
	return ""
}

// Exactly picks columns of a heading that must begin with all of columns, in
// that order; what comes after must be extensions, metadata.*.
func Exactly(columns []string, wanted ...string) Pick {
	return func(heading []string) ([]int, error) {
		extended := len(heading) >= len(columns) && !slices.ContainsFunc(heading[min(len(columns), len(heading)):], func(h string) bool {
			return !strings.HasPrefix(h, "metadata.")
		})
		if !extended || !slices.Equal(heading[:len(columns)], columns) {
			return nil, fmt.Errorf("the first line must be: %s", strings.Join(columns, ","))
		}
		picked := make([]int, len(wanted))
		for i, w := range wanted {
			picked[i] = slices.Index(columns, w)
		}
		return picked, nil
	}
}

// Err is nil without faults, else one invalid error that names them all. next
// is what the reader should do.
func Err(faults *config.Faults, what, next string) error {
	list := faults.List()
	if len(list) == 0 {
		return nil
	}
	noun := "faults"
	if len(list) == 1 {
		noun = "fault"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %d %s.", what, len(list), noun)
	for _, f := range list[:min(len(list), enoughFaults)] {
		fmt.Fprintf(&text, "\n  %s", f)
	}
	if more := len(list) - enoughFaults; more > 0 {
		fmt.Fprintf(&text, "\n  and %d more", more)
	}
	return errs.New(errs.Invalid, text.String(), next)
}
