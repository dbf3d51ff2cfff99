// Package contacts reads whom to call about a pupil from a CSV export of a
// school's information system: one line a pupil and contact. Columns are found
// by name, in any order; others are ignored:
//
//	Pupil ID                 the pupil's id in the system, as in users.csv; also Adno, Admission No
//	Contact ID               the contact's; brothers and sisters share contacts
//	Title, Forename, Surname
//	Relationship             Mother, Carer, ...
//	Priority                 a number; 1 is called first
//	Parental responsibility  T or F
//	Lives with pupil         T or F
//	Court order              T or F
//	No contact               T or F: must not be contacted, nor be handed anything
//	Mobile, Email
//
// T and F may be written out, or as Yes and No. What is neither is a fault, and
// so is an empty cell under Parental responsibility or No contact: nobody may
// guess at those. Elsewhere an empty cell says F.
package contacts

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster/sheet"
)

// The limits of one contact and one pupil.
const (
	maxText     = 200 // bytes of a cell
	maxPriority = 99
	maxContacts = 20 // of one pupil
)

// The columns, in the order in which a line's cells arrive.
var columns = []sheet.Column{
	{Names: []string{"Pupil ID", "Student ID", "Adno", "Admission No", "Admission number"}, Required: true},
	{Names: []string{"Contact ID", "Person ID"}, Required: true},
	{Names: []string{"Title", "Contact title"}},
	{Names: []string{"Forename", "First name", "Given name"}, Required: true},
	{Names: []string{"Surname", "Last name", "Family name"}, Required: true},
	{Names: []string{"Relationship", "Relation"}, Required: true},
	{Names: []string{"Priority", "Contact order"}, Required: true},
	{Names: []string{"Parental responsibility", "PR"}, Required: true},
	{Names: []string{"Lives with pupil", "Lives with", "Same address"}},
	{Names: []string{"Court order"}},
	{Names: []string{"No contact", "Do not contact"}, Required: true},
	{Names: []string{"Mobile", "Mobile number", "Telephone"}},
	{Names: []string{"Email", "E-mail address"}},
}

const (
	pupilID = iota
	contactID
	title
	forename
	surname
	relationship
	priority
	responsibility
	livesWith
	courtOrder
	noContact
	mobile
	email
)

// Load reads the file at path. All its faults come back in one error.
// Errors: invalid, not found, unavailable.
func Load(path string) (map[string][]register.Contact, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errs.New(errs.NotFound, fmt.Sprintf("There is no %s.", path), "Name the CSV file with the contacts.")
	case err != nil:
		return nil, errs.Wrap(err, errs.Unavailable, fmt.Sprintf("%s cannot be read.", path), "Check the path and who may read it.")
	}
	defer f.Close()
	return Read(path, f)
}

// Read reads contacts by pupil's id. The name of the file is for its faults.
// Errors: invalid.
func Read(name string, r io.Reader) (map[string][]register.Contact, error) {
	var faults config.Faults
	t := table{name: name, faults: &faults, lineOf: map[[2]string]int{}, contacts: map[string][]register.Contact{}}
	sheet.Read(name, r, sheet.Named(columns), &faults, t.row)
	err := sheet.Err(&faults, "The contacts cannot be taken", "Correct the export in the school's information system, and export it again.")
	if err != nil {
		return nil, err
	}
	return t.contacts, nil
}

type table struct {
	name     string
	faults   *config.Faults
	lineOf   map[[2]string]int // by pupil and contact
	contacts map[string][]register.Contact
}

func (t *table) row(line int, cells []string) {
	fault := func(format string, args ...any) { t.faults.Add(t.name, line, format, args...) }
	for i, c := range cells {
		if len(c) > maxText {
			fault("%s is longer than %d bytes", columns[i].Names[0], maxText)
			return
		}
	}
	c := register.Contact{ID: cells[contactID], Title: cells[title], Given: cells[forename], Family: cells[surname],
		Relationship: cells[relationship], Mobile: cells[mobile], Email: cells[email]}
	var err error
	if c.Priority, err = strconv.Atoi(cells[priority]); err != nil || c.Priority < 1 || c.Priority > maxPriority {
		fault("Priority is not a number from 1 to %d", maxPriority)
	}
	answer := func(column int) bool {
		yes, ok := yesNo(cells[column])
		if !ok && (cells[column] != "" || columns[column].Required) {
			fault("%s is neither T nor F", columns[column].Names[0])
		}
		return yes
	}
	c.ParentalResponsibility, c.LivesWith = answer(responsibility), answer(livesWith)
	c.CourtOrder, c.NoContact = answer(courtOrder), answer(noContact)
	key := [2]string{cells[pupilID], c.ID}
	switch {
	case key[0] == "" || key[1] == "":
		fault("the pupil's or the contact's id is missing")
		return
	case t.lineOf[key] != 0:
		fault("contact %s of pupil %s stands on line %d already", key[1], key[0], t.lineOf[key])
	case c.Given == "" && c.Family == "":
		fault("contact %s has no name", c.ID)
	case len(t.contacts[key[0]]) == maxContacts:
		fault("pupil %s has more than %d contacts", key[0], maxContacts)
		return
	}
	t.lineOf[key] = line
	t.contacts[key[0]] = append(t.contacts[key[0]], c)
}

// yesNo reads a cell that says yes or no; ok is false for any other.
func yesNo(cell string) (yes, ok bool) {
	switch strings.ToLower(cell) {
	case "t", "true", "y", "yes", "1":
		return true, true
	case "f", "false", "n", "no", "0":
		return false, true
	}
	return false, false
}
