package attendance

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/roster/sheet"
)

// The limits of a file of marks.
const (
	MaxBytes   = 1 << 20
	MaxLines   = 5000
	MaxColumns = 60
)

// Columns say where in a file of marks stands what, from 0; -1 is nowhere. A
// pupil is told by ID, or else by Name, or else by Given and Family together.
type Columns struct {
	ID, Name, Given, Family, Form int
	Mark                          int
}

// names are what school information systems call those columns, in their order.
var names = []sheet.Column{
	{Names: []string{"Pupil ID", "Student ID", "Adno", "Admission No", "Admission number", "MIS ID"}},
	{Names: []string{"Name", "Pupil", "Student", "Pupil name", "Student name", "Full name"}},
	{Names: []string{"Forename", "First name", "Given name", "Preferred forename", "Legal forename"}},
	{Names: []string{"Surname", "Last name", "Family name", "Preferred surname", "Legal surname"}},
	{Names: []string{"Form", "Reg", "Reg form", "Registration form", "Registration group", "Tutor group", "Class"}},
	{Names: []string{"Mark", "Code", "Attendance mark", "Attendance code", "AM", "AM mark", "Session", "Status"}},
}

// Heading reads the first line of a file and guesses its columns. Errors:
// invalid.
func Heading(r io.Reader) (heading []string, guess Columns, err error) {
	stop := errors.New("the heading is enough")
	var faults config.Faults
	sheet.Read("file", r, func(cells []string) ([]int, error) {
		heading = slices.Clone(cells)
		return nil, stop
	}, &faults, func(int, []string) {})
	if heading == nil {
		return nil, Columns{}, fileFault(&faults)
	}
	if len(heading) < 2 || len(heading) > MaxColumns {
		return nil, Columns{}, errs.At("file", "The first line does not name 2 to 60 columns.", "Export it as CSV, with one line for the heading and one for each pupil.")
	}
	for i := range heading {
		heading[i] = strings.ToValidUTF8(heading[i], "")
	}
	at := make([]int, len(names))
	for i, column := range names {
		at[i] = -1
		picked, err := sheet.Named([]sheet.Column{column})(heading)
		if err == nil { // a name that stands twice is not guessed at
			at[i] = picked[0]
		}
	}
	return heading, Columns{at[0], at[1], at[2], at[3], at[4], at[5]}, nil
}

// Enough reports whether a pupil and a mark can be told by these columns.
func (c Columns) Enough() bool {
	return c.Mark >= 0 && (c.ID >= 0 || c.Name >= 0 || c.Given >= 0 && c.Family >= 0)
}

// line is what is wanted of one line of a file.
type line struct {
	number                        int
	id, name, given, family, form string
	mark                          string
}

// lines reads a file by its columns. Errors: invalid.
func lines(r io.Reader, c Columns) ([]line, error) {
	var faults config.Faults
	var list []line
	pick := func(heading []string) ([]int, error) {
		columns := []int{c.ID, c.Name, c.Given, c.Family, c.Form, c.Mark}
		if !c.Enough() || slices.Max(columns) >= len(heading) || slices.Min(columns) < -1 {
			return nil, errors.New("the columns chosen are not in the file")
		}
		return columns, nil
	}
	sheet.Read("file", io.LimitReader(r, MaxBytes+1), pick, &faults, func(number int, cells []string) {
		if len(list) <= MaxLines {
			list = append(list, line{number, cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]})
		}
	})
	if err := fileFault(&faults); err != nil {
		return nil, err
	}
	if len(list) > MaxLines {
		return nil, errs.At("file", "The file has more than 5,000 lines.", "Export one session of one day.")
	}
	return list, nil
}

// fileFault is what is wrong with a file, beside its field.
func fileFault(faults *config.Faults) error {
	list := faults.List()
	if len(list) == 0 {
		return nil
	}
	text := list[0].Message
	if n := list[0].Line; n > 0 {
		text = fmt.Sprintf("line %d: %s", n, text)
	}
	return errs.At("file", "The file cannot be read: "+text+".", "Export it again as CSV, in UTF-8, with a heading.")
}
