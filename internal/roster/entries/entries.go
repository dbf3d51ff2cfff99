// Package entries reads who is entered for an exam, from a file that another system
// exported or as somebody typed it: a heading and a line for each candidate,
//
//	id, name, form, number, room, extra, rest
//
// in any order, of which one of id and name is needed; or with no heading a name or a
// number on each line. id is the pupil's number, here or in the school's information
// system; extra is extra time in per cent, with or without the sign; rest is the
// minutes of rest breaks in all.
package entries

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster/sheet"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
)

// MaxBytes is how long a text may be.
const MaxBytes = 128 << 10

var columns = []sheet.Column{
	{Names: []string{"id", "pupil id", "adno", "admission no", "admission number", "upi"}},
	{Names: []string{"name", "candidate", "candidate name", "pupil", "student"}},
	{Names: []string{"form", "reg group", "registration group", "class"}},
	{Names: []string{"number", "candidate number", "candidate no", "exam number"}},
	{Names: []string{"room", "venue"}},
	{Names: []string{"extra", "extra time", "extra time %"}},
	{Names: []string{"rest", "rest breaks", "rest breaks (min)"}},
}

// Reading is what a text says.
type Reading struct {
	Candidates []exam.Candidate
	Passed     []Passed
}

// Passed is a line that nobody is entered by, and why.
type Passed struct {
	Line int
	Why  string
}

// Read finds the pupils that a text names. Errors: invalid, at candidates.
func Read(text string, pupils []register.Person) (Reading, error) {
	r := reader{pupils: pupils, seen: map[string]bool{}}
	switch {
	case len(text) > MaxBytes:
		return r.Reading, errs.At("candidates", "That is longer than a list of candidates", "Enter them in two parts.")
	case strings.TrimSpace(text) == "":
		return r.Reading, errs.At("candidates", "Nobody is entered", "Type names, paste the list, or choose forms.")
	case !headed(text):
		for i, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				r.take(i+1, []string{line, line, "", "", "", "", ""})
			}
		}
		return r.Reading, nil
	}
	var faults config.Faults
	sheet.Read("list", bytes.NewReader([]byte(text)), sheet.Named(columns), &faults, r.take)
	if err := faults.Err(); err != nil {
		return Reading{}, errs.At("candidates", "The list cannot be read as a table", "Its first line names the columns; each line has as many.")
	}
	return r.Reading, nil
}

// headed reports whether the first line names columns.
func headed(text string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\ufeff\r\n "), "\n")
	cells := strings.FieldsFunc(strings.TrimSpace(first), func(r rune) bool { return r == ',' || r == ';' || r == '\t' })
	for i := range cells {
		cells[i] = strings.Trim(strings.TrimSpace(cells[i]), `"`)
	}
	picked, err := sheet.Named(columns)(cells)
	return err == nil && (picked[0] >= 0 || picked[1] >= 0)
}

type reader struct {
	Reading
	pupils []register.Person
	seen   map[string]bool
}

func (r *reader) take(line int, cells []string) {
	c, err := r.candidate(cells)
	if err == nil && r.seen[c.Person] {
		err = errors.New("entered twice")
	}
	if err != nil {
		r.Passed = append(r.Passed, Passed{line, err.Error()})
		return
	}
	r.seen[c.Person] = true
	r.Candidates = append(r.Candidates, c)
}

func (r *reader) candidate(cells []string) (exam.Candidate, error) {
	p, err := r.pupil(cells[0], cells[1], cells[2])
	if err != nil {
		return exam.Candidate{}, err
	}
	c := exam.Candidate{Person: p, Number: cells[3], Room: cells[4]}
	if c.Extra, err = number(strings.TrimSpace(strings.TrimSuffix(cells[5], "%"))); err != nil {
		return c, errors.New("the extra time is no number of per cent")
	}
	if c.Rest, err = number(cells[6]); err != nil {
		return c, errors.New("the rest breaks are no number of minutes")
	}
	return c, nil
}

// number reads a cell that may be empty.
func number(cell string) (int, error) {
	if cell == "" {
		return 0, nil
	}
	return strconv.Atoi(cell)
}

// pupil finds one by id, else by name, and where two have it by form.
func (r *reader) pupil(id, name, form string) (string, error) {
	if i := slices.IndexFunc(r.pupils, func(p register.Person) bool { return id != "" && (p.ID == id || p.MIS == id) }); i >= 0 {
		return r.pupils[i].ID, nil
	}
	var found []string
	for _, p := range r.pupils {
		if name != "" && called(p, name) && (form == "" || strings.EqualFold(p.Form, form)) {
			found = append(found, p.ID)
		}
	}
	switch len(found) {
	case 0:
		return "", errors.New("no pupil on the roll has that name or number")
	case 1:
		return found[0], nil
	}
	return "", errors.New("more than one pupil has that name: give the number")
}

// called reports whether a pupil goes by a name, as Ada Byron or Byron, Ada.
func called(p register.Person, name string) bool {
	name = strings.Join(strings.Fields(name), " ")
	return strings.EqualFold(name, p.Name()) || strings.EqualFold(name, p.Family+", "+p.Given)
}
